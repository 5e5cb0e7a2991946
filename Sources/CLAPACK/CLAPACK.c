#include "Library.h"

int32_t cutover_dgeqp3(
    int32_t m, int32_t n, double *a, int32_t lda, int32_t *jpvt, double *tau) {
  RETURN_LAPACK(LAPACKE_dgeqp3, m, n, a, lda, jpvt, tau);
}

int32_t cutover_dormqr(
    int transposed, int32_t m, int32_t n, int32_t k, const double *a, int32_t lda,
    const double *tau, double *c, int32_t ldc) {
  RETURN_LAPACK(LAPACKE_dormqr, 'L', transposed ? 'T' : 'N', m, n, k, a, lda, tau, c, ldc);
}

int32_t cutover_dorgqr(
    int32_t m, int32_t n, int32_t k, double *a, int32_t lda, const double *tau) {
  RETURN_LAPACK(LAPACKE_dorgqr, m, n, k, a, lda, tau);
}

int32_t cutover_dtrtrs(
    int transposed, int32_t n, int32_t nrhs, const double *a, int32_t lda, double *b,
    int32_t ldb) {
  RETURN_LAPACK(LAPACKE_dtrtrs, 'U', transposed ? 'T' : 'N', 'N', n, nrhs, a, lda, b, ldb);
}

int32_t cutover_dtrtri(int32_t n, double *a, int32_t lda) {
  RETURN_LAPACK(LAPACKE_dtrtri, 'U', 'N', n, a, lda);
}

int32_t cutover_dtrcon(int32_t n, const double *a, int32_t lda, double *rcond) {
  RETURN_LAPACK(LAPACKE_dtrcon, '1', 'U', 'N', n, a, lda, rcond);
}
