/*
 * Online (per-case) training, [RHW86]: every case updates the weights before the next one is looked at. Many
 * cases in one call, so that what is done around the arithmetic is done once, and so that the weights, which
 * each case reads and writes, need not be read again for the next. Trusts as gradient.h does.
 */
#ifndef BPI_ENGINE_ONLINE_H
#define BPI_ENGINE_ONLINE_H

#include "engine/types.h"

/* All cases of the run, if bpi_can_fuse_update holds for one. NOT_FINITE as bpi_batch_gradient: the case has
 * updated nothing. */
bp_status bpi_train_online(const char *function, bp_workspace *workspace, online_run *run);

/* Writes the weights back, if a kernel has them. */
void bpi_flush_weights(const bp_workspace *workspace, online_run *run);

/* E and gradient of a batch of one case by the operations of bpi_train_online, for those who look at the
 * gradient in between. What it leaves in the workspace is not defined. NOT_FINITE as bpi_batch_gradient. */
bp_status bpi_online_gradient(const char *function, bp_workspace *workspace, const batch *one,
                              const bp_loss *loss, bp_real *gradient, batch_error *result);

#endif
