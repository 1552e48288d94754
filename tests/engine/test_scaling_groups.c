/* Columns that bp_scaling_automatic fits together: those of all steps of an unrolled network, and those of a
 * feature map. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "support/arrays.h"
#include "support/connect.h"

static const double near = TOLERANCE(1e-5, 1e-13);

/* Mean and factor of the values of columns first, first + step, ... (count of them) of all rows. */
static void direct(const bp_real *values, size_t rows, size_t width, size_t first, size_t step, size_t count,
                   double *mean, double *factor)
{
    double sum = 0, squares = 0, number = (double)(rows * count);
    for (size_t row = 0; row < rows; row++)
        for (size_t i = 0; i < count; i++)
            sum += (double)values[row * width + first + i * step];
    *mean = sum / number;
    for (size_t row = 0; row < rows; row++)
        for (size_t i = 0; i < count; i++)
            squares += pow((double)values[row * width + first + i * step] - *mean, 2);
    *factor = 1 / sqrt(squares / number);
}

/* 2 inputs, 2 tanh units with feedback, 1 linear output; as many steps as flags. */
static bp_network *recurrent(size_t steps, const unsigned char *input_steps,
                             const unsigned char *output_steps)
{
    bp_network *net = recurrent_network(2, 2), *unrolled = NULL;
    bp_unroll_options options;
    bp_unroll_options_init(&options, sizeof options);
    options.steps = steps;
    options.input_steps = input_steps;
    options.output_steps = output_steps;
    assert_ok(bp_network_unroll(&unrolled, net, &options));
    bp_network_destroy(net);
    return unrolled;
}

/* Steps of very different size, so that each alone would be scaled in another way. */
static void test_steps_of_an_unrolled_network(void **state)
{
    (void)state;
    enum { STEPS = 4, ROWS = 20, WIDTH = 2 * STEPS, TARGETS = 3 };
    const unsigned char outputs[STEPS] = {0, 1, 1, 1};
    bp_network *net = recurrent(STEPS, NULL, outputs);
    uint64_t stream = 9;
    bp_real *inputs = random_reals(&stream, ROWS * WIDTH, 0, 1), offsets[WIDTH], factors[WIDTH];
    bp_real *targets = random_reals(&stream, ROWS * TARGETS, 5, 6);
    for (size_t i = 0; i < ROWS * WIDTH; i++)
        inputs[i] *= (bp_real)(1 + i % WIDTH);
    for (size_t i = 0; i < ROWS * TARGETS; i++)
        targets[i] *= (bp_real)(1 + i % TARGETS);
    bp_data data = bp_data_view(ROWS, inputs, WIDTH, targets, TARGETS);
    assert_ok(bp_network_fit_scaling(net, &data, bp_scaling_automatic(), bp_scaling_automatic()));
    assert_ok(bp_network_get_input_scaling(net, offsets, factors, WIDTH));
    for (size_t i = 0; i < WIDTH; i++) {
        double mean, factor;
        direct(inputs, ROWS, WIDTH, i % 2, 2, STEPS, &mean, &factor);
        assert_close(offsets[i], mean, near);
        assert_close(factors[i], factor, near);
    }
    assert_ok(bp_network_get_target_scaling(net, offsets, factors, TARGETS));
    for (size_t i = 0; i < TARGETS; i++) {
        double mean, factor;
        direct(targets, ROWS, TARGETS, 0, 1, TARGETS, &mean, &factor);
        assert_close(offsets[i], mean, near);
        assert_close(factors[i], factor, near);
    }
    free(inputs);
    free(targets);
    bp_network_destroy(net);
}

/* Other rules fit each step by itself. */
static void test_standard_scaling_fits_each_column(void **state)
{
    (void)state;
    const bp_real inputs[] = {0, 5, 100, 7, 2, 9, 300, 7};
    bp_network *net = recurrent(2, NULL, NULL);
    bp_real offsets[4], factors[4];
    bp_data data = bp_data_view(2, inputs, 4, NULL, 0);
    assert_ok(bp_network_fit_scaling(net, &data, bp_scaling_standard(), bp_scaling_none()));
    assert_ok(bp_network_get_input_scaling(net, offsets, factors, 4));
    assert_true(offsets[0] == 1 && offsets[1] == 7 && offsets[2] == 200 && offsets[3] == 7);
    bp_network_destroy(net);
}

/* Inputs "maps" (2 maps of 3 x 3), read by a convolution, and by a dense connection if it is asked for. */
static bp_network *convolution(bool is_read_otherwise)
{
    bp_network *net = NULL;
    bp_layer *maps = NULL, *other = NULL, *hidden = NULL, *out = NULL;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&other, net, "other", 2));
    assert_ok(bp_network_add_input(&maps, net, "maps", 18));
    assert_ok(bp_network_add_layer(&hidden, net, "hidden", 4, bp_activation_relu()));
    assert_ok(bp_network_add_layer(&out, net, "out", 1, bp_activation_linear()));
    bp_convolution field;
    bp_convolution_init(&field, sizeof field);
    field.channels = 2;
    field.height = field.width = 3;
    field.kernel_height = field.kernel_width = 2;
    assert_ok(connect_convolution(NULL, net, maps, hidden, &field));
    assert_ok(bp_network_connect(NULL, net, hidden, out));
    assert_ok(bp_network_connect(NULL, net, other, out));
    if (is_read_otherwise)
        assert_ok(bp_network_connect(NULL, net, maps, out));
    assert_ok(bp_network_finalize(net));
    return net;
}

static void test_maps_of_a_convolution(void **state)
{
    (void)state;
    enum { ROWS = 15, WIDTH = 20 };
    uint64_t stream = 4;
    bp_real *inputs = random_reals(&stream, ROWS * WIDTH, 0, 1), offsets[WIDTH], factors[WIDTH];
    for (size_t i = 0; i < ROWS * WIDTH; i++)
        inputs[i] *= (bp_real)(1 + i % WIDTH);
    bp_data data = bp_data_view(ROWS, inputs, WIDTH, NULL, 0);
    for (int is_read_otherwise = 0; is_read_otherwise < 2; is_read_otherwise++) {
        bp_network *net = convolution(is_read_otherwise);
        assert_ok(bp_network_fit_scaling(net, &data, bp_scaling_automatic(), bp_scaling_none()));
        assert_ok(bp_network_get_input_scaling(net, offsets, factors, WIDTH));
        for (size_t i = 0; i < WIDTH; i++) {
            bool is_alone = i < 2 || is_read_otherwise;
            size_t first = is_alone ? i : i < 11 ? 2 : 11;
            double mean, factor;
            direct(inputs, ROWS, WIDTH, first, 1, is_alone ? 1 : 9, &mean, &factor);
            assert_close(offsets[i], mean, near);
            assert_close(factors[i], factor, near);
        }
        bp_network_destroy(net);
    }
    free(inputs);
}

/* Two values in all steps together are 0 and 1, also where a step has one of them alone. */
static void test_two_values_in_all_steps(void **state)
{
    (void)state;
    const bp_real inputs[] = {2, 4, 2, 8, 2, 4, 6, 8};
    bp_network *net = recurrent(2, NULL, NULL);
    bp_real offsets[4], factors[4];
    bp_data data = bp_data_view(2, inputs, 4, NULL, 0);
    assert_ok(bp_network_fit_scaling(net, &data, bp_scaling_automatic(), bp_scaling_none()));
    assert_ok(bp_network_get_input_scaling(net, offsets, factors, 4));
    for (size_t i = 0; i < 4; i++) {
        assert_true(offsets[i] == (i % 2 == 0 ? 2 : 4));
        assert_close(factors[i], 0.25, near);
    }
    bp_network_destroy(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steps_of_an_unrolled_network),
        cmocka_unit_test(test_standard_scaling_fits_each_column),
        cmocka_unit_test(test_maps_of_a_convolution),
        cmocka_unit_test(test_two_values_in_all_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
