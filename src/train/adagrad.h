/* Adagrad: rates that fall by the squares of all gradients. */
#ifndef BPI_TRAIN_ADAGRAD_H
#define BPI_TRAIN_ADAGRAD_H

#include "train/types.h"

/* Its state is one vector: the sum of the squared gradients. */
extern const optimizer_rule bpi_adagrad_rule;

#endif
