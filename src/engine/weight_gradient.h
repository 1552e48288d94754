/* The gradient of the weights, eq. 6, from the deltas of a block of cases that went backward. */
#ifndef BPI_ENGINE_WEIGHT_GRADIENT_H
#define BPI_ENGINE_WEIGHT_GRADIENT_H

#include "engine/types.h"

typedef struct weight_pass {
    const bp_workspace *workspace;
    size_t rows;
    bool accumulate;          /* to the gradient of earlier blocks */
    bp_real *gradient;        /* of the whole weight vector */
    const sgd_update *update; /* of the whole weight vector, which each part of the gradient updates where it
                               * is made; what gradient holds afterwards is not defined. NULL: no update */
} weight_pass;

/* For all weights that lead into a layer. */
void bpi_layer_gradient(const weight_pass *pass, const bp_layer *layer);

#endif
