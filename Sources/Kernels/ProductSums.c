// Sums of products in twice the precision, by vectors of eight rows.
//
// A running sum starts at C = 96, from where at most 32 products of size 1 keep it between 64 and
// 128: there all doubles are multiples of g = 2^-46. Adding a product p rounds the sum to that
// grid; what was added, q, is exact, and so is the rest p - q. The rest, and the rounding error of
// p itself, go to a second sum. That is three additions fewer than for sums of any size (Knuth's),
// and what rounding is left is in the second sum, where it is 2^-53 of 32 g. Source of the idea:
// S. M. Rump, T. Ogita, S. Oishi, SIAM J. Sci. Comput. 31 (2008), "extraction"; the grid is fixed
// here because the columns are scaled.
#include "Level.h"

#include <math.h>
#include <string.h>

typedef double v8 __attribute__((vector_size(64)));
typedef int64_t i8 __attribute__((vector_size(64)));

#define LANES 8
// Vectors of a strip: at most 32, so that a lane adds up at most 32 products.
#define MOST_VECTORS 32

// Strips of many columns are shorter, to stay in the first-level cache.
static size_t strip_vectors(size_t columns) {
  return columns <= 16 ? 32 : columns <= 32 ? 16 : 8;
}

static size_t pair_count(size_t columns) { return columns * (columns + 1) / 2; }

size_t cutover_product_workspace(size_t columns) {
  // Values and two halves of each, two sums per pair, and room to align.
  return LANES * (3 * columns * strip_vectors(columns) + 2 * pair_count(columns)) + LANES;
}

INLINE v8 splat(double x) { return (v8){x, x, x, x, x, x, x, x}; }

INLINE v8 fused(v8 a, v8 b, v8 c) { return __builtin_elementwise_fma(a, b, c); }

// One column of a strip: values, and their upper and lower halves where those are needed.
typedef struct {
  const v8 *values, *upper, *lower;
} strip_column;

// One step of a running sum and its rest.
//
// `hardware`: the rounding error of a product by a fused multiply-add; else by Dekker's halves.
// Both are exact, so both give the same bits.
INLINE void step(
    strip_column a, strip_column b, size_t k, v8 *sum, v8 *rest, int hardware) {
  v8 product = a.values[k] * b.values[k];
  v8 error = hardware ? fused(a.values[k], b.values[k], -product)
                      : ((a.upper[k] * b.upper[k] - product) + a.upper[k] * b.lower[k] +
                         a.lower[k] * b.upper[k]) +
                            a.lower[k] * b.lower[k];
  v8 next = *sum + product;
  v8 added = next - *sum;
  *rest += (product - added) + error;
  *sum = next;
}

// Adds a strip's sum and rest to those of all strips before it, which may be of any size.
INLINE void collect(v8 *sums, v8 sum, v8 rest, v8 start) {
  v8 part = sum - start, before = sums[0];
  v8 total = before + part;
  v8 seen = total - before;
  sums[0] = total;
  sums[1] += ((before - (total - seen)) + (part - seen)) + rest;
}

// Column b with one column, and with two at a time, whose chains of additions overlap.
INLINE void add_pair(strip_column a, strip_column b, size_t vectors, v8 *sums, int hardware) {
  const v8 start = splat(96);
  v8 sum = start, rest = splat(0);
  for (size_t k = 0; k < vectors; ++k) step(a, b, k, &sum, &rest, hardware);
  collect(sums, sum, rest, start);
}

INLINE void add_two(
    strip_column a, strip_column next, strip_column b, size_t vectors, v8 *sums, int hardware) {
  const v8 start = splat(96);
  v8 first = start, firstRest = splat(0), second = start, secondRest = splat(0);
  for (size_t k = 0; k < vectors; ++k) {
    step(a, b, k, &first, &firstRest, hardware);
    step(next, b, k, &second, &secondRest, hardware);
  }
  collect(sums, first, firstRest, start);
  collect(sums + 2, second, secondRest, start);
}

INLINE void product_sums(
    const double *const *columns, const double *scales, size_t count, size_t rows,
    double *workspace, double *high, double *low, int hardware) {
  const size_t stride = strip_vectors(count), strip = LANES * stride;
  v8 *values = (v8 *)(((uintptr_t)workspace + 63) & ~(uintptr_t)63);
  v8 *upper = values + count * stride, *lower = upper + count * stride;
  v8 *sums = lower + count * stride;
  memset(sums, 0, 2 * pair_count(count) * sizeof(v8));
  const v8 tiny = splat(0x1p-400);
  for (size_t start = 0; start < rows; start += strip) {
    size_t length = rows - start < strip ? rows - start : strip;
    size_t vectors = (length + LANES - 1) / LANES;
    for (size_t j = 0; j < count; ++j) {
      v8 scale = splat(scales[j]);
      for (size_t k = 0; k < vectors; ++k) {
        v8 value = splat(0);
        size_t at = k * LANES, there = length - at < LANES ? length - at : LANES;
        if (columns[j] == NULL) {
          for (size_t lane = 0; lane < there; ++lane) value[lane] = 1;
        } else if (there == LANES) {
          memcpy(&value, columns[j] + start + at, sizeof value);
        } else {
          for (size_t lane = 0; lane < there; ++lane) value[lane] = columns[j][start + at + lane];
        }
        value *= scale;
        // Products of what is smaller have errors below the smallest double, where the two ways
        // to them differ.
        i8 counts = (value >= tiny) | (value <= -tiny);
        i8 bits;
        memcpy(&bits, &value, sizeof bits);
        bits &= counts;
        memcpy(&value, &bits, sizeof value);
        values[j * stride + k] = value;
        if (!hardware) {
          v8 wide = value * splat(134217729);
          v8 head = wide - (wide - value);
          upper[j * stride + k] = head;
          lower[j * stride + k] = value - head;
        }
      }
    }
    v8 *target = sums;
    for (size_t j = 0; j < count; ++j) {
#define COLUMN(n) (strip_column){values + (n) * stride, upper + (n) * stride, lower + (n) * stride}
      size_t i = 0;
      for (; i + 1 <= j; i += 2, target += 4) {
        add_two(COLUMN(i), COLUMN(i + 1), COLUMN(j), vectors, target, hardware);
      }
      for (; i <= j; ++i, target += 2) {
        add_pair(COLUMN(i), COLUMN(j), vectors, target, hardware);
      }
#undef COLUMN
    }
  }
  // Lanes in their order.
  const v8 *source = sums;
  for (size_t j = 0; j < count; ++j) {
    for (size_t i = 0; i <= j; ++i, source += 2) {
      double sum = 0, rest = 0;
      for (int lane = 0; lane < LANES; ++lane) {
        double next = sum + source[0][lane], seen = next - sum;
        rest += ((sum - (next - seen)) + (source[0][lane] - seen)) + source[1][lane];
        sum = next;
      }
      high[i + j * count] = sum + rest;
      low[i + j * count] = rest - (high[i + j * count] - sum);
    }
  }
}

static void sums_plain(
    const double *const *columns, const double *scales, size_t count, size_t rows,
    double *workspace, double *high, double *low) {
#if defined(__aarch64__)
  product_sums(columns, scales, count, rows, workspace, high, low, 1);
#else
  product_sums(columns, scales, count, rows, workspace, high, low, 0);
#endif
}

#if CUTOVER_X86
TARGET_AVX2 static void sums_avx2(
    const double *const *columns, const double *scales, size_t count, size_t rows,
    double *workspace, double *high, double *low) {
  product_sums(columns, scales, count, rows, workspace, high, low, 1);
}

TARGET_AVX512 __attribute__((min_vector_width(512))) static void sums_avx512(
    const double *const *columns, const double *scales, size_t count, size_t rows,
    double *workspace, double *high, double *low) {
  product_sums(columns, scales, count, rows, workspace, high, low, 1);
}
#endif

void cutover_product_sums(
    const double *const *columns, const double *scales, size_t count, size_t rows,
    double *workspace, double *high, double *low) {
#if CUTOVER_X86
  switch (cutover_kernel_level()) {
  case CUTOVER_LEVEL_AVX512:
    sums_avx512(columns, scales, count, rows, workspace, high, low);
    return;
  case CUTOVER_LEVEL_AVX2: sums_avx2(columns, scales, count, rows, workspace, high, low); return;
  }
#endif
  sums_plain(columns, scales, count, rows, workspace, high, low);
}

INLINE v8 choose(i8 first, v8 a, v8 b) {
  i8 one, other;
  memcpy(&one, &a, sizeof one);
  memcpy(&other, &b, sizeof other);
  one = (one & first) | (other & ~first);
  memcpy(&a, &one, sizeof a);
  return a;
}

INLINE cutover_extent_t extent(const double *values, size_t count) {
  v8 lower = splat(INFINITY), upper = splat(-INFINITY), gap = splat(0);
  size_t i = 0;
  for (; i + LANES <= count; i += LANES) {
    v8 value;
    memcpy(&value, values + i, sizeof value);
    i8 less = value < lower, more = value > upper;
    lower = choose(less, value, lower);
    upper = choose(more, value, upper);
    // 0, or NaN for a NaN.
    gap += value * splat(0);
  }
  cutover_extent_t answer = {INFINITY, -INFINITY};
  double spoiled = 0;
  for (int lane = 0; lane < LANES; ++lane) {
    if (lower[lane] < answer.lower) answer.lower = lower[lane];
    if (upper[lane] > answer.upper) answer.upper = upper[lane];
    spoiled += gap[lane];
  }
  for (; i < count; ++i) {
    if (values[i] < answer.lower) answer.lower = values[i];
    if (values[i] > answer.upper) answer.upper = values[i];
    spoiled += values[i] * 0;
  }
  if (spoiled != spoiled) answer.lower = answer.upper = NAN;
  return answer;
}

static cutover_extent_t extent_plain(const double *values, size_t count) {
  return extent(values, count);
}

#if CUTOVER_X86
TARGET_AVX2 static cutover_extent_t extent_avx2(const double *values, size_t count) {
  return extent(values, count);
}
#endif

cutover_extent_t cutover_extent(const double *values, size_t count) {
#if CUTOVER_X86
  if (cutover_kernel_level() >= CUTOVER_LEVEL_AVX2) return extent_avx2(values, count);
#endif
  return extent_plain(values, count);
}
