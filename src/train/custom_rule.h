/* A rule of the caller's. */
#ifndef BPI_TRAIN_CUSTOM_RULE_H
#define BPI_TRAIN_CUSTOM_RULE_H

#include "train/types.h"

/* Its state is that of the caller's rule; within an update it also needs the weights before it. */
extern const optimizer_rule bpi_custom_rule;

/* After a step with frozen weights: they are again as before it, and their elements of the vectors 0. */
void bpi_custom_hold_frozen(const bp_workspace *workspace, const optimizer_step *step);

#endif
