#include "engine/fused_update.h"

#include "engine/input_panels.h"
#include "engine/loss.h"
#include "engine/plan.h"
#include "engine/weight_gradient.h"
#include "engine/weight_parts.h"

static unsigned update_facts(const bp_workspace *workspace, size_t cases, const bp_loss *loss)
{
    return workspace->facts | bpi_case_facts(workspace->network, cases) | bpi_loss_facts(loss) |
           FACT_GRADIENT_UNSEEN;
}

bool bpi_can_fuse_update(const bp_workspace *workspace, size_t cases, const bp_loss *loss)
{
    return bpi_plan(TASK_UPDATE, update_facts(workspace, cases, loss)) == PATH_FUSED;
}

bool bpi_can_update_in_panels(const bp_workspace *workspace, size_t cases, const bp_loss *loss,
                              uint64_t updates)
{
    unsigned facts = update_facts(workspace, cases, loss) | bpi_unseen_facts(updates);
    facts |= bpi_panels_fit(workspace) ? FACT_PANELS_FIT : 0;
    return bpi_plan(TASK_UPDATE, facts) == PATH_FUSED_PANELS;
}

void bpi_fused_update(const bp_workspace *workspace, size_t cases, const weight_update *update,
                      bp_real *gradient)
{
    const bp_network *net = workspace->network;
    const weight_pass pass = {.workspace = workspace, .rows = cases, .gradient = gradient, .update = update};
    for (size_t i = net->layer_count; i-- > 0;)
        if (!net->layers[i]->is_input && !bpi_is_fixed(workspace, net->layers[i]))
            bpi_layer_gradient(&pass, net->layers[i]);
}

static double sum_of_squares(const bp_network *net, const bp_real *values, size_t count)
{
    return net->kernel->sum_of_squares(values, count);
}

/* The sum of squares of what the weights into a layer multiply: outputs of other layers, or 1. */
static double squares_below(const bp_workspace *workspace, const bp_layer *layer)
{
    double squares = 0;
    if (layer->has_bias)
        squares += !bpi_is_frozen(workspace, layer->bias_slice);
    if (layer->learns_state)
        squares += !bpi_is_frozen(workspace, layer->state_slice);
    for (size_t j = 0; j < layer->incoming_count; j++) {
        const bp_layer *below = layer->incoming[j]->from;
        if (!bpi_is_frozen(workspace, layer->incoming[j]->slice))
            squares += sum_of_squares(workspace->network, workspace->outputs[below->index].y, below->units);
    }
    return squares;
}

double bpi_case_gradient_squares(const bp_workspace *workspace)
{
    const bp_network *net = workspace->network;
    double total = 0;
    for (size_t i = net->layer_count; i-- > 0;) {
        const bp_layer *layer = net->layers[i];
        if (layer->is_input || bpi_is_fixed(workspace, layer))
            continue;
        total +=
            squares_below(workspace, layer) * sum_of_squares(net, workspace->arrays[i].delta, layer->units);
    }
    return total;
}
