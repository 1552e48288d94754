/* Trainers with untouched options learn from data in raw units: layered, unrolled and convolutional networks.
 */
#include <math.h>
#include <stdlib.h>

#include "support/arrays.h"
#include "support/connect.h"
#include "train/raw_example.h"

static bp_trainer_options untouched(void)
{
    bp_trainer_options options;
    bp_trainer_options_init(&options, sizeof options);
    return options;
}

static bp_real *predict(const bp_network *net, const bp_data *data)
{
    bp_workspace *workspace = NULL;
    bp_real *outputs = new_reals(data->cases * bp_network_output_width(net));
    assert_ok(bp_workspace_create(&workspace, net, data->cases));
    assert_ok(bp_network_predict(net, workspace, data, outputs));
    bp_workspace_destroy(workspace);
    return outputs;
}

/* The part of the variance of the targets, column by column, that the predictions leave; the largest. */
static double unexplained(const bp_network *net, const bp_data *data)
{
    const size_t width = bp_network_output_width(net);
    bp_real *outputs = predict(net, data);
    double largest = 0;
    for (size_t j = 0; j < width; j++) {
        double mean = 0, variance = 0, error = 0;
        for (size_t i = 0; i < data->cases; i++)
            mean += (double)data->targets[i * width + j] / (double)data->cases;
        for (size_t i = 0; i < data->cases; i++) {
            variance += pow((double)data->targets[i * width + j] - mean, 2);
            error += pow((double)(data->targets[i * width + j] - outputs[i * width + j]), 2);
        }
        largest = fmax(largest, error / variance);
    }
    free(outputs);
    return largest;
}

static void assert_learns(bp_network *net, const bp_data *data, double unexplained_at_most)
{
    bp_trainer_options options = untouched();
    pair both = make_pair(net, &options);
    assert_ok(bp_trainer_run(both.trainer, data, NULL, NULL));
    assert_true(unexplained(net, data) < unexplained_at_most);
    end_pair(&both);
}

static void test_regression(void **state)
{
    (void)state;
    bp_data data = raw_training();
    assert_learns(raw_network(bp_activation_linear()), &data, 0.1);
    assert_learns(raw_network(bp_activation_tanh()), &data, 0.1);
    assert_learns(raw_network(bp_activation_logistic()), &data, 0.1);
}

/* Two classes, inside and outside of an ellipse. */
static void test_classification(void **state)
{
    (void)state;
    enum { CASES = 150 };
    bp_real inputs[CASES * 2], targets[CASES * 2];
    uint64_t stream = 3;
    for (size_t i = 0; i < CASES; i++) {
        double a = test_uniform(&stream, -1, 1), b = test_uniform(&stream, -1, 1);
        inputs[2 * i] = (bp_real)(1000 + 400 * a);
        inputs[2 * i + 1] = (bp_real)(0.002 * b);
        targets[2 * i] = a * a + b * b < 0.6;
        targets[2 * i + 1] = 1 - targets[2 * i];
    }
    const size_t units[] = {2, 8, 2};
    bp_network *net = NULL;
    bp_data data = bp_data_view(CASES, inputs, 2, targets, 2);
    assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_softmax()));
    assert_ok(bp_network_initialize(net, 1));
    assert_learns(net, &data, 0.2);
}

/* The last output is the sum of all inputs so far. */
static void test_an_unrolled_network(void **state)
{
    (void)state;
    enum { CASES = 120, STEPS = 5 };
    bp_real inputs[CASES * STEPS], targets[CASES];
    uint64_t stream = 5;
    for (size_t i = 0; i < CASES; i++) {
        targets[i] = 0;
        for (size_t t = 0; t < STEPS; t++) {
            inputs[i * STEPS + t] = (bp_real)test_uniform(&stream, 100, 300);
            targets[i] += inputs[i * STEPS + t];
        }
    }
    const unsigned char outputs[STEPS] = {0, 0, 0, 0, 1};
    bp_network *net = recurrent_network(1, 4), *unrolled = NULL;
    bp_unroll_options options;
    bp_unroll_options_init(&options, sizeof options);
    options.steps = STEPS;
    options.output_steps = outputs;
    assert_ok(bp_network_unroll(&unrolled, net, &options));
    assert_ok(bp_network_initialize(unrolled, 2));
    bp_network_destroy(net);
    bp_data data = bp_data_view(CASES, inputs, STEPS, targets, 1);
    assert_learns(unrolled, &data, 0.1);
}

/* Pictures of 6 x 6 pixels from 0 to 255: is the bright edge upright or flat? */
static void test_a_convolution(void **state)
{
    (void)state;
    enum { CASES = 100, SIDE = 6, PIXELS = SIDE * SIDE };
    bp_real *inputs = new_reals(CASES * PIXELS), targets[CASES];
    uint64_t stream = 8;
    for (size_t i = 0; i < CASES; i++) {
        size_t place = 1 + test_below(&stream, SIDE - 2), is_upright = test_below(&stream, 2);
        for (size_t j = 0; j < PIXELS; j++) {
            bool is_bright = (is_upright ? j % SIDE : j / SIDE) == place;
            inputs[i * PIXELS + j] = (bp_real)(test_uniform(&stream, 0, 60) + (is_bright ? 180 : 0));
        }
        targets[i] = (bp_real)is_upright;
    }
    bp_network *net = NULL;
    bp_layer *in = NULL, *maps = NULL, *out = NULL;
    bp_convolution field;
    bp_convolution_init(&field, sizeof field);
    field.height = field.width = SIDE;
    field.kernel_height = field.kernel_width = 3;
    field.kernels = 4;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&in, net, "in", PIXELS));
    assert_ok(bp_network_add_layer(&maps, net, "maps", 4 * 16, bp_activation_relu()));
    assert_ok(bp_network_add_layer(&out, net, "out", 1, bp_activation_logistic()));
    assert_ok(connect_convolution(NULL, net, in, maps, &field));
    assert_ok(bp_network_connect(NULL, net, maps, out));
    assert_ok(bp_network_finalize(net));
    assert_ok(bp_network_initialize(net, 4));
    bp_data data = bp_data_view(CASES, inputs, PIXELS, targets, 1);
    assert_learns(net, &data, 0.1);
    free(inputs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_regression),
        cmocka_unit_test(test_classification),
        cmocka_unit_test(test_an_unrolled_network),
        cmocka_unit_test(test_a_convolution),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
