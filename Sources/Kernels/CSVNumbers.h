// What the ways to read decimals share.
#ifndef CUTOVER_CSV_NUMBERS_H
#define CUTOVER_CSV_NUMBERS_H

#include "Level.h"

/// Reads one cell that a vector of cells had no answer for, and counts what became of it.
void cutover_look_again(
    const uint8_t *first, const uint8_t *last, double *value, cutover_cells *answer);

#if CUTOVER_X86
/// `cutover_csv_numbers` for processors with AVX-512.
cutover_cells cutover_csv_numbers_avx512(
    const uint8_t *bytes, const uint32_t *positions, size_t rows, size_t columns,
    const size_t *selected, size_t selectedCount, double *const *outputs);
#endif

#endif
