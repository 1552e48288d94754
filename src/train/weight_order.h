/* The order of the weights during a run: those from inputs may be in panels (engine/input_panels.h) while
 * nobody sees them. bpi_run_flush_weights (metrics.h) puts them back. */
#ifndef BPI_TRAIN_WEIGHT_ORDER_H
#define BPI_TRAIN_WEIGHT_ORDER_H

#include "train/types.h"

/* Before an update by a batch of so many cases: may weights be in panels until the epoch ends? Puts them
 * there if that is worth it. */
bool bpi_may_use_panels(const training_run *run, size_t cases);
void bpi_use_panels(training_run *run, size_t cases);

/* Weights and optimizer's state in rows again. */
void bpi_use_rows(training_run *run);

/* A copy of the weights in rows, whatever their order. The gradient is scratch memory. */
void bpi_copy_weights_in_rows(const bp_trainer *trainer, bp_real *weights);

#endif
