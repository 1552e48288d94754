/* Unrolled networks against back-propagation through time in plain loops, on random recurrent networks. */
#include <math.h>
#include <stdlib.h>

#include "reference/random_recurrent.h"
#include "support/support.h"

enum { NETWORKS = 400 };

static const double gradient_tolerance = TOLERANCE(1e-5, 1e-12);
static const double error_tolerance = TOLERANCE(1e-6, 1e-13);
static const double kink = TOLERANCE(1e-5, 1e-13); /* rounding can carry a ReLU unit this far */

/* What library and oracle say. */
typedef struct comparison {
    random_recurrent *random;
    size_t weights, input_values, output_values;
    double error, ref_error;
    bp_real *gradient, *input_gradient, *outputs;
    double *ref_gradient, *ref_input_gradient, *ref_outputs;
} comparison;

static void *room(size_t count, size_t size)
{
    void *block = calloc(count, size);
    assert_non_null(block);
    return block;
}

static comparison compare(uint64_t seed)
{
    comparison c = {.random = random_recurrent_create(seed)};
    random_recurrent *random = c.random;
    const bp_network *net = random->unrolled;
    bp_workspace *workspace = NULL;
    bp_network_weights(net, &c.weights);
    c.input_values = random->data.cases * bp_network_input_width(net);
    c.output_values = random->data.cases * bp_network_output_width(net);
    c.gradient = room(c.weights, sizeof(bp_real));
    c.input_gradient = room(c.input_values, sizeof(bp_real));
    c.outputs = room(c.output_values, sizeof(bp_real));
    c.ref_gradient = room(c.weights, sizeof(double));
    c.ref_input_gradient = room(c.input_values, sizeof(double));
    c.ref_outputs = room(c.output_values, sizeof(double));
    for (size_t i = 0; i < c.weights; i++) /* every one must be written */
        c.gradient[i] = 1000;

    double input_error;
    assert_ok(bp_workspace_create(&workspace, net, 1 + (size_t)seed % 30));
    assert_ok(bp_network_predict(net, workspace, &random->data, c.outputs));
    assert_ok(bp_network_gradient(net, workspace, &random->data, random->loss, &c.error, c.gradient));
    assert_ok(bp_network_input_gradient(net, workspace, &random->data, random->loss, &input_error,
                                        c.input_gradient));
    assert_true(input_error == c.error);
    bp_workspace_destroy(workspace);
    recurrent_run(random->ref, &random->times, &random->data, random->ref_loss,
                  &(reference_result){&c.ref_error, c.ref_outputs, c.ref_gradient, c.ref_input_gradient});
    return c;
}

static void release(comparison *c)
{
    free(c->gradient);
    free(c->input_gradient);
    free(c->outputs);
    free(c->ref_gradient);
    free(c->ref_input_gradient);
    free(c->ref_outputs);
    random_recurrent_destroy(c->random);
}

static double greatest(const double *values, size_t count)
{
    double most = 0;
    for (size_t i = 0; i < count; i++)
        most = fmax(most, fabs(values[i]));
    return most;
}

static void assert_within(const bp_real *got, const double *wanted, size_t count, double allowed,
                          uint64_t seed, const char *what, size_t index)
{
    for (size_t i = 0; i < count; i++)
        if (!(fabs((double)got[i] - wanted[i]) <= allowed))
            fail_msg("seed %d: %s %zu: value %zu deviates by %g where %g is allowed", (int)seed, what, index,
                     i, fabs((double)got[i] - wanted[i]), allowed);
}

static void assert_slice_close(const bp_real *got, const double *wanted, size_t count, double tolerance,
                               uint64_t seed, const char *what, size_t index)
{
    assert_within(got, wanted, count, tolerance * greatest(wanted, count), seed, what, index);
}

/* Do the biases of a layer stand in the place of those of this one? */
static int uses_biases_of(const bp_layer *layer, const bp_layer *other)
{
    return bp_layer_has_bias(other) && bp_layer_bias_offset(other) == bp_layer_bias_offset(layer);
}

/* A bias is one more weight of its unit, and is judged by the scale of all weights into the layers that have
 * it. */
static void assert_biases_close(const comparison *c, const bp_layer *layer, uint64_t seed)
{
    const bp_network *net = c->random->net;
    size_t offset = bp_layer_bias_offset(layer), count = bp_layer_bias_count(layer);
    double scale = greatest(c->ref_gradient + offset, count);
    for (size_t i = 0; i < bp_network_connection_count(net); i++) {
        const bp_connection *connection = bp_network_connection(net, i);
        if (uses_biases_of(layer, bp_connection_to(connection)))
            scale = fmax(scale, greatest(c->ref_gradient + bp_connection_offset(connection),
                                         bp_connection_weight_count(connection)));
    }
    assert_within(c->gradient + offset, c->ref_gradient + offset, count, gradient_tolerance * scale, seed,
                  "biases of layer", bp_layer_index(layer));
}

/* All cases begin at one initial state, and their derivatives may all but cancel: the scale is the greatest
 * sum of their sizes. */
static double scale_of_state(const comparison *c, size_t offset, size_t count)
{
    random_recurrent *random = c->random;
    double *one = room(c->weights, sizeof *one), *sums = room(count, sizeof *sums);
    for (size_t row = 0; row < random->data.cases; row++) {
        bp_data data = random->data;
        data.cases = 1;
        data.inputs += row * data.input_width;
        data.targets += row * data.target_width;
        data.case_weights = data.case_weights == NULL ? NULL : data.case_weights + row;
        recurrent_run(random->ref, &random->times, &data, random->ref_loss,
                      &(reference_result){.gradient = one});
        for (size_t i = 0; i < count; i++)
            sums[i] += fabs(one[offset + i]);
    }
    double scale = greatest(sums, count);
    free(one);
    free(sums);
    return scale;
}

static void assert_state_close(const comparison *c, const bp_layer *layer, uint64_t seed)
{
    size_t offset = bp_layer_state_offset(layer), count = bp_layer_state_count(layer);
    if (count > 0)
        assert_within(c->gradient + offset, c->ref_gradient + offset, count,
                      gradient_tolerance * scale_of_state(c, offset, count), seed, "initial state of layer",
                      bp_layer_index(layer));
}

static void assert_gradients_close(const comparison *c, uint64_t seed)
{
    const bp_network *net = c->random->net;
    for (size_t i = 0; i < bp_network_connection_count(net); i++) {
        const bp_connection *connection = bp_network_connection(net, i);
        size_t offset = bp_connection_offset(connection);
        assert_slice_close(c->gradient + offset, c->ref_gradient + offset,
                           bp_connection_weight_count(connection), gradient_tolerance, seed, "connection", i);
    }
    for (size_t i = 0; i < bp_network_layer_count(net); i++) {
        const bp_layer *layer = bp_network_layer(net, i);
        if (bp_layer_has_bias(layer))
            assert_biases_close(c, layer, seed);
        assert_state_close(c, layer, seed);
    }
}

static void test_unrolled_gradient_is_back_propagation_through_time(void **state)
{
    (void)state;
    size_t compared = 0;
    for (uint64_t seed = 1; compared < NETWORKS; seed++) {
        comparison c = compare(seed);
        if (c.random->ref->closest_kink > kink) {
            assert_close(c.error, c.ref_error, error_tolerance);
            assert_slice_close(c.outputs, c.ref_outputs, c.output_values, error_tolerance, seed, "outputs",
                               0);
            assert_gradients_close(&c, seed);
            assert_slice_close(c.input_gradient, c.ref_input_gradient, c.input_values, gradient_tolerance,
                               seed, "inputs", 0);
            compared++;
        }
        release(&c);
    }
}

/* Steps of a case side by side may be handed over as steps, where inputs and outputs have equally many. */
static void test_data_with_steps(void **state)
{
    (void)state;
    size_t compared = 0;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        comparison c = compare(seed);
        const random_recurrent *random = c.random;
        bp_data data = random->data;
        data.input_width = bp_network_input_width(random->net);
        data.target_width = bp_network_output_width(random->net);
        data.steps = random->data.input_width / data.input_width;
        if (data.steps > 1 && data.steps * data.target_width == random->data.target_width) {
            bp_workspace *workspace = NULL;
            bp_real *gradient = room(c.weights, sizeof *gradient);
            double error;
            assert_ok(bp_workspace_create(&workspace, random->unrolled, 5));
            assert_ok(
                bp_network_gradient(random->unrolled, workspace, &data, random->loss, &error, gradient));
            assert_true(error == c.error);
            assert_memory_equal(gradient, c.gradient, c.weights * sizeof *gradient);
            bp_workspace_destroy(workspace);
            free(gradient);
            compared++;
        }
        release(&c);
    }
    assert_true(compared > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unrolled_gradient_is_back_propagation_through_time),
        cmocka_unit_test(test_data_with_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
