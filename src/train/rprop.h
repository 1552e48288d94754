/* iRprop+ and iRprop-: steps whose sizes follow from the signs of the gradients alone. */
#ifndef BPI_TRAIN_RPROP_H
#define BPI_TRAIN_RPROP_H

#include "train/types.h"

/* Their state is two vectors, the last gradient and the size of the last step; that of iRprop+ has two
 * numbers, too: the last E, and whether steps are undone. */
extern const optimizer_rule bpi_irprop_plus_rule, bpi_irprop_minus_rule;

#endif
