#include "Library.h"

int32_t cutover_dgeqrf(int32_t m, int32_t n, double *a, int32_t lda, double *tau) {
  RETURN_LAPACK(LAPACKE_dgeqrf, m, n, a, lda, tau);
}

int32_t cutover_dgesdd(
    int32_t m, int32_t n, double *a, int32_t lda, double *s, double *u, int32_t ldu, double *vt,
    int32_t ldvt) {
  RETURN_LAPACK(LAPACKE_dgesdd, 'S', m, n, a, lda, s, u, ldu, vt, ldvt);
}

int32_t cutover_dgesvd(
    int32_t m, int32_t n, double *a, int32_t lda, double *s, double *u, int32_t ldu, double *vt,
    int32_t ldvt, double *superb) {
  RETURN_LAPACK(LAPACKE_dgesvd, 'S', 'S', m, n, a, lda, s, u, ldu, vt, ldvt, superb);
}

int32_t cutover_dpotrf(int32_t n, double *a, int32_t lda) {
  RETURN_LAPACK(LAPACKE_dpotrf, 'U', n, a, lda);
}

int32_t cutover_dpotrs(
    int32_t n, int32_t nrhs, const double *a, int32_t lda, double *b, int32_t ldb) {
  RETURN_LAPACK(LAPACKE_dpotrs, 'U', n, nrhs, a, lda, b, ldb);
}

int32_t cutover_dpocon(int32_t n, const double *a, int32_t lda, double norm, double *rcond) {
  RETURN_LAPACK(LAPACKE_dpocon, 'U', n, a, lda, norm, rcond);
}
