/// The few loops that see every byte or every row, in portable C.
///
/// Each kernel is compiled for the oldest processor of its kind and, on x86-64, again for
/// processors with AVX2 or AVX-512; which one runs is decided when the program runs. All variants
/// give the same bits: integers are exact, sums have the same lanes in the same order, and no
/// multiplication is contracted with an addition behind the program's back.
#ifndef CUTOVER_CKERNELS_H
#define CUTOVER_CKERNELS_H

#include "CFastFloat.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CUTOVER_LEVEL_BASE 0
#define CUTOVER_LEVEL_AVX2 1
#define CUTOVER_LEVEL_AVX512 2

/// The variant that runs: the best that the processor has.
int cutover_kernel_level(void);

/// Limits the variant to at most `level` for the whole process; for tests and benchmarks, which
/// compare variants. Returns the level that runs from now on.
int cutover_limit_kernel_level(int level);

// CSV ------------------------------------------------------------------------------------------

/// Bytes that must be readable on both sides of a chunk: kernels read whole words.
#define CUTOVER_CHUNK_SLACK 64

/// What a chunk holds, counted.
typedef struct {
  /// Line ends: LF, CRLF or CR.
  size_t lines;
  size_t quotes;
} cutover_counts;

cutover_counts cutover_csv_count(const uint8_t *bytes, size_t count);

/// Writes the offsets of all commas and line feeds behind a first entry of -1, so that cell k
/// lies from `positions[k] + 1` up to `positions[k + 1]`.
///
/// - Parameter positions: room for `count + 1 + 64` entries.
/// - Returns: the number of cells; -1 unless every byte is printable ASCII, a comma, LF or CRLF,
///   without quotes, and every line has `columns` cells. The last byte must be LF.
ptrdiff_t cutover_csv_index(
    const uint8_t *bytes, size_t count, size_t columns, uint32_t *positions);

/// What became of cells that should be numbers.
typedef struct {
  /// Empty cells, which are NaN in the output.
  size_t missing;
  /// Cells that are no number within the range of doubles; their output is not meaningful.
  size_t refused;
} cutover_cells;

/// Reads some columns of an indexed chunk as decimals, correctly rounded.
///
/// - Parameters:
///   - selected: the columns to read, `selectedCount` of them.
///   - outputs: for each of them room for `rows` doubles.
cutover_cells cutover_csv_numbers(
    const uint8_t *bytes, const uint32_t *positions, size_t rows, size_t columns,
    const size_t *selected, size_t selectedCount, double *const *outputs);

// Sums -----------------------------------------------------------------------------------------

/// The smallest and largest of some values; both NaN when one of them is NaN or infinite.
typedef struct {
  double lower;
  double upper;
} cutover_extent_t;

cutover_extent_t cutover_extent(const double *values, size_t count);

/// Doubles that `cutover_product_sums` needs as workspace, for `columns` columns.
size_t cutover_product_workspace(size_t columns);

/// Sums of products of scaled columns, in twice the precision.
///
/// For z_j = scales[j] columns[j], with |z| <= 1, entry i + j * count of `high` and `low` for
/// i <= j becomes the sum of z_i z_j over all rows as an unevaluated sum of two doubles. The error
/// is below rows * 2^-90 in units of 1. Scaled values below 2^-400 count as 0.
///
/// - Parameters:
///   - columns: `count` pointers to `rows` values each; NULL for a column of ones.
///   - workspace: `cutover_product_workspace(count)` doubles.
void cutover_product_sums(
    const double *const *columns, const double *scales, size_t count, size_t rows,
    double *workspace, double *high, double *low);

/// Doubles that `cutover_counted_products` needs as workspace.
size_t cutover_counted_workspace(size_t columns, size_t replicates);

/// Sums of products of columns for rows that count several times, for several replicates in one
/// pass over the columns, in plain doubles by eight lanes: entry i + j * count of those from
/// `sums + r * count * count` for i <= j becomes the sum of `counts[r]` a_i a_j. A replicate's bits
/// do not depend on the others.
void cutover_counted_products(
    const double *const *columns, const int32_t *const *counts, size_t count, size_t rows,
    size_t replicates, double *workspace, double *sums);

// Rounds ---------------------------------------------------------------------------------------

/// Scenarios of geometric pre-copy, column by column, all of `count` values in SI units.
typedef struct {
  const double *memory, *bandwidth, *dirtyRate, *threshold, *resumeTime;
  /// Rounds that may be made before the last transfer, whole numbers.
  const double *limit;
  /// The most that a round leaves dirty; NULL for any amount.
  const double *ceiling;
} cutover_precopy_inputs;

/// What became of them; of one that has no end within the doubles the four numbers are NaN.
typedef struct {
  double *totalTime, *downtime, *transferred, *rounds;
  /// Whether the threshold was reached: 1 or 0; may be NULL.
  uint8_t *reached;
} cutover_precopy_outputs;

/// Makes the rounds V_0 = memory, t_i = V_i / bandwidth, V_{i+1} = min(dirtyRate t_i, ceiling)
/// until V_i is at most `threshold` or `limit` rounds are made, in the operations and the order of
/// the engine for one scenario: the same bits.
void cutover_precopy_rounds(
    const cutover_precopy_inputs *inputs, size_t count, const cutover_precopy_outputs *outputs);

/// Migrations by QEMU's rule over a saturating working set, column by column, in SI units. A row
/// whose `memory`, `bandwidth`, `dirtyRate` or `downtimeLimit` is NaN is not predicted.
typedef struct {
  const double *memory, *used, *bandwidth, *dirtyRate, *workingSet, *downtimeLimit, *resumeTime;
  const double *pageSize;
  /// Pre-copy rounds that may be made, whole; infinite where they are not limited.
  const double *limit;
} cutover_qemu_inputs;

/// What all rows have in common.
typedef struct {
  double setupTime;
  double pageHeader;
  double zeroPageHeader;
  /// Transfers after which a migration is said not to converge.
  double roundBound;
  /// The transfer from which a volume that does not shrink is a fixed point.
  double stallStart;
} cutover_qemu_constants;

#define CUTOVER_NOT_PREDICTED 0
#define CUTOVER_ENDS_AT_DOWNTIME_LIMIT 1
#define CUTOVER_ENDS_AT_ROUND_LIMIT 2
#define CUTOVER_DOES_NOT_END 3

/// What became of them; numbers are NaN for one that does not end.
typedef struct {
  double *totalTime, *downtime, *transferred, *rounds;
  uint8_t *end;
} cutover_qemu_outputs;

/// Makes the rounds in the operations and the order of the engine for one scenario: the same bits.
void cutover_qemu_rounds(
    const cutover_qemu_inputs *inputs, const cutover_qemu_constants *constants, size_t count,
    const cutover_qemu_outputs *outputs);

// Decimals -------------------------------------------------------------------------------------

/// Room that `cutover_write_decimal` needs; it may write more than its result takes.
#define CUTOVER_DECIMAL_BYTES 64

/// Writes the shortest decimal that reads back as `value`, laid out as Swift's `description` but
/// without ".0"; zero of either sign is 0. Returns how many bytes that were.
size_t cutover_write_decimal(double value, char *out);

/// Writes some rows of columns as CSV: shortest decimals, nothing for NaN, a line feed behind each
/// row. Returns how many bytes that were.
///
/// - Parameter out: room for `rows * count * CUTOVER_DECIMAL_BYTES` bytes.
size_t cutover_write_rows(
    const double *const *columns, size_t count, size_t first, size_t rows, char *out);

#ifdef __cplusplus
}
#endif
#endif
