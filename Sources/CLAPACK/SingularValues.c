#include "Library.h"

int32_t cutover_dgesvj_triangle(
    int32_t n, double *a, int32_t lda, double *values, double *v, int32_t ldv, double *work6) {
  /* Upper triangular input, left vectors in place of a, right vectors in v. The routine does no
     scaling of its own unless values would overflow; then stat[0] holds the factor. */
  RETURN_LAPACK(LAPACKE_dgesvj, 'U', 'U', 'V', n, n, a, lda, values, 0, v, ldv, work6);
}
