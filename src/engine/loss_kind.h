/*
 * The kinds of loss: one row each, with all that the library knows of it. A loss whose E is a sum over
 * outputs has one function, of its value and derivatives at one output (loss_kind.c); the kernels have
 * squared error and cross-entropy.
 */
#ifndef BPI_ENGINE_LOSS_KIND_H
#define BPI_ENGINE_LOSS_KIND_H

#include "network/types.h"

enum loss_number {
    LOSS_SQUARED_ERROR = 1,
    LOSS_CROSS_ENTROPY = 2,
    LOSS_CUSTOM = 3,
    LOSS_DEFAULT = 4,
    LOSS_ABSOLUTE_ERROR = 5,
    LOSS_HUBER = 6,
    LOSS_LOG_COSH = 7,
    LOSS_QUANTILE = 8,
    LOSS_HINGE = 9,
    LOSS_POISSON = 10,
    LOSS_OF_OUTPUTS = 11,
};

/* Where bp_loss.parameter has the tolerance; the parameter of the kind, or the number of outputs. */
enum { LOSS_TOLERANCE = 0, LOSS_PARAMETER = 1, LOSS_COUNT = 1 };

/* A row of outputs and targets. */
typedef struct loss_row {
    size_t units;
    const bp_real *y, *targets;
    bp_real tolerance;   /* negative: every output counts */
    double parameter;    /* of the kind */
    bp_real *derivative; /* receives dE/dy; or NULL */
    bp_real *curvature;  /* receives the second derivative of E by y; or NULL */
    double *terms;       /* receives E of each output; or NULL */
    bp_real max;         /* raised to the largest |y - d| */
} loss_row;

/* What else is known of a loss. */
enum loss_trait {
    LOSS_TAKES_TOLERANCE = 1 << 0,
    LOSS_TAKES_SMOOTHING = 1 << 1,
    LOSS_HAS_UNITS = 1 << 2,  /* it compares with a number in the units of the targets, or takes them as
                                 they are: they are not scaled unasked */
    LOSS_FITS_MEAN = 1 << 3,  /* the outputs that fit best are the means of the targets */
    LOSS_OF_CLASSES = 1 << 4, /* targets are classes */
};

typedef struct loss_kind {
    int32_t kind;
    const char *name;
    unsigned traits;
    uint64_t activations; /* a bit 1 << ACTIVATION_... for each that output layers may have; 0: all */
    const char *activations_text;
    bool (*takes)(bp_real target); /* may a scaled target be this? NULL: any may */
    const char *targets_text;
    const char *parameter; /* its name; NULL: there is none */
    double low, high;      /* between which it must be, both excluded */
    const char *range_text;
    /* Fills the row's derivative, curvature and max, and returns E, with which a NaN stays NaN. NULL: not a
     * sum of such terms, or computed elsewhere. */
    double (*find)(loss_row *row);
} loss_kind;

/* NULL: there is no such kind. */
const loss_kind *bpi_loss_kind(int32_t kind);

#endif
