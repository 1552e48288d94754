/* Drawing the weights of one connection, or the biases of one layer. */
#ifndef BPI_NETWORK_WEIGHT_DRAW_H
#define BPI_NETWORK_WEIGHT_DRAW_H

#include "base/random.h"
#include "network/types.h"

typedef struct drawing {
    random_stream *stream;
    const bp_weight_init *init;
    const bp_layer *layer;           /* that receives */
    const bp_connection *connection; /* NULL: the biases of the layer */
    bp_real *weights;
    size_t rows, columns;
} drawing;

#endif
