#include "reference/reading.h"

#include <stdlib.h>

#include "reference/shape.h"
#include "support/arrays.h"

static double *widened(const bp_real *values, size_t count)
{
    double *wide = new_doubles(count);
    for (size_t i = 0; i < count; i++)
        wide[i] = (double)values[i];
    return wide;
}

static void read_layers(reference *ref, const bp_network *net)
{
    ref->layer_count = bp_network_layer_count(net);
    assert_in_range(ref->layer_count, 1, REFERENCE_LAYERS);
    for (size_t i = 0; i < ref->layer_count; i++) {
        const bp_layer *layer = bp_network_layer(net, i);
        bp_activation activation = bp_layer_activation(layer);
        const char *name = bp_activation_name(&activation);
        ref->layers[i] = (reference_layer){.units = bp_layer_units(layer),
                                           .activation = name,
                                           .formula = reference_activation_by_name(name),
                                           .is_input = bp_layer_is_input(layer),
                                           .is_output = bp_layer_is_output(layer),
                                           .has_bias = bp_layer_has_bias(layer),
                                           .units_per_bias = 1};
        if (ref->layers[i].is_input) {
            ref->layers[i].column = ref->input_width;
            ref->input_width += ref->layers[i].units;
        }
    }
}

static void read_connections(reference *ref, const bp_network *net)
{
    ref->connection_count = bp_network_connection_count(net);
    assert_in_range(ref->connection_count, 1, REFERENCE_CONNECTIONS);
    for (size_t i = 0; i < ref->connection_count; i++) {
        const bp_connection *connection = bp_network_connection(net, i);
        ref->connections[i] = (reference_connection){.from = bp_layer_index(bp_connection_from(connection)),
                                                     .to = bp_layer_index(bp_connection_to(connection)),
                                                     .is_delayed = bp_connection_is_delayed(connection)};
        reference_number_weights(ref, net, i);
    }
}

/*
 * The order of the weight vector that the public header promises, found without asking the library but for
 * what is shared: that has the offset of an earlier place of the same size.
 */
static void place_connection(reference *ref, const bp_network *net, size_t n)
{
    reference_connection *connection = &ref->connections[n];
    connection->offset = bp_connection_offset(bp_network_connection(net, n));
    if (connection->offset < ref->weight_count) {
        int found = 0;
        for (size_t m = 0; m < ref->connection_count; m++)
            found |= m != n && ref->connections[m].offset == connection->offset &&
                     ref->connections[m].count == connection->count;
        assert_true(found);
        return;
    }
    assert_int_equal(connection->offset, ref->weight_count);
    ref->weight_count += connection->count;
}

static void place_biases(reference *ref, const bp_network *net, size_t l)
{
    reference_layer *layer = &ref->layers[l];
    if (!layer->has_bias)
        return;
    layer->bias = bp_layer_bias_offset(bp_network_layer(net, l));
    if (layer->bias < ref->weight_count) {
        int found = 0;
        for (size_t m = 0; m < l; m++)
            found |= ref->layers[m].has_bias && ref->layers[m].bias == layer->bias &&
                     ref->layers[m].units == layer->units &&
                     ref->layers[m].units_per_bias == layer->units_per_bias;
        assert_true(found);
        return;
    }
    assert_int_equal(layer->bias, ref->weight_count);
    ref->weight_count += layer->units / layer->units_per_bias;
}

static void place_weights(reference *ref, const bp_network *net)
{
    for (size_t n = 0; n < ref->connection_count; n++)
        ref->connections[n].offset = SIZE_MAX;
    for (size_t l = 0; l < ref->layer_count; l++) {
        for (size_t n = 0; n < ref->connection_count; n++)
            if (ref->connections[n].to == l)
                place_connection(ref, net, n);
        place_biases(ref, net, l);
        if (bp_layer_state_count(bp_network_layer(net, l)) == 0)
            continue;
        ref->layers[l].learns_state = 1;
        ref->layers[l].state = ref->weight_count;
        assert_int_equal(bp_layer_state_offset(bp_network_layer(net, l)), ref->weight_count);
        ref->weight_count += ref->layers[l].units;
    }
}

static void read_initial_states(reference *ref, const bp_network *net)
{
    for (size_t l = 0; l < ref->layer_count; l++) {
        size_t units = ref->layers[l].units;
        bp_real *values = calloc(units, sizeof *values);
        assert_non_null(values);
        assert_ok(bp_layer_get_initial_state(bp_network_layer(net, l), values, units));
        ref->layers[l].initial = widened(values, units);
        free(values);
    }
}

static void read_scaling(reference *ref, const bp_network *net)
{
    size_t most = ref->input_width > ref->output_width ? ref->input_width : ref->output_width;
    bp_real *offset = calloc(most, sizeof *offset), *factor = calloc(most, sizeof *factor);
    assert_non_null(offset);
    assert_non_null(factor);
    assert_ok(bp_network_get_input_scaling(net, offset, factor, ref->input_width));
    ref->input_offset = widened(offset, ref->input_width);
    ref->input_factor = widened(factor, ref->input_width);
    assert_ok(bp_network_get_target_scaling(net, offset, factor, ref->output_width));
    ref->target_offset = widened(offset, ref->output_width);
    ref->target_factor = widened(factor, ref->output_width);
    free(offset);
    free(factor);
}

void reference_read(reference *ref, const bp_network *net, const size_t *outputs, size_t output_count)
{
    read_layers(ref, net);
    read_connections(ref, net);
    place_weights(ref, net);
    size_t last = ref->layer_count - 1;
    for (size_t i = 0; i < (outputs == NULL ? 1 : output_count); i++) {
        reference_layer *layer = &ref->layers[outputs == NULL ? last : outputs[i]];
        assert_true(layer->is_output);
        layer->column = ref->output_width;
        ref->output_width += layer->units;
    }
    assert_int_equal(ref->input_width, bp_network_input_width(net));
    assert_int_equal(ref->output_width, bp_network_output_width(net));
    size_t weight_count;
    const bp_real *weights = bp_network_weights(net, &weight_count);
    assert_int_equal(ref->weight_count, weight_count);
    ref->weights = widened(weights, ref->weight_count);
    read_scaling(ref, net);
    read_initial_states(ref, net);
}
