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
    const bp_stop_rule one_change = bp_stop_changes(1);
    bp_trainer_options options;
    bp_trainer_options_init(&options, sizeof options);
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

static void test_two_changes_per_sweep(void **state)
{
    (void)state;
    learn(0);
}

static void test_two_changes_per_case(void **state)
{
    (void)state;
    learn(1);
}

static void test_two_changes_without_momentum(void **state)
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

/* The derivatives between the layers: dE/dy and dE/dx of each unit, by giving each layer's x a bias of its
 * own. */
static void test_derivatives_of_every_unit(void **state)
{
    (void)state;
    bp_network *net = NULL;
    const size_t units[] = {2, 2, 1};
    assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_logistic(), bp_activation_logistic()));
    bp_real weights[WORKED_WEIGHTS + 3], gradient[WORKED_WEIGHTS + 3];
    const double *w = worked_example[0].weights;
    const double all[] = {w[0], w[1], w[2], w[3], 0, 0, w[4], w[5], 0};
    for (size_t i = 0; i < WORKED_WEIGHTS + 3; i++)
        weights[i] = (bp_real)all[i];
    assert_ok(bp_network_set_weights(net, weights, WORKED_WEIGHTS + 3));
    bp_data data = bp_data_view(1, inputs, 2, targets, 1);
    bp_workspace *workspace = NULL;
    assert_ok(bp_workspace_create(&workspace, net, 1));
    assert_ok(bp_network_gradient(net, workspace, &data, bp_loss_squared_error(), NULL, gradient));
    assert_close(gradient[4], worked_example[0].dx1, tolerance);
    assert_close(gradient[5], worked_example[0].dx2, tolerance);
    assert_close(gradient[8], worked_example[0].dx_out, tolerance);
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_changes_per_sweep),
        cmocka_unit_test(test_two_changes_per_case),
        cmocka_unit_test(test_two_changes_without_momentum),
        cmocka_unit_test(test_derivatives_of_every_unit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
