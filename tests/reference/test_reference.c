/* Is the oracle right? It is held against central differences and against the worked example's 15 digits. */
#include "reference/reference.h"

#include <math.h>
#include <stdlib.h>

#include "reference/random_network.h"
#include "reference/worked_example.h"
#include "support/arrays.h"

static double error_at(random_network *random)
{
    double error;
    reference_run(random->ref, &random->data, random->ref_loss, &(reference_result){.error = &error});
    return error;
}

/* dE/dvalue by central differences of fourth order; the error of the formula is of the order step^4. */
static double difference(random_network *random, double *value)
{
    const double step = 1e-3, offsets[4] = {-2, -1, 1, 2};
    double at = *value, error[4];
    for (int i = 0; i < 4; i++) {
        *value = at + offsets[i] * step;
        error[i] = error_at(random);
    }
    *value = at;
    return (error[0] - 8 * error[1] + 8 * error[2] - error[3]) / (12 * step);
}

/* Is every ReLU unit so far from its kink that no step of a difference takes it across? */
static int is_smooth(const random_network *random)
{
    return random->ref->closest_kink > 0.05;
}

/*
 * A slice of the gradient against differences in the values it belongs to, to 1e-7 of its greatest element;
 * at most 20 of its elements, spread over it. E has relative rounding errors of 1e-16, which a difference
 * over 1e-3 turns into 1e-13 E: a slice below 1e-5 E is too small for differences to judge. Returns how many
 * were compared.
 */
static size_t compare_slice(random_network *random, double *values, const double *gradient, size_t count,
                            double sign, double error)
{
    double scale = max_abs(gradient, count);
    size_t compared = 0;
    if (scale < 1e-5 * error)
        return 0;
    for (size_t i = 0; i < count; i += 1 + count / 20, compared++) {
        double wanted = sign * difference(random, &values[i]);
        if (!(fabs(wanted - gradient[i]) <= 1e-7 * scale))
            fail_msg("value %zu: %.12g, by differences %.12g, greatest %.12g", i, gradient[i], wanted, scale);
    }
    return compared;
}

static size_t compare_weights(random_network *random, const double *gradient, double error)
{
    const reference *ref = random->ref;
    size_t compared = 0;
    for (size_t n = 0; n < ref->connection_count; n++) {
        const reference_connection *connection = &ref->connections[n];
        compared += compare_slice(random, ref->weights + connection->offset, gradient + connection->offset,
                                  connection->count, 1, error);
    }
    for (size_t l = 0; l < ref->layer_count; l++) {
        const reference_layer *layer = &ref->layers[l];
        if (layer->has_bias)
            compared += compare_slice(random, ref->weights + layer->bias, gradient + layer->bias,
                                      layer->units / layer->units_per_bias, 1, error);
    }
    return compared;
}

static void test_gradient_equals_differences(void **state)
{
    (void)state;
    size_t compared = 0;
    for (uint64_t seed = 1; compared < 4000; seed++) {
        random_network *random = random_network_create(seed);
        double *gradient = calloc(random->ref->weight_count, sizeof *gradient), error;
        assert_non_null(gradient);
        if (random->data.cases > 5)
            random->data.cases = 5;
        reference_run(random->ref, &random->data, random->ref_loss,
                      &(reference_result){.error = &error, .gradient = gradient});
        if (is_smooth(random))
            compared += compare_weights(random, gradient, error);
        free(gradient);
        random_network_destroy(random);
    }
}

static void test_input_gradient_equals_differences(void **state)
{
    (void)state;
    size_t compared = 0;
    for (uint64_t seed = 1; compared < 300; seed++) {
        random_network *random = random_network_create(seed);
        double *gradient = calloc(random->ref->input_width, sizeof *gradient), error;
        assert_non_null(gradient);
        random->data.cases = 1;
        reference_run(random->ref, &random->data, random->ref_loss,
                      &(reference_result){.error = &error, .input_gradient = gradient});
        /* An offset moves the input the other way, without the rounding of a bp_real. */
        if (is_smooth(random))
            compared += compare_slice(random, random->ref->input_offset, gradient, random->ref->input_width,
                                      -1, error);
        free(gradient);
        random_network_destroy(random);
    }
}

static void test_worked_example(void **state)
{
    (void)state;
    bp_network *net = worked_example_network();
    reference *ref = reference_create(net, NULL, 0, NULL);
    for (size_t w = 0; w < WORKED_WEIGHTS; w++)
        ref->weights[w] = worked_example[0].weights[w];
    bp_real inputs[] = {(bp_real)WORKED_INPUT_1, (bp_real)WORKED_INPUT_2},
            target[] = {(bp_real)WORKED_TARGET};
    /* The decimal numbers, not what bp_real makes of them. */
    ref->input_offset[0] = (double)inputs[0] - WORKED_INPUT_1;
    ref->input_offset[1] = (double)inputs[1] - WORKED_INPUT_2;
    ref->target_offset[0] = (double)target[0] - WORKED_TARGET;
    bp_data data = bp_data_view(1, inputs, 2, target, 1);
    double last_update[WORKED_WEIGHTS] = {0};
    for (size_t step = 0; step < WORKED_STEPS; step++) {
        const worked_step *wanted = &worked_example[step];
        double error, output, gradient[WORKED_WEIGHTS], input_gradient[2];
        reference_run(ref, &data, REFERENCE_SQUARED_ERROR,
                      &(reference_result){&error, &output, gradient, input_gradient});
        assert_close(error, wanted->error, 1e-13);
        assert_close(output - ref->target_offset[0], wanted->y_out, 1e-13);
        for (size_t w = 0; w < WORKED_WEIGHTS; w++) {
            assert_close(ref->weights[w], wanted->weights[w], 1e-13);
            assert_close(gradient[w], wanted->gradient[w], 1e-13);
        }
        for (size_t i = 0; i < 2; i++)
            assert_close(input_gradient[i], wanted->input_gradient[i], 1e-13);
        reference_update(ref->weights, gradient, last_update, WORKED_WEIGHTS, 0.5, 0.9, 0);
    }
    reference_destroy(ref);
    bp_network_destroy(net);
}

static void test_decay_shrinks_after_the_update(void **state)
{
    (void)state;
    double weight = 2, gradient = 3, last_update = 0.5;
    reference_update(&weight, &gradient, &last_update, 1, 0.1, 0.5, 0.25);
    assert_close(last_update, -0.05, 1e-14);
    assert_close(weight, 1.95 * 0.75, 1e-14);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gradient_equals_differences),
        cmocka_unit_test(test_input_gradient_equals_differences),
        cmocka_unit_test(test_worked_example),
        cmocka_unit_test(test_decay_shrinks_after_the_update),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
