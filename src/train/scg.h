/* Scaled conjugate gradient. Moller, "A scaled conjugate gradient algorithm for fast supervised learning",
 * Neural Networks 6 (1993), 525-533. */
#ifndef BPI_TRAIN_SCG_H
#define BPI_TRAIN_SCG_H

#include "train/types.h"

extern const optimizer_rule bpi_scg_rule;

#endif
