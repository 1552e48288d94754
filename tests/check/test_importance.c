/* Permutation importance. */
#include "support/arrays.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/connect.h"

enum { CASES = 203, INPUTS = 4 };

/* y = 2 x0 - x1 + x3, linear; column 2 has the weight 0. Targets are the outputs. */
typedef struct linear_example {
    bp_network *net;
    bp_workspace *workspace;
    bp_real *inputs, targets[CASES];
    bp_data data;
} linear_example;

static const bp_real linear_weights[] = {2, -1, 0, 1, 0};

static linear_example make_linear(size_t block)
{
    uint64_t stream = 7;
    const size_t units[] = {INPUTS, 1};
    linear_example e = {.net = NULL};
    assert_ok(bp_network_create_layered(&e.net, units, 2, bp_activation_linear(), bp_activation_linear()));
    assert_ok(bp_network_set_weights(e.net, linear_weights, 5));
    assert_ok(bp_workspace_create(&e.workspace, e.net, block));
    e.inputs = random_reals(&stream, CASES * INPUTS, -1, 1);
    for (size_t row = 0; row < CASES; row++) {
        const bp_real *x = e.inputs + row * INPUTS;
        e.targets[row] = 2 * x[0] - x[1] + x[3];
    }
    return e;
}

static bp_data view_of(const linear_example *e)
{
    return bp_data_view(CASES, e->inputs, INPUTS, e->targets, 1);
}

static void free_linear(linear_example *e)
{
    bp_workspace_destroy(e->workspace);
    bp_network_destroy(e->net);
    free(e->inputs);
}

static void measure(const linear_example *e, const bp_importance_options *options, double *error,
                    bp_importance *each, size_t groups)
{
    const bp_data data = view_of(e);
    bp_importance_init(each, sizeof each[0], groups);
    assert_ok(bp_permutation_importance(e->net, e->workspace, &data, bp_loss_squared_error(), options, error,
                                        each));
}

/*
 * With y = d, exchanging x_i for x'_i gives E = 1/2 w_i^2 (x'_i - x_i)^2: on average w_i^2 times the
 * variance, which is 1/3 of the uniform distribution.
 */
static void test_worked_case(void **state)
{
    (void)state;
    linear_example e = make_linear(64);
    bp_importance_options options;
    bp_importance each[INPUTS];
    double error;
    bp_importance_options_init(&options, sizeof options);
    assert_int_equal(options.repetitions, 5);
    options.repetitions = 50;
    measure(&e, &options, &error, each, INPUTS);
    assert_true(error < 1e-12);
    assert_close(each[0].increase, 4.0 / 3, 0.15);
    assert_close(each[1].increase, 1.0 / 3, 0.15);
    assert_close(each[3].increase, 1.0 / 3, 0.15);
    assert_true(each[2].increase == 0 && each[2].deviation == 0);
    for (size_t i = 0; i < INPUTS; i++)
        assert_int_equal(each[i].columns, 1);
    assert_true(each[0].deviation > 0 && each[0].deviation < 0.3);
    free_linear(&e);
}

/* Columns that are permuted together keep what they say together. */
static void test_groups(void **state)
{
    (void)state;
    linear_example e = make_linear(1000);
    const size_t groups[INPUTS] = {1, 0, BP_NO_INDEX, 0};
    bp_importance_options options;
    bp_importance together[2], each[INPUTS];
    for (size_t row = 0; row < CASES; row++) {
        bp_real *x = e.inputs + row * INPUTS;
        x[3] = x[1]; /* their weights cancel */
        e.targets[row] = 2 * x[0];
    }
    bp_importance_options_init(&options, sizeof options);
    measure(&e, &options, NULL, each, INPUTS);
    options.groups = groups;
    options.group_count = 2;
    measure(&e, &options, NULL, together, 2);
    assert_int_equal(together[0].columns, 2);
    assert_int_equal(together[1].columns, 1);
    assert_true(each[1].increase > 0.2 && each[3].increase > 0.2);
    assert_close(together[0].increase, 0, 1e-12);
    /* The permutations do not depend on the groups. */
    assert_close(together[1].increase, each[0].increase, 0);
    assert_close(together[1].deviation, each[0].deviation, 0);
    free_linear(&e);
}

/* The increase by its definition: permuted copies, and the error of the public call. */
static void test_mean_and_deviation(void **state)
{
    (void)state;
    linear_example e = make_linear(1000);
    bp_importance_options options;
    bp_importance one, three;
    double increases[3], mean = 0, squares = 0;
    const size_t groups[INPUTS] = {0, BP_NO_INDEX, BP_NO_INDEX, BP_NO_INDEX};
    bp_importance_options_init(&options, sizeof options);
    options.groups = groups;
    options.group_count = 1;
    options.seed = 99;
    for (size_t i = 0; i < 3; i++) { /* the first i + 1 increases */
        options.repetitions = i + 1;
        measure(&e, &options, NULL, &one, 1);
        increases[i] = one.increase * (double)(i + 1);
        for (size_t j = 0; j < i; j++)
            increases[i] -= increases[j];
        mean += increases[i] / 3;
    }
    for (size_t i = 0; i < 3; i++)
        squares += (increases[i] - mean) * (increases[i] - mean);
    options.repetitions = 3;
    measure(&e, &options, NULL, &three, 1);
    assert_close(three.deviation, sqrt(squares / 3), 1e-9);
    options.seed = 100;
    measure(&e, &options, NULL, &one, 1);
    assert_true(one.increase != three.increase);
    free_linear(&e);
}

/* Whatever the memory of the workspace and the distance of the rows. */
static void test_blocks_and_strides(void **state)
{
    (void)state;
    enum { STRIDE = 7 };
    linear_example e = make_linear(1000), small = make_linear(10);
    static bp_real wide[CASES * STRIDE];
    bp_importance wanted[INPUTS], each[INPUTS];
    bp_data data = view_of(&e);
    for (size_t i = 0; i < CASES * STRIDE; i++)
        wide[i] = 1000;
    for (size_t row = 0; row < CASES; row++)
        memcpy(wide + row * STRIDE, e.inputs + row * INPUTS, INPUTS * sizeof *wide);
    measure(&e, NULL, NULL, wanted, INPUTS);
    data.inputs = wide;
    data.input_stride = STRIDE;
    bp_importance_init(each, sizeof each[0], INPUTS);
    assert_ok(bp_permutation_importance(e.net, e.workspace, &data, bp_loss_default(), NULL, NULL, each));
    assert_memory_equal(each, wanted, sizeof each);
    measure(&small, NULL, NULL, each, INPUTS);
    for (size_t i = 0; i < INPUTS; i++) {
        assert_close(each[i].increase, wanted[i].increase, TOLERANCE(1e-6, 1e-14));
        assert_close(each[i].deviation, wanted[i].deviation, TOLERANCE(1e-4, 1e-12));
    }
    free_linear(&e);
    free_linear(&small);
}

static void test_case_weights_stay_with_their_targets(void **state)
{
    (void)state;
    linear_example e = make_linear(64);
    bp_real weights[CASES];
    bp_importance each[INPUTS];
    double error;
    bp_evaluation evaluation;
    bp_data data = view_of(&e);
    for (size_t row = 0; row < CASES; row++) {
        weights[row] = row % 2 == 0 ? 0 : 2;
        if (row % 2 == 0)
            e.targets[row] = 1000;
    }
    data.case_weights = weights;
    bp_importance_init(each, sizeof each[0], INPUTS);
    bp_evaluation_init(&evaluation, sizeof evaluation);
    assert_ok(bp_permutation_importance(e.net, e.workspace, &data, bp_loss_default(), NULL, &error, each));
    assert_ok(bp_network_evaluate(e.net, e.workspace, &data, bp_loss_default(), NULL, &evaluation));
    assert_close(error, evaluation.mean_error, 1e-12);
    assert_true(each[0].increase > 0.5 && each[0].increase < 3); /* not of the order of 1000^2 */
    free_linear(&e);
}

/* A column of an unrolled network is permuted at all time steps together. */
static void test_steps(void **state)
{
    (void)state;
    enum { STEPS = 3, SERIES = 100 };
    uint64_t stream = 1;
    bp_network *net = NULL, *unrolled = NULL;
    bp_layer *input, *output;
    bp_workspace *workspace = NULL;
    bp_unroll_options options;
    bp_importance each[2];
    bp_real *inputs = random_reals(&stream, SERIES * STEPS * 2, -1, 1), targets[SERIES * STEPS];
    const bp_real weights[] = {1, 0, 1, 0};
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&input, net, "input", 2));
    assert_ok(bp_network_add_layer(&output, net, "output", 1, bp_activation_linear()));
    assert_ok(bp_network_connect(NULL, net, input, output));
    assert_ok(connect_delayed(NULL, net, output, output));
    assert_ok(bp_network_finalize(net));
    assert_ok(bp_network_set_weights(net, weights, 4)); /* y(t) = x0(t) + y(t - 1) */
    bp_unroll_options_init(&options, sizeof options);
    options.steps = STEPS;
    assert_ok(bp_network_unroll(&unrolled, net, &options));
    assert_ok(bp_network_copy_weights(unrolled, net));
    assert_ok(bp_workspace_create(&workspace, unrolled, 16));
    bp_data data = bp_data_view(SERIES, inputs, 2, NULL, 1);
    data.steps = STEPS;
    for (size_t c = 0; c < SERIES; c++)
        for (size_t s = 0; s < STEPS; s++)
            targets[c * STEPS + s] = inputs[(c * STEPS + s) * 2] + (s > 0 ? targets[c * STEPS + s - 1] : 0);
    data.targets = targets;
    bp_importance_init(each, sizeof each[0], 2);
    assert_ok(bp_permutation_importance(unrolled, workspace, &data, bp_loss_default(), NULL, NULL, each));
    /* Sums of one, two and three differences of two values with the variance 1/3. */
    assert_close(each[0].increase, 6.0 / 3, 0.2);
    assert_true(each[1].increase == 0);
    bp_workspace_destroy(workspace);
    bp_network_destroy(unrolled);
    bp_network_destroy(net);
    free(inputs);
}

static void test_nothing_is_changed(void **state)
{
    (void)state;
    linear_example e = make_linear(1000);
    size_t before_size, after_size;
    bp_real output;
    bp_real *inputs = new_reals(CASES * INPUTS);
    bp_importance each[INPUTS];
    memcpy(inputs, e.inputs, CASES * INPUTS * sizeof *inputs);
    unsigned char *before = test_save(e.net, &before_size);
    measure(&e, NULL, NULL, each, INPUTS);
    unsigned char *after = test_save(e.net, &after_size);
    assert_int_equal(before_size, after_size);
    assert_memory_equal(before, after, before_size);
    assert_memory_equal(inputs, e.inputs, CASES * INPUTS * sizeof *inputs);
    /* Outputs of permuted cases are not handed out as if they were those of the data. */
    assert_fails(bp_workspace_layer_outputs(e.workspace, bp_network_layer(e.net, 1), &output, 1),
                 BP_ERROR_STATE, "no outputs are stored");
    free(before);
    free(after);
    free(inputs);
    free_linear(&e);
}

static void test_wrong_arguments(void **state)
{
    (void)state;
    linear_example e = make_linear(64);
    size_t groups[INPUTS] = {0, 1, 0, 2};
    bp_importance_options options;
    bp_importance each[INPUTS], before[INPUTS];
    double error = 7;
    bp_data data = view_of(&e);
    bp_importance_options_init(&options, sizeof options);
    bp_importance_init(each, sizeof each[0], INPUTS);
    memcpy(before, each, sizeof each);
    const bp_loss loss = bp_loss_default();
#define CALL() bp_permutation_importance(e.net, e.workspace, &data, loss, &options, &error, each)
    assert_fails(bp_permutation_importance(NULL, e.workspace, &data, loss, NULL, NULL, each),
                 BP_ERROR_ARGUMENT, "net is NULL");
    assert_fails(bp_permutation_importance(e.net, NULL, &data, loss, NULL, NULL, each), BP_ERROR_ARGUMENT,
                 "workspace is NULL");
    assert_fails(bp_permutation_importance(e.net, e.workspace, NULL, loss, NULL, NULL, each),
                 BP_ERROR_ARGUMENT, "data is NULL");
    assert_fails(bp_permutation_importance(e.net, e.workspace, &data, loss, NULL, NULL, NULL),
                 BP_ERROR_ARGUMENT, "each is NULL");
    assert_fails(bp_permutation_importance(e.net, e.workspace, &data, (bp_loss){0}, NULL, NULL, each),
                 BP_ERROR_ARGUMENT, "loss");
    options.repetitions = 0;
    assert_fails(CALL(), BP_ERROR_ARGUMENT, "options.repetitions is 0, it must be >= 1");
    options.repetitions = SIZE_MAX;
    assert_fails(CALL(), BP_ERROR_MEMORY, "out of memory");
    options.repetitions = 1;
    options.group_count = 2;
    assert_fails(CALL(), BP_ERROR_ARGUMENT, "options.groups is NULL, but group_count is 2");
    options.groups = groups;
    assert_fails(CALL(), BP_ERROR_ARGUMENT, "options.groups[3] is 2, but there are 2 groups");
    options.group_count = 0;
    assert_fails(CALL(), BP_ERROR_ARGUMENT, "options.group_count is 0, but groups is not NULL");
    options.group_count = SIZE_MAX;
    assert_fails(CALL(), BP_ERROR_ARGUMENT, "but there are 4 input columns");
    options.group_count = 4;
    assert_fails(CALL(), BP_ERROR_ARGUMENT, "options.groups: group 3 has no columns");
    options.group_count = 3;
    data.input_width = 3;
    assert_fails(CALL(), BP_ERROR_SIZE, "data.input_width is 3");
    data = view_of(&e);
    data.targets = NULL;
    assert_fails(CALL(), BP_ERROR_ARGUMENT, "data.targets is NULL");
    data = view_of(&e);
    e.inputs[6] = (bp_real)NAN;
    assert_fails(CALL(), BP_ERROR_NOT_FINITE, "data.inputs: case 1, column 2 is nan");
    e.inputs[6] = 0;
    assert_memory_equal(each, before, sizeof each);
    assert_true(error == 7);
    each[1].size = 0;
    assert_fails(CALL(), BP_ERROR_ARGUMENT, "each[1].size is 0");
    free_linear(&e);
}

static bp_status attempt(void *context, const bp_allocator *allocator)
{
    linear_example *e = context;
    const bp_data data = view_of(e);
    bp_importance each[INPUTS];
    bp_network *net = NULL;
    bp_layer *input, *output;
    bp_workspace *workspace = NULL;
    bp_importance_init(each, sizeof each[0], INPUTS);
    bp_status status = test_network_create(&net, allocator);
    if (status == BP_OK)
        status = bp_network_add_input(&input, net, "input", INPUTS);
    if (status == BP_OK)
        status = bp_network_add_layer(&output, net, "output", 1, bp_activation_linear());
    if (status == BP_OK)
        status = bp_network_connect(NULL, net, input, output);
    if (status == BP_OK)
        status = bp_network_finalize(net);
    if (status == BP_OK)
        status = bp_network_initialize(net, 1);
    if (status == BP_OK)
        status = bp_workspace_create(&workspace, net, 16);
    if (status == BP_OK)
        status = bp_permutation_importance(net, workspace, &data, bp_loss_default(), NULL, NULL, each);
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
    return status;
}

static void test_each_allocation(void **state)
{
    (void)state;
    linear_example e = make_linear(64);
    test_each_allocation_fails(attempt, &e);
    free_linear(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_worked_case),
        cmocka_unit_test(test_groups),
        cmocka_unit_test(test_mean_and_deviation),
        cmocka_unit_test(test_blocks_and_strides),
        cmocka_unit_test(test_case_weights_stay_with_their_targets),
        cmocka_unit_test(test_steps),
        cmocka_unit_test(test_nothing_is_changed),
        cmocka_unit_test(test_wrong_arguments),
        cmocka_unit_test(test_each_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
