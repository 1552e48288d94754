#include "train/weight_order.h"

#include <string.h>

#include "engine/input_panels.h"
#include "network/change_weights.h"

static void reorder(bp_trainer *trainer, bool in_panels)
{
    bp_workspace *workspace = trainer->workspace;
    const size_t count = trainer->network->weight_count;
    if (workspace->has_input_panels == in_panels)
        return;
    bpi_reorder(workspace, in_panels, bpi_change_weights(trainer->network), trainer->gradient);
    for (size_t i = 0; i < trainer->state.vector_count; i++)
        bpi_reorder(workspace, in_panels, trainer->state.vectors + i * count, trainer->gradient);
    workspace->has_input_panels = in_panels;
}

void bpi_use_panels(bp_trainer *trainer)
{
    reorder(trainer, true);
}

void bpi_use_rows(bp_trainer *trainer)
{
    reorder(trainer, false);
}

void bpi_copy_weights_in_rows(const bp_trainer *trainer, bp_real *weights)
{
    const bp_network *net = trainer->network;
    memcpy(weights, net->weights, net->weight_count * sizeof *weights);
    if (trainer->workspace->has_input_panels)
        bpi_reorder(trainer->workspace, false, weights, trainer->gradient);
}
