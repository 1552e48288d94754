/* Every figure of the worked example, through the public header alone. */
#include "reference/worked_example.h"
#include "support/support.h"

static const double tolerance = TOLERANCE(1e-5, 1e-13);

static const bp_real inputs[] = {(bp_real)WORKED_INPUT_1, (bp_real)WORKED_INPUT_2};
static const bp_real targets[] = {(bp_real)WORKED_TARGET};

static void assert_weights(const bp_network *net, const double *wanted)
{
    size_t count;
    const bp_real *weights = bp_network_weights(net, &count);
    assert_int_equal(count, WORKED_WEIGHTS);
    for (size_t w = 0; w < count; w++)
        assert_close(weights[w], wanted[w], tolerance);
}

/* Outputs of every unit, E and the derivatives, for the weights as they are. */
static void assert_step(const bp_network *net, const worked_step *wanted)
{
    bp_data data = bp_data_view(1, inputs, 2, targets, 1);
    bp_workspace *workspace = NULL;
    bp_real output, hidden[2], gradient[WORKED_WEIGHTS], input_gradient[2];
    double error;
    assert_ok(bp_workspace_create(&workspace, net, 1));
    assert_ok(bp_network_predict(net, workspace, &data, &output));
    assert_close(output, wanted->y_out, tolerance);
    assert_ok(bp_workspace_layer_outputs(workspace, bp_network_find_layer(net, "hidden"), hidden, 2));
    assert_close(hidden[0], wanted->y1, tolerance);
    assert_close(hidden[1], wanted->y2, tolerance);
    assert_ok(bp_network_gradient(net, workspace, &data, bp_loss_squared_error(), &error, gradient));
    assert_close(error, wanted->error, tolerance);
    for (size_t w = 0; w < WORKED_WEIGHTS; w++)
        assert_close(gradient[w], wanted->gradient[w], tolerance);
    assert_ok(
        bp_network_input_gradient(net, workspace, &data, bp_loss_squared_error(), NULL, input_gradient));
    for (size_t i = 0; i < 2; i++)
        assert_close(input_gradient[i], wanted->input_gradient[i], tolerance);
    bp_workspace_destroy(workspace);
}

static bp_trainer *make_trainer(bp_network *net, double momentum, size_t batch_size)
{
    const bp_stop_rule one_change = bp_stop_updates(1);
    bp_trainer_options options;
    bp_trainer_options_1986(&options, sizeof options);
    options.optimizer = bp_optimizer_momentum(0.5, momentum);
    options.batch_size = batch_size;
    options.stop_rules = &one_change;
    options.stop_rule_count = 1;
    bp_trainer *trainer = NULL;
    assert_ok(bp_trainer_create(&trainer, net, &options));
    return trainer;
}

static void learn(size_t batch_size)
{
    bp_data data = bp_data_view(1, inputs, 2, targets, 1);
    bp_network *net = worked_example_network();
    bp_trainer *trainer = make_trainer(net, 0.9, batch_size);
    for (size_t step = 0; step < WORKED_STEPS; step++) {
        assert_weights(net, worked_example[step].weights);
        assert_step(net, &worked_example[step]);
        assert_ok(bp_trainer_run(trainer, &data, NULL, NULL));
    }
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
}

static void test_two_updates_from_all_cases(void **state)
{
    (void)state;
    learn(0);
}

static void test_two_online_updates(void **state)
{
    (void)state;
    learn(1);
}

static void test_two_updates_without_momentum(void **state)
{
    (void)state;
    bp_data data = bp_data_view(1, inputs, 2, targets, 1);
    bp_network *net = worked_example_network();
    bp_trainer *trainer = make_trainer(net, 0, 0);
    assert_ok(bp_trainer_run(trainer, &data, NULL, NULL));
    assert_ok(bp_trainer_run(trainer, &data, NULL, NULL));
    assert_weights(net, worked_without_momentum);
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
}

/* A net like the worked one, with other units and with biases, which are 0. */
static bp_network *net_with_biases(const double *w, bp_activation hidden, bp_activation output)
{
    bp_network *net = NULL;
    const size_t units[] = {2, 2, 1};
    const double all[] = {w[0], w[1], w[2], w[3], 0, 0, w[4], w[5], 0};
    bp_real weights[WORKED_WEIGHTS + 3];
    for (size_t i = 0; i < WORKED_WEIGHTS + 3; i++)
        weights[i] = (bp_real)all[i];
    assert_ok(bp_network_create_layered(&net, units, 3, hidden, output));
    assert_ok(bp_network_set_weights(net, weights, WORKED_WEIGHTS + 3));
    return net;
}

/* dE/dx of each unit: a bias adds to x, so its derivative is that of x. */
static void test_derivatives_of_total_inputs(void **state)
{
    (void)state;
    bp_data data = bp_data_view(1, inputs, 2, targets, 1);
    for (size_t step = 0; step < WORKED_STEPS; step++) {
        const worked_step *wanted = &worked_example[step];
        bp_network *net =
            net_with_biases(wanted->weights, bp_activation_logistic(), bp_activation_logistic());
        bp_real gradient[WORKED_WEIGHTS + 3];
        bp_workspace *workspace = NULL;
        assert_ok(bp_workspace_create(&workspace, net, 1));
        assert_ok(bp_network_gradient(net, workspace, &data, bp_loss_squared_error(), NULL, gradient));
        assert_close(gradient[4], wanted->dx1, tolerance);
        assert_close(gradient[5], wanted->dx2, tolerance);
        assert_close(gradient[8], wanted->dx_out, tolerance);
        bp_workspace_destroy(workspace);
        bp_network_destroy(net);
    }
}

/* x of each unit: what a linear unit in its place hands on. */
static void test_total_inputs(void **state)
{
    (void)state;
    bp_data data = bp_data_view(1, inputs, 2, NULL, 0);
    for (size_t step = 0; step < WORKED_STEPS; step++) {
        const worked_step *wanted = &worked_example[step];
        bp_workspace *workspace = NULL;
        bp_real hidden[2], output;
        bp_network *net = net_with_biases(wanted->weights, bp_activation_linear(), bp_activation_linear());
        assert_ok(bp_workspace_create(&workspace, net, 1));
        assert_ok(bp_network_predict(net, workspace, &data, &output));
        assert_ok(bp_workspace_layer_outputs(workspace, bp_network_find_layer(net, "hidden1"), hidden, 2));
        assert_close(hidden[0], wanted->x1, tolerance);
        assert_close(hidden[1], wanted->x2, tolerance);
        bp_workspace_destroy(workspace);
        bp_network_destroy(net);

        net = net_with_biases(wanted->weights, bp_activation_logistic(), bp_activation_linear());
        assert_ok(bp_workspace_create(&workspace, net, 1));
        assert_ok(bp_network_predict(net, workspace, &data, &output));
        assert_close(output, wanted->x_out, tolerance);
        bp_workspace_destroy(workspace);
        bp_network_destroy(net);
    }
}

/* dE/dinput of a net of two layers with these weights, the last of them the bias. */
static void find_input_gradient(size_t input_units, bp_activation output, const bp_real *weights,
                                const bp_real *values, bp_real *derivative)
{
    const size_t units[] = {input_units, 1};
    bp_data data = bp_data_view(1, values, input_units, targets, 1);
    bp_network *net = NULL;
    bp_workspace *workspace = NULL;
    assert_ok(bp_network_create_layered(&net, units, 2, bp_activation_linear(), output));
    assert_ok(bp_network_set_weights(net, weights, input_units + 1));
    assert_ok(bp_workspace_create(&workspace, net, 1));
    assert_ok(bp_network_input_gradient(net, workspace, &data, bp_loss_squared_error(), NULL, derivative));
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
}

/*
 * dE/dy of each unit: that of an input of the part of the net above it. Above the output unit there is
 * nothing but E; a linear unit of weight 1 stands for it.
 */
static void test_derivatives_of_outputs(void **state)
{
    (void)state;
    for (size_t step = 0; step < WORKED_STEPS; step++) {
        const worked_step *wanted = &worked_example[step];
        const bp_real y[] = {(bp_real)wanted->y1, (bp_real)wanted->y2}, y_out = (bp_real)wanted->y_out;
        const bp_real upper[] = {(bp_real)wanted->weights[4], (bp_real)wanted->weights[5], 0};
        const bp_real identity[] = {1, 0};
        bp_real derivative[2];
        find_input_gradient(2, bp_activation_logistic(), upper, y, derivative);
        assert_close(derivative[0], wanted->dy1, tolerance);
        assert_close(derivative[1], wanted->dy2, tolerance);
        find_input_gradient(1, bp_activation_linear(), identity, &y_out, derivative);
        assert_close(derivative[0], wanted->dy_out, tolerance);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_updates_from_all_cases),   cmocka_unit_test(test_two_online_updates),
        cmocka_unit_test(test_two_updates_without_momentum), cmocka_unit_test(test_total_inputs),
        cmocka_unit_test(test_derivatives_of_total_inputs),  cmocka_unit_test(test_derivatives_of_outputs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
