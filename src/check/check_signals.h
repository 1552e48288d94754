/* Checks for which cases go through the network: outputs of units, derivatives, the error. */
#ifndef BPI_CHECK_CHECK_SIGNALS_H
#define BPI_CHECK_CHECK_SIGNALS_H

#include "check/diagnosis.h"

/* MEMORY; NOT_FINITE, with the place, if an output, E or a derivative is not. */
bp_status bpi_check_signals(diagnosis *d);

#endif
