/* Losses of the caller: the same numbers as a built-in loss of the same formula, all the way through. */
#include "support/support.h"

#include <math.h>
#include <string.h>

/* With so many hidden units, both losses take the same path: built-in ones have a short one in small
 * networks. */
enum {
    CASES = 9,
    INPUTS = 3,
    HIDDEN = 600,
    OUTPUTS = 4,
    WEIGHTS = HIDDEN * (INPUTS + 1) + OUTPUTS * (HIDDEN + 1)
};

/* What a loss was asked; the context of the functions below. */
typedef struct questions {
    size_t calls, without_derivative;
    double scale;
} questions;

/* scale * (y - d)^2 / 2 */
static double scaled_square(void *context, const bp_real *y, const bp_real *d, bp_real *derivative,
                            size_t units)
{
    questions *asked = context;
    double error = 0;
    for (size_t j = 0; j < units; j++) {
        double difference = (double)y[j] - (double)d[j];
        error += asked->scale * difference * difference / 2;
        if (derivative != NULL)
            derivative[j] = (bp_real)asked->scale * (y[j] - d[j]);
    }
    asked->calls++;
    asked->without_derivative += derivative == NULL;
    return error;
}

typedef struct fixture {
    bp_network *net;
    bp_workspace *workspace;
    bp_real inputs[CASES * INPUTS], targets[CASES * OUTPUTS], case_weights[CASES];
    bp_data data;
    questions asked;
} fixture;

static int set_up(void **state)
{
    static fixture f;
    const size_t units[] = {INPUTS, HIDDEN, OUTPUTS};
    const bp_real offsets[] = {0, 1, 2, 3}, factors[] = {1, 2, 3, 4};
    uint64_t seed = 5;
    f = (fixture){.asked = {.scale = 1}};
    for (size_t i = 0; i < CASES * INPUTS; i++)
        f.inputs[i] = (bp_real)test_uniform(&seed, -1, 1);
    for (size_t i = 0; i < CASES * OUTPUTS; i++)
        f.targets[i] = (bp_real)test_uniform(&seed, 0, 1);
    for (size_t i = 0; i < CASES; i++)
        f.case_weights[i] = (bp_real)test_uniform(&seed, 0, 3);
    f.data = bp_data_view(CASES, f.inputs, INPUTS, f.targets, OUTPUTS);
    f.data.case_weights = f.case_weights;
    assert_ok(bp_network_create_layered(&f.net, units, 3, bp_activation_tanh(), bp_activation_linear()));
    assert_ok(bp_network_set_target_scaling(f.net, offsets, factors, OUTPUTS));
    assert_ok(bp_network_initialize(f.net, 3));
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

static void test_gradient(void **state)
{
    fixture *f = *state;
    bp_real wanted[WEIGHTS], gradient[WEIGHTS];
    double wanted_error, error;
    bp_loss custom = bp_loss_custom(scaled_square, &f->asked);
    assert_ok(
        bp_network_gradient(f->net, f->workspace, &f->data, bp_loss_squared_error(), &wanted_error, wanted));
    assert_ok(bp_network_gradient(f->net, f->workspace, &f->data, custom, &error, gradient));
    assert_close(error, wanted_error, TOLERANCE(1e-7, 1e-14));
    assert_memory_equal(gradient, wanted, sizeof wanted);
    assert_int_equal(f->asked.calls, CASES);
    assert_int_equal(f->asked.without_derivative, 0);

    f->asked.scale = 2; /* the context is heeded, and so is the derivative */
    assert_ok(bp_network_gradient(f->net, f->workspace, &f->data, custom, &error, gradient));
    assert_close(error, 2 * wanted_error, TOLERANCE(1e-7, 1e-14));
    for (size_t i = 0; i < WEIGHTS; i++)
        assert_close(gradient[i], 2 * wanted[i], TOLERANCE(1e-5, 1e-13));
}

static void test_evaluation(void **state)
{
    fixture *f = *state;
    bp_evaluation wanted, got;
    bp_evaluation_init(&wanted, sizeof wanted);
    bp_evaluation_init(&got, sizeof got);
    assert_ok(bp_network_evaluate(f->net, f->workspace, &f->data, bp_loss_squared_error(), NULL, &wanted));
    assert_ok(bp_network_evaluate(f->net, f->workspace, &f->data, bp_loss_custom(scaled_square, &f->asked),
                                  NULL, &got));
    assert_close(got.error, wanted.error, TOLERANCE(1e-7, 1e-14));
    assert_true(got.max_abs_error == wanted.max_abs_error);
    assert_int_equal(f->asked.without_derivative, CASES);
}

static void test_training(void **state)
{
    fixture *f = *state;
    const bp_stop_rule rule = bp_stop_epochs(20);
    bp_trainer_options options;
    bp_trainer_options_1986(&options, sizeof options);
    options.optimizer = bp_optimizer_momentum(0.001, 0.5);
    options.max_norm = 1e6; /* no kernel trains with it in one call */
    options.stop_rules = &rule;
    options.stop_rule_count = 1;
    bp_network *nets[2] = {NULL, NULL};
    for (int i = 0; i < 2; i++) {
        bp_trainer *trainer = NULL;
        assert_ok(bp_network_copy(&nets[i], f->net));
        if (i == 1)
            options.loss = bp_loss_custom(scaled_square, &f->asked);
        assert_ok(bp_trainer_create(&trainer, nets[i], &options));
        assert_ok(bp_trainer_run(trainer, &f->data, NULL, NULL));
        bp_trainer_destroy(trainer);
    }
    assert_memory_equal(bp_network_weights(nets[0], NULL), bp_network_weights(nets[1], NULL),
                        WEIGHTS * sizeof(bp_real));
    bp_network_destroy(nets[0]);
    bp_network_destroy(nets[1]);
}

/* Several output layers: each has its own call, in which its own columns stand. */
static void test_each_output_layer_is_asked(void **state)
{
    (void)state;
    const bp_real inputs[] = {1}, targets[] = {10, 20, 30};
    questions asked = {.scale = 1};
    bp_network *net = NULL;
    bp_layer *input, *first, *second;
    bp_workspace *workspace = NULL;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&input, net, NULL, 1));
    assert_ok(bp_network_add_layer(&first, net, NULL, 2, bp_activation_softmax()));
    assert_ok(bp_network_add_layer(&second, net, NULL, 1, bp_activation_relu()));
    assert_ok(bp_network_connect(NULL, net, input, first));
    assert_ok(bp_network_connect(NULL, net, input, second));
    assert_ok(bp_layer_set_output(second));
    assert_ok(bp_layer_set_output(first));
    assert_ok(bp_network_finalize(net));
    const bp_real zeros[6] = {0};
    assert_ok(bp_network_set_weights(net, zeros, 6));
    assert_ok(bp_workspace_create(&workspace, net, 1));
    bp_data data = bp_data_view(1, inputs, 1, targets, 3);
    bp_real gradient[6];
    double error;
    assert_ok(
        bp_network_gradient(net, workspace, &data, bp_loss_custom(scaled_square, &asked), &error, gradient));
    assert_int_equal(asked.calls, 2);
    assert_close(error, 0.5 * (100 + 19.5 * 19.5 + 29.5 * 29.5), TOLERANCE(1e-6, 1e-14));
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
}

static void test_null_function_is_refused(void **state)
{
    fixture *f = *state;
    bp_real gradient[WEIGHTS];
    bp_loss none = bp_loss_custom(NULL, NULL);
    assert_fails(bp_network_gradient(f->net, f->workspace, &f->data, none, NULL, gradient), BP_ERROR_ARGUMENT,
                 "bp_network_gradient: the function of a custom loss is NULL");
    bp_trainer_options options;
    bp_trainer_options_1986(&options, sizeof options);
    options.optimizer = bp_optimizer_momentum(0.1, 0.9);
    options.loss = none;
    bp_trainer *trainer = NULL;
    assert_fails(bp_trainer_create(&trainer, f->net, &options), BP_ERROR_ARGUMENT,
                 "bp_trainer_create: options.loss: the function of a custom loss is NULL");
    assert_null(trainer);
    assert_int_equal(sizeof none, 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_gradient, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_evaluation, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_training, set_up, tear_down),
        cmocka_unit_test(test_each_output_layer_is_asked),
        cmocka_unit_test_setup_teardown(test_null_function_is_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
