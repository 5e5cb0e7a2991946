#include "CLAPACK.h"

#if !__has_include(<lapacke.h>)
#error "Cutover needs LAPACKE: install it with 'make deps' or 'apt-get install liblapacke-dev'"
#endif
#if !__has_include(<cblas.h>)
#error "Cutover needs OpenBLAS: install it with 'make deps' or 'apt-get install libopenblas-dev'"
#endif
#include <cblas.h>
#include <lapacke.h>

char *openblas_get_corename(void);

const char *cutover_blas_core_name(void) { return openblas_get_corename(); }
