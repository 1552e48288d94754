/* Systems of linear equations with a symmetric positive definite matrix, in double. */
#ifndef BPI_ENGINE_CHOLESKY_H
#define BPI_ENGINE_CHOLESKY_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Of a symmetric matrix A, `count` rows of `count` numbers, the diagonal and what is to the right of it are
 * given and stay. The factor L of A + added I = L L^T is put in the place of what is to the left; its
 * diagonal goes to `diagonal`. False, with L half done, if a pivot is not positive and
 * finite: the matrix is not positive definite, or too nearly singular for double.
 */
bool bpi_cholesky(double *matrix, size_t count, double added, double *diagonal);

/* Solves L L^T x = b. x is b at first. */
void bpi_cholesky_solve(const double *matrix, size_t count, const double *diagonal, double *x);

#endif
