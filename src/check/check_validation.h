/* Checks whether validation cases are drawn like those of training. */
#ifndef BPI_CHECK_CHECK_VALIDATION_H
#define BPI_CHECK_CHECK_VALIDATION_H

#include "check/diagnosis.h"

/* MEMORY. */
bp_status bpi_check_validation(diagnosis *d);

#endif
