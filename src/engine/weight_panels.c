#include "engine/weight_panels.h"

#include "engine/input_panels.h"

size_t bpi_panel_values(const bp_workspace *workspace, const bp_connection *connection)
{
    const bp_network *net = workspace->network;
    if (workspace->panels.of == NULL || connection->shape.kind != BP_CONNECTION_DENSE)
        return 0;
    return net->kernel->panel_values(connection->to->units, connection->from->units);
}

static void make_panels(const bp_workspace *workspace)
{
    const bp_network *net = workspace->network;
    for (size_t i = 0; i < net->connection_count; i++) {
        const bp_connection *connection = net->connections[i];
        if (workspace->panels.of[i] != NULL)
            net->kernel->make_panels(connection->to->units, connection->from->units,
                                     net->weights + connection->offset, connection->from->units,
                                     workspace->panels.of[i]);
    }
}

void bpi_update_panels(bp_workspace *workspace)
{
    weight_panels *panels = &workspace->panels;
    const uint64_t version = workspace->network->weight_version;
    if (panels->of == NULL || panels->made == version)
        return;
    if (panels->seen == version) {
        make_panels(workspace);
        panels->made = version;
    }
    panels->seen = version;
}

const bp_real *bpi_panels_of(const bp_workspace *workspace, const bp_connection *connection)
{
    const weight_panels *panels = &workspace->panels;
    if (bpi_is_in_panels(workspace, connection))
        return workspace->network->weights + connection->offset;
    if (panels->of == NULL || panels->made != workspace->network->weight_version)
        return NULL;
    return panels->of[connection->index];
}
