/* Have the weights come to rest? */
#ifndef BPI_CHECK_REST_H
#define BPI_CHECK_REST_H

#include "check/baseline.h"

/*
 * *fall = the part of E, of some of the training cases, by which a few steps from the present weights lower
 * it: about 0 at the end of a training, and much where it was hardly begun. 1 if the network is so large that
 * it is not tried. MEMORY.
 */
bp_status bpi_find_fall(const baseline *b, double *fall);

#endif
