/// Distributions and special functions of Boost.Math behind a C face.
#ifndef CUTOVER_CBOOSTMATH_H
#define CUTOVER_CBOOSTMATH_H

#ifdef __cplusplus
extern "C" {
#endif

double cutover_normal_cdf(double z);

#ifdef __cplusplus
}
#endif
#endif
