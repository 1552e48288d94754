/* What the rules have in common that the kernels know. */
#ifndef BPI_TRAIN_RULE_UPDATE_H
#define BPI_TRAIN_RULE_UPDATE_H

#include "train/types.h"

/* The update of kernel.h with this kind and rate, and what penalties.c leaves to it: the limit of clip_value,
 * the penalty of l2, the threshold of l1. The numbers that only its rule has are the rule's to add. */
void bpi_rule_update(const optimizer_step *step, int32_t kind, double rate, weight_update *update);

#endif
