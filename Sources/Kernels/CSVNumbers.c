// Decimals of up to sixteen characters without a branch per digit; all others by fast_float.
//
// A cell is looked at as the sixteen bytes that end with it. The digits in front of the point move
// one byte towards it, so that they stand as one number w < 10^16 beside the digits behind it; the
// value is w / 10^k for k digits behind the point. With w <= 2^53 both are exact doubles, so the
// division rounds once and correctly (W. D. Clinger, PLDI 1990).
#include "CSVNumbers.h"

#include "CFastFloat.h"

#include <math.h>
#include <string.h>
#if CUTOVER_X86
#include <immintrin.h>
#endif


// 10^(digits behind the point), by the byte that holds the point; the last for no point. Negative
// cells divide by a negative scale: -0 comes out right, too.
static const double signed_scale[2][17] = {
    {1e15, 1e14, 1e13, 1e12, 1e11, 1e10, 1e9, 1e8, 1e7, 1e6, 1e5, 1e4, 1e3, 1e2, 1e1, 1e0, 1e0},
    {-1e15, -1e14, -1e13, -1e12, -1e11, -1e10, -1e9, -1e8, -1e7, -1e6, -1e5, -1e4, -1e3, -1e2,
     -1e1, -1e0, -1e0}};

// keep + 16 - n: the last n of sixteen bytes.
static const uint8_t keep[32] __attribute__((aligned(16))) = {
    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,
    0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};

// What is not plain digits with a point: spaces around it, an exponent, many digits, or no number.
static __attribute__((noinline)) int parse_slowly(
    const uint8_t *first, const uint8_t *last, double *value) {
  while (first < last && (*first == ' ' || *first == '\t')) ++first;
  while (first < last && (last[-1] == ' ' || last[-1] == '\t')) --last;
  if (first == last) {
    *value = NAN;
    return -1;
  }
  return cutover_parse_double((const char *)first, (const char *)last, value) == CUTOVER_NUMBER;
}

INLINE double finish(uint64_t digits, int point, int negative) {
  return (double)(int64_t)digits / signed_scale[negative][point];
}

// 1: a number in *value, 0: look again.
INLINE int parse_plain(const uint8_t *first, const uint8_t *last, double *value) {
  size_t length = (size_t)(last - first);
  if (length - 1 >= 16) return 0;
  int negative = *first == '-';
  length -= (size_t)negative;
  uint64_t head, tail, keepHead, keepTail;
  memcpy(&head, last - 16, 8);
  memcpy(&tail, last - 8, 8);
  memcpy(&keepHead, keep + length, 8);
  memcpy(&keepTail, keep + length + 8, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  head = __builtin_bswap64(head), tail = __builtin_bswap64(tail);
  keepHead = __builtin_bswap64(keepHead), keepTail = __builtin_bswap64(keepTail);
#endif
  const uint64_t ones = 0x0101010101010101ULL, low = 0x7F7F7F7F7F7F7F7FULL;
  head = (head ^ (ones * '0')) & keepHead;
  tail = (tail ^ (ones * '0')) & keepTail;
  // Top bits where a byte is above 9.
  uint64_t badHead = (((head & low) + ones * 0x76) | head) & ~low;
  uint64_t badTail = (((tail & low) + ones * 0x76) | tail) & ~low;
  int point = 16;
  if (badHead | badTail) {
    point = badHead ? __builtin_ctzll(badHead) / 8 : 8 + __builtin_ctzll(badTail) / 8;
    if (length < 2 || last[point - 16] != '.') return 0;
    if (badHead ? (badHead & (badHead - 1)) | badTail : badTail & (badTail - 1)) return 0;
    if (point < 8) {
      uint64_t upTo = ~0ULL >> (8 * (7 - point));
      head = (head & ~upTo) | ((head << 8) & upTo);
    } else {
      uint64_t upTo = ~0ULL >> (8 * (15 - point));
      tail = (tail & ~upTo) | (((tail << 8) | (head >> 56)) & upTo);
      head <<= 8;
    }
  } else if (length == 0) {
    return 0;
  }
  // Eight digits in three steps of neighbours: 2, 4, 8.
  uint64_t halves[2] = {head, tail};
  for (int i = 0; i < 2; ++i) {
    uint64_t x = halves[i];
    x = x * 10 + (x >> 8);
    halves[i] = (((x & 0x000000FF000000FFULL) * 0x000F424000000064ULL) +
                 (((x >> 16) & 0x000000FF000000FFULL) * 0x0000271000000001ULL)) >>
                32;
  }
  uint64_t digits = (uint64_t)(uint32_t)halves[0] * 100000000 + (uint32_t)halves[1];
  if (digits > (1ULL << 53)) return 0;
  *value = finish(digits, point, negative);
  return 1;
}

void cutover_look_again(
    const uint8_t *first, const uint8_t *last, double *value, cutover_cells *answer) {
  int outcome = parse_plain(first, last, value);
  if (!outcome) outcome = parse_slowly(first, last, value);
  answer->missing += outcome < 0;
  answer->refused += outcome == 0;
}

#if CUTOVER_X86
// upTo + 16 * p: the bytes up to the one with the point; none for p = 16.
static const uint8_t upTo[17 * 16] __attribute__((aligned(16))) = {
#define F 0xFF
    F, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, F, F, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    F, F, F, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, F, F, F, F, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    F, F, F, F, F, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, F, F, F, F, F, F, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    F, F, F, F, F, F, F, 0, 0, 0, 0, 0, 0, 0, 0, 0, F, F, F, F, F, F, F, F, 0, 0, 0, 0, 0, 0, 0, 0,
    F, F, F, F, F, F, F, F, F, 0, 0, 0, 0, 0, 0, 0, F, F, F, F, F, F, F, F, F, F, 0, 0, 0, 0, 0, 0,
    F, F, F, F, F, F, F, F, F, F, F, 0, 0, 0, 0, 0, F, F, F, F, F, F, F, F, F, F, F, F, 0, 0, 0, 0,
    F, F, F, F, F, F, F, F, F, F, F, F, F, 0, 0, 0, F, F, F, F, F, F, F, F, F, F, F, F, F, F, 0, 0,
    F, F, F, F, F, F, F, F, F, F, F, F, F, F, F, 0, F, F, F, F, F, F, F, F, F, F, F, F, F, F, F, F,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
#undef F
};

typedef int32_t quad_int __attribute__((vector_size(16)));
typedef double quad __attribute__((vector_size(32)));

// The digits of up to BLOCK cells of one column as two numbers of eight digits each, and what to
// divide by; cells that need another look are listed. Returns how many those are.
#define BLOCK 256

TARGET_AVX2 INLINE size_t digits_vector(
    const uint8_t *bytes, const uint32_t *ends, size_t count, size_t columns, uint64_t *digits,
    double *scales, uint16_t *again) {
  const __m128i zero = _mm_set1_epi8('0'), nine = _mm_set1_epi8(9);
  const __m128i dot = _mm_set1_epi8('.' - '0');
  const __m128i tens = _mm_setr_epi8(10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1);
  const __m128i hundreds = _mm_setr_epi16(100, 1, 100, 1, 100, 1, 100, 1);
  const __m128i myriads = _mm_setr_epi16(10000, 1, 10000, 1, 10000, 1, 10000, 1);
  size_t listed = 0;
  for (size_t i = 0; i < count; ++i, ends += columns) {
    uint32_t first = ends[0] + 1, last = ends[1];
    uint32_t length = last - first;
    again[listed] = (uint16_t)i;
    uint32_t negative = bytes[first] == '-';
    uint32_t kept = length - negative;
    // Unsigned: an empty cell, and one of a sign alone, is as wrong as a long one.
    if (__builtin_expect(length - 1 >= 16 || kept == 0, 0)) {
      ++listed;
      continue;
    }
    __m128i v = _mm_sub_epi8(_mm_loadu_si128((const __m128i *)(bytes + last - 16)), zero);
    v = _mm_and_si128(v, _mm_loadu_si128((const __m128i *)(keep + kept)));
    uint32_t bad = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_max_epu8(v, nine), nine));
    uint32_t points = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(v, dot));
    bad = ~bad & 0xFFFF;
    // Nothing but digits and one point at most, and not a point alone.
    if (__builtin_expect((bad ^ points) | (bad & (bad - 1)), 0) || (kept == 1 && bad)) {
      ++listed;
      continue;
    }
    uint32_t point = (uint32_t)__builtin_ctz(bad | 0x10000);
    __m128i front = _mm_load_si128((const __m128i *)(upTo + 16 * point));
    v = _mm_blendv_epi8(v, _mm_slli_si128(v, 1), front);
    v = _mm_madd_epi16(_mm_maddubs_epi16(v, tens), hundreds);
    v = _mm_madd_epi16(_mm_packus_epi32(v, v), myriads);
    _mm_storel_epi64((__m128i *)(digits + i), v);
    scales[i] = signed_scale[negative][point];
  }
  return listed;
}

// (a 10^8 + b) / scale; lists cells whose digits are beyond 2^53, too.
TARGET_AVX2 INLINE size_t divide_vector(
    const uint64_t *digits, const double *scales, size_t count, double *output, uint16_t *again,
    size_t listed) {
  for (size_t i = 0; i < count; i += 4) {
    quad_int low, high;
    memcpy(&low, digits + i, 16);
    memcpy(&high, digits + i + 2, 16);
    quad head = __builtin_convertvector(__builtin_shufflevector(low, high, 0, 2, 4, 6), quad);
    quad tail = __builtin_convertvector(__builtin_shufflevector(low, high, 1, 3, 5, 7), quad);
    quad scale;
    memcpy(&scale, scales + i, 32);
    quad whole = head * 1e8 + tail;
    quad value = whole / scale;
    memcpy(output + i, &value, 32);
    if (__builtin_expect(_mm256_movemask_pd((__m256d)(whole >= 0x1p53)), 0)) {
      for (size_t k = 0; k < 4; ++k) {
        if (whole[k] >= 0x1p53) again[listed++] = (uint16_t)(i + k);
      }
    }
  }
  return listed;
}

TARGET_AVX2 static cutover_cells numbers_avx2(
    const uint8_t *bytes, const uint32_t *positions, size_t rows, size_t columns,
    const size_t *selected, size_t selectedCount, double *const *outputs) {
  cutover_cells answer = {0, 0};
  // A cell may be listed twice, when its digits from an earlier block are beyond 2^53.
  uint16_t again[2 * BLOCK + 1];
  uint64_t digits[BLOCK] = {0};
  double scales[BLOCK], block[BLOCK];
  for (int i = 0; i < BLOCK; ++i) scales[i] = 1;
  for (size_t start = 0; start < rows; start += BLOCK) {
    size_t count = rows - start < BLOCK ? rows - start : BLOCK;
    for (size_t k = 0; k < selectedCount; ++k) {
      size_t column = selected[k];
      const uint32_t *ends = positions + start * columns + column;
      size_t listed = digits_vector(bytes, ends, count, columns, digits, scales, again);
      double *output = outputs[k] + start;
      // The last block may not write behind its output.
      double *target = count == BLOCK ? output : block;
      size_t all = divide_vector(digits, scales, count, target, again, listed);
      if (target == block) memcpy(output, block, count * sizeof(double));
      for (size_t i = 0; i < all; ++i) {
        size_t row = again[i];
        if (row >= count) continue;
        const uint8_t *first = bytes + (uint32_t)(ends[row * columns] + 1);
        const uint8_t *last = bytes + ends[row * columns + 1];
        if (column + 1 == columns && last > first && last[-1] == '\r') --last;
        int outcome = parse_plain(first, last, output + row);
        if (!outcome) outcome = parse_slowly(first, last, output + row);
        if (i >= listed) continue;
        answer.missing += outcome < 0;
        answer.refused += outcome == 0;
      }
    }
  }
  return answer;
}
#endif

#define NUMBERS_LOOP(PARSE)                                                                        \
  cutover_cells answer = {0, 0};                                                                   \
  for (size_t row = 0; row < rows; ++row) {                                                        \
    const uint32_t *ends = positions + row * columns;                                              \
    for (size_t k = 0; k < selectedCount; ++k) {                                                   \
      size_t column = selected[k];                                                                 \
      const uint8_t *first = bytes + (uint32_t)(ends[column] + 1);                                 \
      const uint8_t *last = bytes + ends[column + 1];                                              \
      double *value = outputs[k] + row;                                                            \
      if (column + 1 == columns && last > first && last[-1] == '\r') --last;                       \
      if (__builtin_expect(PARSE(first, last, value), 1)) continue;                                \
      int outcome = parse_slowly(first, last, value);                                              \
      answer.missing += outcome < 0;                                                               \
      answer.refused += outcome == 0;                                                              \
    }                                                                                              \
  }                                                                                                \
  return answer;

static cutover_cells numbers_plain(
    const uint8_t *bytes, const uint32_t *positions, size_t rows, size_t columns,
    const size_t *selected, size_t selectedCount, double *const *outputs) {
  NUMBERS_LOOP(parse_plain)
}

cutover_cells cutover_csv_numbers(
    const uint8_t *bytes, const uint32_t *positions, size_t rows, size_t columns,
    const size_t *selected, size_t selectedCount, double *const *outputs) {
#if CUTOVER_X86
  switch (cutover_kernel_level()) {
  case CUTOVER_LEVEL_AVX512:
    return cutover_csv_numbers_avx512(
        bytes, positions, rows, columns, selected, selectedCount, outputs);
  case CUTOVER_LEVEL_AVX2:
    return numbers_avx2(bytes, positions, rows, columns, selected, selectedCount, outputs);
  }
#endif
  return numbers_plain(bytes, positions, rows, columns, selected, selectedCount, outputs);
}
