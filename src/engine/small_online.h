/* Small networks, cases that update the weights one after another (small/online_template.h). For calls that
 * plan.h sends this way. */
#ifndef BPI_ENGINE_SMALL_ONLINE_H
#define BPI_ENGINE_SMALL_ONLINE_H

#include "engine/types.h"

/* All cases of the run, whose weights the kernel then has; and writing them back. */
void bpi_small_online_train(bp_workspace *workspace, online_run *run);
void bpi_small_online_flush(const bp_workspace *workspace, online_run *run);

/* E and gradient of a batch of one case, by the same operations. */
void bpi_small_online_gradient(bp_workspace *workspace, const batch *one, const bp_loss *loss,
                               bp_real *gradient, batch_error *result);

#endif
