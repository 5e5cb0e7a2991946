/// The only door to BLAS and LAPACK. Column-major, 32-bit sizes; every routine returns
/// LAPACK's `info` (0 done, < 0 bad argument, > 0 the data).
#ifndef CUTOVER_CLAPACK_H
#define CUTOVER_CLAPACK_H

#include <stdint.h>

#include "CLAPACKFactorisations.h"

/// What every routine returns when the libraries cannot be loaded. No routine has so many arguments;
/// LAPACKE's own codes are -1010 and -1011.
#define CUTOVER_NO_LAPACK (-2000)

/// QR with column pivoting of the m x n matrix a. On return a holds R and the reflectors, tau
/// (min(m, n) values) their factors, and jpvt[k] the 1-based original position of column k;
/// jpvt must hold zeros on entry, so that every column is free to move.
int32_t cutover_dgeqp3(
    int32_t m, int32_t n, double *a, int32_t lda, int32_t *jpvt, double *tau);

/// c := Q c (transposed == 0) or Q' c (otherwise) for the m x n matrix c, with Q the product of
/// the k reflectors in a and tau.
int32_t cutover_dormqr(
    int transposed, int32_t m, int32_t n, int32_t k, const double *a, int32_t lda,
    const double *tau, double *c, int32_t ldc);

/// Writes the first n columns of Q (m x n, from k reflectors) over a.
int32_t cutover_dorgqr(
    int32_t m, int32_t n, int32_t k, double *a, int32_t lda, const double *tau);

/// The singular values (descending) of an upper triangular matrix of order n and its right
/// vectors v, by one-sided Jacobi rotations; a is overwritten. The values are work6[0] times
/// `values`; work6 holds six doubles.
int32_t cutover_dgesvj_triangle(
    int32_t n, double *a, int32_t lda, double *values, double *v, int32_t ldv, double *work6);

/// Solves R x = b (transposed == 0) or R' x = b (otherwise), R upper triangular of order n, for
/// nrhs columns b, in place.
int32_t cutover_dtrtrs(
    int transposed, int32_t n, int32_t nrhs, const double *a, int32_t lda, double *b, int32_t ldb);

/// Inverts an upper triangular matrix in place.
int32_t cutover_dtrtri(int32_t n, double *a, int32_t lda);

/// Estimates 1 / (|R| |R^-1|) in the 1-norm of an upper triangular matrix.
int32_t cutover_dtrcon(int32_t n, const double *a, int32_t lda, double *rcond);

#endif
