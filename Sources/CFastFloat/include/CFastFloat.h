/// Correctly rounded decimal parsing by the fast_float library.
#ifndef CUTOVER_CFASTFLOAT_H
#define CUTOVER_CFASTFLOAT_H

#ifdef __cplusplus
extern "C" {
#endif

/// Parses the longest number at `first`; returns where it ends, or NULL when there is none.
/// `*overflow` is 1 when the decimal is beyond the double range.
const char *cutover_parse_double(const char *first, const char *last, double *value,
                                 int *overflow);

#ifdef __cplusplus
}
#endif
#endif
