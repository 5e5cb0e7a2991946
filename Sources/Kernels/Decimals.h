// What the ways to write decimals share.
#ifndef CUTOVER_DECIMALS_H
#define CUTOVER_DECIMALS_H

#include "Level.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Numbers of a column that had no decimal of fifteen digits: the next will have none, either.
#define CUTOVER_NO_USUAL_PLACES (-1)

/// Columns of which each has its own usual places.
#define CUTOVER_DECIMAL_COLUMNS 64

/// Rows of a strip.
#define CUTOVER_STRIP_ROWS 8

/// 10^0 to 10^22, all of them doubles.
extern const double cutover_decimal_powers[23];

/// Writes a number, as `cutover_write_decimal` does.
///
/// - Parameter usual: how many places a column's numbers have, tried first; set to what was found.
char *cutover_put_decimal(char *out, double value, int *usual);

#if CUTOVER_X86
/// `cutover_write_rows` for processors with AVX-512, for whole strips of up to
/// `CUTOVER_DECIMAL_COLUMNS` columns; answers how many bytes were written, and leaves what is usual
/// for the rows that follow.
size_t cutover_write_strips_avx512(
    const double *const *columns, size_t count, size_t first, size_t strips, int *usual,
    char *out);
#endif

#ifdef __cplusplus
}
#endif

#endif
