// The shortest decimal that reads back as the same double.
//
// Most numbers that people write have at most fifteen digits. For those one product and one
// quotient decide: k = round(v 10^d), with d such that k has fifteen digits, and v is k / 10^d
// exactly when it has such a decimal at all. (The product is off by less than 0.23, so k is right
// where there is one; k < 2^53 and d <= 22 make the quotient correctly rounded, so it is v or it is
// not; and no two decimals of fifteen digits are one double, so k without its zeros is the
// shortest.) All others go to Dragonbox (J. Jeon, 2020), which finds the shortest of any number,
// as the fmt library has it.
#include "Decimals.h"

#include <cstring>

#if !__has_include(<fmt/format.h>)
#error "Cutover needs fmt: install it with 'make deps' or 'apt-get install libfmt-dev'"
#endif
#define FMT_HEADER_ONLY
#include <fmt/format.h>

extern "C" const double cutover_decimal_powers[23] = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

namespace {

const double *const powers = cutover_decimal_powers;

const uint64_t integers[20] = {0, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000,
                               1000000000, 10000000000, 100000000000, 1000000000000,
                               10000000000000, 100000000000000, 1000000000000000,
                               10000000000000000, 100000000000000000, 1000000000000000000,
                               10000000000000000000ULL};

// Eight digits as text, the first in the lowest byte: halves, quarters, digits side by side.
uint64_t eight_digits(uint32_t number) {
  uint64_t fours = number / 10000 | static_cast<uint64_t>(number % 10000) << 32;
  uint64_t hundreds = ((fours * 10486) >> 20) & 0x0000007F0000007FULL;
  uint64_t twos = hundreds | (fours - 100 * hundreds) << 16;
  uint64_t tens = ((twos * 103) >> 10) & 0x000F000F000F000FULL;
  uint64_t text = (tens | (twos - 10 * tens) << 8) + 0x3030303030303030ULL;
  return text;
}

// Sixteen bytes, the lowest first.
void put_text(char *out, unsigned __int128 text) {
  uint64_t halves[2] = {static_cast<uint64_t>(text), static_cast<uint64_t>(text >> 64)};
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  halves[0] = __builtin_bswap64(halves[0]), halves[1] = __builtin_bswap64(halves[1]);
#endif
  std::memcpy(out, halves, 16);
}

int digit_count(uint64_t number) {
  int guess = ((64 - __builtin_clzll(number | 1)) * 1233) >> 12;
  return guess + (number >= integers[guess]);
}

typedef unsigned __int128 text16;

// A number below 10^16 with zeros in front, the first digit in the lowest byte.
text16 sixteen_digits(uint64_t digits) {
  return static_cast<text16>(eight_digits(static_cast<uint32_t>(digits % 100000000))) << 64 |
         eight_digits(static_cast<uint32_t>(digits / 100000000));
}

// digits / 10^places, without a branch on either; digits < 10^16, places <= 15, and 32 bytes from
// `out` on may be overwritten.
char *put_fixed(char *out, uint64_t digits, int places) {
  // A shift to the right drops zeros in front.
  text16 text = sixteen_digits(digits);
  int count = digit_count(digits);
  // At least one digit in front of the point.
  int printed = count > places ? count : places + 1;
  put_text(out, text >> (8 * (16 - printed)));
  if (places == 0) return out + printed;
  char *point = out + printed - places;
  *point = '.';
  put_text(point + 1, text >> (8 * (16 - places)));
  return point + 1 + places;
}

const int none_usual = CUTOVER_NO_USUAL_PLACES;

// Any number, laid out as Swift's `description` does; 48 bytes from `out` on may be overwritten.
char *put_any(char *out, double value, int &usual) {
  auto decimal = fmt::detail::dragonbox::to_decimal(value);
  int count = digit_count(decimal.significand);
  int exponent = decimal.exponent + count - 1;
  usual = count > 15 ? none_usual : 1;
  // Seventeen digits, with zeros at the end: one, and sixteen in a register.
  uint64_t digits = decimal.significand * (count < 17 ? integers[17 - count] : 1);
  char first = static_cast<char>('0' + digits / integers[16]);
  text16 others = sixteen_digits(digits % integers[16]);
  if (exponent < -4 || value > 0x1p53) {
    *out++ = first;
    if (count > 1) {
      *out++ = '.';
      put_text(out, others);
      out += count - 1;
    }
    *out++ = 'e';
    *out++ = exponent < 0 ? '-' : '+';
    unsigned size = static_cast<unsigned>(exponent < 0 ? -exponent : exponent);
    if (size < 10) *out++ = '0';
    return put_fixed(out, size, 0);
  }
  if (exponent < 0) {
    std::memcpy(out, "0.000000", 8);
    out += 1 - exponent;
    *out = first;
    put_text(out + 1, others);
    return out + count;
  }
  int whole = exponent + 1;
  *out = first;
  put_text(out + 1, others);
  if (count <= whole) return out + whole;
  out[whole] = '.';
  put_text(out + whole + 1, others >> (8 * (whole - 1)));
  return out + count + 1;
}

// How many places behind the point make fifteen digits of a number, by its binary exponent: those
// for the smallest number of the exponent, and from which number on it is one fewer.
struct Scale {
  int places;
  double next;
};

// Of 2^-14, which is below 10^-4, to 2^50, which is above 10^15.
const Scale scales[65] = {
    {19, 0.0001}, {18, 1e300}, {18, 1e300}, {18, 1e300}, {18, 0.001}, {17, 1e300}, {17, 1e300},
    {17, 0.01}, {16, 1e300}, {16, 1e300}, {16, 0.1}, {15, 1e300}, {15, 1e300}, {15, 1e300},
    {14, 1e300}, {14, 1e300}, {14, 1e300}, {14, 10.0}, {13, 1e300}, {13, 1e300}, {13, 100.0},
    {12, 1e300}, {12, 1e300}, {12, 1000.0}, {11, 1e300}, {11, 1e300}, {11, 1e300}, {11, 10000.0},
    {10, 1e300}, {10, 1e300}, {10, 100000.0}, {9, 1e300}, {9, 1e300}, {9, 1000000.0}, {8, 1e300},
    {8, 1e300}, {8, 1e300}, {8, 10000000.0}, {7, 1e300}, {7, 1e300}, {7, 100000000.0},
    {6, 1e300}, {6, 1e300}, {6, 1000000000.0}, {5, 1e300}, {5, 1e300}, {5, 1e300},
    {5, 10000000000.0}, {4, 1e300}, {4, 1e300}, {4, 100000000000.0}, {3, 1e300}, {3, 1e300},
    {3, 1000000000000.0}, {2, 1e300}, {2, 1e300}, {2, 1e300}, {2, 10000000000000.0}, {1, 1e300},
    {1, 1e300}, {1, 100000000000000.0}, {0, 1e300}, {0, 1e300}, {0, 1000000000000000.0},
    {0, 1e300},
};

template <uint64_t power, int zeros>
void drop_zeros(uint64_t &digits, int &places) {
  uint64_t rest = digits / power;
  bool divides = rest * power == digits;
  digits = divides ? rest : digits;
  places -= divides ? zeros : 0;
}

// Of a number that is not whole: it has fewer zeros at the end than places.
void drop_zeros(uint64_t &digits, int &places) {
  drop_zeros<100000000, 8>(digits, places);
  drop_zeros<10000, 4>(digits, places);
  drop_zeros<100, 2>(digits, places);
  drop_zeros<10, 1>(digits, places);
}

// `usual`: how many places a column's numbers have, tried first; set to what was found.
char *put_positive(char *out, double value, int &usual) {
  // Whole numbers are printed in full below 2^53.
  if (value < 0x1p53) {
    uint64_t whole = static_cast<uint64_t>(static_cast<int64_t>(value));
    if (static_cast<double>(static_cast<int64_t>(whole)) == value) return put_fixed(out, whole, 0);
  }
  if (usual != none_usual && value >= 1e-4 && value < 1e15) {
    // With no more than fifteen digits and as many places as the number before: the shortest, for
    // the reasons above, once the zeros at its end are dropped.
    double scaled = value * powers[usual];
    if (scaled < 1e15) {
      uint64_t digits = static_cast<uint64_t>(static_cast<int64_t>(scaled + 0.5));
      if (static_cast<double>(static_cast<int64_t>(digits)) / powers[usual] == value) {
        int places = usual;
        if (digits % 10 == 0) drop_zeros(digits, places);
        return put_fixed(out, digits, places);
      }
    }
    uint64_t bits;
    std::memcpy(&bits, &value, 8);
    Scale scale = scales[static_cast<int>(bits >> 52) - 1023 + 14];
    int places = scale.places - (value >= scale.next);
    double power = powers[places];
    uint64_t digits = static_cast<uint64_t>(static_cast<int64_t>(value * power + 0.5));
    if (static_cast<double>(static_cast<int64_t>(digits)) / power == value) {
      drop_zeros(digits, places);
      if (places <= 15) {
        usual = places;
        return put_fixed(out, digits, places);
      }
    }
  }
  return put_any(out, value, usual);
}

}  // namespace

extern "C" char *cutover_put_decimal(char *out, double value, int *usual) {
  if (value < 0) {
    *out++ = '-';
    value = -value;
  }
  if (!(value <= 1.7976931348623157e308)) {
    std::memcpy(out, value == value ? "inf" : "nan", 3);
    return out + 3;
  }
  return put_positive(out, value, *usual);
}

extern "C" size_t cutover_write_decimal(double value, char *out) {
  int usual = 1;
  return static_cast<size_t>(cutover_put_decimal(out, value, &usual) - out);
}

extern "C" size_t cutover_write_rows(
    const double *const *columns, size_t count, size_t first, size_t rows, char *out) {
  char *start = out;
  // Columns far to the right share what is usual among them.
  const size_t most = CUTOVER_DECIMAL_COLUMNS;
  int usual[most];
  for (size_t column = 0; column < most; ++column) usual[column] = 1;
  size_t row = first;
#if CUTOVER_X86
  if (count <= most && cutover_kernel_level() == CUTOVER_LEVEL_AVX512) {
    size_t strips = rows / CUTOVER_STRIP_ROWS;
    out += cutover_write_strips_avx512(columns, count, first, strips, usual, out);
    row += strips * CUTOVER_STRIP_ROWS;
  }
#endif
  for (; row < first + rows; ++row) {
    for (size_t column = 0; column < count; ++column) {
      double value = columns[column][row];
      if (value == value) out = cutover_put_decimal(out, value, &usual[column % most]);
      *out++ = ',';
    }
    out[-1] = '\n';
  }
  return static_cast<size_t>(out - start);
}
