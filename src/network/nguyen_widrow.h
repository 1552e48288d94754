/* Initial weights by D. Nguyen and B. Widrow, "Improving the learning speed of 2-layer neural networks by
 * choosing initial values of the adaptive weights", Proc. IJCNN 1990, vol. 3, pp. 21-26. */
#ifndef BPI_NETWORK_NGUYEN_WIDROW_H
#define BPI_NETWORK_NGUYEN_WIDROW_H

#include "network/weight_draw.h"

/* Biases are drawn after all connections into the layer. */
bp_status bpi_draw_nguyen_widrow(const drawing *drawing);

#endif
