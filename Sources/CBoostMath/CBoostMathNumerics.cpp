#include "CBoostMath.h"

#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <boost/math/special_functions/log1p.hpp>
#include <limits>

namespace {

namespace policies = boost::math::policies;
namespace math = boost::math;

using Quiet = policies::policy<
    policies::domain_error<policies::ignore_error>,
    policies::pole_error<policies::ignore_error>,
    policies::overflow_error<policies::ignore_error>,
    policies::evaluation_error<policies::ignore_error>,
    policies::rounding_error<policies::ignore_error>,
    policies::indeterminate_result_error<policies::ignore_error>>;

template <class Body>
double guarded(Body body) noexcept {
  try {
    return body();
  } catch (...) {
    return std::numeric_limits<double>::quiet_NaN();
  }
}

}  // namespace

extern "C" {

double cutover_gamma_p(double a, double x) {
  return guarded([&] { return math::gamma_p(a, x, Quiet()); });
}
double cutover_gamma_q(double a, double x) {
  return guarded([&] { return math::gamma_q(a, x, Quiet()); });
}
double cutover_gamma_p_derivative(double a, double x) {
  return guarded([&] { return math::gamma_p_derivative(a, x, Quiet()); });
}
double cutover_upper_gamma(double a, double x) {
  return guarded([&] { return math::tgamma(a, x, Quiet()); });
}
double cutover_log_gamma(double x) {
  return guarded([&] { return math::lgamma(x, Quiet()); });
}
double cutover_log1pmx(double x) {
  return guarded([&] { return math::log1pmx(x, Quiet()); });
}

double cutover_integrate(cutover_function function, void *context, double lower,
                         double upper, double *error) {
  return guarded([&] {
    auto f = [&](double x) { return function(x, context); };
    // Depth 10 halves an interval into 1024 pieces; below 1e-12 the roundings of the function's
    // own exponent would be chased, not its curve.
    return math::quadrature::gauss_kronrod<double, 61>::integrate(f, lower, upper, 10, 1e-12,
                                                                  error);
  });
}

}
