/* What the rules other than momentum have in common. */
#ifndef BPI_TRAIN_RULE_UPDATE_H
#define BPI_TRAIN_RULE_UPDATE_H

#include "train/types.h"

/* The update of kernel.h with this kind and rate; the numbers that only its rule has are the rule's to add.
 */
weight_update bpi_rule_update(const optimizer_step *step, int32_t kind, double rate);

#endif
