// Decimals of up to sixteen characters, eight rows of one column at a time: `CSVNumbers.c` says why
// the quotient of the digits and a power of ten is the number.
//
// A cell is a quarter of a vector of 64 bytes, so a comparison of bytes gives sixteen bits per
// cell; the bits of all eight cells stand in one vector of 16-bit lanes, where the rules about
// signs and points are applied to all of them at once.
#include "CSVNumbers.h"

#include <math.h>
#include <string.h>

#if CUTOVER_X86
#include <immintrin.h>

// Rows of a column that are looked at together: their cells and what is made of them stay in the
// first-level cache.
#define BLOCK 256

// The cells of a column as pairs of offsets: of the separator in front in the lower half, of the
// end in the upper half. Filled up to a multiple of eight with the last one.
INLINE void cell_pairs(
    const uint8_t *bytes, const uint32_t *ends, size_t count, size_t columns, int isLast,
    uint64_t *pairs) {
  for (size_t i = 0; i < count; ++i) memcpy(pairs + i, ends + i * columns, 8);
  if (isLast) {
    for (size_t i = 0; i < count; ++i) {
      uint32_t first = (uint32_t)pairs[i] + 1, last = (uint32_t)(pairs[i] >> 32);
      // Without a branch: all rows end alike, but the byte in front may be another cell's.
      pairs[i] -= (uint64_t)((last > first) & (bytes[(ptrdiff_t)last - 1] == '\r')) << 32;
    }
  }
  for (size_t i = count; i % 8 != 0; ++i) pairs[i] = pairs[count - 1];
}

// The sixteen bytes that end with each of four cells.
TARGET_AVX512 INLINE __m512i four_cells(const uint8_t *bytes, const uint64_t *pairs) {
#define CELL(I) _mm_loadu_si128((const __m128i *)(bytes + (ptrdiff_t)(pairs[I] >> 32) - 16))
  __m256i low = _mm256_inserti128_si256(_mm256_castsi128_si256(CELL(0)), CELL(1), 1);
  __m256i high = _mm256_inserti128_si256(_mm256_castsi128_si256(CELL(2)), CELL(3), 1);
#undef CELL
  return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
}

// Sixteen bits per cell, of the four cells in `a` and the four in `b`.
TARGET_AVX512 INLINE __m128i cell_bits(__mmask64 a, __mmask64 b) {
  return _mm_set_epi64x((long long)b, (long long)a);
}

// Digits, of which those up to the point move one byte towards it, as numbers of four digits.
TARGET_AVX512 INLINE __m512i four_digits(__m512i bytes, __mmask64 digits, __mmask64 upToPoint) {
  const __m512i tens = _mm512_set1_epi16(0x010A), hundreds = _mm512_set1_epi32(0x00010064);
  __m512i v = _mm512_maskz_mov_epi8(digits, bytes);
  v = _mm512_mask_mov_epi8(v, upToPoint, _mm512_bslli_epi128(v, 1));
  return _mm512_madd_epi16(_mm512_maddubs_epi16(v, tens), hundreds);
}

// Up to eight cells.
TARGET_AVX512 INLINE void eight_cells(
    const uint8_t *bytes, const uint64_t *pairs, __mmask8 inside, double *output,
    cutover_cells *answer) {
  const __m512i zero = _mm512_set1_epi8('0'), nine = _mm512_set1_epi8(9);
  const __m512i dot = _mm512_set1_epi8('.' - '0'), dash = _mm512_set1_epi8('-' - '0');
  // 10^(digits behind the point), by the byte with the point.
  const __m512d ones = _mm512_setr_pd(1e15, 1e14, 1e13, 1e12, 1e11, 1e10, 1e9, 1e8);
  const __m512d more = _mm512_setr_pd(1e7, 1e6, 1e5, 1e4, 1e3, 1e2, 1e1, 1e0);

  __m512i a = _mm512_sub_epi8(four_cells(bytes, pairs), zero);
  __m512i b = _mm512_sub_epi8(four_cells(bytes, pairs + 4), zero);

  // Lengths, of which those above sixteen keep nothing and so have no digits.
  __m512i pair = _mm512_loadu_si512(pairs);
  __m512i length = _mm512_maskz_sub_epi32(0x5555, _mm512_srli_epi64(pair, 32), pair);
  length = _mm512_sub_epi32(length, _mm512_set1_epi64(1));
  __m128i room = _mm_subs_epi16(_mm_set1_epi16(16), _mm512_cvtusepi64_epi16(length));
  __m128i keep = _mm_sllv_epi16(_mm_set1_epi16(-1), room);

  __mmask64 digitsA = _mm512_cmple_epu8_mask(a, nine), digitsB = _mm512_cmple_epu8_mask(b, nine);
  __m128i digits = _mm_and_si128(cell_bits(digitsA, digitsB), keep);
  __m128i point = _mm_and_si128(
      cell_bits(_mm512_cmpeq_epi8_mask(a, dot), _mm512_cmpeq_epi8_mask(b, dot)), keep);
  __m128i minus = _mm_and_si128(
      cell_bits(_mm512_cmpeq_epi8_mask(a, dash), _mm512_cmpeq_epi8_mask(b, dash)), keep);

  // Wrong: other characters, a sign behind the first character, a second point, no digit.
  __m128i first = _mm_and_si128(keep, _mm_sub_epi16(_mm_setzero_si128(), keep));
  __m128i belowPoint = _mm_subs_epu16(point, _mm_set1_epi16(1));
  __m128i wrong = _mm_andnot_si128(_mm_or_si128(_mm_or_si128(digits, point), minus), keep);
  wrong = _mm_or_si128(wrong, _mm_andnot_si128(first, minus));
  wrong = _mm_or_si128(wrong, _mm_and_si128(point, belowPoint));
  __mmask8 again = _mm_test_epi16_mask(wrong, wrong) | _mm_testn_epi16_mask(digits, digits);

  // Nothing without a point.
  __m128i upTo = _mm_xor_si128(point, belowPoint);
  a = four_digits(
      a, (__mmask64)_mm_cvtsi128_si64(digits), (__mmask64)_mm_cvtsi128_si64(upTo));
  b = four_digits(
      b, (__mmask64)_mm_extract_epi64(digits, 1), (__mmask64)_mm_extract_epi64(upTo, 1));
  // Eight digits per half of a cell, which stand in turn: one of `a`, one of `b`.
  __m512i halves =
      _mm512_madd_epi16(_mm512_packus_epi32(a, b), _mm512_set1_epi32(0x00012710));
  halves = _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7), halves);
  __m512i whole = _mm512_add_epi64(
      _mm512_mul_epu32(halves, _mm512_set1_epi64(100000000)), _mm512_srli_epi64(halves, 32));

  // 2^n for the n bytes up to the point. The exponent's last four bits are n - 1, and for no point
  // those of 16, whose scale is 1, too.
  __m512d power = _mm512_cvtepi64_pd(
      _mm512_add_epi64(_mm512_cvtepu16_epi64(upTo), _mm512_set1_epi64(1)));
  __m512i place = _mm512_srli_epi64(_mm512_castpd_si512(power), 52);
  __m512d scale = _mm512_permutex2var_pd(ones, place, more);
  // A negative scale: -0 comes out right, too.
  scale = _mm512_mask_xor_pd(
      scale, _mm_test_epi16_mask(minus, minus), scale, _mm512_set1_pd(-0.0));
  // Beyond 2^53 are only sixteen digits without a point: the conversion rounds, the division by 1
  // does not. All others are exact doubles, and the division rounds.
  __m512d value = _mm512_div_pd(_mm512_cvtepi64_pd(whole), scale);

  // Empty cells are as common as numbers in some files.
  __mmask8 empty = _mm512_testn_epi64_mask(length, length);
  value = _mm512_mask_mov_pd(value, empty, _mm512_set1_pd(NAN));
  _mm512_mask_storeu_pd(output, inside, value);
  answer->missing += (size_t)__builtin_popcount(empty & inside);
  unsigned left = again & ~empty & inside;
  if (__builtin_expect(left != 0, 0)) {
    for (; left; left &= left - 1) {
      int i = __builtin_ctz(left);
      cutover_look_again(
          bytes + (uint32_t)((uint32_t)pairs[i] + 1), bytes + (pairs[i] >> 32), output + i, answer);
    }
  }
}

TARGET_AVX512 cutover_cells cutover_csv_numbers_avx512(
    const uint8_t *bytes, const uint32_t *positions, size_t rows, size_t columns,
    const size_t *selected, size_t selectedCount, double *const *outputs) {
  cutover_cells answer = {0, 0};
  uint64_t pairs[BLOCK] __attribute__((aligned(64)));
  for (size_t start = 0; start < rows; start += BLOCK) {
    size_t count = rows - start < BLOCK ? rows - start : BLOCK;
    for (size_t k = 0; k < selectedCount; ++k) {
      size_t column = selected[k];
      const uint32_t *ends = positions + start * columns + column;
      cell_pairs(bytes, ends, count, columns, column + 1 == columns, pairs);
      double *output = outputs[k] + start;
      size_t i = 0;
      for (; i + 8 <= count; i += 8) eight_cells(bytes, pairs + i, 0xFF, output + i, &answer);
      if (i < count) {
        eight_cells(bytes, pairs + i, (__mmask8)((1 << (count - i)) - 1), output + i, &answer);
      }
    }
  }
  return answer;
}
#endif
