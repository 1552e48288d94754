/*
 * The activations that are built in, as a table with a row for each: name, formulas, range of y, parameters,
 * and what else the library asks of an activation. A new one is a row here; where it is to be fast, also a
 * vector formula (KERNEL_FORMULA_LIST in kernel.h).
 *
 * The formulas are functions of x, in a type that is wider than bp_real, and rounded once: this keeps the
 * error of values below 1 unit in the last place.
 */
#ifndef BPI_KERNEL_ACTIVATION_ROWS_H
#define BPI_KERNEL_ACTIVATION_ROWS_H

#include <float.h>
#include <stdbool.h>

#include "kernel/kernel.h"

/* Klambauer et al. 2017: lambda, and lambda alpha, for which outputs keep mean 0 and variance 1. */
#define BPI_SELU_SCALE       1.0507009873554804934193349852946L
#define BPI_SELU_SCALE_ALPHA 1.7580993408473768599402175208123L

#ifdef BP_DOUBLE
typedef long double wide_real;
#define BPI_WIDE_EPSILON LDBL_EPSILON
#else
typedef double wide_real;
#define BPI_WIDE_EPSILON DBL_EPSILON
#endif

enum { ACTIVATION_PARAMETERS = 2 };

typedef struct activation_parameter {
    const char *name;        /* NULL: there is none */
    double low, high, usual; /* the range, ends included, and the default */
} activation_parameter;

/* The rule for initial weights that suits the activation best, as a default. */
typedef enum activation_init { SUITS_GLOROT = 0, SUITS_HE, SUITS_LECUN } activation_init;

typedef wide_real (*activation_formula)(wide_real x, const double *parameter);

typedef struct activation_row {
    int32_t kind; /* of bp_activation; never changes, but files hold the name */
    const char *name;
    activation_formula value, slope, curvature; /* f, f' and f''; slope NULL: it cannot be trained */
    double low, high;                           /* ends of the range of y */
    activation_init init;
    bool is_fused;         /* has a row in KERNEL_ACTIVATION_LIST, or is linear: the slope follows from y */
    bool is_of_layer;      /* y depends on every x of the layer; there are no formulas */
    bool is_linear;        /* y is proportional to x */
    bool has_kinks;        /* f' jumps somewhere */
    bool saturates;        /* rises from one end of its range to the other, and flattens towards both */
    bool low_is_parameter; /* the least y is -parameter[0] times that of the row */
    activation_parameter parameter[ACTIVATION_PARAMETERS];
} activation_row;

/* All rows, in the order of the manual. */
const activation_row *bpi_activation_rows(size_t *count);

/* The row of a kind, or name; NULL if there is none. */
const activation_row *bpi_activation_row(int32_t kind);
const activation_row *bpi_activation_row_named(const char *name);

#endif
