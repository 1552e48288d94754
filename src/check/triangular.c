#include "check/triangular.h"

#include <math.h>
#include <string.h>

/* to += factor * values */
static void add_multiple(double *to, double factor, const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] += factor * values[i];
}

/*
 * A reflection that makes the column of `first` (the diagonal) and `rows` below it (stride apart) zero but
 * for first, applied to the `rest` columns right of it. first and the rows begin at that column.
 */
static void reflect(double *first, double *rows, size_t count, size_t stride, size_t rest, double *sums)
{
    double below = 0;
    for (size_t i = 0; i < count; i++)
        below += rows[i * stride] * rows[i * stride];
    if (below == 0)
        return;
    const double norm = sqrt(*first * *first + below), turned = *first > 0 ? -norm : norm;
    const double head = *first - turned, factor = 2 / (head * head + below);
    for (size_t j = 0; j < rest; j++)
        sums[j] = head * first[1 + j];
    for (size_t i = 0; i < count; i++)
        add_multiple(sums, rows[i * stride], rows + i * stride + 1, rest);
    add_multiple(first + 1, -factor * head, sums, rest);
    for (size_t i = 0; i < count; i++) {
        add_multiple(rows + i * stride + 1, -factor * rows[i * stride], sums, rest);
        rows[i * stride] = 0;
    }
    *first = turned;
}

void bpi_triangular_add(double *r, size_t columns, double *rows, size_t count, double *sums)
{
    for (size_t k = 0; k < columns; k++)
        reflect(r + k * columns + k, rows + k, count, columns, columns - k - 1, sums);
}

/* sums[j] = the squared norm of column j from row `first` on, for j >= first. */
static void find_norms(const double *r, size_t columns, size_t first, double *sums)
{
    memset(sums, 0, columns * sizeof *sums);
    for (size_t i = first; i < columns; i++)
        for (size_t j = first; j < columns; j++)
            sums[j] += r[i * columns + j] * r[i * columns + j];
}

static void scale_columns(double *r, size_t columns, double *norms)
{
    find_norms(r, columns, 0, norms);
    for (size_t j = 0; j < columns; j++)
        norms[j] = sqrt(norms[j]);
    for (size_t i = 0; i < columns; i++)
        for (size_t j = i; j < columns; j++)
            r[i * columns + j] /= norms[j] > 0 ? norms[j] : 1;
}

static void swap_columns(double *r, size_t columns, size_t *order, size_t a, size_t b)
{
    for (size_t i = 0; i < columns; i++) {
        const double value = r[i * columns + a];
        r[i * columns + a] = r[i * columns + b];
        r[i * columns + b] = value;
    }
    const size_t column = order[a];
    order[a] = order[b];
    order[b] = column;
}

size_t bpi_triangular_pivot(double *r, size_t columns, double tolerance, double *norms, size_t *order,
                            double *sums)
{
    scale_columns(r, columns, norms);
    for (size_t j = 0; j < columns; j++)
        order[j] = j;
    for (size_t k = 0; k < columns; k++) {
        size_t pivot = k;
        find_norms(r, columns, k, sums);
        for (size_t j = k + 1; j < columns; j++)
            if (sums[j] > sums[pivot])
                pivot = j;
        if (!(sqrt(sums[pivot]) > tolerance))
            return k;
        if (pivot != k)
            swap_columns(r, columns, order, k, pivot);
        reflect(r + k * columns + k, r + (k + 1) * columns + k, columns - k - 1, columns, columns - k - 1,
                sums);
    }
    return columns;
}

void bpi_triangular_invert(double *r, size_t columns)
{
    /* From the last row up, and in a row from the right: u_ij = -(sum over k of r_ik u_kj, i < k <= j) /
     * r_ii, so that r_ik is still there. */
    for (size_t i = columns; i-- > 0;) {
        double *row = r + i * columns;
        const double diagonal = row[i];
        for (size_t j = columns; j-- > i + 1;) {
            double sum = 0;
            for (size_t k = i + 1; k <= j; k++)
                sum += row[k] * r[k * columns + j];
            row[j] = -sum / diagonal;
        }
        row[i] = 1 / diagonal;
    }
}

void bpi_triangular_find_free(const double *r, size_t columns, size_t rank, const size_t *order,
                              unsigned char *is_free, double *sums)
{
    const double least_part = 1e-3; /* less is rounding */
    memset(is_free, 0, columns);
    for (size_t j = rank; j < columns; j++) {
        /* Column j is the combination of the first ones whose factors solve R11 x = r_j. */
        is_free[order[j]] = 1;
        for (size_t i = rank; i-- > 0;) {
            double sum = r[i * columns + j];
            for (size_t k = i + 1; k < rank; k++)
                sum -= r[i * columns + k] * sums[k];
            sums[i] = sum / r[i * columns + i];
            if (fabs(sums[i]) > least_part)
                is_free[order[i]] = 1;
        }
    }
}
