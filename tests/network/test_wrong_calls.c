/*
 * Prediction, evaluation and the two gradients, called wrongly: each way to be wrong gives the same status
 * and message in all of them, and nothing is written to.
 */
#include "engine/example_networks.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { CASES = 6, ROOM = 300, UNTOUCHED = 77 };

typedef struct fixture {
    const bp_network *net;
    bp_network *own_net, *other_net;
    bp_workspace *workspace, *own_workspace, *other_workspace;
    bp_real inputs[CASES * MIXED_INPUTS], targets[CASES * MIXED_OUTPUTS], weights[CASES];
    bp_data data;
    const bp_data *argument; /* what the call gets for its data */
    bp_loss loss;
    bp_real results[ROOM]; /* where results go; NULL in their place if no_results */
    bool no_results;
    double error;
    size_t confusion[MIXED_OUTPUTS * MIXED_OUTPUTS];
    bp_evaluation evaluation;
} fixture;

static void fill(fixture *f)
{
    uint64_t seed = 3;
    for (size_t i = 0; i < CASES * MIXED_INPUTS; i++)
        f->inputs[i] = (bp_real)test_uniform(&seed, -1, 1);
    for (size_t i = 0; i < CASES * MIXED_OUTPUTS; i++)
        f->targets[i] = (bp_real)test_uniform(&seed, 0, 1);
    for (size_t i = 0; i < CASES; i++)
        f->weights[i] = 1;
    f->data = bp_data_view(CASES, f->inputs, MIXED_INPUTS, f->targets, MIXED_OUTPUTS);
    f->data.case_weights = f->weights;
    f->argument = &f->data;
    f->loss = bp_loss_cross_entropy();
    f->net = f->own_net;
    f->workspace = f->own_workspace;
    f->no_results = false;
    f->error = UNTOUCHED;
    for (size_t i = 0; i < ROOM; i++)
        f->results[i] = UNTOUCHED;
    for (size_t i = 0; i < MIXED_OUTPUTS * MIXED_OUTPUTS; i++)
        f->confusion[i] = UNTOUCHED;
    bp_evaluation_init(&f->evaluation, sizeof f->evaluation);
    f->evaluation.error = UNTOUCHED;
}

static int setup(void **state)
{
    static fixture f;
    f.own_net = mixed_network(NULL);
    f.other_net = mixed_network(NULL);
    f.own_workspace = workspace_for(f.own_net, CASES);
    f.other_workspace = workspace_for(f.other_net, CASES);
    fill(&f);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    bp_workspace_destroy(f->own_workspace);
    bp_workspace_destroy(f->other_workspace);
    bp_network_destroy(f->own_net);
    bp_network_destroy(f->other_net);
    return 0;
}

/* -------------------------------------------------------------- the four calls */

static bp_real *results(fixture *f)
{
    return f->no_results ? NULL : f->results;
}

static bp_status predict(fixture *f)
{
    return bp_network_predict(f->net, f->workspace, f->argument, results(f));
}

static bp_status evaluate(fixture *f)
{
    return bp_network_evaluate(f->net, f->workspace, f->argument, f->loss, f->confusion,
                               f->no_results ? NULL : &f->evaluation);
}

static bp_status gradient(fixture *f)
{
    return bp_network_gradient(f->net, f->workspace, f->argument, f->loss, &f->error, results(f));
}

static bp_status input_gradient(fixture *f)
{
    return bp_network_input_gradient(f->net, f->workspace, f->argument, f->loss, &f->error, results(f));
}

static const struct {
    const char *name;
    bp_status (*function)(fixture *f);
    const char *results; /* the name of the argument */
} calls[] = {{"network_predict: ", predict, "outputs is NULL"},
             {"network_evaluate: ", evaluate, "result is NULL"},
             {"network_gradient: ", gradient, "gradient is NULL"},
             {"network_input_gradient: ", input_gradient, "input_gradient is NULL"}};

enum { CALLS = sizeof calls / sizeof *calls, FIRST_WITH_TARGETS = 1 };

static void assert_untouched(const fixture *f)
{
    bp_evaluation fresh;
    bp_evaluation_init(&fresh, sizeof fresh);
    fresh.error = UNTOUCHED;
    fresh.size = f->evaluation.size;
    for (size_t i = 0; i < ROOM; i++)
        assert_true(f->results[i] == UNTOUCHED);
    assert_true(f->error == UNTOUCHED);
    for (size_t i = 0; i < MIXED_OUTPUTS * MIXED_OUTPUTS; i++)
        assert_int_equal(f->confusion[i], UNTOUCHED);
    assert_memory_equal(&f->evaluation, &fresh, sizeof fresh);
}

/* Makes every call from the one numbered `first` on wrong in the same way. */
static void assert_refused(fixture *f, size_t first, void (*spoil)(fixture *f), bp_status status,
                           const char *part)
{
    for (size_t i = first; i < CALLS; i++) {
        fill(f);
        spoil(f);
        assert_fails(calls[i].function(f), status, part);
        assert_untouched(f);
    }
}

static void nothing_wrong(fixture *f)
{
    (void)f;
}

static void test_all_of_them_can_be_right(void **state)
{
    fixture *f = *state;
    for (size_t i = 0; i < CALLS; i++) {
        fill(f);
        assert_ok(calls[i].function(f));
        if (calls[i].function == evaluate)
            assert_true(f->evaluation.error != UNTOUCHED);
        else
            assert_true(f->results[0] != UNTOUCHED);
    }
}

/* ----------------------------------------------------------------- arguments */

static void no_network(fixture *f)
{
    f->net = NULL;
}

static void no_workspace(fixture *f)
{
    f->workspace = NULL;
}

static void no_data(fixture *f)
{
    f->argument = NULL;
}

static void workspace_of_another(fixture *f)
{
    f->workspace = f->other_workspace;
}

static void test_arguments(void **state)
{
    fixture *f = *state;
    assert_refused(f, 0, no_network, BP_ERROR_ARGUMENT, "net is NULL");
    assert_refused(f, 0, no_workspace, BP_ERROR_ARGUMENT, "workspace is NULL");
    assert_refused(f, 0, no_data, BP_ERROR_ARGUMENT, "data is NULL");
    assert_refused(f, 0, workspace_of_another, BP_ERROR_ARGUMENT, "made for another network");
}

static void test_results_that_are_null(void **state)
{
    fixture *f = *state;
    for (size_t i = 0; i < CALLS; i++) {
        fill(f);
        f->no_results = true;
        assert_fails(calls[i].function(f), BP_ERROR_ARGUMENT, calls[i].results);
        assert_non_null(strstr(bp_error_message(), calls[i].name));
        assert_untouched(f);
    }
}

static void test_the_error_may_be_null(void **state)
{
    fixture *f = *state;
    assert_ok(bp_network_gradient(f->net, f->workspace, &f->data, f->loss, NULL, f->results));
    assert_ok(bp_network_input_gradient(f->net, f->workspace, &f->data, f->loss, NULL, f->results));
}

static void test_an_evaluation_of_another_size(void **state)
{
    fixture *f = *state;
    f->evaluation.size = 0;
    assert_fails(evaluate(f), BP_ERROR_ARGUMENT, "bp_evaluation.size is 0");
    assert_untouched(f);
    f->evaluation.size = sizeof f->evaluation - 1;
    assert_fails(evaluate(f), BP_ERROR_VERSION, "bp_evaluation.size");
    assert_untouched(f);
}

/* ---------------------------------------------------------------------- state */

static void test_networks_that_are_not_ready(void **state)
{
    (void)state;
    const size_t units[] = {MIXED_INPUTS, MIXED_OUTPUTS};
    static fixture f;
    assert_ok(bp_network_create_layered(&f.own_net, units, 2, bp_activation_tanh(), bp_activation_softmax()));
    f.own_workspace = workspace_for(f.own_net, 3);
    assert_refused(&f, 0, nothing_wrong, BP_ERROR_STATE, "weights");
    bp_workspace_destroy(f.own_workspace);
    bp_network_destroy(f.own_net);
}

/* ----------------------------------------------------------------------- data */

static void size_zero(fixture *f)
{
    f->data.size = 0;
}

static void size_of_an_older_library(fixture *f)
{
    f->data.size--;
}

static void no_cases(fixture *f)
{
    f->data.cases = 0;
}

static void two_steps(fixture *f)
{
    f->data.steps = 2;
}

static void no_inputs(fixture *f)
{
    f->data.inputs = NULL;
}

static void wide_inputs(fixture *f)
{
    f->data.input_width++;
}

static void narrow_input_step(fixture *f)
{
    f->data.input_step_stride = MIXED_INPUTS - 1;
}

static void countless_cases(fixture *f)
{
    f->data.cases = SIZE_MAX / 2;
}

static void nan_input(fixture *f)
{
    f->inputs[4 * MIXED_INPUTS + 2] = (bp_real)NAN;
}

static void infinite_input(fixture *f)
{
    f->inputs[CASES * MIXED_INPUTS - 1] = (bp_real)INFINITY;
}

static void test_inputs(void **state)
{
    fixture *f = *state;
    assert_refused(f, 0, size_zero, BP_ERROR_ARGUMENT, "bp_data.size is 0");
    assert_refused(f, 0, size_of_an_older_library, BP_ERROR_VERSION, "bp_data.size");
    assert_refused(f, 0, no_cases, BP_ERROR_ARGUMENT, "data.cases is 0");
    assert_refused(f, 0, two_steps, BP_ERROR_SIZE, "data.steps is 2");
    assert_refused(f, 0, no_inputs, BP_ERROR_ARGUMENT, "data.inputs is NULL");
    assert_refused(f, 0, wide_inputs, BP_ERROR_SIZE, "data.input_width is 6, but the network has 5");
    assert_refused(f, 0, narrow_input_step, BP_ERROR_SIZE, "data.input_step_stride is 4");
    assert_refused(f, 0, countless_cases, BP_ERROR_OVERFLOW, "too many to be addressed");
    assert_refused(f, 0, nan_input, BP_ERROR_NOT_FINITE, "data.inputs: case 4, column 2 is");
    assert_refused(f, 0, infinite_input, BP_ERROR_NOT_FINITE, "data.inputs: case 5, column 4 is inf");
}

static void no_targets(fixture *f)
{
    f->data.targets = NULL;
}

static void narrow_targets(fixture *f)
{
    f->data.target_width--;
}

static void narrow_target_stride(fixture *f)
{
    f->data.target_stride = 1;
}

static void nan_target(fixture *f)
{
    f->targets[3 * MIXED_OUTPUTS + 1] = (bp_real)NAN;
}

static void negative_weight(fixture *f)
{
    f->weights[5] = -1;
}

static void infinite_weight(fixture *f)
{
    f->weights[2] = (bp_real)INFINITY;
}

static void target_above_one(fixture *f)
{
    f->targets[2 * MIXED_OUTPUTS + 4] = (bp_real)1.5;
}

static void target_below_zero(fixture *f)
{
    f->targets[0] = (bp_real)-0.5;
}

static void test_targets(void **state)
{
    fixture *f = *state;
    const size_t first = FIRST_WITH_TARGETS;
    assert_refused(f, first, no_targets, BP_ERROR_ARGUMENT, "data.targets is NULL");
    assert_refused(f, first, narrow_targets, BP_ERROR_SIZE, "data.target_width is 4, but the network has 5");
    assert_refused(f, first, narrow_target_stride, BP_ERROR_SIZE, "data.target_stride is 1");
    assert_refused(f, first, nan_target, BP_ERROR_NOT_FINITE, "data.targets: case 3, column 1 is");
    assert_refused(f, first, negative_weight, BP_ERROR_ARGUMENT, "case 5 has the weight -1");
    assert_refused(f, first, infinite_weight, BP_ERROR_NOT_FINITE, "case 2 has the weight inf");
    assert_refused(f, first, target_above_one, BP_ERROR_ARGUMENT, "data.targets: case 2, column 4 is 1.5");
    assert_refused(f, first, target_below_zero, BP_ERROR_ARGUMENT, "data.targets: case 0, column 0 is -0.5");
}

/* ----------------------------------------------------------------------- losses */

static void no_loss(fixture *f)
{
    memset(&f->loss, 0, sizeof f->loss);
}

static void unknown_loss(fixture *f)
{
    f->loss.kind = 12345;
}

static void test_losses(void **state)
{
    fixture *f = *state;
    assert_refused(f, FIRST_WITH_TARGETS, no_loss, BP_ERROR_ARGUMENT,
                   "invalid loss kind 0; create it with a bp_loss_* function");
    assert_refused(f, FIRST_WITH_TARGETS, unknown_loss, BP_ERROR_ARGUMENT, "invalid loss kind 12345");
}

static void test_cross_entropy_of_linear_outputs(void **state)
{
    (void)state;
    static fixture f;
    f.own_net = identity_network(MIXED_INPUTS, NULL);
    f.own_workspace = workspace_for(f.own_net, CASES);
    assert_refused(&f, FIRST_WITH_TARGETS, nothing_wrong, BP_ERROR_UNSUPPORTED, "layer 'output' is linear");
    bp_workspace_destroy(f.own_workspace);
    bp_network_destroy(f.own_net);
}

/* ----------------------------------------------------------------------- memory */

/* A small network, and a workspace for fewer cases than are handed over: the first gradient enlarges it. */
static bp_status build(fixture *f, const bp_allocator *allocator)
{
    bp_layer *input = NULL, *output = NULL;
    bp_status status = test_network_create(&f->own_net, allocator);
    if (status == BP_OK)
        status = bp_network_add_input(&input, f->own_net, NULL, MIXED_INPUTS);
    if (status == BP_OK)
        status = bp_network_add_layer(&output, f->own_net, NULL, MIXED_OUTPUTS, bp_activation_softmax());
    if (status == BP_OK)
        status = bp_network_connect(NULL, f->own_net, input, output);
    if (status == BP_OK)
        status = bp_network_finalize(f->own_net);
    if (status == BP_OK)
        status = bp_network_initialize(f->own_net, 1);
    if (status == BP_OK)
        status = bp_workspace_create(&f->own_workspace, f->own_net, 2);
    return status;
}

/* What was to be enlarged and could not be still does its work. */
static void assert_still_works(fixture *f, size_t call)
{
    assert_untouched(f);
    assert_ok(predict(f));
    assert_ok(calls[call].function(f));
}

static bp_status use(void *context, const bp_allocator *allocator)
{
    static fixture f;
    size_t call = *(size_t *)context;
    f = (fixture){0};
    bp_status status = build(&f, allocator);
    if (status == BP_OK) {
        fill(&f);
        status = calls[call].function(&f);
        if (status != BP_OK)
            assert_still_works(&f, call);
    }
    bp_workspace_destroy(f.own_workspace);
    bp_network_destroy(f.own_net);
    return status;
}

static void test_each_allocation_may_fail(void **state)
{
    (void)state;
    for (size_t i = 0; i < CALLS; i++)
        test_each_allocation_fails(use, &i);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_all_of_them_can_be_right),
        TEST(test_arguments),
        TEST(test_results_that_are_null),
        TEST(test_the_error_may_be_null),
        TEST(test_an_evaluation_of_another_size),
        cmocka_unit_test(test_networks_that_are_not_ready),
        TEST(test_inputs),
        TEST(test_targets),
        TEST(test_losses),
        cmocka_unit_test(test_cross_entropy_of_linear_outputs),
        cmocka_unit_test(test_each_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
