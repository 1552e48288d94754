/* Checks of the input columns: constant ones, repeated ones, outliers, columns of very different size. */
#ifndef BPI_CHECK_CHECK_INPUTS_H
#define BPI_CHECK_CHECK_INPUTS_H

#include "check/diagnosis.h"

/* MEMORY. */
bp_status bpi_check_inputs(diagnosis *d);

#endif
