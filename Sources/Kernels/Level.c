#include "Level.h"

#include <stdatomic.h>

static atomic_int limit = CUTOVER_LEVEL_AVX512;

static int supported(void) {
#if CUTOVER_X86
  static atomic_int known = -1;
  int level = atomic_load_explicit(&known, memory_order_relaxed);
  if (level >= 0) return level;
  __builtin_cpu_init();
  level = CUTOVER_LEVEL_BASE;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
      __builtin_cpu_supports("bmi2")) {
    level = CUTOVER_LEVEL_AVX2;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
      level = CUTOVER_LEVEL_AVX512;
    }
  }
  atomic_store_explicit(&known, level, memory_order_relaxed);
  return level;
#else
  return CUTOVER_LEVEL_BASE;
#endif
}

int cutover_kernel_level(void) {
  int most = atomic_load_explicit(&limit, memory_order_relaxed);
  int level = supported();
  return level < most ? level : most;
}

int cutover_limit_kernel_level(int level) {
  atomic_store_explicit(&limit, level, memory_order_relaxed);
  return cutover_kernel_level();
}
