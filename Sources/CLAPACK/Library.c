#include "Library.h"

#if defined(__linux__)
#include <dlfcn.h>
#include <pthread.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static void *interface;

// OpenBLAS first and for everyone: it has LAPACK's routines, too, and faster ones than a LAPACK
// that LAPACKE might bring along.
static void load(void) {
  void *blas = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_GLOBAL);
  interface = dlopen("liblapacke.so.3", RTLD_NOW | RTLD_LOCAL);
  // Where LAPACKE is a part of OpenBLAS.
  if (!interface) interface = blas;
  // Sums of several threads are added up in another order: answers would depend on the number of
  // cores. What is worth sharing out is cut into parts by the callers.
  void (*set_threads)(int) =
      blas ? (void (*)(int))dlsym(blas, "openblas_set_num_threads") : NULL;
  if (set_threads) set_threads(1);
}

void *cutover_lapack_routine(const char *name) {
  pthread_once(&once, load);
  return interface ? dlsym(interface, name) : NULL;
}
#else
// A file without a declaration is none.
typedef int cutover_lapack_is_linked;
#endif
