/* The order of the weights during a run: those from inputs may be in panels (engine/input_panels.h) while
 * nobody sees them (update.c). bpi_run_flush_weights (metrics.h) puts them back. */
#ifndef BPI_TRAIN_WEIGHT_ORDER_H
#define BPI_TRAIN_WEIGHT_ORDER_H

#include "train/types.h"

/* Weights and optimizer's state in panels, if they are not; and in rows again. */
void bpi_use_panels(bp_trainer *trainer);
void bpi_use_rows(bp_trainer *trainer);

/* A copy of the weights in rows, whatever their order. The gradient is scratch memory. */
void bpi_copy_weights_in_rows(const bp_trainer *trainer, bp_real *weights);

#endif
