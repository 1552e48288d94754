/* Finalizing a network: is its structure sound, and where does each weight and each column stand? */
#include "base/memory.h"
#include "base/status.h"
#include "model/network.h"

/*
 * How many cases are worked on at once: a power of two such that the outputs of all layers for one block are
 * near 1 MiB of floats, which the second-level cache of most machines holds. It depends on the sizes of the
 * layers alone, so that sums over cases are cut in the same places everywhere.
 */
enum { BLOCK_LEAST = 16, BLOCK_GREATEST = 256, BLOCK_VALUES = 1 << 18 };

/* The sizes of a network. */
typedef struct network_extent {
    size_t units, weights;
} network_extent;

/* ----------------------------------------------------------------- checks */

static bp_status check_layer(const char *function, const bp_layer *layer, bool is_output)
{
    if (!layer->is_input && layer->incoming_count == 0)
        return bpi_fail(BP_ERROR_STRUCTURE, "%s: layer '%s' receives no connection", function, layer->name);
    if (!is_output && layer->outgoing_count == 0)
        return bpi_fail(BP_ERROR_STRUCTURE, "%s: layer '%s' does not lead to an output", function,
                        layer->name);
    return BP_OK;
}

static bool has_input(const bp_network *net)
{
    for (size_t i = 0; i < net->layer_count; i++)
        if (net->layers[i]->is_input)
            return true;
    return false;
}

/*
 * Connections only run to later layers, so it is enough to look at each layer alone: one that receives
 * something does so, step by step backwards, from an input, and one that sends leads to an output.
 */
static bp_status check_structure(const char *function, const bp_network *net)
{
    if (!has_input(net))
        return bpi_fail(BP_ERROR_STRUCTURE, "%s: the network has no input layer", function);
    const bp_layer *last = net->layers[net->layer_count - 1];
    if (net->output_count == 0 && last->is_input)
        return bpi_fail(BP_ERROR_STRUCTURE,
                        "%s: no layer is marked as output, and the last one, '%s', is an input", function,
                        last->name);
    for (size_t i = 0; i < net->layer_count; i++) {
        const bp_layer *layer = net->layers[i];
        BPI_TRY(check_layer(function, layer, layer->is_output || (net->output_count == 0 && layer == last)));
    }
    return BP_OK;
}

/* ------------------------------------------------------------------ sizes */

static bool measure_incoming(const bp_layer *layer, size_t *weights)
{
    for (size_t i = 0; i < layer->incoming_count; i++) {
        size_t matrix;
        if (!bpi_multiply(layer->units, layer->incoming[i]->from->units, &matrix) ||
            !bpi_add(*weights, matrix, weights))
            return false;
    }
    return !layer->has_bias || bpi_add(*weights, layer->units, weights);
}

static bool measure_layer(const bp_layer *layer, network_extent *extent)
{
    size_t values, bytes;
    return measure_incoming(layer, &extent->weights) &&
           bpi_add(extent->units, layer->units, &extent->units) &&
           bpi_multiply(extent->weights, sizeof(bp_real), &bytes) &&
           bpi_multiply(extent->units, BLOCK_LEAST, &values) && bpi_multiply(values, sizeof(bp_real), &bytes);
}

/* Sizes of the whole; OVERFLOW with the layer at which one can no longer be computed. */
static bp_status measure(const char *function, const bp_network *net, network_extent *extent)
{
    for (size_t i = 0; i < net->layer_count; i++)
        if (!measure_layer(net->layers[i], extent))
            return bpi_fail(BP_ERROR_OVERFLOW,
                            "%s: layer '%s' with %zu units makes the network too large to be computed",
                            function, net->layers[i]->name, net->layers[i]->units);
    return BP_OK;
}

/* ----------------------------------------------------------------- layout */

static void place_weights(bp_layer *layer, size_t *next)
{
    for (size_t i = 0; i < layer->incoming_count; i++) {
        layer->incoming[i]->offset = *next;
        *next += bpi_connection_weight_count(layer->incoming[i]);
    }
    layer->bias_offset = *next;
    *next += layer->has_bias ? layer->units : 0;
}

static void place_columns(bp_network *net)
{
    for (size_t i = 0; i < net->layer_count; i++) {
        if (!net->layers[i]->is_input)
            continue;
        net->layers[i]->column = net->input_width;
        net->input_width += net->layers[i]->units;
    }
    for (size_t i = 0; i < net->output_count; i++) {
        net->outputs[i]->output_column = net->output_width;
        net->output_width += net->outputs[i]->units;
    }
}

static size_t choose_block(size_t units)
{
    size_t cases = BLOCK_GREATEST;
    while (cases > BLOCK_LEAST && units > BLOCK_VALUES / cases)
        cases /= 2;
    return cases;
}

bp_status bpi_finalize(const char *function, bp_network *net)
{
    BPI_TRY(check_structure(function, net));
    network_extent sizes = {0};
    BPI_TRY(measure(function, net, &sizes));
    bp_real *weights = bpi_allocate_zeroed(&net->allocator, sizes.weights, sizeof *weights);
    if (weights == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for %zu weights", function, sizes.weights);
    if (net->output_count == 0) {
        bp_status status = bpi_set_output(function, net->layers[net->layer_count - 1]);
        if (status != BP_OK) {
            bpi_release(&net->allocator, weights);
            return status;
        }
    }
    net->weights = weights;
    for (size_t i = 0; i < net->layer_count; i++)
        place_weights(net->layers[i], &net->weight_count);
    place_columns(net);
    net->block_cases = choose_block(sizes.units);
    net->finalized = true;
    return BP_OK;
}

bp_status bp_network_finalize(bp_network *net)
{
    BPI_REQUIRE(net);
    BPI_TRY(bpi_require_open(__func__, net));
    return bpi_finalize(__func__, net);
}
