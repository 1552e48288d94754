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

/* By the rule of drawing->init (weight_init.c), which suits the connection. */
bp_status bpi_draw_weights(const drawing *drawing);

/* Rules that have a file of their own. */

/* Saxe et al. 2014: orthogonal rows, or columns if these are fewer, of the norm `gain`. */
bp_status bpi_draw_orthogonal(const drawing *drawing);

/* Nguyen & Widrow 1990; biases after all connections into the layer. */
bp_status bpi_draw_nguyen_widrow(const drawing *drawing);

#endif
