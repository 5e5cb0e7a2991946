// Replies of query-migrate, line by line, into flat records.
#include "Parser.h"

#include <cmath>
#include <cstring>
#include <limits>

using simdjson::dom::element;
using simdjson::dom::element_type;
using simdjson::dom::object;

static const char *const qmp_names[CUTOVER_QMP_FIELD_COUNT] = {
    "total-time",
    "downtime",
    "expected-downtime",
    "setup-time",
    "cpu-throttle-percentage",
    "x-cpu-throttle-percentage",
    "dirty-limit-throttle-time-per-round",
    "dirty-limit-ring-full-time",
    "postcopy-blocktime",
    "postcopy-latency",
    "postcopy-non-vcpu-latency",
    "ram.transferred",
    "ram.remaining",
    "ram.total",
    "ram.duplicate",
    "ram.skipped",
    "ram.normal",
    "ram.normal-bytes",
    "ram.dirty-pages-rate",
    "ram.mbps",
    "ram.dirty-sync-count",
    "ram.postcopy-requests",
    "ram.page-size",
    "ram.multifd-bytes",
    "ram.pages-per-second",
    "ram.precopy-bytes",
    "ram.downtime-bytes",
    "ram.postcopy-bytes",
    "ram.dirty-sync-missed-zero-copy",
    "xbzrle-cache.cache-size",
    "xbzrle-cache.bytes",
    "xbzrle-cache.pages",
    "xbzrle-cache.cache-miss",
    "xbzrle-cache.cache-miss-rate",
    "xbzrle-cache.encoding-rate",
    "xbzrle-cache.overflow",
    "compression.pages",
    "compression.busy",
    "compression.busy-rate",
    "compression.compressed-size",
    "compression.compression-rate",
    "disk.transferred",
    "disk.remaining",
    "disk.total",
    "vfio.transferred",
};

static const char *const qmp_statuses[] = {
    "none",
    "setup",
    "active",
    "cancelling",
    "cancelled",
    "completed",
    "failed",
    "postcopy-active",
    "colo",
    "pre-switchover",
    "device",
    "postcopy-paused",
    "postcopy-recover",
    "wait-unplug",
    "postcopy-recover-setup",
    "postcopy-device",
    nullptr,
};

static const char *const qmp_time_names[] = {
    "timestamp_unix", "@timestamp", "timestamp", "time", "t_monotonic", "ts", "t_s",
    "t_since_run_start", "t", nullptr,
};

static const char *const qmp_subject_names[] = {
    "vm", "vm_name", "vm_id", "vmid", "domain", "guest", "instance", "uuid", nullptr,
};

const char *cutover_qmp_name(int32_t field) {
  return field >= 0 && field < CUTOVER_QMP_FIELD_COUNT ? qmp_names[field] : nullptr;
}

namespace {

/// The entry of a list that ends with NULL.
template <size_t count>
const char *entry(const char *const (&list)[count], int32_t index) {
  return index >= 0 && index < static_cast<int32_t>(count) ? list[index] : nullptr;
}

}  // namespace

const char *cutover_qmp_status_word(int32_t status) { return entry(qmp_statuses, status); }
const char *cutover_qmp_time_name(int32_t index) { return entry(qmp_time_names, index); }
const char *cutover_qmp_subject_name(int32_t index) { return entry(qmp_subject_names, index); }

namespace {

/// A section of the reply and its numbers in `qmp_names`.
struct Section {
  std::string_view name;
  int first;
  int end;
};

constexpr Section top{"", CUTOVER_QMP_TOTAL_TIME, CUTOVER_QMP_RAM_TRANSFERRED};
constexpr Section sections[] = {
    {"ram", CUTOVER_QMP_RAM_TRANSFERRED, CUTOVER_QMP_XBZRLE_CACHE_SIZE},
    {"xbzrle-cache", CUTOVER_QMP_XBZRLE_CACHE_SIZE, CUTOVER_QMP_COMPRESSION_PAGES},
    {"compression", CUTOVER_QMP_COMPRESSION_PAGES, CUTOVER_QMP_DISK_TRANSFERRED},
    {"disk", CUTOVER_QMP_DISK_TRANSFERRED, CUTOVER_QMP_VFIO_TRANSFERRED},
    {"vfio", CUTOVER_QMP_VFIO_TRANSFERRED, CUTOVER_QMP_FIELD_COUNT},
};

/// The names without their section, measured once.
struct Names {
  std::string_view leaf[CUTOVER_QMP_FIELD_COUNT];
  Names() {
    for (int field = 0; field < CUTOVER_QMP_FIELD_COUNT; ++field) {
      std::string_view name = qmp_names[field];
      auto point = name.find('.');
      leaf[field] = point == std::string_view::npos ? name : name.substr(point + 1);
    }
  }
};
const Names names;

/// The field of a section with that name; -1 when there is none.
int field_named(const Section &section, std::string_view key) {
  for (int field = section.first; field < section.end; ++field) {
    if (names.leaf[field] == key) return field;
  }
  return -1;
}

/// Whether the value is a number, with the number.
inline bool number(element value, double &answer) {
  switch (value.type()) {
    case element_type::INT64: answer = static_cast<double>(int64_t(value)); return true;
    case element_type::UINT64: answer = static_cast<double>(uint64_t(value)); return true;
    case element_type::DOUBLE: answer = double(value); return true;
    default: return false;
  }
}

int status_named(std::string_view word) {
  for (int index = 0; qmp_statuses[index]; ++index) {
    if (word == qmp_statuses[index]) return index;
  }
  return CUTOVER_QMP_STATUS_UNKNOWN;
}

/// FNV-1a, never 0.
uint64_t hash(std::string_view text) {
  uint64_t value = 14695981039346656037u;
  for (unsigned char byte : text) value = (value ^ byte) * 1099511628211u;
  return value ? value : 1;
}

template <size_t count>
int position(const std::string_view (&list)[count], std::string_view key) {
  for (size_t index = 0; index < count; ++index) {
    if (list[index] == key) return static_cast<int>(index);
  }
  return -1;
}

/// The position of a name in a list that ends with NULL; -1 when it is not there.
int listed(const char *const *list, std::string_view key) {
  for (int index = 0; list[index]; ++index) {
    if (key == list[index]) return index;
  }
  return -1;
}

/// Words of `status` that belong to query-dirty-rate.
constexpr std::string_view dirty_rate_statuses[] = {"unstarted", "measuring", "measured"};

/// Whether the object is a reply of query-migrate; an empty one may be.
bool is_reply(object candidate, bool &is_empty) {
  is_empty = true;
  bool answer = false;
  for (auto [key, value] : candidate) {
    is_empty = false;
    if (key == "ram" && value.is_object()) answer = true;
    if (key == "status" && value.is_string()) {
      std::string_view word = value;
      if (position(dirty_rate_statuses, word) >= 0) return false;
      answer = true;
    }
    // Events, echoes of commands and errors may have members of those names inside.
    if (key == "event" || key == "execute" || key == "QMP") return false;
  }
  return answer;
}

void read_section(const Section &section, object members, cutover_qmp_record &record) {
  for (auto [key, value] : members) {
    int field = field_named(section, key);
    if (field < 0 || !number(value, record.values[field])) {
      // A null stands for nothing, patched or not.
      if (field < 0 || !value.is_null()) record.has_more = 1;
    }
  }
}

void read_reply(object reply, cutover_qmp_record &record) {
  record.kind = CUTOVER_QMP_MIGRATE;
  for (auto [key, value] : reply) {
    int field = field_named(top, key);
    if (field >= 0) {
      if (!number(value, record.values[field]) && !value.is_null()) record.has_more = 1;
      continue;
    }
    if (key == "status" && value.is_string()) {
      record.status = status_named(value);
      if (record.status == CUTOVER_QMP_STATUS_UNKNOWN) record.has_more = 1;
      continue;
    }
    const Section *section = nullptr;
    for (const auto &candidate : sections) {
      if (candidate.name == key) section = &candidate;
    }
    if (section && value.is_object()) {
      if (section->name == "ram") record.has_ram = 1;
      read_section(*section, value, record);
    } else {
      record.has_more = 1;
    }
  }
}

/// The members beside the reply: a time, the machine's name; everything else is "more".
struct Envelope {
  int time_rank = 1 << 20;

  void read(std::string_view key, element value, cutover_qmp_record &record) {
    int rank = listed(qmp_time_names, key);
    if (rank >= 0) {
      double seconds = 0, part = 0;
      if (value.is_object()) {
        // How QEMU stamps events.
        element whole, fraction;
        bool known = !object(value)["seconds"].get(whole) && number(whole, seconds) &&
            !object(value)["microseconds"].get(fraction) && number(fraction, part);
        if (known && rank < time_rank) {
          time_rank = rank;
          record.has_text_time = 0;
          record.time = seconds + part / 1e6;
          return;
        }
      }
      if (value.is_string()) {
        if (rank < time_rank) {
          time_rank = rank;
          record.has_text_time = 1;
          record.time = std::numeric_limits<double>::quiet_NaN();
        }
        record.has_more = 1;
        return;
      }
      if (number(value, seconds)) {
        if (rank < time_rank) {
          time_rank = rank;
          record.has_text_time = 0;
          record.time = seconds;
        } else {
          record.has_more = 1;
        }
        return;
      }
    }
    if (listed(qmp_subject_names, key) >= 0 && value.is_string()) {
      record.subject = hash(value);
      return;
    }
    record.has_more = 1;
  }
};

/// How deep a reply may stand inside envelopes.
constexpr int deepest_envelope = 3;

/// Finds the reply in a document and reads it.
bool find_reply(element document, cutover_qmp_record &record, Envelope &envelope, int depth) {
  if (!document.is_object() || depth > deepest_envelope) return false;
  object members = document;
  bool is_empty;
  if (is_reply(members, is_empty)) {
    read_reply(members, record);
    return true;
  }
  if (is_empty) {
    record.kind = CUTOVER_QMP_EMPTY;
    return true;
  }
  // The keys live in the parser's buffer: where a key starts tells which member it is.
  const char *found = nullptr;
  for (auto [key, value] : members) {
    if (key == "event" || key == "execute" || key == "QMP" || key == "error") return false;
  }
  for (auto [key, value] : members) {
    if (!found && value.is_object() && listed(qmp_time_names, key) < 0 &&
        find_reply(value, record, envelope, depth + 1)) {
      found = key.data();
    }
  }
  if (!found) return false;
  for (auto [key, value] : members) {
    if (key.data() != found) envelope.read(key, value, record);
  }
  return true;
}

/// Replaces nan and inf outside strings by blanks and null; answers whether there were any.
bool patch_numbers(std::string &text) {
  bool in_string = false, changed = false;
  for (size_t at = 0; at < text.size(); ++at) {
    char byte = text[at];
    if (in_string) {
      if (byte == '\\') ++at;
      else if (byte == '"') in_string = false;
      continue;
    }
    if (byte == '"') {
      in_string = true;
      continue;
    }
    size_t first = at, word = at;
    if (byte == '-' || byte == '+') ++word;
    size_t length = 0;
    for (std::string_view known : {"infinity", "nan", "inf"}) {
      if (length == 0 && text.size() - word >= known.size() &&
          strncasecmp(text.data() + word, known.data(), known.size()) == 0) {
        length = known.size();
      }
    }
    if (length == 0) continue;
    size_t end = word + length;
    std::string_view rest = std::string_view(text).substr(end);
    // nan(ind), nan(0x8...): what C libraries add.
    if (!rest.empty() && rest[0] == '(') {
      auto closing = rest.find(')');
      if (closing != std::string_view::npos) end += closing + 1;
    }
    text.replace(first, end - first, "null");
    at = first + 3;
    changed = true;
  }
  return changed;
}

void reset(cutover_qmp_record &record) {
  for (double &value : record.values) value = std::numeric_limits<double>::quiet_NaN();
  record.time = std::numeric_limits<double>::quiet_NaN();
  record.subject = 0;
  record.kind = CUTOVER_QMP_OTHER;
  record.status = CUTOVER_QMP_STATUS_ABSENT;
  record.has_ram = record.has_more = record.has_text_time = record.was_patched = 0;
}

void read_line(
    cutover_json_parser &parser, const char *line, size_t length, cutover_qmp_record &record) {
  reset(record);
  size_t first = 0;
  while (first < length && (line[first] == ' ' || line[first] == '\t' || line[first] == '\r')) {
    ++first;
  }
  if (first == length) {
    record.kind = CUTOVER_QMP_BLANK;
    return;
  }
  if (line[first] != '{' && line[first] != '[') {
    record.kind = CUTOVER_QMP_DAMAGED;
    return;
  }
  element document;
  auto failure = parser.parser.parse(line, length, false).get(document);
  if (failure) {
    parser.patched.assign(line, length);
    if (!patch_numbers(parser.patched)) {
      record.kind = CUTOVER_QMP_DAMAGED;
      return;
    }
    parser.patched.reserve(parser.patched.size() + simdjson::SIMDJSON_PADDING);
    failure = parser.parser.parse(parser.patched.data(), parser.patched.size(), false)
                  .get(document);
    if (failure) {
      record.kind = CUTOVER_QMP_DAMAGED;
      return;
    }
    record.was_patched = 1;
  }
  Envelope envelope;
  if (!find_reply(document, record, envelope, 0)) {
    uint8_t patched = record.was_patched;
    reset(record);
    record.was_patched = patched;
  }
}

}  // namespace

size_t cutover_qmp_read_lines(
    cutover_json_parser *parser, const char *bytes, size_t length, cutover_qmp_record *records,
    size_t capacity, size_t *consumed) {
  size_t count = 0, position = 0;
  while (position < length && count < capacity) {
    const char *line = bytes + position;
    auto *end = static_cast<const char *>(memchr(line, '\n', length - position));
    size_t size = end ? static_cast<size_t>(end - line) : length - position;
    cutover_qmp_record &record = records[count++];
    read_line(*parser, line, size, record);
    record.offset = static_cast<uint32_t>(position);
    record.length = static_cast<uint32_t>(size);
    position += size + (end ? 1 : 0);
  }
  *consumed = position;
  return count;
}
