// The rounds of many migrations side by side: lanes that have ended wait for the others.
#include "Level.h"

#include <math.h>
#include <string.h>

typedef double v8 __attribute__((vector_size(64)));
typedef int64_t i8 __attribute__((vector_size(64)));

#define LANES 8
// Vectors under way at once: a division takes several times as long as it keeps the divider busy.
#define VECTORS 2
#define GROUP (LANES * VECTORS)

INLINE v8 splat(double x) { return (v8){x, x, x, x, x, x, x, x}; }

INLINE v8 only(i8 mask, v8 value) {
  i8 bits;
  memcpy(&bits, &value, sizeof bits);
  bits &= mask;
  memcpy(&value, &bits, sizeof value);
  return value;
}

INLINE v8 choose(i8 mask, v8 first, v8 second) {
  i8 a, b;
  memcpy(&a, &first, sizeof a);
  memcpy(&b, &second, sizeof b);
  a = (a & mask) | (b & ~mask);
  memcpy(&first, &a, sizeof first);
  return first;
}

INLINE int any(i8 mask) {
  int64_t seen = 0;
  for (int lane = 0; lane < LANES; ++lane) seen |= mask[lane];
  return seen != 0;
}

INLINE v8 load(const double *values) {
  v8 answer;
  memcpy(&answer, values, sizeof answer);
  return answer;
}

// Sixteen scenarios. What exceeds a threshold by less than 1e-13 of it has reached it, as in the
// engine's rule.
INLINE void group(
    const double *memory, const double *bandwidth, const double *dirtyRate,
    const double *threshold, const double *resumeTime, const double *limit, const double *ceiling,
    double *totalTime, double *downtime, double *transferred, double *rounds, uint8_t *reached) {
  v8 volume[VECTORS], band[VECTORS], rate[VECTORS], bound[VECTORS], most[VECTORS], top[VECTORS];
  v8 elapsed[VECTORS], sent[VECTORS], made[VECTORS];
  for (int k = 0; k < VECTORS; ++k) {
    volume[k] = load(memory + LANES * k);
    band[k] = load(bandwidth + LANES * k);
    rate[k] = load(dirtyRate + LANES * k);
    bound[k] = load(threshold + LANES * k) * splat(1 + 1e-13);
    most[k] = load(limit + LANES * k);
    if (ceiling) top[k] = load(ceiling + LANES * k);
    elapsed[k] = sent[k] = made[k] = splat(0);
  }
  for (;;) {
    int goesOn = 0;
    for (int k = 0; k < VECTORS; ++k) {
      i8 active = (volume[k] > bound[k]) & (made[k] < most[k]);
      goesOn |= any(active);
      v8 duration = volume[k] / band[k];
      elapsed[k] += only(active, duration);
      sent[k] += only(active, volume[k]);
      made[k] += only(active, splat(1));
      v8 next = rate[k] * duration;
      if (ceiling) next = choose(next > top[k], top[k], next);
      volume[k] = choose(active, next, volume[k]);
    }
    if (!goesOn) break;
  }
  for (int k = 0; k < VECTORS; ++k) {
    v8 resume = load(resumeTime + LANES * k);
    v8 last = volume[k] / band[k];
    v8 total = (elapsed[k] + last) + resume;
    v8 bytes = sent[k] + volume[k];
    // The difference of a finite number with itself is 0.
    i8 ends = (total - total == splat(0)) & (bytes - bytes == splat(0));
    v8 none = splat(NAN);
    total = choose(ends, total, none);
    bytes = choose(ends, bytes, none);
    last = choose(ends, last + resume, none);
    v8 count = choose(ends, made[k] + splat(1), none);
    memcpy(totalTime + LANES * k, &total, sizeof total);
    memcpy(downtime + LANES * k, &last, sizeof last);
    memcpy(transferred + LANES * k, &bytes, sizeof bytes);
    memcpy(rounds + LANES * k, &count, sizeof count);
    if (!reached) continue;
    i8 within = volume[k] <= bound[k];
    for (int lane = 0; lane < LANES; ++lane) reached[LANES * k + lane] = within[lane] != 0;
  }
}

// - Parameter hasCeiling: a constant where this is put, as `ends` is.
INLINE void each(
    const cutover_precopy_inputs *in, size_t count, const cutover_precopy_outputs *out,
    int hasCeiling, int ends) {
  size_t i = 0;
  for (; i + GROUP <= count; i += GROUP) {
    group(
        in->memory + i, in->bandwidth + i, in->dirtyRate + i, in->threshold + i,
        in->resumeTime + i, in->limit + i, hasCeiling ? in->ceiling + i : NULL,
        out->totalTime + i, out->downtime + i, out->transferred + i, out->rounds + i,
        ends ? out->reached + i : NULL);
  }
  if (i == count) return;
  // The last ones, filled up with scenarios that end at once.
  double input[7][GROUP], output[4][GROUP];
  uint8_t reached[GROUP];
  const double *sources[7] = {in->memory,     in->bandwidth, in->dirtyRate, in->threshold,
                              in->resumeTime, in->limit,     hasCeiling ? in->ceiling : NULL};
  double *targets[4] = {out->totalTime, out->downtime, out->transferred, out->rounds};
  for (int c = 0; c < 7; ++c) {
    for (size_t k = 0; k < GROUP; ++k) {
      input[c][k] = sources[c] && i + k < count ? sources[c][i + k] : 1;
    }
  }
  group(
      input[0], input[1], input[2], input[3], input[4], input[5], hasCeiling ? input[6] : NULL,
      output[0], output[1], output[2], output[3], ends ? reached : NULL);
  for (int c = 0; c < 4; ++c) memcpy(targets[c] + i, output[c], (count - i) * sizeof(double));
  if (ends) memcpy(out->reached + i, reached, count - i);
}

INLINE void all(
    const cutover_precopy_inputs *in, size_t count, const cutover_precopy_outputs *out) {
  if (in->ceiling) {
    if (out->reached) each(in, count, out, 1, 1);
    else each(in, count, out, 1, 0);
  } else if (out->reached) {
    each(in, count, out, 0, 1);
  } else {
    each(in, count, out, 0, 0);
  }
}

static void all_plain(
    const cutover_precopy_inputs *in, size_t count, const cutover_precopy_outputs *out) {
  all(in, count, out);
}

#if CUTOVER_X86
TARGET_AVX2 static void all_avx2(
    const cutover_precopy_inputs *in, size_t count, const cutover_precopy_outputs *out) {
  all(in, count, out);
}

TARGET_AVX512 __attribute__((min_vector_width(512))) static void all_avx512(
    const cutover_precopy_inputs *in, size_t count, const cutover_precopy_outputs *out) {
  all(in, count, out);
}
#endif

void cutover_precopy_rounds(
    const cutover_precopy_inputs *inputs, size_t count, const cutover_precopy_outputs *outputs) {
#if CUTOVER_X86
  switch (cutover_kernel_level()) {
  case CUTOVER_LEVEL_AVX512: all_avx512(inputs, count, outputs); return;
  case CUTOVER_LEVEL_AVX2: all_avx2(inputs, count, outputs); return;
  }
#endif
  all_plain(inputs, count, outputs);
}
