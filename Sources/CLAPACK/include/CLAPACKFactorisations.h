/// Factorisations besides the pivoted QR; included by CLAPACK.h and under its conventions.
#ifndef CUTOVER_CLAPACK_FACTORISATIONS_H
#define CUTOVER_CLAPACK_FACTORISATIONS_H

#include <stdint.h>

/// QR without pivoting of the m x n matrix a: R and the reflectors replace a, tau has
/// min(m, n) values.
int32_t cutover_dgeqrf(int32_t m, int32_t n, double *a, int32_t lda, double *tau);

/// The thin singular value decomposition a = U S V', a destroyed: s descending, u m x k and
/// vt k x n with k = min(m, n). By divide and conquer.
int32_t cutover_dgesdd(
    int32_t m, int32_t n, double *a, int32_t lda, double *s, double *u, int32_t ldu, double *vt,
    int32_t ldvt);

/// The same by QR iteration: slower, and the more patient of the two when the other gives up.
int32_t cutover_dgesvd(
    int32_t m, int32_t n, double *a, int32_t lda, double *s, double *u, int32_t ldu, double *vt,
    int32_t ldvt, double *superb);

/// Cholesky factorisation A = R'R of the upper triangle, in place; info > 0 is the order of the
/// first leading minor that is not positive.
int32_t cutover_dpotrf(int32_t n, double *a, int32_t lda);

/// Solves A x = b from the factor R, for nrhs columns b, in place.
int32_t cutover_dpotrs(
    int32_t n, int32_t nrhs, const double *a, int32_t lda, double *b, int32_t ldb);

/// Estimates 1 / (|A| |A^-1|) in the 1-norm from the factor and the 1-norm of A.
int32_t cutover_dpocon(int32_t n, const double *a, int32_t lda, double norm, double *rcond);

#endif
