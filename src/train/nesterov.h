/* Gradient descent with Nesterov's momentum. */
#ifndef BPI_TRAIN_NESTEROV_H
#define BPI_TRAIN_NESTEROV_H

#include "train/types.h"

/* Its state is one vector: the last update of momentum, without the look ahead. */
extern const optimizer_rule bpi_nesterov_rule;

#endif
