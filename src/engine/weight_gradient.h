/* The gradient of the weights, eq. 6, from the deltas of a block of cases. */
#ifndef BPI_ENGINE_WEIGHT_GRADIENT_H
#define BPI_ENGINE_WEIGHT_GRADIENT_H

#include "engine/types.h"

typedef struct weight_pass {
    const bp_workspace *workspace;
    size_t rows;
    bool accumulate;             /* add to the gradient of earlier blocks */
    bp_real *gradient;           /* of the whole weight vector; with an update, scratch memory */
    const weight_update *update; /* fused update of the whole weight vector, where the workspace's parts have
                                  * no other; NULL: the gradient is stored */
} weight_pass;

/* For the weights of a connection. */
void bpi_connection_gradient(const weight_pass *pass, const bp_connection *connection);

/* For all weights into a layer but those that the workspace's parts freeze. */
void bpi_layer_gradient(const weight_pass *pass, const bp_layer *layer);

#endif
