// How a kernel is compiled several times: the body is an inline function, and one wrapper per
// level gives it a target. `INLINE` bodies take the features of the function they are put into.
#ifndef CUTOVER_LEVEL_H
#define CUTOVER_LEVEL_H

#include "Kernels.h"

// A product and a sum are two roundings, in every variant.
#pragma STDC FP_CONTRACT OFF

// Vectors are passed to inlined functions only, so how they would be passed is of no concern.
#if defined(__clang__)
#pragma clang diagnostic ignored "-Wpsabi"
#endif

#define INLINE static inline __attribute__((always_inline))

#if defined(__x86_64__)
#define CUTOVER_X86 1
#define TARGET_AVX2 __attribute__((target("avx2,fma,bmi,bmi2,lzcnt,popcnt")))
#define TARGET_AVX512                                                                              \
  __attribute__((target("avx2,fma,bmi,bmi2,lzcnt,popcnt,avx512f,avx512bw,avx512dq,avx512vl")))
#else
#define CUTOVER_X86 0
#endif

#endif
