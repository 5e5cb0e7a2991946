#include "CFastFloat.h"

#if !__has_include(<fast_float/fast_float.h>)
#error "Cutover needs fast_float: install it with 'make deps' or 'apt-get install libfast-float-dev'"
#endif
#include <cmath>
#include <fast_float/fast_float.h>

extern "C" int cutover_parse_double(const char *first, const char *last, double *value) {
  const char *digits = first;
  if (digits != last && (*digits == '+' || *digits == '-')) ++digits;
  // fast_float reads "nan", "inf" and "infinity" too: a number starts with a digit or a point.
  if (digits == last || !((*digits >= '0' && *digits <= '9') || *digits == '.')) {
    return CUTOVER_NOT_A_NUMBER;
  }
  // fast_float follows std::from_chars, which refuses a leading plus.
  auto answer = fast_float::from_chars(*first == '+' ? digits : first, last, *value);
  // Older versions answer a decimal beyond the range with infinity and no error code, newer ones
  // with an error code as well; an underflow is a correctly rounded zero in both.
  bool parsed = answer.ec == std::errc() || answer.ec == std::errc::result_out_of_range;
  if (!parsed || answer.ptr != last) return CUTOVER_NOT_A_NUMBER;
  return std::isinf(*value) ? CUTOVER_OUT_OF_RANGE : CUTOVER_NUMBER;
}
