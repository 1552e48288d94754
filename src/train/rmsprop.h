/* RMSprop: gradients divided by a running root of their mean square. */
#ifndef BPI_TRAIN_RMSPROP_H
#define BPI_TRAIN_RMSPROP_H

#include "train/types.h"

/* Its state is one vector: the mean square of the gradients. */
extern const optimizer_rule bpi_rmsprop_rule;

#endif
