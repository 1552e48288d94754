#include "engine/input_panels.h"

#include <string.h>

#include "base/numeric.h"
#include "network/activation_kind.h"

/* Panels without gaps, and enough inputs to fill one with. Threads get whole panels; with fewer of them,
 * parts of the rows are more even. */
static bool fits(const bp_workspace *workspace, const bp_connection *connection)
{
    const kernel_table *kernel = workspace->network->kernel;
    const size_t from = connection->from->units, to = connection->to->units, width = kernel->panel_columns;
    return connection->from->is_input && connection->shape.kind == BP_CONNECTION_DENSE && from >= width &&
           kernel->panel_values(to, from) > 0 && to % (width / 2) == 0 &&
           (workspace->team == NULL || to / width >= 2 * bpi_team_threads(workspace->team));
}

bool bpi_panels_fit(const bp_workspace *workspace)
{
    const bp_network *net = workspace->network;
    bool fit = false;
    for (size_t i = 0; i < net->connection_count; i++)
        fit |= fits(workspace, net->connections[i]);
    for (size_t i = 0; i < net->layer_count; i++)
        fit &= net->layers[i]->is_input || net->layers[i]->activation.kind != ACTIVATION_CUSTOM;
    return fit;
}

bool bpi_is_in_panels(const bp_workspace *workspace, const bp_connection *connection)
{
    return workspace->has_input_panels && fits(workspace, connection);
}

/* A panel is a matrix with a row per input. Up to `width` rows of it become a panel of their own, whose rows
 * are parts of those of the weights. The last one overlaps the one before. */
static void matrix_to_rows(const bp_workspace *workspace, const bp_connection *connection,
                           const bp_real *panels, bp_real *rows)
{
    const kernel_table *kernel = workspace->network->kernel;
    const size_t from = connection->from->units, to = connection->to->units, width = kernel->panel_columns;
    for (size_t unit = 0; unit < to; unit += width) {
        const size_t units = bpi_min(width, to - unit);
        for (size_t start = 0; start < from; start += width) {
            const size_t first = bpi_min(start, from - width);
            kernel->make_panels(width, units, panels + unit * from + first * units, units,
                                workspace->scratch);
            for (size_t i = 0; i < units; i++)
                memcpy(rows + (unit + i) * from + first, workspace->scratch + i * width,
                       width * sizeof *rows);
        }
    }
}

void bpi_reorder(const bp_workspace *workspace, bool into_panels, bp_real *vector, bp_real *scratch)
{
    const bp_network *net = workspace->network;
    for (size_t i = 0; i < net->connection_count; i++) {
        const bp_connection *connection = net->connections[i];
        bp_real *weights = vector + connection->offset;
        if (!fits(workspace, connection))
            continue;
        memcpy(scratch, weights, connection->to->units * connection->from->units * sizeof *scratch);
        if (into_panels)
            net->kernel->make_panels(connection->to->units, connection->from->units, scratch,
                                     connection->from->units, weights);
        else
            matrix_to_rows(workspace, connection, scratch, weights);
    }
}
