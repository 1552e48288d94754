/* Do the targets depend on the inputs? */
#ifndef BPI_CHECK_CHECK_DEPENDENCE_H
#define BPI_CHECK_CHECK_DEPENDENCE_H

#include "check/baseline.h"

/* MEMORY. */
bp_status bpi_check_dependence(diagnosis *d, const baseline *b);

#endif
