#include "CLAPACKSingularValues.h"

#include <lapacke.h>

int32_t cutover_dgesdd(
    int32_t m, int32_t n, double *a, int32_t lda, double *s, double *u, int32_t ldu, double *vt,
    int32_t ldvt) {
  return LAPACKE_dgesdd(LAPACK_COL_MAJOR, 'S', m, n, a, lda, s, u, ldu, vt, ldvt);
}
