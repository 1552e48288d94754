/* The memory of forward and backward passes: outputs, total inputs and deltas of all layers, for a block of
 * cases. */
#ifndef BPI_ENGINE_WORKSPACE_H
#define BPI_ENGINE_WORKSPACE_H

#include "engine/types.h"

/* A fast inline check: true only if bpi_workspace_check would pass. */
static inline bool bpi_workspace_is_ready(const bp_network *net, const bp_workspace *workspace)
{
    return workspace->network == net && net->weights_set;
}

/* STATE or ARGUMENT, with the function's name, unless net is ready and the workspace is its own. */
bp_status bpi_workspace_check(const char *function, const bp_network *net, const bp_workspace *workspace);

/* Grows the workspace to blocks of `cases` cases (at most the network's block_cases) and, with_gradient,
 * deltas, if it is smaller. */
bp_status bpi_workspace_reserve(const char *function, bp_workspace *workspace, size_t cases,
                                bool with_gradient);

/* Does the workspace need arrays of dropped outputs and factors for the layer? */
bool bpi_needs_factors(const bp_workspace *workspace, const bp_layer *layer);

/* Turns dropout and noise on or off (unit_noise.h); while they are on, another path may be taken. */
void bpi_workspace_use_noise(bp_workspace *workspace, bool is_on);

/* bp_workspace_set_threads with messages that begin with `function`. Trusts that the number was checked. */
bp_status bpi_workspace_set_threads(const char *function, bp_workspace *workspace, size_t threads);

/* Records that a call for `cases` cases is complete: their outputs may be read, if they were one block. */
void bpi_workspace_record_call(bp_workspace *workspace, size_t cases);

#endif
