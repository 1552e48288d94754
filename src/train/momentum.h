/* The momentum rule, [RHW86] eq. 9, and plain gradient descent, eq. 8, which is the same with momentum 0. */
#ifndef BPI_TRAIN_MOMENTUM_H
#define BPI_TRAIN_MOMENTUM_H

#include "train/types.h"

/* Its state is one vector: the last update. */
extern const optimizer_rule bpi_momentum_rule;

/* Does an update with these numbers consist of eq. 9 and the decay alone, KERNEL_MOMENTUM? */
bool bpi_momentum_is_bare(double clip_value, double l2, double l1);

#endif
