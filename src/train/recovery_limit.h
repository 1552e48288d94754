/* How often a trainer may recover. */
#ifndef BPI_TRAIN_RECOVERY_LIMIT_H
#define BPI_TRAIN_RECOVERY_LIMIT_H

#include "train/types.h"

/* May this run recover once more? By the option `recoveries`, and by how often the trainer has done so. */
bool bpi_may_recover(const training_run *run);

#endif
