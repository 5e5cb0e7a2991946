// Sums of products of a few columns under weights, in plain doubles: for columns that are close to
// orthonormal, where nothing is lost.
#include "Level.h"

#include <string.h>

typedef double v8 __attribute__((vector_size(64)));

#define LANES 8
#define STRIP 32

size_t cutover_weighted_workspace(size_t columns) {
  return LANES * (columns * STRIP + STRIP + columns * (columns + 1) / 2) + LANES;
}

INLINE void products(
    const double *const *columns, const double *weights, size_t count, size_t rows,
    double *workspace, double *sums) {
  v8 *values = (v8 *)(((uintptr_t)workspace + 63) & ~(uintptr_t)63);
  v8 *weighted = values + count * STRIP;
  v8 *totals = weighted + STRIP;
  memset(totals, 0, count * (count + 1) / 2 * sizeof(v8));
  for (size_t start = 0; start < rows; start += LANES * STRIP) {
    size_t length = rows - start < LANES * STRIP ? rows - start : LANES * STRIP;
    size_t vectors = (length + LANES - 1) / LANES;
    for (size_t j = 0; j < count; ++j) {
      memset(values + j * STRIP + vectors - 1, 0, sizeof(v8));
      memcpy(values + j * STRIP, columns[j] + start, length * sizeof(double));
    }
    v8 factors[STRIP];
    memset(factors + vectors - 1, 0, sizeof(v8));
    memcpy(factors, weights + start, length * sizeof(double));
    v8 *target = totals;
    for (size_t j = 0; j < count; ++j) {
      const v8 *b = values + j * STRIP;
      for (size_t k = 0; k < vectors; ++k) weighted[k] = factors[k] * b[k];
      for (size_t i = 0; i <= j; ++i, ++target) {
        const v8 *a = values + i * STRIP;
        v8 even = *target, odd = {0, 0, 0, 0, 0, 0, 0, 0};
        size_t k = 0;
        for (; k + 1 < vectors; k += 2) {
          even += a[k] * weighted[k];
          odd += a[k + 1] * weighted[k + 1];
        }
        if (k < vectors) even += a[k] * weighted[k];
        *target = even + odd;
      }
    }
  }
  const v8 *source = totals;
  for (size_t j = 0; j < count; ++j) {
    for (size_t i = 0; i <= j; ++i, ++source) {
      double sum = 0;
      for (int lane = 0; lane < LANES; ++lane) sum += (*source)[lane];
      sums[i + j * count] = sum;
    }
  }
}

static void products_plain(
    const double *const *columns, const double *weights, size_t count, size_t rows,
    double *workspace, double *sums) {
  products(columns, weights, count, rows, workspace, sums);
}

#if CUTOVER_X86
TARGET_AVX2 static void products_avx2(
    const double *const *columns, const double *weights, size_t count, size_t rows,
    double *workspace, double *sums) {
  products(columns, weights, count, rows, workspace, sums);
}

TARGET_AVX512 __attribute__((min_vector_width(512))) static void products_avx512(
    const double *const *columns, const double *weights, size_t count, size_t rows,
    double *workspace, double *sums) {
  products(columns, weights, count, rows, workspace, sums);
}
#endif

void cutover_weighted_products(
    const double *const *columns, const double *weights, size_t count, size_t rows,
    double *workspace, double *sums) {
#if CUTOVER_X86
  switch (cutover_kernel_level()) {
  case CUTOVER_LEVEL_AVX512:
    products_avx512(columns, weights, count, rows, workspace, sums);
    return;
  case CUTOVER_LEVEL_AVX2: products_avx2(columns, weights, count, rows, workspace, sums); return;
  }
#endif
  products_plain(columns, weights, count, rows, workspace, sums);
}
