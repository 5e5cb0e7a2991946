/// Incomplete gamma functions and quadrature of Boost.Math, under the rules of `CBoostMath.h`,
/// which includes this: no exception crosses it, what cannot be computed is NaN.
#ifndef CUTOVER_CBOOSTMATHNUMERICS_H
#define CUTOVER_CBOOSTMATHNUMERICS_H

#ifdef __cplusplus
extern "C" {
#endif

/// P(a, x) and Q(a, x) = 1 - P, the regularised incomplete gamma functions, a > 0, x >= 0.
double cutover_gamma_p(double a, double x);
double cutover_gamma_q(double a, double x);
/// x^(a-1) e^-x / Gamma(a), the derivative of P by x.
double cutover_gamma_p_derivative(double a, double x);
/// The upper incomplete gamma function without its normalisation.
double cutover_upper_gamma(double a, double x);
double cutover_log_gamma(double x);
/// log(1 + x) - x without cancellation, x > -1.
double cutover_log1pmx(double x);

/// The integral over a finite interval by adaptive Gauss-Kronrod quadrature (61 points), and the
/// estimate of its error.
double cutover_integrate(cutover_function function, void *context, double lower,
                         double upper, double *error);

#ifdef __cplusplus
}
#endif
#endif
