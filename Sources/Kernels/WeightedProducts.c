// Sums of products of a few columns under weights, in plain doubles: for columns that are close to
// orthonormal, where nothing is lost.
#include "Level.h"

#include <string.h>

typedef double v8 __attribute__((vector_size(64)));

#define LANES 8
#define STRIP 32

// For several replicates in one pass over the columns, their weights counts. A strip of the columns
// is loaded once, and a value of a column serves four replicates from its register.
#define TOGETHER 4

typedef int32_t i32x8 __attribute__((vector_size(32)));

static size_t group_count(size_t replicates) { return (replicates + TOGETHER - 1) / TOGETHER; }

size_t cutover_counted_workspace(size_t columns, size_t replicates) {
  return LANES * (columns * STRIP + 2 * TOGETHER * STRIP +
                  group_count(replicates) * TOGETHER * (columns * (columns + 1) / 2)) +
         LANES;
}

INLINE void counted_products(
    const double *const *columns, const int32_t *const *counts, size_t count, size_t rows,
    size_t replicates, double *workspace, double *sums) {
  const size_t pairs = count * (count + 1) / 2, groups = group_count(replicates);
  v8 *values = (v8 *)(((uintptr_t)workspace + 63) & ~(uintptr_t)63);
  v8 *factors = values + count * STRIP, *weighted = factors + TOGETHER * STRIP;
  v8 *totals = weighted + TOGETHER * STRIP;
  memset(totals, 0, groups * TOGETHER * pairs * sizeof(v8));
  for (size_t start = 0; start < rows; start += LANES * STRIP) {
    size_t length = rows - start < LANES * STRIP ? rows - start : LANES * STRIP;
    size_t vectors = (length + LANES - 1) / LANES;
    for (size_t j = 0; j < count; ++j) {
      memset(values + j * STRIP + vectors - 1, 0, sizeof(v8));
      memcpy(values + j * STRIP, columns[j] + start, length * sizeof(double));
    }
    for (size_t group = 0; group < groups; ++group) {
      for (size_t r = 0; r < TOGETHER; ++r) {
        size_t replicate = group * TOGETHER + r;
        for (size_t k = 0; k < vectors; ++k) {
          size_t at = k * LANES, there = length - at < LANES ? length - at : LANES;
          i32x8 times = {0, 0, 0, 0, 0, 0, 0, 0};
          if (replicate >= replicates) {
            // Nobody's: weights of 0.
          } else if (there == LANES) {
            memcpy(&times, counts[replicate] + start + at, sizeof times);
          } else {
            memcpy(&times, counts[replicate] + start + at, there * sizeof(int32_t));
          }
          factors[r * STRIP + k] = __builtin_convertvector(times, v8);
        }
      }
      v8 *target = totals + group * TOGETHER * pairs;
      for (size_t j = 0; j < count; ++j) {
        const v8 *b = values + j * STRIP;
        for (size_t r = 0; r < TOGETHER; ++r) {
          for (size_t k = 0; k < vectors; ++k) {
            weighted[r * STRIP + k] = factors[r * STRIP + k] * b[k];
          }
        }
        for (size_t i = 0; i <= j; ++i, target += TOGETHER) {
          const v8 *a = values + i * STRIP;
          const v8 zero = {0, 0, 0, 0, 0, 0, 0, 0};
          v8 e0 = target[0], e1 = target[1], e2 = target[2], e3 = target[3];
          v8 o0 = zero, o1 = zero, o2 = zero, o3 = zero;
          const v8 *w = weighted;
          size_t k = 0;
          for (; k + 1 < vectors; k += 2) {
            v8 even = a[k], odd = a[k + 1];
            e0 += even * w[k];
            o0 += odd * w[k + 1];
            e1 += even * w[k + STRIP];
            o1 += odd * w[k + 1 + STRIP];
            e2 += even * w[k + 2 * STRIP];
            o2 += odd * w[k + 1 + 2 * STRIP];
            e3 += even * w[k + 3 * STRIP];
            o3 += odd * w[k + 1 + 3 * STRIP];
          }
          if (k < vectors) {
            v8 even = a[k];
            e0 += even * w[k];
            e1 += even * w[k + STRIP];
            e2 += even * w[k + 2 * STRIP];
            e3 += even * w[k + 3 * STRIP];
          }
          target[0] = e0 + o0;
          target[1] = e1 + o1;
          target[2] = e2 + o2;
          target[3] = e3 + o3;
        }
      }
    }
  }
  for (size_t replicate = 0; replicate < replicates; ++replicate) {
    const v8 *source =
        totals + replicate / TOGETHER * TOGETHER * pairs + replicate % TOGETHER;
    double *target = sums + replicate * count * count;
    for (size_t j = 0; j < count; ++j) {
      for (size_t i = 0; i <= j; ++i, source += TOGETHER) {
        double sum = 0;
        for (int lane = 0; lane < LANES; ++lane) sum += (*source)[lane];
        target[i + j * count] = sum;
      }
    }
  }
}

static void counted_plain(
    const double *const *columns, const int32_t *const *counts, size_t count, size_t rows,
    size_t replicates, double *workspace, double *sums) {
  counted_products(columns, counts, count, rows, replicates, workspace, sums);
}

#if CUTOVER_X86
TARGET_AVX2 static void counted_avx2(
    const double *const *columns, const int32_t *const *counts, size_t count, size_t rows,
    size_t replicates, double *workspace, double *sums) {
  counted_products(columns, counts, count, rows, replicates, workspace, sums);
}

TARGET_AVX512 __attribute__((min_vector_width(512))) static void counted_avx512(
    const double *const *columns, const int32_t *const *counts, size_t count, size_t rows,
    size_t replicates, double *workspace, double *sums) {
  counted_products(columns, counts, count, rows, replicates, workspace, sums);
}
#endif

void cutover_counted_products(
    const double *const *columns, const int32_t *const *counts, size_t count, size_t rows,
    size_t replicates, double *workspace, double *sums) {
#if CUTOVER_X86
  switch (cutover_kernel_level()) {
  case CUTOVER_LEVEL_AVX512:
    counted_avx512(columns, counts, count, rows, replicates, workspace, sums);
    return;
  case CUTOVER_LEVEL_AVX2:
    counted_avx2(columns, counts, count, rows, replicates, workspace, sums);
    return;
  }
#endif
  counted_plain(columns, counts, count, rows, replicates, workspace, sums);
}
