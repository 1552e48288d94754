/* Checks of structure and weights, for which no case goes through the network. */
#ifndef BPI_CHECK_CHECK_WEIGHTS_H
#define BPI_CHECK_CHECK_WEIGHTS_H

#include "check/diagnosis.h"

/* Softmax layers of one unit; the number of weights. */
void bpi_check_weights(diagnosis *d);

/* Hidden units that are identical. MEMORY. */
bp_status bpi_check_symmetry(diagnosis *d);

#endif
