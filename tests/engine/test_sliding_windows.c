/* Rows of inputs that overlap: windows over one series give what a copy of each window gives, bit by bit. */
#include "support/connect.h"
#include "support/support.h"

#include <stdlib.h>
#include <string.h>

enum { WINDOW = 12, CASES = 150, SERIES = CASES + WINDOW, OUTPUTS = 2 };

static bp_real series[SERIES], rows[CASES * WINDOW], targets[CASES * OUTPUTS];

static int setup(void **state)
{
    (void)state;
    uint64_t seed = 5;
    for (size_t i = 0; i < SERIES; i++)
        series[i] = (bp_real)test_uniform(&seed, -1, 1);
    for (size_t i = 0; i < CASES * OUTPUTS; i++)
        targets[i] = (bp_real)test_uniform(&seed, -0.5, 0.5);
    for (size_t c = 0; c < CASES; c++)
        memcpy(rows + c * WINDOW, series + c, WINDOW * sizeof *rows);
    return 0;
}

static bp_data windows(size_t cases)
{
    bp_data data = bp_data_view(cases, series, WINDOW, targets, OUTPUTS);
    data.input_stride = 1;
    return data;
}

static bp_data copies(size_t cases)
{
    return bp_data_view(cases, rows, WINDOW, targets, OUTPUTS);
}

/* ------------------------------------------------------------------- networks */

typedef enum shape { SMALL, WIDE, TWO_INPUTS, MASKED, CONVOLUTION, SHAPES } shape;

static bp_network *layered(size_t hidden)
{
    const size_t units[] = {WINDOW, hidden, OUTPUTS};
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_linear()));
    return net;
}

/* Two thirds of a window and the rest; the second leads to the output too. */
static bp_network *two_inputs(void)
{
    bp_network *net = NULL;
    bp_layer *first = NULL, *second = NULL, *h = NULL, *out = NULL;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&first, net, NULL, 8));
    assert_ok(bp_network_add_input(&second, net, NULL, 4));
    assert_ok(bp_network_add_layer(&h, net, NULL, 50, bp_activation_logistic()));
    assert_ok(bp_network_add_layer(&out, net, NULL, OUTPUTS, bp_activation_linear()));
    assert_ok(bp_network_connect(NULL, net, first, h));
    assert_ok(bp_network_connect(NULL, net, second, h));
    assert_ok(bp_network_connect(NULL, net, second, out));
    assert_ok(bp_network_connect(NULL, net, h, out));
    assert_ok(bp_network_finalize(net));
    return net;
}

/* Ten units that see every second value, or three at every position. */
static bp_network *not_dense(int is_convolution)
{
    bp_network *net = NULL;
    bp_layer *in = NULL, *h = NULL, *out = NULL;
    unsigned char mask[10 * WINDOW];
    for (size_t i = 0; i < sizeof mask; i++)
        mask[i] = i % 2 == 0;
    bp_convolution kernel;
    bp_convolution_init(&kernel, sizeof kernel);
    kernel.height = kernel.kernel_height = 1;
    kernel.width = WINDOW;
    kernel.kernel_width = 3;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&in, net, NULL, WINDOW));
    assert_ok(bp_network_add_layer(&h, net, NULL, 10, bp_activation_tanh()));
    assert_ok(bp_network_add_layer(&out, net, NULL, OUTPUTS, bp_activation_linear()));
    if (is_convolution)
        assert_ok(connect_convolution(NULL, net, in, h, &kernel));
    else
        assert_ok(connect_masked(NULL, net, in, h, mask, sizeof mask));
    assert_ok(bp_network_connect(NULL, net, h, out));
    assert_ok(bp_network_finalize(net));
    return net;
}

static bp_network *build(shape s, int is_scaled)
{
    bp_network *net = NULL;
    if (s == SMALL || s == WIDE)
        net = layered(s == SMALL ? 4 : 300);
    else if (s == TWO_INPUTS)
        net = two_inputs();
    else
        net = not_dense(s == CONVOLUTION);
    assert_ok(bp_network_initialize(net, 1));
    bp_data all = copies(CASES);
    if (is_scaled)
        assert_ok(bp_network_fit_scaling(net, &all, bp_scaling_standard(), bp_scaling_standard()));
    return net;
}

/* -------------------------------------------------------------------- a worked case */

/* y = x0 + 10 x1 + 100 x2 over 1, 2, 3, 4, 5: E = 0 for these targets, and dE/dw the sum of the windows for
 * targets that are 1 less. */
static void test_by_hand(void **state)
{
    (void)state;
    const size_t units[] = {3, 1};
    const bp_real values[] = {1, 2, 3, 4, 5}, weights[] = {1, 10, 100, 0}, outputs[] = {321, 432, 543};
    bp_network *net = NULL;
    bp_workspace *workspace = NULL;
    assert_ok(bp_network_create_layered(&net, units, 2, bp_activation_linear(), bp_activation_linear()));
    assert_ok(bp_network_set_weights(net, weights, 4));
    assert_ok(bp_workspace_create(&workspace, net, 3));
    bp_real lower[] = {320, 431, 542}, found[3], gradient[4];
    bp_data data = bp_data_view(3, values, 3, lower, 1);
    data.input_stride = 1;
    assert_ok(bp_network_predict(net, workspace, &data, found));
    assert_memory_equal(found, outputs, sizeof found);
    double error;
    assert_ok(bp_network_gradient(net, workspace, &data, bp_loss_squared_error(), &error, gradient));
    assert_true(error == 1.5);
    const bp_real sums[] = {1 + 2 + 3, 2 + 3 + 4, 3 + 4 + 5, 3};
    assert_memory_equal(gradient, sums, sizeof gradient);
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
}

/* ------------------------------------------------------------------- every call */

typedef struct results {
    bp_real outputs[CASES * OUTPUTS], input_gradient[CASES * WINDOW], *gradient;
    size_t weights;
    double error, evaluated;
} results;

static void compute(const bp_network *net, size_t threads, const bp_data *data, results *r)
{
    bp_workspace *workspace = NULL;
    bp_evaluation evaluation;
    bp_evaluation_init(&evaluation, sizeof evaluation);
    bp_network_weights(net, &r->weights);
    r->gradient = malloc(r->weights * sizeof *r->gradient);
    assert_non_null(r->gradient);
    memset(r->outputs, 0, sizeof r->outputs);
    memset(r->input_gradient, 0, sizeof r->input_gradient);
    assert_ok(bp_workspace_create(&workspace, net, data->cases));
    assert_ok(bp_workspace_set_threads(workspace, threads));
    const bp_loss loss = bp_loss_squared_error();
    assert_ok(bp_network_predict(net, workspace, data, r->outputs));
    assert_ok(bp_network_gradient(net, workspace, data, loss, &r->error, r->gradient));
    assert_ok(bp_network_input_gradient(net, workspace, data, loss, NULL, r->input_gradient));
    assert_ok(bp_network_evaluate(net, workspace, data, loss, NULL, &evaluation));
    r->evaluated = evaluation.error;
    bp_workspace_destroy(workspace);
}

static void compare_calls(const bp_network *net, size_t threads, size_t cases)
{
    static results one, other;
    bp_data overlapping = windows(cases), dense = copies(cases);
    compute(net, threads, &overlapping, &one);
    compute(net, threads, &dense, &other);
    assert_memory_equal(one.outputs, other.outputs, sizeof one.outputs);
    assert_memory_equal(one.input_gradient, other.input_gradient, sizeof one.input_gradient);
    assert_memory_equal(one.gradient, other.gradient, one.weights * sizeof *one.gradient);
    assert_true(one.error == other.error && one.evaluated == other.evaluated);
    free(one.gradient);
    free(other.gradient);
}

static void test_calls(void **state)
{
    (void)state;
    const size_t cases[] = {1, 2, 9, CASES};
    for (shape s = SMALL; s < SHAPES; s++) {
        for (int is_scaled = 0; is_scaled < 2; is_scaled++) {
            bp_network *net = build(s, is_scaled);
            for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
                for (size_t threads = 1; threads <= 3; threads += 2)
                    compare_calls(net, threads, cases[i]);
            bp_network_destroy(net);
        }
    }
}

/* --------------------------------------------------------------------- training */

static bp_network *train(shape s, int is_scaled, size_t batch_size, const bp_data *data)
{
    bp_network *net = build(s, is_scaled);
    bp_trainer *trainer = NULL;
    bp_trainer_options options;
    bp_trainer_options_1986(&options, sizeof options);
    const bp_stop_rule rule = bp_stop_epochs(3);
    options.stop_rules = &rule;
    options.stop_rule_count = 1;
    options.batch_size = batch_size;
    options.reduction = BP_REDUCE_MEAN;
    options.optimizer = bp_optimizer_momentum(0.001, 0.5);
    assert_ok(bp_trainer_create(&trainer, net, &options));
    assert_ok(bp_trainer_run(trainer, data, data, NULL));
    bp_trainer_destroy(trainer);
    return net;
}

static void test_training(void **state)
{
    (void)state;
    const size_t batch_sizes[] = {0, 1, 7};
    bp_data overlapping = windows(CASES), dense = copies(CASES);
    for (shape s = SMALL; s < SHAPES; s++) {
        for (size_t i = 0; i < 6; i++) {
            bp_network *one = train(s, i % 2 != 0, batch_sizes[i / 2], &overlapping);
            bp_network *other = train(s, i % 2 != 0, batch_sizes[i / 2], &dense);
            size_t weights;
            const bp_real *trained = bp_network_weights(one, &weights);
            assert_memory_equal(trained, bp_network_weights(other, NULL), weights * sizeof *trained);
            bp_network_destroy(one);
            bp_network_destroy(other);
        }
    }
}

/* --------------------------------------------------------- what is made of data */

static void test_a_dataset_holds_each_window(void **state)
{
    (void)state;
    bp_data data = windows(CASES), held;
    bp_dataset *dataset = NULL;
    assert_ok(bp_dataset_create(&dataset, &data, NULL));
    bp_data_init(&held, sizeof held);
    assert_ok(bp_dataset_subset(dataset, BP_SUBSET_ALL, &held));
    assert_int_equal(held.cases, CASES);
    assert_int_equal(held.input_width, WINDOW);
    assert_memory_equal(held.inputs, rows, sizeof rows);
    assert_memory_equal(held.targets, targets, sizeof targets);
    bp_dataset_destroy(dataset);
}

static void test_scaling_is_fitted_to_the_windows(void **state)
{
    (void)state;
    const bp_scaling scalings[] = {bp_scaling_standard(), bp_scaling_min_max(-1, 1)};
    bp_data overlapping = windows(CASES), dense = copies(CASES);
    for (size_t i = 0; i < 2; i++) {
        bp_network *net = layered(1);
        bp_real offsets[2][WINDOW], factors[2][WINDOW];
        assert_ok(bp_network_fit_scaling(net, &overlapping, scalings[i], bp_scaling_none()));
        assert_ok(bp_network_get_input_scaling(net, offsets[0], factors[0], WINDOW));
        assert_ok(bp_network_fit_scaling(net, &dense, scalings[i], bp_scaling_none()));
        assert_ok(bp_network_get_input_scaling(net, offsets[1], factors[1], WINDOW));
        assert_memory_equal(offsets[0], offsets[1], sizeof offsets[0]);
        assert_memory_equal(factors[0], factors[1], sizeof factors[0]);
        bp_network_destroy(net);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_calls),
        cmocka_unit_test(test_training),
        cmocka_unit_test(test_a_dataset_holds_each_window),
        cmocka_unit_test(test_scaling_is_fitted_to_the_windows),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
