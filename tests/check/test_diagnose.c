/* The call itself: arguments, the array of findings, memory. What it finds is tested check by check. */
#include "check/diagnose_example.h"

#include <stdlib.h>
#include <string.h>

#include "support/connect.h"

static void test_nothing_in_healthy_data(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        diagnose_example *e = make_classes(seed);
        diagnose_with_validation(e, bp_loss_default());
        assert_healthy(e);
        free_example(e);
        e = make_numbers(seed);
        diagnose_with_validation(e, bp_loss_default());
        assert_healthy(e);
        free_example(e);
    }
}

/* A constant and a repeated column, which are notes, and identical units, an error. */
static void spoil(diagnose_example *e)
{
    for (size_t row = 0; row < CASES; row++) {
        *input_of(e, row, 1) = 2;
        *input_of(e, row, 3) = *input_of(e, row, 0);
    }
    size_t count;
    bp_real *weights = copy_weights(e->net, &count);
    for (size_t i = 0; i < count; i++)
        weights[i] = (bp_real)0.1;
    set_weights(e->net, weights, count);
}

static void test_most_severe_first(void **state)
{
    (void)state;
    diagnose_example *e = make_classes(1);
    spoil(e);
    diagnose(e, bp_loss_default());
    assert_int_equal(e->found[0].kind, BP_FINDING_SYMMETRIC_UNITS);
    for (size_t i = 1; i < e->count; i++)
        assert_true(e->found[i].severity <= e->found[i - 1].severity);
    found(e, BP_FINDING_CONSTANT_INPUT);
    found(e, BP_FINDING_DUPLICATE_INPUT);
    free_example(e);
}

static void test_small_capacity(void **state)
{
    (void)state;
    diagnose_example *e = make_classes(1);
    bp_workspace *workspace = NULL;
    bp_finding one[2];
    size_t count = 99;
    spoil(e);
    assert_ok(bp_workspace_create(&workspace, e->net, 16));
    diagnose(e, bp_loss_default());
    assert_ok(bp_diagnose(e->net, workspace, &e->training, NULL, bp_loss_default(), NULL, 0, &count));
    assert_int_equal(count, e->count);
    memset(one, 0xa5, sizeof one);
    bp_finding_init(&one[0], sizeof one[0]);
    assert_ok(bp_diagnose(e->net, workspace, &e->training, NULL, bp_loss_default(), one, 1, &count));
    assert_int_equal(count, e->count);
    assert_memory_equal(&one[0], &e->found[0], sizeof one[0]);
    assert_int_equal(((unsigned char *)&one[1])[0], 0xa5);
    bp_workspace_destroy(workspace);
    free_example(e);
}

/* As a program of a later version has them. */
typedef struct later_finding {
    bp_finding finding;
    double more[2];
} later_finding;

static void test_elements_of_the_callers_size(void **state)
{
    (void)state;
    diagnose_example *e = make_classes(1);
    bp_workspace *workspace = NULL;
    later_finding later[MAX_FOUND];
    size_t count;
    spoil(e);
    diagnose(e, bp_loss_default());
    assert_ok(bp_workspace_create(&workspace, e->net, 16));
    memset(later, 0xa5, sizeof later);
    bp_finding_init(&later[0].finding, sizeof later[0]);
    assert_ok(bp_diagnose(e->net, workspace, &e->training, NULL, bp_loss_default(), &later[0].finding,
                          MAX_FOUND, &count));
    assert_int_equal(count, e->count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(later[i].finding.size, sizeof later[0]);
        assert_int_equal(later[i].finding.kind, e->found[i].kind);
        assert_true(later[i].more[0] == 0 && later[i].more[1] == 0);
    }
    bp_workspace_destroy(workspace);
    free_example(e);
}

static void test_wrong_arguments(void **state)
{
    (void)state;
    diagnose_example *e = make_classes(1);
    bp_workspace *workspace = NULL;
    bp_finding out[1];
    size_t count = 99;
    const bp_loss loss = bp_loss_default();
    assert_ok(bp_workspace_create(&workspace, e->net, 16));
    bp_finding_init(out, sizeof *out);
    assert_fails(bp_diagnose(NULL, workspace, &e->training, NULL, loss, out, 1, &count), BP_ERROR_ARGUMENT,
                 "net is NULL");
    assert_fails(bp_diagnose(e->net, NULL, &e->training, NULL, loss, out, 1, &count), BP_ERROR_ARGUMENT,
                 "workspace is NULL");
    assert_fails(bp_diagnose(e->net, workspace, NULL, NULL, loss, out, 1, &count), BP_ERROR_ARGUMENT,
                 "training is NULL");
    assert_fails(bp_diagnose(e->net, workspace, &e->training, NULL, loss, out, 1, NULL), BP_ERROR_ARGUMENT,
                 "count is NULL");
    assert_fails(bp_diagnose(e->net, workspace, &e->training, NULL, loss, NULL, 1, &count), BP_ERROR_ARGUMENT,
                 "findings is NULL, but capacity is 1");
    out[0].size = 0;
    assert_fails(bp_diagnose(e->net, workspace, &e->training, NULL, loss, out, 1, &count), BP_ERROR_ARGUMENT,
                 "bp_finding_init");
    bp_finding_init(out, sizeof *out);
    e->validation.input_width = 4;
    assert_fails(bp_diagnose(e->net, workspace, &e->training, &e->validation, loss, out, 1, &count),
                 BP_ERROR_SIZE, "validation.input_width is 4");
    assert_fails(bp_diagnose(e->net, workspace, &e->training, NULL, (bp_loss){0}, out, 1, &count),
                 BP_ERROR_ARGUMENT, "loss");
    e->training.targets = NULL;
    assert_fails(bp_diagnose(e->net, workspace, &e->training, NULL, loss, out, 1, &count), BP_ERROR_ARGUMENT,
                 "training.targets is NULL");
    assert_int_equal(count, 99);
    assert_int_equal(out[0].kind, BP_FINDING_NONE);
    bp_workspace_destroy(workspace);
    free_example(e);
}

/* Without slopes there is nothing to look at backwards. */
static void test_thresholds(void **state)
{
    (void)state;
    diagnose_example *e = make_classes(1);
    const size_t units[] = {e->training.input_width, 4, e->training.target_width};
    bp_network *net = NULL;
    bp_workspace *workspace = NULL;
    size_t count = 99;
    assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_threshold(), bp_activation_softmax()));
    assert_ok(bp_network_initialize(net, 1));
    assert_ok(bp_workspace_create(&workspace, net, 16));
    assert_fails(bp_diagnose(net, workspace, &e->training, NULL, bp_loss_default(), NULL, 0, &count),
                 BP_ERROR_UNSUPPORTED, "threshold");
    assert_int_equal(count, 99);
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
    free_example(e);
}

/* Untrained, so that nothing is set. */
static void test_weights_must_be_set(void **state)
{
    (void)state;
    const size_t units[] = {INPUTS, HIDDEN, OUTPUTS};
    diagnose_example *e = make_classes(1);
    bp_network *net = NULL;
    bp_workspace *workspace = NULL;
    size_t count;
    assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_softmax()));
    assert_ok(bp_workspace_create(&workspace, net, 16));
    assert_fails(bp_diagnose(net, workspace, &e->training, NULL, bp_loss_default(), NULL, 0, &count),
                 BP_ERROR_STATE, "weights");
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
    free_example(e);
}

static bp_status build(bp_network **net, const bp_allocator *allocator)
{
    bp_layer *input, *hidden, *output;
    bp_status status = test_network_create(net, allocator);
    if (status == BP_OK)
        status = bp_network_add_input(&input, *net, "input", INPUTS);
    if (status == BP_OK)
        status = bp_network_add_layer(&hidden, *net, "hidden", HIDDEN, bp_activation_tanh());
    if (status == BP_OK)
        status = bp_network_add_layer(&output, *net, "output", OUTPUTS, bp_activation_softmax());
    if (status == BP_OK)
        status = bp_network_connect(NULL, *net, input, hidden);
    if (status == BP_OK)
        status = bp_network_connect(NULL, *net, hidden, output);
    if (status == BP_OK)
        status = bp_network_finalize(*net);
    return status == BP_OK ? bp_network_initialize(*net, 1) : status;
}

static bp_status attempt(void *context, const bp_allocator *allocator)
{
    diagnose_example *e = context;
    bp_network *net = NULL;
    bp_workspace *workspace = NULL;
    size_t count = 99;
    bp_finding out[2];
    bp_finding_init(out, sizeof *out);
    bp_status status = build(&net, allocator);
    if (status == BP_OK)
        status = bp_workspace_create(&workspace, net, 16);
    if (status == BP_OK)
        status = bp_diagnose(net, workspace, &e->training, &e->validation, bp_loss_default(), out, 2, &count);
    if (status != BP_OK) {
        assert_int_equal(count, 99);
        assert_int_equal(out[0].kind, BP_FINDING_NONE);
    }
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
    return status;
}

static void test_each_allocation(void **state)
{
    (void)state;
    diagnose_example *e = make_classes(1);
    test_each_allocation_fails(attempt, e);
    free_example(e);
}

static void test_the_network_stays(void **state)
{
    (void)state;
    diagnose_example *e = make_classes(1);
    size_t before_size, after_size;
    unsigned char *before = test_save(e->net, &before_size);
    diagnose_with_validation(e, bp_loss_default());
    unsigned char *after = test_save(e->net, &after_size);
    assert_int_equal(before_size, after_size);
    assert_memory_equal(before, after, before_size);
    free(before);
    free(after);
    free_example(e);
}

/* Rows that are not dense are read where they are. */
static void test_strides(void **state)
{
    (void)state;
    enum { STRIDE = 9 };
    static bp_real wide[CASES * STRIDE];
    diagnose_example *e = make_classes(1);
    spoil(e);
    diagnose(e, bp_loss_default());
    const size_t dense = e->count;
    const bp_finding first = e->found[0];
    for (size_t row = 0; row < CASES; row++) {
        for (size_t i = 0; i < STRIDE; i++)
            wide[row * STRIDE + i] = 1000;
        memcpy(wide + row * STRIDE, input_of(e, row, 0), INPUTS * sizeof *wide);
    }
    e->training.inputs = wide;
    e->training.input_stride = STRIDE;
    diagnose(e, bp_loss_default());
    assert_int_equal(e->count, dense);
    assert_memory_equal(&e->found[0], &first, sizeof first);
    free_example(e);
}

static bp_network *recurrent(void)
{
    bp_network *net = NULL;
    bp_layer *input, *hidden, *output;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&input, net, "input", 1));
    assert_ok(bp_network_add_layer(&hidden, net, "hidden", 4, bp_activation_tanh()));
    assert_ok(bp_network_add_layer(&output, net, "output", 1, bp_activation_linear()));
    assert_ok(bp_network_connect(NULL, net, input, hidden));
    assert_ok(connect_delayed(NULL, net, hidden, hidden));
    assert_ok(bp_network_connect(NULL, net, hidden, output));
    assert_ok(bp_network_set_weight_init(net, bp_weight_init_constant(0.1)));
    assert_ok(bp_network_finalize(net));
    return net;
}

/* Series of 6 steps. A layer is found once, not once for each step; and no column of a step can be left out.
 */
static void test_unrolled(void **state)
{
    (void)state;
    enum { STEPS = 6, SERIES = 50 };
    uint64_t stream = 1;
    bp_real inputs[SERIES * STEPS], targets[SERIES * STEPS];
    bp_unroll_options options;
    bp_network *net = recurrent(), *unrolled = NULL;
    diagnose_example *e = make_classes(1);
    bp_unroll_options_init(&options, sizeof options);
    options.steps = STEPS;
    assert_ok(bp_network_unroll(&unrolled, net, &options));
    assert_ok(bp_network_initialize(unrolled, 1));
    for (size_t i = 0; i < SERIES * STEPS; i++) {
        inputs[i] = i % STEPS == 0 ? 1 : (bp_real)test_uniform(&stream, -1, 1);
        targets[i] = (bp_real)test_uniform(&stream, -1, 1);
    }
    bp_network_destroy(e->net);
    e->net = unrolled;
    e->training = bp_data_view(SERIES, inputs, 1, targets, 1);
    e->training.steps = STEPS;
    diagnose(e, bp_loss_default());
    const bp_finding *f = found(e, BP_FINDING_SYMMETRIC_UNITS);
    assert_int_equal(f->count, 4);
    assert_int_equal(f->severity, BP_SEVERITY_ERROR);
    assert_not_found(e, BP_FINDING_CONSTANT_INPUT);
    bp_network_destroy(net);
    free_example(e);
}

/* A huge weight makes E infinite. */
static void test_not_finite(void **state)
{
    (void)state;
    diagnose_example *e = make_numbers(1);
    bp_workspace *workspace = NULL;
    size_t count;
    bp_real *weights = copy_weights(e->net, &count);
    for (size_t i = 0; i < count; i++)
        weights[i] = (bp_real)TOLERANCE(1e38, 1e308);
    set_weights(e->net, weights, count);
    assert_ok(bp_workspace_create(&workspace, e->net, 16));
    count = 99;
    assert_fails(bp_diagnose(e->net, workspace, &e->training, NULL, bp_loss_default(), NULL, 0, &count),
                 BP_ERROR_NOT_FINITE, "bp_diagnose");
    assert_int_equal(count, 99);
    bp_workspace_destroy(workspace);
    free_example(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_in_healthy_data),
        cmocka_unit_test(test_most_severe_first),
        cmocka_unit_test(test_small_capacity),
        cmocka_unit_test(test_elements_of_the_callers_size),
        cmocka_unit_test(test_wrong_arguments),
        cmocka_unit_test(test_thresholds),
        cmocka_unit_test(test_weights_must_be_set),
        cmocka_unit_test(test_each_allocation),
        cmocka_unit_test(test_the_network_stays),
        cmocka_unit_test(test_strides),
        cmocka_unit_test(test_unrolled),
        cmocka_unit_test(test_not_finite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
