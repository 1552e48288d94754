#include "engine/cholesky.h"

#include <float.h>
#include <math.h>

#include "base/arithmetic.h"

/* Rows that are found together, so that the rows above are read once for all of them. */
enum { ROWS = 4, LANES = 4 };

static double sum_of(const double *lanes)
{
    return (lanes[0] + lanes[2]) + (lanes[1] + lanes[3]);
}

static double product(const double *a, const double *b, size_t count)
{
    double lanes[LANES] = {0};
    size_t k = 0;
    for (; k + LANES <= count; k += LANES)
        for (size_t lane = 0; lane < LANES; lane++)
            lanes[lane] += a[k + lane] * b[k + lane];
    for (; k < count; k++)
        lanes[k % LANES] += a[k] * b[k];
    return sum_of(lanes);
}

/* The same of ROWS rows with one. */
static void products(double *const *rows, const double *b, size_t count, double *results)
{
    double lanes[ROWS][LANES] = {{0}};
    size_t k = 0;
    for (; k + LANES <= count; k += LANES)
        for (size_t row = 0; row < ROWS; row++)
            for (size_t lane = 0; lane < LANES; lane++)
                lanes[row][lane] += rows[row][k + lane] * b[k + lane];
    for (; k < count; k++)
        for (size_t row = 0; row < ROWS; row++)
            lanes[row][k % LANES] += rows[row][k] * b[k];
    for (size_t row = 0; row < ROWS; row++)
        results[row] = sum_of(lanes[row]);
}

/* The elements of some rows to the left of column `end`, which is that of the first of these rows. */
static void find_left(double *matrix, size_t count, const double *diagonal, size_t first, size_t rows)
{
    double *row[ROWS];
    for (size_t i = 0; i < ROWS; i++)
        row[i] = matrix + (first + (i < rows ? i : 0)) * count;
    for (size_t j = 0; j < first; j++) {
        const double *above = matrix + j * count;
        double sums[ROWS];
        products(row, above, j, sums);
        for (size_t i = 0; i < rows; i++)
            row[i][j] = (above[first + i] - sums[i]) / diagonal[j];
    }
}

/* L_ij = (A_ij - sum over k < j of L_ik L_jk) / L_jj, L_ii = sqrt(A_ii - sum over k < i of L_ik^2) */
bool bpi_cholesky(double *matrix, size_t count, double added, double *diagonal)
{
    for (size_t first = 0; first < count; first += ROWS) {
        const size_t rows = count - first < ROWS ? count - first : ROWS;
        find_left(matrix, count, diagonal, first, rows);
        for (size_t i = first; i < first + rows; i++) {
            double *row = matrix + i * count;
            for (size_t j = first; j < i; j++)
                row[j] = (matrix[j * count + i] - product(row, matrix + j * count, j)) / diagonal[j];
            const double given = row[i] + added;
            const double pivot = given - product(row, row, i);
            if (!(pivot > given * (double)count * DBL_EPSILON) || !isfinite(pivot))
                return false;
            diagonal[i] = sqrt(pivot);
        }
    }
    return true;
}

void bpi_cholesky_solve(const double *matrix, size_t count, const double *diagonal, double *x)
{
    for (size_t i = 0; i < count; i++)
        x[i] = (x[i] - product(matrix + i * count, x, i)) / diagonal[i];
    for (size_t i = count; i-- > 0;) {
        const double *row = matrix + i * count;
        x[i] /= diagonal[i];
        for (size_t j = 0; j < i; j++)
            x[j] -= row[j] * x[i];
    }
}
