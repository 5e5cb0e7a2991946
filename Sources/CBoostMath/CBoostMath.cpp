#include "CBoostMath.h"

#if !__has_include(<boost/math/distributions/normal.hpp>)
#error "Cutover needs Boost.Math: install it with 'make deps' or 'apt-get install libboost-math-dev'"
#endif
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/fisher_f.hpp>
#include <boost/math/distributions/gamma.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/special_functions/lambert_w.hpp>
#include <limits>

namespace {

namespace policies = boost::math::policies;
namespace math = boost::math;

// "Ignore" answers NaN or an infinity where the default would throw.
using Quiet = policies::policy<
    policies::domain_error<policies::ignore_error>,
    policies::pole_error<policies::ignore_error>,
    policies::overflow_error<policies::ignore_error>,
    policies::evaluation_error<policies::ignore_error>,
    policies::rounding_error<policies::ignore_error>,
    policies::indeterminate_result_error<policies::ignore_error>>;

// Boost may still throw from inside (memory, a root finder's own checks): NaN as well.
template <class Body>
double guarded(Body body) noexcept {
  try {
    return body();
  } catch (...) {
    return std::numeric_limits<double>::quiet_NaN();
  }
}

template <class Distribution>
double tail(const Distribution &distribution, double x, int upper) {
  return upper ? math::cdf(math::complement(distribution, x)) : math::cdf(distribution, x);
}

template <class Distribution>
double inverse(const Distribution &distribution, double p, int upper) {
  return upper ? math::quantile(math::complement(distribution, p))
               : math::quantile(distribution, p);
}

using Normal = math::normal_distribution<double, Quiet>;
using StudentT = math::students_t_distribution<double, Quiet>;
using FisherF = math::fisher_f_distribution<double, Quiet>;
using ChiSquared = math::chi_squared_distribution<double, Quiet>;
using Gamma = math::gamma_distribution<double, Quiet>;

}  // namespace

extern "C" {

double cutover_normal_cdf(double mean, double deviation, double x, int upper) {
  return guarded([&] { return tail(Normal(mean, deviation), x, upper); });
}
double cutover_student_t_cdf(double degrees, double x, int upper) {
  return guarded([&] { return tail(StudentT(degrees), x, upper); });
}
double cutover_fisher_f_cdf(double numerator, double denominator, double x, int upper) {
  return guarded([&] { return tail(FisherF(numerator, denominator), x, upper); });
}
double cutover_chi_squared_cdf(double degrees, double x, int upper) {
  return guarded([&] { return tail(ChiSquared(degrees), x, upper); });
}
double cutover_gamma_cdf(double shape, double scale, double x, int upper) {
  return guarded([&] { return tail(Gamma(shape, scale), x, upper); });
}

double cutover_normal_quantile(double mean, double deviation, double p, int upper) {
  return guarded([&] { return inverse(Normal(mean, deviation), p, upper); });
}
double cutover_student_t_quantile(double degrees, double p, int upper) {
  return guarded([&] { return inverse(StudentT(degrees), p, upper); });
}
double cutover_fisher_f_quantile(double numerator, double denominator, double p, int upper) {
  return guarded([&] { return inverse(FisherF(numerator, denominator), p, upper); });
}
double cutover_chi_squared_quantile(double degrees, double p, int upper) {
  return guarded([&] { return inverse(ChiSquared(degrees), p, upper); });
}
double cutover_gamma_quantile(double shape, double scale, double p, int upper) {
  return guarded([&] { return inverse(Gamma(shape, scale), p, upper); });
}

double cutover_lambert_w0(double x) {
  return guarded([&] { return math::lambert_w0(x, Quiet()); });
}
double cutover_lambert_wm1(double x) {
  return guarded([&] { return math::lambert_wm1(x, Quiet()); });
}

}
