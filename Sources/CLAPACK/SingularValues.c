#include "CLAPACK.h"

#if __has_include(<lapacke.h>)
#include <lapacke.h>
#else
#error "Cutover needs LAPACKE: install it with 'make deps' or 'apt-get install liblapacke-dev'"
#endif

int32_t cutover_dgesvj_triangle(
    int32_t n, double *a, int32_t lda, double *values, double *v, int32_t ldv, double *work6) {
  /* Upper triangular input, left vectors in place of a, right vectors in v. The routine does no
     scaling of its own unless values would overflow; then stat[0] holds the factor. */
  return LAPACKE_dgesvj(
      LAPACK_COL_MAJOR, 'U', 'U', 'V', n, n, a, lda, values, 0, v, ldv, work6);
}
