/*
 * What data say of the weights of a network that was fitted to them: the covariance of the weights that are
 * trained, as the triangular factor of J, their derivatives (triangular.h). The columns of J are these
 * weights in the order of the weight vector; frozen ones have none.
 */
#ifndef BPI_CHECK_UNCERTAINTY_H
#define BPI_CHECK_UNCERTAINTY_H

#include "engine/types.h"

struct bp_uncertainty {
    bp_allocator allocator;
    const bp_network *network;
    bp_uncertainty_summary summary; /* of which `weights` is the number of columns */
    bp_real *weights;               /* of the network when this was made */
    size_t *weight_of;              /* for each column its place in the weight vector */
    double *decays;                 /* for each column */
    /* With J scaled to columns of norm 1, in the order of pivots, = Q R: the inverse of R, or R if there are
     * directions that are not identified. */
    double *inverse;
    double *norms;          /* of the columns of J */
    size_t *order;          /* the column at each place of R */
    unsigned char *is_free; /* columns that have a part in a direction that is not identified */
};

/* Memory of a pass over cases, for a block of them. */
typedef struct derivative_block {
    size_t rows;
    bp_real *by_weights; /* rows x outputs x all weights */
    double *wide_rows;   /* rows x outputs x columns */
    double *residuals;   /* rows x outputs */
    double *sums;        /* columns */
} derivative_block;

/* Memory for `cases` cases, or a block of the network's if that is less. */
bp_status bpi_derivative_block_reserve(const char *function, const bp_uncertainty *uncertainty, size_t cases,
                                       derivative_block *out);
void bpi_derivative_block_release(const bp_uncertainty *uncertainty, derivative_block *block);

/* NOT_IDENTIFIED if there are no standard errors. */
bp_status bpi_uncertainty_check_identified(const char *function, const bp_uncertainty *uncertainty);

#endif
