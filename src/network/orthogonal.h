/* Orthogonal initial weights: Saxe, McClelland & Ganguli 2014. */
#ifndef BPI_NETWORK_ORTHOGONAL_H
#define BPI_NETWORK_ORTHOGONAL_H

#include "network/weight_draw.h"

/* The rows of the matrix, or its columns if these are fewer, are orthogonal and have the norm of the rule's
 * first parameter. */
bp_status bpi_draw_orthogonal(const drawing *drawing);

#endif
