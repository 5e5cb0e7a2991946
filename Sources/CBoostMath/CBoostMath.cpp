#include "CBoostMath.h"

#if !__has_include(<boost/math/distributions/normal.hpp>)
#error "Cutover needs Boost.Math: install it with 'make deps' or 'apt-get install libboost-math-dev'"
#endif
#include <boost/math/distributions/normal.hpp>

extern "C" double cutover_normal_cdf(double z) {
  return boost::math::cdf(boost::math::normal_distribution<double>(), z);
}
