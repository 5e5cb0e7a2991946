/// The singular value decomposition; included by CLAPACK.h.
#ifndef CUTOVER_CLAPACK_SINGULAR_VALUES_H
#define CUTOVER_CLAPACK_SINGULAR_VALUES_H

#include <stdint.h>

/// The thin singular value decomposition a = u diag(s) vt of the m x n matrix a, which is
/// overwritten; with k = min(m, n), u is m x k, s has k values (descending) and vt is k x n.
int32_t cutover_dgesdd(
    int32_t m, int32_t n, double *a, int32_t lda, double *s, double *u, int32_t ldu, double *vt,
    int32_t ldvt);

#endif
