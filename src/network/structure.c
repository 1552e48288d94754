/* Finalizing a network: structure checks, and the layout of weights and columns. */
#include "network/structure.h"

#include "base/memory.h"
#include "base/status.h"
#include "network/connection_kind.h"
#include "network/layer.h"
#include "network/require.h"
#include "network/share.h"
#include "network/trainable.h"
#include "small/small.h"

/*
 * Cases per block: a power of two such that the outputs of all layers for one block take at most 8 MiB of
 * floats. Smaller blocks would not pay: products block for the caches themselves, and each block packs the
 * weights of a wide layer anew. The number depends on the sizes of the layers alone, so that sums over cases
 * are cut at the same places on every machine.
 */
enum { MIN_BLOCK = 16, MAX_BLOCK = 256, BLOCK_VALUES = 1 << 21 };
_Static_assert((int)MIN_BLOCK >= (int)SMALL_MAX_BATCH, "a batch of online training fits into a block");

/* ----------------------------------------------------------------- checks */

static bool sends_delayed(const bp_layer *layer)
{
    for (size_t i = 0; i < layer->outgoing_count; i++)
        if (layer->outgoing[i]->is_delayed)
            return true;
    return false;
}

static bp_status fail_dead_end(const char *function, const bp_layer *layer)
{
    return bpi_fail(BP_ERROR_STRUCTURE, "%s: layer '%s' does not lead to an output", function, layer->name);
}

static bp_status check_layer(const char *function, const bp_layer *layer, bool is_output)
{
    if (!layer->is_input && layer->incoming_count == 0)
        return bpi_fail(BP_ERROR_STRUCTURE, "%s: layer '%s' receives no connection", function, layer->name);
    if (!is_output && layer->outgoing_count == 0)
        return fail_dead_end(function, layer);
    const bp_layer *with = layer->shares_bias;
    if (with != NULL && with->units_per_bias != layer->units_per_bias)
        return bpi_fail(
            BP_ERROR_STRUCTURE,
            "%s: layer '%s', with a bias for every %zu units, shares the biases of layer '%s', with "
            "one for every %zu",
            function, layer->name, layer->units_per_bias, with->name, with->units_per_bias);
    if (layer->has_initial_state && !sends_delayed(layer))
        return bpi_fail(BP_ERROR_STRUCTURE,
                        "%s: layer '%s' has an initial state, but no delayed connection leaves it", function,
                        layer->name);
    return BP_OK;
}

static bool is_output(const bp_network *net, const bp_layer *layer)
{
    return layer->is_output || (net->output_count == 0 && layer->index + 1 == net->layer_count);
}

/* Marks the senders of a layer as reaching an output, and appends those that were not marked to the queue. */
static size_t mark_senders(const bp_layer *layer, bp_layer **queue, size_t count)
{
    for (size_t i = 0; i < layer->incoming_count; i++) {
        bp_layer *from = layer->incoming[i]->from;
        if (!from->reaches_output)
            queue[count++] = from;
        from->reaches_output = true;
    }
    return count;
}

/* Breadth-first search backwards from the outputs. With delayed connections a layer may send to another and
 * still reach no output. */
static bp_status check_all_reach_output(const char *function, const bp_network *net)
{
    bp_layer **queue = bpi_allocate(&net->allocator, net->layer_count, sizeof(bp_layer *));
    if (queue == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory to check %zu layers", function, net->layer_count);
    size_t count = 0;
    for (size_t i = 0; i < net->layer_count; i++) {
        bp_layer *layer = net->layers[i];
        layer->reaches_output = is_output(net, layer);
        if (layer->reaches_output)
            queue[count++] = layer;
    }
    for (size_t done = 0; done < count; done++)
        count = mark_senders(queue[done], queue, count);
    bpi_release(&net->allocator, queue);
    for (size_t i = 0; i < net->layer_count; i++)
        if (!net->layers[i]->reaches_output)
            return fail_dead_end(function, net->layers[i]);
    return BP_OK;
}

static bool has_input(const bp_network *net)
{
    for (size_t i = 0; i < net->layer_count; i++)
        if (net->layers[i]->is_input)
            return true;
    return false;
}

/* Connections without delay run to later layers only. Without delayed ones, a layer that receives a
 * connection is thus reached from an input, and one that sends reaches an output: it is enough to check each
 * layer alone. */
static bp_status check_structure(const char *function, const bp_network *net)
{
    if (!has_input(net))
        return bpi_fail(BP_ERROR_STRUCTURE, "%s: the network has no input layer", function);
    const bp_layer *last = net->layers[net->layer_count - 1];
    if (net->output_count == 0 && last->is_input)
        return bpi_fail(BP_ERROR_STRUCTURE,
                        "%s: no layer is marked as output, and the last one, '%s', is an input", function,
                        last->name);
    for (size_t i = 0; i < net->layer_count; i++)
        BPI_TRY(check_layer(function, net->layers[i], is_output(net, net->layers[i])));
    return net->delayed_count == 0 ? BP_OK : check_all_reach_output(function, net);
}

/* ------------------------------------------------------------------ sizes */

/* Adds the weights of a layer, except those that it shares, which count for their owner. */
static bool add_weights(const bp_layer *layer, size_t *weights)
{
    for (size_t i = 0; i < layer->incoming_count; i++) {
        size_t matrix;
        if (layer->incoming[i]->shares != NULL)
            continue;
        if (!bpi_count_connection(layer->incoming[i], &matrix) || !bpi_add(*weights, matrix, weights))
            return false;
    }
    if (layer->shares_bias == NULL && !bpi_add(*weights, bpi_bias_count(layer), weights))
        return false;
    return !layer->learns_state || bpi_add(*weights, layer->units, weights);
}

bool bpi_count_weights(const bp_network *net, size_t *count)
{
    *count = 0;
    for (size_t i = 0; i < net->layer_count; i++)
        if (!add_weights(net->layers[i], count))
            return false;
    return true;
}

/* Do the outputs of a block, and the weights, have a size in bytes? */
static bool fits(size_t units, size_t weights)
{
    size_t values, bytes;
    return bpi_multiply(units, MIN_BLOCK, &values) && bpi_multiply(values, sizeof(bp_real), &bytes) &&
           bpi_multiply(weights, sizeof(bp_real), &bytes);
}

/*
 * Limit on the units of all layers together, whose outputs for one case then take 1 GiB in float. Weights do
 * not limit them, as convolutions and masks may use few units of a layer: without it a file of some hundred
 * bytes could require any amount of memory in a workspace.
 */
enum { MAX_UNITS = 1 << 28 };

static bp_status fail_size(const char *function, const bp_layer *layer)
{
    return bpi_fail(BP_ERROR_OVERFLOW,
                    "%s: layer '%s' with %zu units makes the network too large to be computed", function,
                    layer->name, layer->units);
}

bp_status bpi_measure_units(const char *function, const bp_network *net)
{
    size_t units = 0;
    for (size_t i = 0; i < net->layer_count; i++)
        if (!bpi_add(units, net->layers[i]->units, &units) || units > MAX_UNITS || !fits(units, 0))
            return fail_size(function, net->layers[i]);
    return BP_OK;
}

static bp_status measure_weights(const char *function, const bp_network *net, size_t *weights)
{
    *weights = 0;
    for (size_t i = 0; i < net->layer_count; i++)
        if (!add_weights(net->layers[i], weights) || !fits(0, *weights))
            return fail_size(function, net->layers[i]);
    return BP_OK;
}

/* ----------------------------------------------------------------- layout */

/* Index of the owner's slice. A slice is laid out at its first use: if the owner has none yet, it gets the
 * next `count` weights of the vector. */
static size_t lay_out_slice(bp_network *net, size_t *owner_slice, size_t count)
{
    if (*owner_slice == BPI_NO_SLICE) {
        net->slices[net->slice_count] =
            (vector_slice){.offset = net->weight_count, .count = count, .training = bpi_default_training()};
        *owner_slice = net->slice_count++;
        net->weight_count += count;
    }
    return *owner_slice;
}

static void lay_out_weights(bp_network *net, bp_layer *layer)
{
    for (size_t i = 0; i < layer->incoming_count; i++) {
        bp_connection *connection = layer->incoming[i];
        connection->slice =
            lay_out_slice(net, &bpi_matrix_owner(connection)->slice, bpi_connection_weight_count(connection));
        connection->offset = net->slices[connection->slice].offset;
    }
    layer->bias_offset = net->weight_count;
    if (layer->has_bias) {
        layer->bias_slice = lay_out_slice(net, &bpi_bias_owner(layer)->bias_slice, bpi_bias_count(layer));
        layer->bias_offset = net->slices[layer->bias_slice].offset;
    }
    layer->state_offset = net->weight_count;
    if (layer->learns_state)
        lay_out_slice(net, &layer->state_slice, layer->units);
}

static void lay_out_columns(bp_network *net)
{
    for (size_t i = 0; i < net->layer_count; i++) {
        if (!net->layers[i]->is_input)
            continue;
        net->layers[i]->column = net->input_width;
        net->input_width += net->layers[i]->units;
    }
    for (size_t i = 0; i < net->output_count; i++) {
        const bp_layer *origin = net->outputs[i]->origin;
        net->outputs[i]->output_index = origin == NULL ? i : origin->output_index;
        net->outputs[i]->output_column = net->output_width;
        net->output_width += net->outputs[i]->units;
    }
}

/* ------------------------------------------------------------------- uses */

/* Records that connection or layer `index` uses each weight of a slice `uses` times. True if it is the first
 * to use the slice. */
static bool record_uses(bp_network *net, size_t slice, size_t index, size_t uses)
{
    vector_slice *used = &net->slices[slice];
    bool is_first = used->uses == 0;
    used->first = is_first || index < used->first ? index : used->first;
    used->uses += uses;
    return is_first;
}

/* In the order of the backward pass (engine/backward.c). */
static void count_uses(bp_network *net)
{
    for (size_t i = net->layer_count; i-- > 0;) {
        bp_layer *layer = net->layers[i];
        for (size_t j = 0; j < layer->incoming_count; j++) {
            bp_connection *connection = layer->incoming[j];
            connection->is_first_writer =
                record_uses(net, connection->slice, connection->index,
                            bpi_connection_structure(connection)->pairs_per_weight(connection));
        }
        if (layer->has_bias)
            layer->is_first_bias_writer = record_uses(net, layer->bias_slice, i, layer->units_per_bias);
        if (layer->learns_state)
            record_uses(net, layer->state_slice, i, 1);
    }
    for (size_t i = 0; i < net->slice_count; i++) {
        net->has_shared_slices |= net->slices[i].uses > 1;
        net->has_unused_slices |= net->slices[i].uses == 0;
    }
}

static bool has_plain_gradient(const bp_network *net)
{
    for (size_t i = 0; i < net->connection_count; i++)
        if (net->connections[i]->shape.kind != BP_CONNECTION_DENSE)
            return false;
    return !net->has_shared_slices && !net->has_unused_slices;
}

static size_t choose_block(const bp_network *net)
{
    size_t units = 0, cases = MAX_BLOCK;
    for (size_t i = 0; i < net->layer_count; i++)
        units += net->layers[i]->units;
    while (cases > MIN_BLOCK && units > BLOCK_VALUES / cases)
        cases /= 2;
    return cases;
}

void bpi_finish_layout(bp_network *net)
{
    lay_out_columns(net);
    count_uses(net);
    net->has_plain_gradient = has_plain_gradient(net);
    net->block_cases = choose_block(net);
    bpi_find_fixed_layers(net);
    net->finalized = true;
}

/* -------------------------------------------------------------- finalizing */

/* Allocates the weights and an empty list of slices. */
static bp_status allocate(const char *function, bp_network *net, size_t weights)
{
    size_t slices = net->connection_count + 2 * net->layer_count; /* biases and state of each layer */
    net->weights = net->changing_weights =
        bpi_allocate_zeroed(&net->allocator, weights, sizeof *net->weights);
    net->slices = bpi_allocate_zeroed(&net->allocator, slices, sizeof *net->slices);
    if (net->weights == NULL || net->slices == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for %zu weights", function, weights);
    return BP_OK;
}

bp_status bpi_finalize(const char *function, bp_network *net)
{
    BPI_TRY(check_structure(function, net));
    size_t weights;
    BPI_TRY(bpi_measure_units(function, net));
    BPI_TRY(measure_weights(function, net, &weights));
    bp_status status = allocate(function, net, weights);
    if (status == BP_OK && net->output_count == 0)
        status = bpi_set_output(function, net->layers[net->layer_count - 1]);
    if (status != BP_OK) {
        bpi_release(&net->allocator, net->changing_weights);
        bpi_release(&net->allocator, net->slices);
        net->weights = net->changing_weights = NULL;
        net->slices = NULL;
        return status;
    }
    for (size_t i = 0; i < net->layer_count; i++)
        lay_out_weights(net, net->layers[i]);
    bpi_finish_layout(net);
    return BP_OK;
}

bp_status bp_network_finalize(bp_network *net)
{
    BPI_REQUIRE(net);
    BPI_TRY(bpi_require_unfinalized(__func__, net));
    return bpi_finalize(__func__, net);
}
