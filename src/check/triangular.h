/*
 * Least squares by the triangular factor R of J = Q R, in double: R^T R = J^T J, but singular values are
 * found to the precision of J, not of its square. Matrices are row-major; R has `columns` rows and columns,
 * and zeros below its diagonal. [Golub & Van Loan, Matrix Computations, ch. 5]
 */
#ifndef BPI_CHECK_TRIANGULAR_H
#define BPI_CHECK_TRIANGULAR_H

#include "backprop.h"
#include "base/arithmetic.h"

/* Adds `count` rows to J: R (zeros at first) becomes the factor of all rows so far, by Householder's
 * reflections. rows (count x columns) and sums (columns) are scratch memory afterwards. */
void bpi_triangular_add(double *r, size_t columns, double *rows, size_t count, double *sums);

/*
 * Scales the columns of R to norm 1 (norms gets what they were; a column of zeros stays) and makes it the
 * factor of its columns in the order of pivots: order[k] is the column that is now at k. Returns the rank:
 * the columns before the first whose diagonal is at most tolerance. sums: scratch memory.
 */
size_t bpi_triangular_pivot(double *r, size_t columns, double tolerance, double *norms, size_t *order,
                            double *sums);

/* The inverse, in place, of a factor of full rank. */
void bpi_triangular_invert(double *r, size_t columns);

/* After bpi_triangular_pivot with a rank below columns: is_free[c] = 1 for every column of J that has a part
 * in a combination of columns that is 0, else 0. sums: scratch memory. */
void bpi_triangular_find_free(const double *r, size_t columns, size_t rank, const size_t *order,
                              unsigned char *is_free, double *sums);

#endif
