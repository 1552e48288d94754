#include "network/layer.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "network/activation_kind.h"
#include "network/names.h"
#include "network/require.h"

enum { MAX_NAME = 63 };

/* Makes room for one more layer in a list. */
static bool grow_list(const bp_allocator *allocator, bp_layer ***list, size_t *capacity, size_t count)
{
    void *array = *list;
    bool grown = bpi_grow(allocator, &array, capacity, count, sizeof(bp_layer *));
    *list = array;
    return grown;
}

void bpi_layer_free(bp_layer *layer)
{
    if (layer == NULL)
        return;
    const bp_allocator *allocator = &layer->network->allocator;
    if (layer->activation.kind == ACTIVATION_CUSTOM)
        bpi_release(allocator, (void *)layer->activation.name);
    bpi_release(allocator, layer->name);
    bpi_release(allocator, layer->incoming);
    bpi_release(allocator, layer->outgoing);
    bpi_release(allocator, layer->initial_state);
    bpi_release(allocator, layer);
}

/* ----------------------------------------------------------------- adding */

static bp_status check_name(const char *function, const bp_network *net, const char *name)
{
    size_t length = strnlen(name, MAX_NAME + 1);
    if (length == 0)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: the name is empty", function);
    if (length > MAX_NAME)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: the name '%.*s...' is longer than %d bytes", function,
                        MAX_NAME, name, MAX_NAME);
    if (bp_network_find_layer(net, name) != NULL)
        return bpi_fail(BP_ERROR_NAME, "%s: there is a layer '%s' already", function, name);
    return BP_OK;
}

static bp_status check_layer(const char *function, const bp_network *net, const char *name, size_t units,
                             const bp_activation *activation)
{
    BPI_TRY(check_name(function, net, name));
    if (units == 0)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: layer '%s' has 0 units", function, name);
    if (activation == NULL)
        return BP_OK;
    char owner[MAX_NAME + sizeof "layer ''"];
    snprintf(owner, sizeof owner, "layer '%s'", name);
    return bpi_check_activation_of(function, owner, activation);
}

static bool copy_activation(bp_layer *layer, const bp_activation *activation)
{
    const char *name = activation->name;
    if (activation->kind == ACTIVATION_CUSTOM) {
        name = bpi_copy_string(&layer->network->allocator, name);
        if (name == NULL)
            return false;
    }
    layer->activation = *activation;
    layer->activation.name = name;
    return true;
}

/* Creates a layer that is not in the network's list yet; NULL when there is no memory. */
static bp_layer *new_layer(bp_network *net, const char *name, size_t units, const bp_activation *activation)
{
    bp_layer *layer = bpi_allocate_zeroed(&net->allocator, 1, sizeof *layer);
    if (layer == NULL)
        return NULL;
    layer->network = net;
    layer->index = net->layer_count;
    layer->units = units;
    layer->is_input = activation == NULL;
    layer->has_bias = !layer->is_input;
    layer->units_per_bias = 1;
    layer->bias_init = net->init;
    layer->bias_slice = layer->state_slice = BPI_NO_SLICE;
    bp_activation linear = bp_activation_linear();
    layer->name = bpi_copy_string(&net->allocator, name);
    if (layer->name == NULL || !copy_activation(layer, activation == NULL ? &linear : activation)) {
        bpi_layer_free(layer);
        return NULL;
    }
    return layer;
}

bp_status bpi_append_layer(bp_layer **out, const char *function, bp_network *net, const char *name,
                           size_t units, const bp_activation *activation)
{
    bp_layer *layer = NULL;
    if (grow_list(&net->allocator, &net->layers, &net->layer_capacity, net->layer_count) &&
        bpi_names_reserve(&net->allocator, &net->names, net->layer_count))
        layer = new_layer(net, name, units, activation);
    if (layer == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for layer '%s'", function, name);
    bpi_names_add(&net->names, layer);
    net->layers[net->layer_count++] = layer;
    if (out != NULL)
        *out = layer;
    return BP_OK;
}

bp_status bpi_add_layer(bp_layer **out, const char *function, bp_network *net, const char *name, size_t units,
                        const bp_activation *activation)
{
    char default_name[32];
    if (name == NULL) {
        snprintf(default_name, sizeof default_name, "layer%zu", net->layer_count);
        name = default_name;
    }
    BPI_TRY(check_layer(function, net, name, units, activation));
    return bpi_append_layer(out, function, net, name, units, activation);
}

bp_status bp_network_add_input(bp_layer **out, bp_network *net, const char *name, size_t units)
{
    BPI_REQUIRE(net);
    BPI_TRY(bpi_require_unfinalized(__func__, net));
    return bpi_add_layer(out, __func__, net, name, units, NULL);
}

bp_status bp_network_add_layer(bp_layer **out, bp_network *net, const char *name, size_t units,
                               bp_activation activation)
{
    BPI_REQUIRE(net);
    BPI_TRY(bpi_require_unfinalized(__func__, net));
    return bpi_add_layer(out, __func__, net, name, units, &activation);
}

/* ---------------------------------------------------------------- marking */

bp_status bpi_set_output(const char *function, bp_layer *layer)
{
    bp_network *net = layer->network;
    if (layer->is_input)
        return bpi_fail(BP_ERROR_STRUCTURE, "%s: layer '%s' is an input and cannot be an output", function,
                        layer->name);
    if (layer->is_output)
        return bpi_fail(BP_ERROR_STRUCTURE, "%s: layer '%s' is marked as an output already", function,
                        layer->name);
    if (!grow_list(&net->allocator, &net->outputs, &net->output_capacity, net->output_count))
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory to mark layer '%s'", function, layer->name);
    net->outputs[net->output_count++] = layer;
    layer->is_output = true;
    return BP_OK;
}

bp_status bp_layer_set_output(bp_layer *layer)
{
    BPI_REQUIRE(layer);
    BPI_TRY(bpi_require_unfinalized(__func__, layer->network));
    return bpi_set_output(__func__, layer);
}

bp_status bp_layer_enable_bias(bp_layer *layer, int enabled)
{
    BPI_REQUIRE(layer);
    BPI_TRY(bpi_require_unfinalized(__func__, layer->network));
    if (layer->is_input)
        return bpi_fail(BP_ERROR_STRUCTURE, "%s: layer '%s' is an input and has no biases", __func__,
                        layer->name);
    if (!enabled && layer->has_shared_bias)
        return bpi_fail(BP_ERROR_STRUCTURE, "%s: layer '%s' shares its biases with another layer", __func__,
                        layer->name);
    layer->has_bias = enabled != 0;
    return BP_OK;
}

/* -------------------------------------------------------------- accessors */

const char *bp_layer_name(const bp_layer *layer)
{
    return layer == NULL ? NULL : layer->name;
}

size_t bp_layer_index(const bp_layer *layer)
{
    return layer == NULL ? 0 : layer->index;
}

size_t bp_layer_units(const bp_layer *layer)
{
    return layer == NULL ? 0 : layer->units;
}

bp_activation bp_layer_activation(const bp_layer *layer)
{
    return layer == NULL ? (bp_activation){0} : layer->activation;
}

int bp_layer_is_input(const bp_layer *layer)
{
    return layer != NULL && layer->is_input;
}

int bp_layer_is_output(const bp_layer *layer)
{
    return layer != NULL && layer->is_output;
}

int bp_layer_has_bias(const bp_layer *layer)
{
    return layer != NULL && layer->has_bias;
}

size_t bp_layer_bias_offset(const bp_layer *layer)
{
    return layer == NULL ? 0 : layer->bias_offset;
}

size_t bpi_bias_count(const bp_layer *layer)
{
    return layer->has_bias ? layer->units / layer->units_per_bias : 0;
}

size_t bp_layer_bias_count(const bp_layer *layer)
{
    return layer == NULL || !layer->network->finalized ? 0 : bpi_bias_count(layer);
}
