#include "CLAPACK.h"

#if !__has_include(<lapacke.h>)
#error "Cutover needs LAPACKE: install it with 'make deps' or 'apt-get install liblapacke-dev'"
#endif
#if !__has_include(<cblas.h>)
#error "Cutover needs OpenBLAS: install it with 'make deps' or 'apt-get install libopenblas-dev'"
#endif
#include <cblas.h>
#include <lapacke.h>

_Static_assert(sizeof(lapack_int) == sizeof(int32_t), "LAPACKE must use 32-bit integers");

char *openblas_get_corename(void);

const char *cutover_blas_core_name(void) { return openblas_get_corename(); }

int32_t cutover_dgeqp3(
    int32_t m, int32_t n, double *a, int32_t lda, int32_t *jpvt, double *tau) {
  return LAPACKE_dgeqp3(LAPACK_COL_MAJOR, m, n, a, lda, jpvt, tau);
}

int32_t cutover_dormqr(
    int transposed, int32_t m, int32_t n, int32_t k, const double *a, int32_t lda,
    const double *tau, double *c, int32_t ldc) {
  return LAPACKE_dormqr(
      LAPACK_COL_MAJOR, 'L', transposed ? 'T' : 'N', m, n, k, a, lda, tau, c, ldc);
}

int32_t cutover_dorgqr(
    int32_t m, int32_t n, int32_t k, double *a, int32_t lda, const double *tau) {
  return LAPACKE_dorgqr(LAPACK_COL_MAJOR, m, n, k, a, lda, tau);
}

int32_t cutover_dtrtrs(
    int transposed, int32_t n, int32_t nrhs, const double *a, int32_t lda, double *b,
    int32_t ldb) {
  return LAPACKE_dtrtrs(
      LAPACK_COL_MAJOR, 'U', transposed ? 'T' : 'N', 'N', n, nrhs, a, lda, b, ldb);
}

int32_t cutover_dtrtri(int32_t n, double *a, int32_t lda) {
  return LAPACKE_dtrtri(LAPACK_COL_MAJOR, 'U', 'N', n, a, lda);
}

int32_t cutover_dtrcon(int32_t n, const double *a, int32_t lda, double *rcond) {
  return LAPACKE_dtrcon(LAPACK_COL_MAJOR, '1', 'U', 'N', n, a, lda, rcond);
}
