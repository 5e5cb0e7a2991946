/// Distributions and special functions of Boost.Math behind a C face. No exception crosses it:
/// an argument outside the domain, or a series that does not converge, answers NaN; a result
/// beyond the doubles answers an infinity.
#ifndef CUTOVER_CBOOSTMATH_H
#define CUTOVER_CBOOSTMATH_H

#include "CBoostMathNumerics.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Probability that a value is at most x (upper == 0) or above x (otherwise).
double cutover_normal_cdf(double mean, double deviation, double x, int upper);
double cutover_student_t_cdf(double degrees, double x, int upper);
double cutover_fisher_f_cdf(double numerator, double denominator, double x, int upper);
double cutover_chi_squared_cdf(double degrees, double x, int upper);
double cutover_gamma_cdf(double shape, double scale, double x, int upper);

/// The x whose cdf (upper == 0) or upper tail (otherwise) is p.
double cutover_normal_quantile(double mean, double deviation, double p, int upper);
double cutover_student_t_quantile(double degrees, double p, int upper);
double cutover_fisher_f_quantile(double numerator, double denominator, double p, int upper);
double cutover_chi_squared_quantile(double degrees, double p, int upper);
double cutover_gamma_quantile(double shape, double scale, double p, int upper);

/// The two real branches of w e^w = x.
double cutover_lambert_w0(double x);
double cutover_lambert_wm1(double x);

#ifdef __cplusplus
}
#endif
#endif
