// What the inverse questions need: binomial counts, the exponential integral, roots and minima.
#include "CBoostMath.h"

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/special_functions/expint.hpp>
#include <boost/math/tools/fraction.hpp>
#include <boost/math/tools/minima.hpp>
#include <boost/math/tools/toms748_solve.hpp>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

namespace {

namespace policies = boost::math::policies;
namespace math = boost::math;

// Quantiles are rounded to the integer that keeps the promise: up for both tails.
using Quiet = policies::policy<
    policies::domain_error<policies::ignore_error>,
    policies::pole_error<policies::ignore_error>,
    policies::overflow_error<policies::ignore_error>,
    policies::evaluation_error<policies::ignore_error>,
    policies::rounding_error<policies::ignore_error>,
    policies::discrete_quantile<policies::integer_round_up>>;
using Binomial = math::binomial_distribution<double, Quiet>;

constexpr double notANumber = std::numeric_limits<double>::quiet_NaN();

// The continued fraction 1/(x+1 - 1/(x+3 - 4/(x+5 - 9/(x+7 - ...)))) of e^x E1(x).
struct ScaledE1 {
  using result_type = std::pair<double, double>;
  double x;
  double k = 0;
  result_type operator()() {
    result_type term(k == 0 ? 1.0 : -k * k, x + 2 * k + 1);
    k += 1;
    return term;
  }
};

}  // namespace

extern "C" {

double cutover_binomial_cdf(double n, double probability, double k, int upper) {
  try {
    Binomial counts(n, probability);
    return upper ? math::cdf(math::complement(counts, k)) : math::cdf(counts, k);
  } catch (...) {
    return notANumber;
  }
}

double cutover_binomial_quantile(double n, double probability, double p, int upper) {
  try {
    Binomial counts(n, probability);
    return upper ? math::quantile(math::complement(counts, p)) : math::quantile(counts, p);
  } catch (...) {
    return notANumber;
  }
}

double cutover_scaled_exponential_integral(double x) {
  try {
    // Below 50 Boost's rational approximations keep all digits and e^x is harmless; above, the
    // fraction converges in a dozen terms, and never meets a large power of e.
    if (x < 50) return std::exp(x) * math::expint(1u, x, Quiet());
    ScaledE1 terms{x};
    std::uintmax_t budget = 2000;
    return math::tools::continued_fraction_a(
        terms, std::numeric_limits<double>::epsilon(), budget);
  } catch (...) {
    return notANumber;
  }
}

long cutover_bracketed_root(cutover_function f, void *context, double *low, double *high,
                            double relative, long maximum_evaluations) {
  try {
    auto value = [&](double x) { return f(x, context); };
    double atLow = value(*low), atHigh = value(*high);
    if (atLow == 0) { *high = *low; return 2; }
    if (atHigh == 0) { *low = *high; return 2; }
    if (!((atLow < 0) != (atHigh < 0)) || std::isnan(atLow) || std::isnan(atHigh)) return -1;
    std::uintmax_t budget = static_cast<std::uintmax_t>(std::max(1L, maximum_evaluations));
    auto done = [relative](double a, double b) {
      return std::abs(a - b) <= relative * std::min(std::abs(a), std::abs(b));
    };
    auto bracket =
        math::tools::toms748_solve(value, *low, *high, atLow, atHigh, done, budget, Quiet());
    *low = bracket.first;
    *high = bracket.second;
    return static_cast<long>(budget) + 2;
  } catch (...) {
    return -1;
  }
}

double cutover_minimum(cutover_function f, void *context, double low, double high,
                       double *least) {
  try {
    auto value = [&](double x) { return f(x, context); };
    // Half of the bits: nearer to a minimum a double cannot tell values apart.
    auto answer = math::tools::brent_find_minima(
        value, low, high, std::numeric_limits<double>::digits / 2);
    *least = answer.second;
    return answer.first;
  } catch (...) {
    *least = notANumber;
    return notANumber;
  }
}

}
