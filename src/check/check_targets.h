/* Checks of the targets, and of output layers and loss for them. */
#ifndef BPI_CHECK_CHECK_TARGETS_H
#define BPI_CHECK_CHECK_TARGETS_H

#include "check/diagnosis.h"

void bpi_check_targets(diagnosis *d);

#endif
