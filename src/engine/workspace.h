/* The memory of forward and backward passes: outputs, total inputs and deltas of every layer for one block of
 * cases. */
#ifndef BPI_ENGINE_WORKSPACE_H
#define BPI_ENGINE_WORKSPACE_H

#include "engine/types.h"

/* An inline prefix of the check below: true if it would pass. False says nothing. */
static inline bool bpi_workspace_is_ready(const bp_network *net, const bp_workspace *workspace)
{
    return workspace->network == net && net->weights_set;
}

/* STATE or ARGUMENT, with the function's name, unless net is ready and the workspace is its own. */
bp_status bpi_workspace_check(const char *function, const bp_network *net, const bp_workspace *workspace);

/* Makes room for blocks of `cases` cases (cut to the network's block) and, if asked, for deltas. Without
 * effect if there is room. */
bp_status bpi_workspace_reserve(const char *function, bp_workspace *workspace, size_t cases,
                                bool with_gradient);

/* What bp_workspace_set_threads does; trusts that the number was checked. */
bp_status bpi_workspace_set_threads(const char *function, bp_workspace *workspace, size_t threads);

/* The call that worked on `cases` cases is over: their outputs may be read if one block held them. */
void bpi_workspace_record_call(bp_workspace *workspace, size_t cases);

#endif
