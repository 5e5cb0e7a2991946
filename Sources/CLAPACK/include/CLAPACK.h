/// The only door to BLAS and LAPACK. Column-major, 32-bit sizes; every routine returns
/// LAPACK's `info` (0 done, < 0 bad argument, > 0 the data).
#ifndef CUTOVER_CLAPACK_H
#define CUTOVER_CLAPACK_H

#include <stdint.h>

const char *cutover_blas_core_name(void);

#endif
