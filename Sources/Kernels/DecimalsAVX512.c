// Shortest decimals of numbers with few digits, eight rows of one column at a time:
// `Decimals.cpp` says why the digits that a column's usual places make are the shortest decimal
// once the zeros at their end are dropped.
//
// Each number becomes sixteen digits. It has at most fifteen, so the first byte is free and holds
// the point; where a number's text begins, where its point stands and where it ends are positions
// in these sixteen bytes, and one shuffle lays the text out. A second pass goes through the cells
// row by row and does no more than that; what has no such decimal is written there by itself.
#include "Decimals.h"

#include <string.h>

#if CUTOVER_X86
#include <immintrin.h>

#define ROWS CUTOVER_STRIP_ROWS

// Places of which fifteen digits in sixteen bytes leave one in front of the point.
#define MOST_PLACES 14

// How a column's texts are laid out: from the first digit that is printed on, this is where the
// bytes come from.
typedef struct {
  uint8_t from[32];
} layout;

#define DIGITS(A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, Q)                                  \
  { { A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, Q, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, \
      0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80 } }

// By the number of places; 0 is where the point comes from.
static const layout layouts[MOST_PLACES + 1] = {
    DIGITS(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0),
    DIGITS(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0, 15),
    DIGITS(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 0, 14, 15),
    DIGITS(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0, 13, 14, 15),
    DIGITS(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0, 12, 13, 14, 15),
    DIGITS(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 11, 12, 13, 14, 15),
    DIGITS(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 10, 11, 12, 13, 14, 15),
    DIGITS(0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 9, 10, 11, 12, 13, 14, 15),
    DIGITS(0, 1, 2, 3, 4, 5, 6, 7, 0, 8, 9, 10, 11, 12, 13, 14, 15),
    DIGITS(0, 1, 2, 3, 4, 5, 6, 0, 7, 8, 9, 10, 11, 12, 13, 14, 15),
    DIGITS(0, 1, 2, 3, 4, 5, 0, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
    DIGITS(0, 1, 2, 3, 4, 0, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
    DIGITS(0, 1, 2, 3, 0, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
    DIGITS(0, 1, 2, 0, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
    DIGITS(0, 1, 0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
};

// A cell's text in its sixteen digits.
typedef struct {
  // The first digit that is printed, how many bytes follow from there, whether a sign stands in
  // front; a length of 0 says that there is no such text.
  uint8_t first, length, sign;
} cell;

// One column's part of a strip.
typedef struct {
  uint8_t text[ROWS][16];
  cell cells[ROWS];
  const layout *layout;
} part;

// Eight digits as text in each lane of 64 bits, the first in the lowest byte: halves, quarters,
// digits side by side.
TARGET_AVX512 INLINE __m512i eight_digits(__m512i n) {
  __m512i q = _mm512_srli_epi64(_mm512_mul_epu32(n, _mm512_set1_epi64(109951163)), 40);
  __m512i r = _mm512_sub_epi64(n, _mm512_mul_epu32(q, _mm512_set1_epi64(10000)));
  __m512i fours = _mm512_or_si512(q, _mm512_slli_epi64(r, 32));
  __m512i hundreds = _mm512_and_si512(
      _mm512_srli_epi32(_mm512_mullo_epi32(fours, _mm512_set1_epi32(10486)), 20),
      _mm512_set1_epi32(0x7F));
  __m512i rest = _mm512_sub_epi32(fours, _mm512_mullo_epi32(hundreds, _mm512_set1_epi32(100)));
  __m512i twos = _mm512_or_si512(hundreds, _mm512_slli_epi32(rest, 16));
  __m512i tens = _mm512_srli_epi16(_mm512_mullo_epi16(twos, _mm512_set1_epi16(103)), 10);
  __m512i ones = _mm512_sub_epi16(twos, _mm512_mullo_epi16(tens, _mm512_set1_epi16(10)));
  return _mm512_add_epi8(
      _mm512_or_si512(tens, _mm512_slli_epi16(ones, 8)), _mm512_set1_epi8('0'));
}

// The texts of eight rows of a column.
TARGET_AVX512 INLINE void eight_rows(const double *values, int places, part *answer) {
  if (places < 0 || places > MOST_PLACES) {
    memset(answer->cells, 0, sizeof answer->cells);
    return;
  }
  const __m512d power = _mm512_set1_pd(cutover_decimal_powers[places]);
  __m512d signedValue = _mm512_loadu_pd(values);
  __m512d value = _mm512_abs_pd(signedValue);
  __m512d scaled = _mm512_mul_pd(value, power);
  // Fewer than sixteen digits, no exponent, and no NaN.
  __mmask8 isFit = _mm512_cmp_pd_mask(scaled, _mm512_set1_pd(1e15), _CMP_LT_OQ) &
                   (_mm512_cmp_pd_mask(value, _mm512_set1_pd(1e-4), _CMP_GE_OQ) |
                    _mm512_cmp_pd_mask(value, _mm512_setzero_pd(), _CMP_EQ_OQ));
  __m512i digits =
      _mm512_maskz_cvttpd_epi64(isFit, _mm512_add_pd(scaled, _mm512_set1_pd(0.5)));
  __m512d whole = _mm512_cvtepi64_pd(digits);
  isFit &= _mm512_cmp_pd_mask(_mm512_div_pd(whole, power), value, _CMP_EQ_OQ);
  // Below 10^15 the quotient is off by less than 3e-9, which half of the least step, 1e-8, hides.
  __m512i high = _mm512_cvttpd_epi64(_mm512_add_pd(
      _mm512_mul_pd(whole, _mm512_set1_pd(1e-8)), _mm512_set1_pd(0.5e-8)));
  __m512i low =
      _mm512_sub_epi64(digits, _mm512_mul_epu32(high, _mm512_set1_epi64(100000000)));
  high = eight_digits(high);
  low = eight_digits(low);
  // Rows 0, 2, 4 and 6, then 1, 3, 5 and 7.
  __m512i even = _mm512_unpacklo_epi64(high, low), odd = _mm512_unpackhi_epi64(high, low);
  const __m512i zeros = _mm512_set1_epi8('0'), point = _mm512_set1_epi8('.');
  uint64_t nonzero[2] = {
      _mm512_cmpneq_epi8_mask(even, zeros), _mm512_cmpneq_epi8_mask(odd, zeros)};
  const __mmask64 firstBytes = 0x0001000100010001ULL;
  _mm512_storeu_si512(answer->text[0], _mm512_mask_mov_epi8(even, firstBytes, point));
  _mm512_storeu_si512(answer->text[4], _mm512_mask_mov_epi8(odd, firstBytes, point));
  answer->layout = &layouts[places];
  unsigned fits = isFit;
  unsigned negative = _mm512_cmp_pd_mask(signedValue, _mm512_setzero_pd(), _CMP_LT_OQ);
  const unsigned pointAt = 16 - (unsigned)places;
  for (unsigned row = 0; row < ROWS; ++row) {
    unsigned slot = (row & 1) * 4 + row / 2;
    unsigned digitsAt = (unsigned)(nonzero[row & 1] >> (16 * (row / 2))) & 0xFFFF;
    // At least one digit in front of the point.
    unsigned first = (unsigned)__builtin_ctz(digitsAt | 1u << (pointAt - 1));
    unsigned behind = digitsAt >> pointAt;
    unsigned placesPrinted = behind == 0 ? 0 : 33 - (unsigned)__builtin_clz(behind | 1);
    unsigned length = pointAt - first + placesPrinted;
    answer->cells[slot] = (cell){
        .first = (uint8_t)first,
        .length = (uint8_t)(fits >> row & 1 ? length : 0),
        .sign = (uint8_t)(negative >> row & 1),
    };
  }
}

TARGET_AVX512 size_t cutover_write_strips_avx512(
    const double *const *columns, size_t count, size_t first, size_t strips, int *usual,
    char *out) {
  const char *start = out;
  part parts[CUTOVER_DECIMAL_COLUMNS];
  for (size_t strip = 0; strip < strips; ++strip) {
    size_t begin = first + strip * ROWS;
    for (size_t column = 0; column < count; ++column) {
      eight_rows(columns[column] + begin, usual[column], &parts[column]);
    }
    for (size_t row = 0; row < ROWS; ++row) {
      size_t slot = (row & 1) * 4 + row / 2;
      for (size_t column = 0; column < count; ++column) {
        const part *from = &parts[column];
        cell cell = from->cells[slot];
        if (cell.length == 0) {
          double value = columns[column][begin + row];
          if (value == value) out = cutover_put_decimal(out, value, &usual[column]);
        } else {
          __m128i layout = _mm_loadu_si128((const __m128i *)(from->layout->from + cell.first));
          __m128i text = _mm_loadu_si128((const __m128i *)from->text[slot]);
          *out = '-';
          out += cell.sign;
          _mm_storeu_si128((__m128i *)out, _mm_shuffle_epi8(text, layout));
          out += cell.length;
        }
        *out++ = ',';
      }
      out[-1] = '\n';
    }
  }
  return (size_t)(out - start);
}
#endif
