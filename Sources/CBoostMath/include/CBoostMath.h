/// Distributions and special functions of Boost.Math behind a C face. No exception crosses it:
/// an argument outside the domain, or a series that does not converge, answers NaN; a result
/// beyond the doubles answers an infinity.
#ifndef CUTOVER_CBOOSTMATH_H
#define CUTOVER_CBOOSTMATH_H

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

/// P(X <= k), or P(X > k) for upper != 0, of a binomial count of n trials.
double cutover_binomial_cdf(double n, double probability, double k, int upper);
/// The least k with P(X <= k) >= p, or with P(X > k) <= p for upper != 0.
double cutover_binomial_quantile(double n, double probability, double p, int upper);

/// e^x E1(x), x > 0; does not overflow where e^x would.
double cutover_scaled_exponential_integral(double x);

/// A function of one variable with whatever it needs.
typedef double (*cutover_function)(double x, void *context);

/// Shrinks [*low, *high], whose ends have values of opposite sign, around a root (TOMS 748) until
/// the ends differ by at most `relative` of their size. Answers the number of evaluations, or -1
/// when the bracket is none; *low and *high are then untouched.
long cutover_bracketed_root(cutover_function f, void *context, double *low, double *high,
                            double relative, long maximum_evaluations);

/// Where f is least inside [low, high] (Brent): the place; the value goes to *least. f must not
/// rise and fall again.
double cutover_minimum(cutover_function f, void *context, double low, double high, double *least);

#ifdef __cplusplus
}
#endif

#include "CBoostMathNumerics.h"

#endif
