/* How well does a trained network do, beside simple models of the same cases? */
#ifndef BPI_CHECK_CHECK_FIT_H
#define BPI_CHECK_CHECK_FIT_H

#include "check/baseline.h"

/* b: NULL if there are too few cases for one; then the structure alone is looked at. MEMORY. */
bp_status bpi_check_fit(diagnosis *d, const baseline *b);

#endif
