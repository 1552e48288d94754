/*
 * Online (per-case) training, [RHW86]: each case updates the weights before the next one is used. So does
 * each batch of a few cases, where small kernels train by batches (bpi_trains_in_kernel). A call takes many
 * cases, so that its overhead is spent once, and the weights that a case updates need not be read again for
 * the next. What gradient.h trusts is trusted here too.
 */
#ifndef BPI_ENGINE_ONLINE_H
#define BPI_ENGINE_ONLINE_H

#include "engine/types.h"

/* Does a kernel train this network by such batches? Batches of several cases are trained online by nothing
 * else. */
bool bpi_trains_in_kernel(const bp_workspace *workspace, const bp_data *data, size_t batch_cases,
                          const bp_loss *loss);

/* E and the gradient of a batch of those that a kernel trains by, with the bits that the kernel finds;
 * batch_cases is the size of whole batches. */
void bpi_online_gradient(bp_workspace *workspace, size_t batch_cases, const batch *cases, const bp_loss *loss,
                         bp_real *gradient, batch_error *result);

/* Trains with all cases of the run. Trusts that bpi_can_fuse_update holds for single cases. NOT_FINITE as
 * bpi_backward: the failing case has updated nothing. */
bp_status bpi_train_online(const char *function, bp_workspace *workspace, online_run *run);

/* Writes the weights back to the network, if a kernel has them (run->weights_in_kernel). */
void bpi_flush_weights(const bp_workspace *workspace, online_run *run);

#endif
