/* Initial states: the outputs at step 0 of layers that send delayed connections. */
#include "network/initial_state.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "network/require.h"

static bp_status check_values(const char *function, const bp_layer *layer, const bp_real *values)
{
    for (size_t i = 0; i < layer->units; i++)
        if (!isfinite(values[i]))
            return bpi_fail(BP_ERROR_NOT_FINITE, "%s: layer '%s': the initial state of unit %zu is %s",
                            function, layer->name, i, bpi_format_real((double)values[i]).text);
    return BP_OK;
}

bp_status bpi_set_initial_state(const char *function, bp_layer *layer, const bp_real *values, bool learned)
{
    const bp_allocator *allocator = &layer->network->allocator;
    bp_real *copy = NULL;
    if (values != NULL) {
        BPI_TRY(check_values(function, layer, values));
        copy = bpi_allocate(allocator, layer->units, sizeof *copy);
        if (copy == NULL)
            return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the initial state of layer '%s'", function,
                            layer->name);
        memcpy(copy, values, layer->units * sizeof *copy);
    }
    bpi_release(allocator, layer->initial_state);
    layer->initial_state = copy;
    layer->has_initial_state = true;
    layer->learns_state = learned;
    return BP_OK;
}

bp_status bp_layer_set_initial_state(bp_layer *layer, const bp_real *values, int learned)
{
    BPI_REQUIRE(layer);
    BPI_TRY(bpi_require_unfinalized(__func__, layer->network));
    return bpi_set_initial_state(__func__, layer, values, learned != 0);
}

bp_status bp_layer_get_initial_state(const bp_layer *layer, bp_real *values, size_t count)
{
    BPI_REQUIRE(layer);
    BPI_REQUIRE(values);
    if (count != layer->units)
        return bpi_fail(BP_ERROR_SIZE, "%s: count is %zu, but layer '%s' has %zu units", __func__, count,
                        layer->name, layer->units);
    const bp_network *net = layer->network;
    const bp_real *state = layer->initial_state;
    if (layer->learns_state && net->weights_set)
        state = net->weights + layer->state_offset;
    for (size_t i = 0; i < count; i++)
        values[i] = state == NULL ? 0 : state[i];
    return BP_OK;
}

size_t bp_layer_state_offset(const bp_layer *layer)
{
    return layer == NULL ? 0 : layer->state_offset;
}

size_t bp_layer_state_count(const bp_layer *layer)
{
    return layer == NULL || !layer->network->finalized || !layer->learns_state ? 0 : layer->units;
}
