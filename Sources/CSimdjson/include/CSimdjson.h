/// JSON at the speed of simdjson: replies of QEMU's monitor into flat records, and any other
/// document as a walk over its values.
#ifndef CUTOVER_CSIMDJSON_H
#define CUTOVER_CSIMDJSON_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The bytes that must be readable behind any text handed over here.
size_t cutover_json_padding(void);

typedef struct cutover_json_parser cutover_json_parser;

/// A parser with its buffers; one per thread. `NULL` when there is no memory.
cutover_json_parser *cutover_json_parser_make(void);
void cutover_json_parser_free(cutover_json_parser *parser);

// ---- any document ----

enum {
  CUTOVER_JSON_NULL,
  CUTOVER_JSON_FALSE,
  CUTOVER_JSON_TRUE,
  CUTOVER_JSON_INTEGER,
  CUTOVER_JSON_NUMBER,
  CUTOVER_JSON_STRING,
  CUTOVER_JSON_OBJECT_BEGIN,
  CUTOVER_JSON_OBJECT_END,
  CUTOVER_JSON_ARRAY_BEGIN,
  CUTOVER_JSON_ARRAY_END
};

/// One step of a walk. The texts live as long as the call.
typedef struct {
  int32_t kind;
  /// The key of a member of an object; `NULL` elsewhere.
  const char *key;
  size_t key_length;
  /// The content of a string.
  const char *text;
  size_t text_length;
  int64_t integer;
  double number;
} cutover_json_step;

typedef void (*cutover_json_visitor)(void *context, const cutover_json_step *step);

/// Walks over the document that fills `text` to `text + length`, with `cutover_json_padding()`
/// readable bytes behind it. Answers `NULL`, or what is wrong (a text that lives for ever).
const char *cutover_json_walk(
    cutover_json_parser *parser, const char *text, size_t length, cutover_json_visitor visitor,
    void *context);

// ---- replies of query-migrate ----

/// The numbers of a reply of `query-migrate`; `cutover_qmp_name` gives QEMU's name of each.
enum {
  CUTOVER_QMP_TOTAL_TIME,
  CUTOVER_QMP_DOWNTIME,
  CUTOVER_QMP_EXPECTED_DOWNTIME,
  CUTOVER_QMP_SETUP_TIME,
  CUTOVER_QMP_THROTTLE,
  CUTOVER_QMP_X_THROTTLE,
  CUTOVER_QMP_DIRTY_LIMIT_THROTTLE,
  CUTOVER_QMP_DIRTY_LIMIT_RING_FULL,
  CUTOVER_QMP_BLOCKTIME,
  CUTOVER_QMP_LATENCY,
  CUTOVER_QMP_NON_VCPU_LATENCY,
  CUTOVER_QMP_RAM_TRANSFERRED,
  CUTOVER_QMP_RAM_REMAINING,
  CUTOVER_QMP_RAM_TOTAL,
  CUTOVER_QMP_RAM_DUPLICATE,
  CUTOVER_QMP_RAM_SKIPPED,
  CUTOVER_QMP_RAM_NORMAL,
  CUTOVER_QMP_RAM_NORMAL_BYTES,
  CUTOVER_QMP_RAM_DIRTY_PAGES_RATE,
  CUTOVER_QMP_RAM_MBPS,
  CUTOVER_QMP_RAM_DIRTY_SYNC_COUNT,
  CUTOVER_QMP_RAM_POSTCOPY_REQUESTS,
  CUTOVER_QMP_RAM_PAGE_SIZE,
  CUTOVER_QMP_RAM_MULTIFD_BYTES,
  CUTOVER_QMP_RAM_PAGES_PER_SECOND,
  CUTOVER_QMP_RAM_PRECOPY_BYTES,
  CUTOVER_QMP_RAM_DOWNTIME_BYTES,
  CUTOVER_QMP_RAM_POSTCOPY_BYTES,
  CUTOVER_QMP_RAM_MISSED_ZERO_COPY,
  CUTOVER_QMP_XBZRLE_CACHE_SIZE,
  CUTOVER_QMP_XBZRLE_BYTES,
  CUTOVER_QMP_XBZRLE_PAGES,
  CUTOVER_QMP_XBZRLE_CACHE_MISS,
  CUTOVER_QMP_XBZRLE_CACHE_MISS_RATE,
  CUTOVER_QMP_XBZRLE_ENCODING_RATE,
  CUTOVER_QMP_XBZRLE_OVERFLOW,
  CUTOVER_QMP_COMPRESSION_PAGES,
  CUTOVER_QMP_COMPRESSION_BUSY,
  CUTOVER_QMP_COMPRESSION_BUSY_RATE,
  CUTOVER_QMP_COMPRESSION_SIZE,
  CUTOVER_QMP_COMPRESSION_RATE,
  CUTOVER_QMP_DISK_TRANSFERRED,
  CUTOVER_QMP_DISK_REMAINING,
  CUTOVER_QMP_DISK_TOTAL,
  CUTOVER_QMP_VFIO_TRANSFERRED,
  CUTOVER_QMP_FIELD_COUNT
};

/// QEMU's name of each number, the section before a point: "ram.transferred".
const char *cutover_qmp_name(int32_t field);

/// The word of `status` with that number in a record; `NULL` behind the last.
const char *cutover_qmp_status_word(int32_t status);

/// Names of the time in an envelope around a reply, those of a clock that other logs share first;
/// `NULL` behind the last.
const char *cutover_qmp_time_name(int32_t index);
/// Names of the machine in an envelope; `NULL` behind the last.
const char *cutover_qmp_subject_name(int32_t index);

enum {
  /// Not JSON, or cut off.
  CUTOVER_QMP_DAMAGED,
  /// Nothing but blanks.
  CUTOVER_QMP_BLANK,
  /// A reply without content: there was no migration yet.
  CUTOVER_QMP_EMPTY,
  /// A reply of `query-migrate`.
  CUTOVER_QMP_MIGRATE,
  /// JSON, but something else.
  CUTOVER_QMP_OTHER
};

/// A status that `cutover_qmp_status_word` does not have, and none at all.
#define CUTOVER_QMP_STATUS_UNKNOWN (-1)
#define CUTOVER_QMP_STATUS_ABSENT (-2)

typedef struct {
  /// NaN for what the reply does not say.
  double values[CUTOVER_QMP_FIELD_COUNT];
  /// The time of an envelope around the reply, in seconds; NaN without.
  double time;
  /// A hash of the name of the machine that the envelope gives; 0 without.
  uint64_t subject;
  /// Where the line stands in the block.
  uint32_t offset;
  uint32_t length;
  int32_t kind;
  int32_t status;
  uint8_t has_ram;
  /// Something in the line is not in this record: fields of other versions, of the envelope,
  /// texts, lists.
  uint8_t has_more;
  /// The time of the envelope is text.
  uint8_t has_text_time;
  /// `nan` or `inf` stood where JSON has no number, and was read as "not known".
  uint8_t was_patched;
} cutover_qmp_record;

/// Reads whole lines, one document each, until `capacity` records are made or the bytes end.
/// A last line need not end with a line feed. Answers the number of records; `*consumed` says how
/// many bytes they stand for.
size_t cutover_qmp_read_lines(
    cutover_json_parser *parser, const char *bytes, size_t length, cutover_qmp_record *records,
    size_t capacity, size_t *consumed);

#ifdef __cplusplus
}
#endif
#endif
