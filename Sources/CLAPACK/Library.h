// How LAPACK's routines are called: loaded when one of them is called first. OpenBLAS takes longer
// to load than most commands take, and few of them need it.
#ifndef CUTOVER_CLAPACK_LIBRARY_H
#define CUTOVER_CLAPACK_LIBRARY_H

#include "CLAPACK.h"

#if !__has_include(<lapacke.h>)
#error "Cutover needs LAPACKE: install it with 'make deps' or 'apt-get install liblapacke-dev'"
#endif
#include <lapacke.h>

_Static_assert(sizeof(lapack_int) == sizeof(int32_t), "LAPACKE must use 32-bit integers");

#if defined(__linux__)
#include <stdatomic.h>

// The address of a routine; NULL when the libraries cannot be loaded.
void *cutover_lapack_routine(const char *name);

// `return` what the routine returns. Its address is looked up once for each place that calls it.
#define RETURN_LAPACK(ROUTINE, ...)                                                                \
  static _Atomic(void *) known;                                                                    \
  void *address = atomic_load_explicit(&known, memory_order_acquire);                              \
  if (!address) {                                                                                  \
    address = cutover_lapack_routine(#ROUTINE);                                                    \
    if (!address) return CUTOVER_NO_LAPACK;                                                        \
    atomic_store_explicit(&known, address, memory_order_release);                                  \
  }                                                                                                \
  return ((__typeof__(&ROUTINE))address)(LAPACK_COL_MAJOR, __VA_ARGS__)
#else
#define RETURN_LAPACK(ROUTINE, ...) return ROUTINE(LAPACK_COL_MAJOR, __VA_ARGS__)
#endif

#endif
