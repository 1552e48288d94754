/* The option average_shared: the derivative of a weight with n uses is divided by n for the update. */
#include <math.h>
#include <string.h>

#include "support/connect.h"
#include "support/support.h"

enum { STEPS = 3, WEIGHTS = 1 + 1 + 1 + 1 + 1 };

static const double rate = 0.125;

/* One unit in each layer, no biases: in -> h, h to itself (delayed), the learned state of h, h -> out, in ->
 * out (delayed). */
static bp_network *make_recurrent(void)
{
    bp_network *net = NULL;
    bp_layer *in = NULL, *h = NULL, *out = NULL;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&in, net, "in", 1));
    assert_ok(bp_network_add_layer(&h, net, "h", 1, bp_activation_tanh()));
    assert_ok(bp_network_add_layer(&out, net, "out", 1, bp_activation_linear()));
    assert_ok(bp_layer_enable_bias(h, 0));
    assert_ok(bp_layer_enable_bias(out, 0));
    assert_ok(bp_network_connect(NULL, net, in, h));
    assert_ok(connect_delayed(NULL, net, h, h));
    assert_ok(bp_layer_set_initial_state(h, (const bp_real[]){(bp_real)0.25}, 1));
    assert_ok(bp_network_connect(NULL, net, h, out));
    assert_ok(connect_delayed(NULL, net, in, out));
    assert_ok(bp_network_finalize(net));
    assert_ok(bp_network_initialize(net, 3));
    return net;
}

static bp_network *unroll(const bp_network *net)
{
    static const unsigned char inputs[STEPS] = {1, 1, 0}, outputs[STEPS] = {0, 1, 1};
    bp_network *unrolled = NULL;
    bp_unroll_options options;
    bp_unroll_options_init(&options, sizeof options);
    options.steps = STEPS;
    options.input_steps = inputs;
    options.output_steps = outputs;
    assert_ok(bp_network_unroll(&unrolled, net, &options));
    return unrolled;
}

static bp_data make_data(void)
{
    static const bp_real inputs[] = {1, (bp_real)0.5, (bp_real)-0.25, 2, 0, 1};
    static const bp_real targets[] = {0, 1, (bp_real)0.5, -1, (bp_real)0.25, 0};
    return bp_data_view(3, inputs, 2, targets, 2);
}

static bp_trainer_options one_update(int average, bp_reduction reduction)
{
    static bp_stop_rule rule;
    rule = bp_stop_epochs(1);
    bp_trainer_options options;
    bp_trainer_options_1986(&options, sizeof options);
    options.optimizer = bp_optimizer_gradient_descent(rate);
    options.average_shared = average;
    options.reduction = reduction;
    options.stop_rules = &rule;
    options.stop_rule_count = 1;
    return options;
}

static void train(bp_network *net, const bp_data *data, const bp_trainer_options *options)
{
    bp_trainer *trainer = NULL;
    assert_ok(bp_trainer_create(&trainer, net, options));
    assert_ok(bp_trainer_run(trainer, data, NULL, NULL));
    bp_trainer_destroy(trainer);
}

/* weights after one update = weights before - rate * gradient / divisors */
static void check_update(bp_network *net, const bp_data *data, const bp_trainer_options *options,
                         const double *divisors)
{
    bp_real before[WEIGHTS], gradient[WEIGHTS];
    size_t count;
    const bp_real *weights = bp_network_weights(net, &count);
    assert_int_equal(count, WEIGHTS);
    memcpy(before, weights, sizeof before);
    bp_workspace *workspace = NULL;
    assert_ok(bp_workspace_create(&workspace, net, 3));
    assert_ok(bp_network_gradient(net, workspace, data, bp_loss_squared_error(), NULL, gradient));
    bp_workspace_destroy(workspace);
    train(net, data, options);
    for (size_t i = 0; i < count; i++) {
        double update = -rate * (double)gradient[i] / divisors[i];
        assert_true(fabs(update) > 1e-4);
        assert_true(fabs((double)weights[i] - (double)before[i] - update) <=
                    TOLERANCE(1e-6, 1e-15) * fabs((double)before[i]) + TOLERANCE(1e-6, 1e-14) * fabs(update));
    }
}

static void test_the_sum_by_default(void **state)
{
    (void)state;
    static const double divisors[WEIGHTS] = {1, 1, 1, 1, 1};
    bp_network *net = make_recurrent(), *unrolled = unroll(net);
    bp_data data = make_data();
    bp_trainer_options options = one_update(0, BP_REDUCE_SUM);
    check_update(unrolled, &data, &options, divisors);
    bp_network_destroy(unrolled);
    bp_network_destroy(net);
}

/* in -> h at steps 1 and 2; h to itself at 1, 2, 3; the state once; h -> out and in -> out at 2 and 3. */
static void test_each_slice_is_averaged_over_its_uses(void **state)
{
    (void)state;
    static const double divisors[WEIGHTS] = {2, 3, 1, 2, 2};
    bp_network *net = make_recurrent(), *unrolled = unroll(net);
    bp_data data = make_data();
    bp_trainer_options options = one_update(1, BP_REDUCE_SUM);
    check_update(unrolled, &data, &options, divisors);
    bp_network_destroy(unrolled);
    bp_network_destroy(net);
}

static void test_with_the_mean_over_cases(void **state)
{
    (void)state;
    static const double divisors[WEIGHTS] = {6, 9, 3, 6, 6};
    bp_network *net = make_recurrent(), *unrolled = unroll(net);
    bp_data data = make_data();
    bp_trainer_options options = one_update(1, BP_REDUCE_MEAN);
    check_update(unrolled, &data, &options, divisors);
    bp_network_destroy(unrolled);
    bp_network_destroy(net);
}

/* Two shared matrices and two shared biases of a layered network. */
static void test_shared_weights_of_a_layered_network(void **state)
{
    (void)state;
    static const double divisors[WEIGHTS] = {2, 3, 1, 1, 1};
    bp_network *net = NULL;
    bp_layer *layers[4];
    bp_connection *first = NULL, *last = NULL;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&layers[0], net, NULL, 1));
    for (int i = 1; i < 4; i++)
        assert_ok(bp_network_add_layer(&layers[i], net, NULL, 1, bp_activation_tanh()));
    assert_ok(bp_network_connect(&first, net, layers[0], layers[1]));
    assert_ok(bp_network_connect(NULL, net, layers[1], layers[2]));
    assert_ok(bp_network_connect(NULL, net, layers[0], layers[2]));
    assert_ok(bp_network_connect(&last, net, layers[2], layers[3]));
    assert_ok(bp_network_connect(NULL, net, layers[0], layers[3]));
    assert_ok(bp_connection_share(first, last));
    assert_ok(bp_layer_share_bias(layers[1], layers[2]));
    assert_ok(bp_layer_share_bias(layers[3], layers[1]));
    assert_ok(bp_network_finalize(net));
    assert_ok(bp_network_initialize(net, 2));
    const bp_real inputs[] = {1, -2, (bp_real)0.5}, targets[] = {1, (bp_real)0.5, -1};
    bp_data data = bp_data_view(3, inputs, 1, targets, 1);
    bp_trainer_options options = one_update(1, BP_REDUCE_SUM);
    check_update(net, &data, &options, divisors);
    bp_network_destroy(net);
}

static bp_status copy_gradient(void *context, const bp_gradient_batch *batch, bp_gradient_reply *reply)
{
    (void)reply;
    if (batch->reason == BP_STOP_NONE)
        memcpy(context, batch->gradient, batch->count * sizeof *batch->gradient);
    return BP_OK;
}

static void test_the_hook_sees_the_average(void **state)
{
    (void)state;
    bp_network *net = make_recurrent(), *unrolled = unroll(net);
    bp_data data = make_data();
    bp_real summed[WEIGHTS], averaged[WEIGHTS];
    bp_trainer_options options = one_update(0, BP_REDUCE_SUM);
    options.on_gradient = copy_gradient;
    options.on_gradient_context = summed;
    train(unrolled, &data, &options);
    assert_ok(bp_network_set_weights(unrolled, bp_network_weights(net, NULL), WEIGHTS));
    options.average_shared = 1;
    options.on_gradient_context = averaged;
    train(unrolled, &data, &options);
    assert_true(averaged[1] == summed[1] / 3 && averaged[2] == summed[2] && averaged[3] == summed[3] / 2);
    bp_network_destroy(unrolled);
    bp_network_destroy(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_sum_by_default),
        cmocka_unit_test(test_each_slice_is_averaged_over_its_uses),
        cmocka_unit_test(test_with_the_mean_over_cases),
        cmocka_unit_test(test_shared_weights_of_a_layered_network),
        cmocka_unit_test(test_the_hook_sees_the_average),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
