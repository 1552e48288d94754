/*
 * The backward pass: the deltas of the worked example; and derivatives of the caller's that are NaN or
 * infinite, with which gradients and training end with the name of the layer. What is only divergence is
 * still called so.
 */
#include "engine/backward.h"

#include <math.h>

#include "engine/error.h"
#include "engine/forward.h"
#include "engine/load.h"
#include "engine/plan.h"
#include "engine/workspace.h"
#include "reference/worked_example.h"
#include "support/activations.h"
#include "support/kernels.h"

/* -------------------------------------------------------------- the worked example */

/* Deltas of all units, dE/dw and, if asked for, dE/dy of the inputs; without the facts of a small network the
 * pass goes layer by layer. */
static void check_deltas(const kernel_table *table, bool small, bool to_inputs)
{
    const double tolerance = TOLERANCE(1e-5, 1e-13);
    const worked_step *wanted = &worked_example[0];
    const bp_loss loss = bp_loss_squared_error();
    const bp_data data = worked_example_data();
    bp_network *net = worked_example_network();
    bp_workspace *workspace = NULL;
    bp_real gradient[WORKED_WEIGHTS];
    use_kernels(net, table);
    assert_ok(bp_workspace_create(&workspace, net, 1));
    assert_ok(bpi_workspace_reserve("test", workspace, 1, true));
    if (!small)
        workspace->facts &= ~(unsigned)FACT_SMALL;
    backward_pass pass = {.function = "test",
                          .workspace = workspace,
                          .loss = &loss,
                          .rows = 1,
                          .gradient = gradient,
                          .to_inputs = to_inputs};
    const bool keep_x = bpi_error_begin(workspace, &loss);
    bpi_load_block(workspace, &(batch){.data = &data, .count = 1}, 0, 1);
    bpi_forward(workspace, 1, keep_x);
    assert_ok(bpi_backward(&pass));
    assert_close(bpi_error_sum(workspace), wanted->error, tolerance);
    assert_close(pass.deviation, fabs(wanted->dy_out), tolerance); /* dE/dy = y - d */
    assert_close(workspace->arrays[2].delta[0], wanted->dx_out, tolerance);
    assert_close(workspace->arrays[1].delta[0], wanted->dx1, tolerance);
    assert_close(workspace->arrays[1].delta[1], wanted->dx2, tolerance);
    for (size_t w = 0; w < WORKED_WEIGHTS; w++)
        assert_close(gradient[w], wanted->gradient[w], tolerance);
    for (size_t i = 0; to_inputs && i < 2; i++)
        assert_close(workspace->arrays[0].delta[i], wanted->input_gradient[i], tolerance);
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
}

static void test_deltas_of_the_worked_example(void **state)
{
    (void)state;
    const kernel_table *table;
    for (size_t t = 0; (table = supported_table(t)) != NULL; t++)
        for (int way = 0; way < 4; way++)
            check_deltas(table, way % 2 == 0, way / 2 == 0);
}

/* ---------------------------------------------------------- derivatives of the caller's */

enum { CASES = 300, INPUTS = 2, HIDDEN = 3, OUTPUTS = 2, WEIGHTS = 3 * 2 + 3 + 2 * 3 + 2, UNTOUCHED = 77 };

/* Where a derivative goes wrong, and with which value; the context of the functions below. */
typedef struct fault {
    bool is_on;
    bp_real value;
    size_t only_call; /* 0: every call */
    size_t calls;
} fault;

static bool strikes(fault *f)
{
    f->calls++;
    return f->is_on && (f->only_call == 0 || f->calls == f->only_call);
}

/* NaN where x is infinite. */
static void one(void *context, const bp_real *x, const bp_real *y, bp_real *slope, size_t count)
{
    fault *f = context;
    (void)y;
    for (size_t i = 0; i < count; i++)
        slope[i] = 1 + 0 * x[i];
    if (strikes(f))
        slope[count - 1] = f->value;
}

/* The formula of squared error. */
static double difference(void *context, const bp_real *y, const bp_real *d, bp_real *derivative, size_t units)
{
    fault *f = context;
    double error = 0;
    for (size_t j = 0; j < units; j++) {
        error += 0.5 * (double)(y[j] - d[j]) * (double)(y[j] - d[j]);
        if (derivative != NULL)
            derivative[j] = y[j] - d[j];
    }
    if (derivative != NULL && strikes(f))
        derivative[0] = f->value;
    return error;
}

typedef struct fixture {
    bp_network *net;
    bp_workspace *workspace;
    bp_real inputs[CASES * INPUTS], targets[CASES * OUTPUTS];
    bp_data data;
    fault hidden, output, loss;
} fixture;

static int set_up(void **state)
{
    static fixture f;
    const size_t units[] = {INPUTS, HIDDEN, OUTPUTS};
    uint64_t seed = 9;
    f = (fixture){0};
    for (size_t i = 0; i < CASES * INPUTS; i++)
        f.inputs[i] = (bp_real)test_uniform(&seed, -1, 1);
    for (size_t i = 0; i < CASES * OUTPUTS; i++)
        f.targets[i] = (bp_real)test_uniform(&seed, -1, 1);
    f.data = bp_data_view(CASES, f.inputs, INPUTS, f.targets, OUTPUTS);
    bp_activation hidden = bp_activation_custom("below", identity, one, &f.hidden);
    bp_activation output = bp_activation_custom("above", identity, one, &f.output);
    assert_ok(bp_network_create_layered(&f.net, units, 3, hidden, output));
    assert_ok(bp_network_initialize(f.net, 2));
    assert_ok(bp_workspace_create(&f.workspace, f.net, CASES));
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    bp_workspace_destroy(f->workspace);
    bp_network_destroy(f->net);
    return 0;
}

/* Both gradients fail with these words, and leave *error alone. */
static void assert_gradients_fail(fixture *f, bp_loss loss, const char *words)
{
    bp_real gradient[CASES * INPUTS + WEIGHTS], outputs[CASES * HIDDEN];
    double error = UNTOUCHED;
    assert_fails(bp_network_gradient(f->net, f->workspace, &f->data, loss, &error, gradient),
                 BP_ERROR_NOT_FINITE, words);
    f->hidden.calls = f->output.calls = f->loss.calls = 0;
    assert_fails(bp_network_input_gradient(f->net, f->workspace, &f->data, loss, &error, gradient),
                 BP_ERROR_NOT_FINITE, words);
    assert_true(error == UNTOUCHED);
    assert_fails(bp_workspace_layer_outputs(f->workspace, bp_network_layer(f->net, 1), outputs,
                                            f->data.cases * HIDDEN),
                 BP_ERROR_STATE, "");
}

static void test_activation_is_named(void **state)
{
    fixture *f = *state;
    f->hidden = (fault){.is_on = true, .value = (bp_real)NAN};
    assert_gradients_fail(f, bp_loss_squared_error(),
                          "layer 'hidden1': the derivative of activation 'below' is nan at x = ");
    assert_gradients_fail(f, bp_loss_squared_error(), "(unit 2)");
    f->output = (fault){.is_on = true, .value = (bp_real)-INFINITY};
    assert_gradients_fail(f, bp_loss_squared_error(),
                          "layer 'output': the derivative of activation 'above' is -inf");
    f->hidden.is_on = f->output.is_on = false;
    bp_real gradient[WEIGHTS];
    assert_ok(bp_network_gradient(f->net, f->workspace, &f->data, bp_loss_squared_error(), NULL, gradient));
}

static void test_loss_is_named(void **state)
{
    fixture *f = *state;
    f->loss = (fault){.is_on = true, .value = (bp_real)INFINITY};
    assert_gradients_fail(f, bp_loss_custom(difference, &f->loss),
                          "layer 'output': the derivative of the custom loss is inf at y = ");
    f->loss = (fault){.is_on = true, .value = (bp_real)NAN, .only_call = CASES}; /* the last case alone */
    assert_gradients_fail(f, bp_loss_custom(difference, &f->loss), "custom loss is nan");
}

/* NaN where x is below 0, with any slope there. */
static void half(void *context, const bp_real *x, bp_real *y, size_t count)
{
    (void)context;
    for (size_t i = 0; i < count; i++)
        y[i] = x[i] < 0 ? (bp_real)NAN : x[i];
}

static void slope_of_y(void *context, const bp_real *x, const bp_real *y, bp_real *slope, size_t count)
{
    (void)context, (void)x;
    for (size_t i = 0; i < count; i++)
        slope[i] = 1 + 0 * y[i];
}

static double nan_loss(void *context, const bp_real *y, const bp_real *d, bp_real *derivative, size_t units)
{
    (void)context, (void)y, (void)d;
    for (size_t j = 0; derivative != NULL && j < units; j++)
        derivative[j] = (bp_real)NAN;
    return (double)NAN;
}

/* What goes forward as NaN is not the derivative's fault, and E says so. */
static void test_nan_on_the_way_forward_is_no_fault(void **state)
{
    fixture *f = *state;
    const size_t units[] = {INPUTS, HIDDEN, OUTPUTS};
    bp_real gradient[WEIGHTS];
    double error = UNTOUCHED;
    assert_fails(
        bp_network_gradient(f->net, f->workspace, &f->data, bp_loss_custom(nan_loss, NULL), &error, gradient),
        BP_ERROR_NOT_FINITE, "bp_network_gradient: E of layer 'output' is nan");

    bp_network *net = NULL;
    bp_workspace *workspace = NULL;
    bp_activation halved = bp_activation_custom("half", half, slope_of_y, NULL);
    assert_ok(bp_network_create_layered(&net, units, 3, halved, bp_activation_linear()));
    assert_ok(bp_network_initialize(net, 2));
    assert_ok(bp_workspace_create(&workspace, net, CASES));
    assert_fails(bp_network_gradient(net, workspace, &f->data, bp_loss_squared_error(), &error, gradient),
                 BP_ERROR_NOT_FINITE, "bp_network_gradient: E of layer 'output' is nan");
    assert_true(error == UNTOUCHED);
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
}

/* ------------------------------------------------------------------ training */

/* Trains net with batches of 100 cases. */
static bp_status train(bp_network *net, const bp_data *data, bp_stop_rule rule, double rate,
                       bp_result *result)
{
    bp_trainer_options options;
    bp_trainer *trainer = NULL;
    bp_trainer_options_1986(&options, sizeof options);
    options.optimizer = bp_optimizer_gradient_descent(rate);
    options.batch_size = 100;
    options.shuffle = 0;
    options.stop_rules = &rule;
    options.stop_rule_count = 1;
    assert_ok(bp_trainer_create(&trainer, net, &options));
    bp_status status = bp_trainer_run(trainer, data, NULL, result);
    bp_trainer_destroy(trainer);
    return status;
}

/* The third update of the first epoch fails: the weights are those after the second. */
static void test_training_names_it(void **state)
{
    fixture *f = *state;
    bp_network *other = NULL;
    bp_result result;
    bp_result_init(&result, sizeof result);
    assert_ok(bp_network_copy(&other, f->net));
    assert_ok(train(other, &f->data, bp_stop_updates(2), 0.001, NULL));
    f->hidden = (fault){.is_on = true, .value = (bp_real)NAN, .only_call = 3};
    assert_fails(train(f->net, &f->data, bp_stop_epochs(10), 0.001, &result), BP_ERROR_NOT_FINITE,
                 "bp_trainer_run: layer 'hidden1': the derivative of activation 'below' is nan");
    assert_int_equal(result.reason, BP_STOP_FAILED);
    assert_int_equal(result.epochs, 0);
    assert_int_equal(result.updates, 2);
    assert_memory_equal(bp_network_weights(f->net, NULL), bp_network_weights(other, NULL),
                        WEIGHTS * sizeof(bp_real));
    bp_network_destroy(other);
}

/* Where total inputs become infinite, no derivative of the caller's is at fault. */
static void test_divergence_is_still_divergence(void **state)
{
    fixture *f = *state;
    assert_fails(train(f->net, &f->data, bp_stop_epochs(1000), 1e3, NULL), BP_DIVERGED, "became NaN");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_deltas_of_the_worked_example),
        cmocka_unit_test_setup_teardown(test_activation_is_named, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_loss_is_named, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_nan_on_the_way_forward_is_no_fault, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_training_names_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_divergence_is_still_divergence, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
