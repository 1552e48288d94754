/* Quickprop: to the minimum of a parabola through two derivatives, for each weight by itself. */
#ifndef BPI_TRAIN_QUICKPROP_H
#define BPI_TRAIN_QUICKPROP_H

#include "train/types.h"

/* Its state is two vectors: the last step, and the last gradient. */
extern const optimizer_rule bpi_quickprop_rule;

#endif
