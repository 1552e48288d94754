/* A rule of the caller's. */
#ifndef BPI_TRAIN_CUSTOM_RULE_H
#define BPI_TRAIN_CUSTOM_RULE_H

#include "train/types.h"

/* Its state is that of the caller's rule, and one more vector: the weights before the update. */
extern const optimizer_rule bpi_custom_rule;

/* That vector. */
bp_real *bpi_custom_before(const optimizer_step *step);

#endif
