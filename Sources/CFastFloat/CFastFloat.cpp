#include "CFastFloat.h"

#if !__has_include(<fast_float/fast_float.h>)
#error "Cutover needs fast_float: install it with 'make deps' or 'apt-get install libfast-float-dev'"
#endif
#include <cmath>
#include <fast_float/fast_float.h>

extern "C" const char *cutover_parse_double(const char *first, const char *last, double *value,
                                            int *overflow) {
  *overflow = 0;
  auto answer = fast_float::from_chars(first, last, *value);
  if (answer.ec == std::errc::result_out_of_range || std::isinf(*value)) {
    *overflow = 1;
    return answer.ptr;
  }
  return answer.ec == std::errc() ? answer.ptr : nullptr;
}
