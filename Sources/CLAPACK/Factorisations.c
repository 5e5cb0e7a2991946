#include "CLAPACKFactorisations.h"

#include <lapacke.h>

int32_t cutover_dgeqrf(int32_t m, int32_t n, double *a, int32_t lda, double *tau) {
  return LAPACKE_dgeqrf(LAPACK_COL_MAJOR, m, n, a, lda, tau);
}

int32_t cutover_dgesdd(
    int32_t m, int32_t n, double *a, int32_t lda, double *s, double *u, int32_t ldu, double *vt,
    int32_t ldvt) {
  return LAPACKE_dgesdd(LAPACK_COL_MAJOR, 'S', m, n, a, lda, s, u, ldu, vt, ldvt);
}

int32_t cutover_dgesvd(
    int32_t m, int32_t n, double *a, int32_t lda, double *s, double *u, int32_t ldu, double *vt,
    int32_t ldvt, double *superb) {
  return LAPACKE_dgesvd(
      LAPACK_COL_MAJOR, 'S', 'S', m, n, a, lda, s, u, ldu, vt, ldvt, superb);
}

int32_t cutover_dpotrf(int32_t n, double *a, int32_t lda) {
  return LAPACKE_dpotrf(LAPACK_COL_MAJOR, 'U', n, a, lda);
}

int32_t cutover_dpotrs(
    int32_t n, int32_t nrhs, const double *a, int32_t lda, double *b, int32_t ldb) {
  return LAPACKE_dpotrs(LAPACK_COL_MAJOR, 'U', n, nrhs, a, lda, b, ldb);
}

int32_t cutover_dpocon(int32_t n, const double *a, int32_t lda, double norm, double *rcond) {
  return LAPACKE_dpocon(LAPACK_COL_MAJOR, 'U', n, a, lda, norm, rcond);
}
