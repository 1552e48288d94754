/* L-BFGS: a limited memory of steps and changes of the gradient. Nocedal & Wright, "Numerical optimization",
 * 2nd edition 2006, algorithms 7.4 and 7.5. */
#ifndef BPI_TRAIN_LBFGS_H
#define BPI_TRAIN_LBFGS_H

#include "train/types.h"

extern const optimizer_rule bpi_lbfgs_rule;

#endif
