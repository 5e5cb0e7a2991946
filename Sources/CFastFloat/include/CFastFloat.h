/// Correctly rounded decimal parsing by the fast_float library.
#ifndef CUTOVER_CFASTFLOAT_H
#define CUTOVER_CFASTFLOAT_H

#ifdef __cplusplus
extern "C" {
#endif

#define CUTOVER_NUMBER 0
#define CUTOVER_NOT_A_NUMBER 1
#define CUTOVER_OUT_OF_RANGE 2

/// Parses a decimal that fills `first` to `last` exactly: optional sign, digits with an optional
/// point, optional exponent. Hexadecimal, "nan" and "inf" are not numbers here. `*value` is
/// meaningful only when the answer is `CUTOVER_NUMBER`.
int cutover_parse_double(const char *first, const char *last, double *value);

#ifdef __cplusplus
}
#endif
#endif
