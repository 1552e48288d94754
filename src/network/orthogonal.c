#include "network/orthogonal.h"

#include <math.h>

/* The rows of the matrix, or its columns if these are fewer. */
typedef struct vector_set {
    bp_real *values;
    size_t count, length;
    size_t stride, step; /* from vector to vector, and from element to element */
} vector_set;

static bp_real *vector(const vector_set *set, size_t i)
{
    return set->values + i * set->stride;
}

static double dot(const vector_set *set, const bp_real *a, const bp_real *b)
{
    double sum = 0;
    for (size_t i = 0; i < set->length * set->step; i += set->step)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

/* v - (q . v) q, for q of norm 1. */
static void take_out(const vector_set *set, bp_real *v, const bp_real *q)
{
    const double part = dot(set, q, v);
    for (size_t i = 0; i < set->length * set->step; i += set->step)
        v[i] = (bp_real)((double)v[i] - part * (double)q[i]);
}

static void scale(const vector_set *set, bp_real *v, double factor)
{
    for (size_t i = 0; i < set->length * set->step; i += set->step)
        v[i] = (bp_real)((double)v[i] * factor);
}

/* Gram and Schmidt's method with sums in double. Taking the others out twice leaves no more of them than
 * rounding does (Giraud, Langou & Rozloznik 2005). */
static void orthonormalize(const vector_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        bp_real *v = vector(set, i);
        for (int pass = 0; pass < 2; pass++) {
            const double norm = sqrt(dot(set, v, v));
            if (norm > 0)
                scale(set, v, 1 / norm);
            for (size_t j = 0; j < i; j++)
                take_out(set, v, vector(set, j));
        }
        const double norm = sqrt(dot(set, v, v));
        if (norm > 0)
            scale(set, v, 1 / norm);
    }
}

bp_status bpi_draw_orthogonal(const drawing *d)
{
    for (size_t i = 0; i < d->rows * d->columns; i++)
        d->weights[i] = (bp_real)bpi_random_normal(d->stream);
    vector_set set = {.values = d->weights, .count = d->rows, .length = d->columns, .step = 1};
    set.stride = d->columns;
    if (d->rows > d->columns)
        set = (vector_set){d->weights, d->columns, d->rows, 1, d->columns};
    orthonormalize(&set);
    for (size_t i = 0; i < set.count; i++)
        scale(&set, vector(&set, i), d->init->parameter[0]);
    return BP_OK;
}
