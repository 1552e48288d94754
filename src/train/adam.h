/* Adam, and AdamW, which is the same with a weight decay of its own. */
#ifndef BPI_TRAIN_ADAM_H
#define BPI_TRAIN_ADAM_H

#include "train/types.h"

/* Their state is two vectors, the means of the gradients and of their squares, and two numbers: what these
 * means would be of ones, by which they are divided. */
extern const optimizer_rule bpi_adam_rule, bpi_adamw_rule;

#endif
