#include "reference/comparison.h"

#include <math.h>
#include <stdlib.h>

comparison comparison_create(const bp_network *net, const bp_data *data)
{
    comparison c = {.net = net};
    bp_network_weights(net, &c.weights);
    c.input_values = data->cases * bp_network_input_width(net);
    c.output_values = data->cases * bp_network_output_width(net);
    c.gradient = new_reals(c.weights);
    c.input_gradient = new_reals(c.input_values);
    c.outputs = new_reals(c.output_values);
    c.wanted_gradient = new_doubles(c.weights);
    c.wanted_input_gradient = new_doubles(c.input_values);
    c.wanted_outputs = new_doubles(c.output_values);
    return c;
}

void comparison_destroy(comparison *c)
{
    free(c->gradient);
    free(c->input_gradient);
    free(c->outputs);
    free(c->wanted_gradient);
    free(c->wanted_input_gradient);
    free(c->wanted_outputs);
}

void comparison_run(comparison *c, const bp_data *data, bp_loss loss, size_t max_cases)
{
    bp_workspace *workspace = NULL;
    double input_error;
    bp_evaluation evaluation;
    bp_evaluation_init(&evaluation, sizeof evaluation);
    for (size_t i = 0; i < c->weights; i++) /* every one must be written */
        c->gradient[i] = 1000;
    assert_ok(bp_workspace_create(&workspace, c->net, max_cases));
    assert_ok(bp_network_predict(c->net, workspace, data, c->outputs));
    assert_ok(bp_network_gradient(c->net, workspace, data, loss, &c->error, c->gradient));
    assert_ok(bp_network_input_gradient(c->net, workspace, data, loss, &input_error, c->input_gradient));
    assert_ok(bp_network_evaluate(c->net, workspace, data, loss, NULL, &evaluation));
    assert_true(input_error == c->error);
    assert_close(evaluation.error, c->error, TOLERANCE(1e-6, 1e-13));
    bp_workspace_destroy(workspace);
}

reference_result comparison_wanted(comparison *c)
{
    return (reference_result){&c->wanted_error, c->wanted_outputs, c->wanted_gradient,
                              c->wanted_input_gradient};
}

/* Do the biases of a layer stand in the place of those of this one? */
static int uses_biases_of(const bp_layer *layer, const bp_layer *other)
{
    return bp_layer_has_bias(other) && bp_layer_bias_offset(other) == bp_layer_bias_offset(layer);
}

static double scale_of_biases(const comparison *c, const bp_layer *layer)
{
    double scale = max_abs(c->wanted_gradient + bp_layer_bias_offset(layer), bp_layer_bias_count(layer));
    for (size_t i = 0; i < bp_network_connection_count(c->net); i++) {
        const bp_connection *connection = bp_network_connection(c->net, i);
        if (uses_biases_of(layer, bp_connection_to(connection)))
            scale = fmax(scale, max_abs(c->wanted_gradient + bp_connection_offset(connection),
                                        bp_connection_weight_count(connection)));
    }
    return scale;
}

static void assert_gradient(const comparison *c, double tolerance, const char *name, int seed)
{
    for (size_t i = 0; i < bp_network_connection_count(c->net); i++) {
        const bp_connection *connection = bp_network_connection(c->net, i);
        size_t offset = bp_connection_offset(connection);
        assert_all_close(c->gradient + offset, c->wanted_gradient + offset,
                         bp_connection_weight_count(connection), tolerance,
                         "%s, seed %d: connection %zu, weight", name, seed, i);
    }
    for (size_t i = 0; i < bp_network_layer_count(c->net); i++) {
        const bp_layer *layer = bp_network_layer(c->net, i);
        size_t offset = bp_layer_bias_offset(layer);
        if (bp_layer_has_bias(layer))
            assert_all_within(c->gradient + offset, c->wanted_gradient + offset, bp_layer_bias_count(layer),
                              tolerance * scale_of_biases(c, layer), "%s, seed %d: layer %zu, bias", name,
                              seed, i);
    }
}

void comparison_assert(const comparison *c, comparison_tolerance tolerance, const char *name, uint64_t seed)
{
    const int number = (int)seed;
    assert_close(c->error, c->wanted_error, tolerance.error);
    assert_all_close(c->outputs, c->wanted_outputs, c->output_values, tolerance.error, "%s, seed %d: output",
                     name, number);
    assert_gradient(c, tolerance.gradient, name, number);
    assert_all_close(c->input_gradient, c->wanted_input_gradient, c->input_values, tolerance.gradient,
                     "%s, seed %d: derivative of input", name, number);
}
