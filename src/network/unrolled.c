/*
 * Unrolling, [RHW86] figure 5: a recurrent network that runs for T time steps is a layered network with one
 * copy of each layer per step, in which corresponding connections have the same weights.
 */
#include "network/unrolled.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "network/change_weights.h"
#include "network/connection.h"
#include "network/initial_state.h"
#include "network/layer.h"
#include "network/network.h"
#include "network/scaling.h"
#include "network/structure.h"

/* Layers times steps: a limit of about a gigabyte of structure, which a small file must not exceed. */
enum { MAX_COPIES = 1 << 20 };

/* The copy of a layer for a time step; step 0 is the state before the first. */
typedef struct layer_copy {
    bp_layer *layer;     /* NULL: the network has no such copy */
    bool reaches_output; /* at this step or a later one */
} layer_copy;

typedef struct unrolling {
    const char *function;
    const bp_network *original;
    bp_network *net;
    layer_copy *copies; /* a row of all layers for each of the steps 0 ... net->steps */
} unrolling;

static layer_copy *copy_at(const unrolling *made, size_t step, const bp_layer *layer)
{
    return &made->copies[step * made->original->layer_count + layer->index];
}

/* Steps count from 1. */
static bool has_flag(const bp_network *net, size_t step, enum step_flag flag)
{
    return (net->step_flags[step - 1] & flag) != 0;
}

/* ------------------------------------------------------------------ layers */

static bool reaches_output(const unrolling *made, size_t step, const bp_layer *layer)
{
    if (step > 0 && layer->is_output && has_flag(made->net, step, STEP_HAS_OUTPUT))
        return true;
    for (size_t i = 0; i < layer->outgoing_count; i++) {
        const bp_connection *connection = layer->outgoing[i];
        size_t arrival = step + connection->is_delayed;
        if (arrival > 0 && arrival <= made->net->steps &&
            copy_at(made, arrival, connection->to)->reaches_output)
            return true;
    }
    return false;
}

/* Backwards in time, so that the receivers of each connection are marked before its sender. */
static void mark_copies(const unrolling *made)
{
    const bp_network *original = made->original;
    for (size_t step = made->net->steps + 1; step-- > 0;)
        for (size_t i = original->layer_count; i-- > 0;)
            copy_at(made, step, original->layers[i])->reaches_output =
                reaches_output(made, step, original->layers[i]);
}

/* Does the network need this copy? Inputs are kept even where they reach no output, so that all steps have
 * the same columns. */
static bool is_needed(const unrolling *made, size_t step, const bp_layer *layer)
{
    if (step > 0 && layer->is_input)
        return has_flag(made->net, step, STEP_HAS_INPUT);
    return copy_at(made, step, layer)->reaches_output;
}

static char *copy_name(const bp_allocator *allocator, const bp_layer *layer, size_t step)
{
    enum { STEP_BYTES = 24 }; /* '@', a number, the end */
    size_t capacity = strlen(layer->name) + STEP_BYTES;
    char *name = bpi_allocate(allocator, capacity, 1);
    if (name != NULL)
        snprintf(name, capacity, "%s@%zu", layer->name, step);
    return name;
}

/* Names need no check: the part before the last '@' is unique in each step. */
static bp_status append_named(unrolling *made, size_t step, const bp_layer *layer, bp_layer **out)
{
    bp_network *net = made->net;
    char *name = copy_name(&net->allocator, layer, step);
    if (name == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for layer '%s' at step %zu", made->function,
                        layer->name, step);
    bp_activation linear = bp_activation_linear();
    const bp_activation *activation = &layer->activation;
    if (step == 0)
        activation = &linear;
    else if (layer->is_input)
        activation = NULL;
    bp_status status = bpi_append_layer(out, made->function, net, name, layer->units, activation);
    bpi_release(&net->allocator, name);
    return status;
}

/* The copy for step 0: linear, without connections, with the initial state as its total input. */
static bp_status make_state(const unrolling *made, const bp_layer *layer, bp_layer *copy)
{
    copy->has_bias = false;
    copy->state_slice = layer->state_slice;
    copy->state_offset = layer->state_offset;
    if (!layer->has_initial_state)
        return BP_OK;
    return bpi_set_initial_state(made->function, copy, layer->initial_state, layer->learns_state);
}

static bp_status add_layer(unrolling *made, size_t step, bp_layer *layer)
{
    if (!is_needed(made, step, layer))
        return BP_OK;
    bp_layer *copy;
    BPI_TRY(append_named(made, step, layer, &copy));
    copy_at(made, step, layer)->layer = copy;
    if (step == 0)
        return make_state(made, layer, copy);
    copy->origin = layer;
    copy->dropout = layer->dropout;
    copy->noise = layer->noise;
    copy->has_bias = layer->has_bias;
    copy->units_per_bias = layer->units_per_bias;
    copy->bias_slice = layer->bias_slice;
    copy->bias_offset = layer->bias_offset;
    return BP_OK;
}

/* ------------------------------------------------------------- connections */

/* The incoming connections of a layer at a step, except from inputs that the sending step does not have. */
static bp_status add_incoming(const unrolling *made, size_t step, const bp_layer *layer)
{
    bp_layer *to = copy_at(made, step, layer)->layer;
    for (size_t i = 0; to != NULL && i < layer->incoming_count; i++) {
        bp_connection *connection = layer->incoming[i], *copy;
        bp_layer *from = copy_at(made, step - connection->is_delayed, connection->from)->layer;
        if (from == NULL)
            continue;
        BPI_TRY(bpi_append_connection(&copy, made->function, made->net, from, to));
        copy->origin = connection;
        copy->shape = connection->shape;
        copy->slice = connection->slice;
        copy->offset = connection->offset;
    }
    return BP_OK;
}

static bp_status add_outputs(const unrolling *made, size_t step)
{
    const bp_network *original = made->original;
    if (!has_flag(made->net, step, STEP_HAS_OUTPUT))
        return BP_OK;
    for (size_t i = 0; i < original->output_count; i++)
        BPI_TRY(bpi_set_output(made->function, copy_at(made, step, original->outputs[i])->layer));
    return BP_OK;
}

static bp_status build_structure(unrolling *made)
{
    const bp_network *original = made->original;
    mark_copies(made);
    for (size_t step = 0; step <= made->net->steps; step++) {
        for (size_t i = 0; i < original->layer_count; i++)
            BPI_TRY(add_layer(made, step, original->layers[i]));
        if (step == 0)
            continue;
        for (size_t i = 0; i < original->layer_count; i++)
            BPI_TRY(add_incoming(made, step, original->layers[i]));
        BPI_TRY(add_outputs(made, step));
    }
    return bpi_measure_units(made->function, made->net);
}

/* ------------------------------------------------------------------ values */

static size_t count_steps(const bp_network *net, enum step_flag flag)
{
    size_t count = 0;
    for (size_t step = 1; step <= net->steps; step++)
        count += has_flag(net, step, flag);
    return count;
}

/* Weights and slices as in the original; its scaling is repeated for each step. */
static bp_status copy_values(const unrolling *made)
{
    const bp_network *original = made->original;
    bp_network *net = made->net;
    const bp_allocator *allocator = &net->allocator;
    net->weights = net->changing_weights =
        bpi_allocate(allocator, original->weight_count, sizeof *net->weights);
    net->slices = bpi_allocate_zeroed(allocator, original->slice_count, sizeof *net->slices);
    if (net->weights == NULL || net->slices == NULL ||
        !bpi_scaling_copy(allocator, &net->input_scaling, &original->input_scaling, original->input_width,
                          count_steps(net, STEP_HAS_INPUT)) ||
        !bpi_scaling_copy(allocator, &net->target_scaling, &original->target_scaling, original->output_width,
                          count_steps(net, STEP_HAS_OUTPUT)))
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the weights and scaling of %zu steps",
                        made->function, net->steps);
    memcpy(bpi_change_weights(net), original->weights, original->weight_count * sizeof *net->weights);
    net->weight_count = original->weight_count;
    net->weights_set = original->weights_set;
    net->weights_drawn = original->weights_drawn;
    net->scaling_origin = original->scaling_origin;
    for (size_t i = 0; i < original->slice_count; i++)
        net->slices[i] = (vector_slice){.offset = original->slices[i].offset,
                                        .count = original->slices[i].count,
                                        .training = original->slices[i].training};
    net->slice_count = original->slice_count;
    return BP_OK;
}

/* ------------------------------------------------------------------- whole */

/* Builds the layered network in the empty made->net. */
static bp_status unroll(unrolling *made, const unsigned char *flags)
{
    bp_network *net = made->net;
    net->step_flags = bpi_allocate(&net->allocator, net->steps, 1);
    if (net->step_flags == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for %zu steps", made->function, net->steps);
    memcpy(net->step_flags, flags, net->steps);
    BPI_TRY(build_structure(made));
    BPI_TRY(copy_values(made));
    bpi_finish_layout(net);
    return BP_OK;
}

bp_status bpi_check_steps(const char *function, const bp_network *original, size_t steps)
{
    if (steps >= MAX_COPIES || (steps + 1) > MAX_COPIES / original->layer_count)
        return bpi_fail(BP_ERROR_OVERFLOW,
                        "%s: steps is %zu; a network of %zu layers can be unrolled over at most %zu",
                        function, steps, original->layer_count, MAX_COPIES / original->layer_count - 1);
    return BP_OK;
}

bp_status bpi_unroll(bp_network **out, const char *function, bp_network *original, size_t steps,
                     const unsigned char *flags)
{
    BPI_TRY(bpi_check_steps(function, original, steps));
    unrolling made = {.function = function, .original = original};
    BPI_TRY(bpi_network_new(&made.net, function, &original->allocator, original->kernel));
    made.net->steps = steps;
    made.copies =
        bpi_allocate_zeroed(&original->allocator, (steps + 1) * original->layer_count, sizeof *made.copies);
    bp_status status = BP_OK;
    if (made.copies == NULL)
        status = bpi_fail(BP_ERROR_MEMORY, "%s: no memory for %zu steps", function, steps);
    if (status == BP_OK)
        status = unroll(&made, flags);
    bpi_release(&original->allocator, made.copies);
    if (status != BP_OK) {
        bp_network_destroy(made.net);
        return status;
    }
    made.net->original = original;
    *out = made.net;
    return BP_OK;
}
