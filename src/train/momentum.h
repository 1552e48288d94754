/* The momentum rule, [RHW86] eq. 9, and plain gradient descent, eq. 8, which is the same with momentum 0. */
#ifndef BPI_TRAIN_MOMENTUM_H
#define BPI_TRAIN_MOMENTUM_H

#include "train/types.h"

/* Its state is one vector: the last update. */
extern const optimizer_rule bpi_momentum_rule;

#endif
