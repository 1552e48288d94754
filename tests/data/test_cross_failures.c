/* Cross-validations that fail, all or some of their folds, and the caller's allocator. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/cross_example.h"

static bp_trainer_options options_of(const bp_stop_rule *rules, size_t count)
{
    bp_trainer_options options;
    bp_trainer_options_init(&options, sizeof options);
    options.stop_rules = rules;
    options.stop_rule_count = count;
    return options;
}

/* The call fails and leaves its results alone. */
static void assert_refused(const bp_network *net, const bp_trainer_options *options,
                           const bp_dataset *dataset, const bp_cross_options *cross, bp_status status,
                           const char *message)
{
    static cross_outcome found, before;
    cross_outcome_init(&found);
    before = found;
    assert_fails(
        bp_cross_validate(net, options, dataset, cross, found.each, found.predictions, &found.summary),
        status, message);
    assert_memory_equal(&found, &before, sizeof found);
}

static bp_status hook(void *context, const bp_gradient_batch *batch, bp_gradient_reply *reply)
{
    (void)context, (void)batch, (void)reply;
    return BP_OK;
}

static void test_what_is_refused(void **state)
{
    (void)state;
    bp_dataset *dataset = cross_classes(NULL), *bare = NULL;
    bp_network *net = cross_class_network(NULL), *curve = cross_curve_network(), *open = NULL;
    const bp_stop_rule rules[] = {bp_stop_epochs(2), bp_stop_seconds(1)};
    bp_trainer_options options = options_of(rules, 1);
    bp_fold_options folds = folds_with(BP_SPLIT_RANDOM, 5, 1, 0);
    bp_cross_options cross = cross_with(&folds, 1, 1);
    assert_refused(NULL, &options, dataset, &cross, BP_ERROR_ARGUMENT, "net is NULL");
    assert_refused(net, &options, NULL, &cross, BP_ERROR_ARGUMENT, "dataset is NULL");
    assert_refused(curve, &options, dataset, &cross, BP_ERROR_SIZE, "bp_cross_validate: fold 0: ");
    assert_ok(bp_network_create(&open, NULL));
    assert_refused(open, &options, dataset, &cross, BP_ERROR_STATE, "bp_cross_validate");
    const bp_data inputs_only = bp_data_view(5, (const bp_real[]){1, 2, 3, 4, 5}, 1, NULL, 0);
    assert_ok(bp_dataset_create(&bare, &inputs_only, NULL));
    assert_refused(curve, &options, bare, &cross, BP_ERROR_ARGUMENT, "no targets");
    cross.threads = 0;
    assert_refused(net, &options, dataset, &cross, BP_ERROR_ARGUMENT, "cross->threads is 0");
    cross = cross_with(&folds, 1, 1);
    cross.size = 0;
    assert_refused(net, &options, dataset, &cross, BP_ERROR_ARGUMENT, "bp_cross_options");
    cross = cross_with(&folds, 1, 1);
    folds.folds = 91;
    assert_refused(net, &options, dataset, &cross, BP_ERROR_SIZE, "folds.folds is 91");
    folds = folds_with(BP_SPLIT_GROUP, 5, 1, 0);
    assert_refused(
        net, &options, dataset, &cross, BP_ERROR_STATE,
        "bp_cross_validate: fold 0: folds.method is BP_SPLIT_GROUP, but the dataset has no groups");
    folds = folds_with(BP_SPLIT_RANDOM, 5, SIZE_MAX / 5, 0);
    assert_fails(bp_cross_validate(net, &options, dataset, &cross, NULL, NULL, NULL), BP_ERROR_MEMORY,
                 "folds");
    folds = folds_with(BP_SPLIT_RANDOM, 5, 1, 0);
    options.on_gradient = hook;
    assert_refused(net, &options, dataset, &cross, BP_ERROR_UNSUPPORTED, "options->on_gradient");
    options = options_of(rules, 2);
    assert_refused(net, &options, dataset, &cross, BP_ERROR_UNSUPPORTED, "bp_stop_seconds");
    options = options_of(rules, 1);
    options.threads = cross.threads = 2;
    assert_refused(net, &options, dataset, &cross, BP_ERROR_UNSUPPORTED,
                   "options->threads is 2 and cross->threads is 2");
    options = options_of(rules, 1);
    options.weight_decay = 2;
    assert_refused(net, &options, dataset, &cross, BP_ERROR_ARGUMENT, "weight_decay");
    bp_network_destroy(net);
    bp_network_destroy(curve);
    bp_network_destroy(open);
    bp_dataset_destroy(dataset);
    bp_dataset_destroy(bare);
}

static void test_result_structs(void **state)
{
    (void)state;
    bp_dataset *dataset = cross_curve();
    bp_network *net = cross_curve_network();
    bp_fold_result each[5];
    bp_cross_summary summary = {.size = 3};
    bp_fold_result_init(each, sizeof each[0], 5);
    each[3].size = 0;
    assert_fails(bp_cross_validate(net, NULL, dataset, NULL, each, NULL, NULL), BP_ERROR_ARGUMENT,
                 "each[3].size is 0");
    assert_fails(bp_cross_validate(net, NULL, dataset, NULL, NULL, NULL, &summary), BP_ERROR_VERSION,
                 "bp_cross_summary");
    bp_network_destroy(net);
    bp_dataset_destroy(dataset);
}

/* ------------------------------------------------------------------------------ divergence */

static void test_all_diverge(void **state)
{
    (void)state;
    static cross_outcome found;
    bp_dataset *dataset = cross_curve();
    bp_network *net = cross_curve_network();
    const bp_stop_rule rule = bp_stop_epochs(500);
    bp_trainer_options options = options_of(&rule, 1);
    options.optimizer = bp_optimizer_gradient_descent(1e30);
    const bp_fold_options folds = folds_with(BP_SPLIT_RANDOM, 4, 1, 0);
    for (size_t threads = 1; threads <= 3; threads++) {
        const bp_cross_options cross = cross_with(&folds, threads, 1);
        cross_outcome_init(&found);
        assert_fails(
            bp_cross_validate(net, &options, dataset, &cross, found.each, found.predictions, &found.summary),
            BP_DIVERGED, "all 4 folds diverged");
        assert_int_equal(found.summary.diverged, 4);
        assert_true(found.predictions[0] == 0);
        for (size_t i = 0; i < 4; i++) {
            assert_int_equal(found.each[i].status, BP_DIVERGED);
            assert_true(isfinite(found.each[i].test_error));
        }
    }
    bp_network_destroy(net);
    bp_dataset_destroy(dataset);
}

/* --------------------------------------------------------------------------- other failures */

/* An activation whose derivative is no number where x is 5 or more. */
static void broken_slope(void *context, const bp_real *x, const bp_real *y, bp_real *slope, size_t count)
{
    (void)context, (void)y;
    for (size_t i = 0; i < count; i++)
        slope[i] = x[i] >= 5 ? (bp_real)NAN : 1;
}

static void same(void *context, const bp_real *x, bp_real *y, size_t count)
{
    (void)context;
    memcpy(y, x, count * sizeof *y);
}

static bp_network *one_weight(void)
{
    bp_network *net = NULL;
    bp_layer *input = NULL, *output = NULL;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&input, net, NULL, 1));
    assert_ok(
        bp_network_add_layer(&output, net, NULL, 1, bp_activation_custom("same", same, broken_slope, NULL)));
    assert_ok(bp_layer_enable_bias(output, 0));
    bp_connection *connection = NULL;
    assert_ok(bp_network_connect(&connection, net, input, output));
    assert_ok(bp_connection_set_weight_init(connection, bp_weight_init_constant(1)));
    assert_ok(bp_network_finalize(net));
    return net;
}

/* The first fold that fails is named, whatever the threads: that is fold 1, since fold 0 tests the case with
 * the large input, which all others train on. */
static void test_a_fold_that_fails(void **state)
{
    (void)state;
    bp_real inputs[12], targets[12] = {0};
    for (size_t c = 0; c < 12; c++)
        inputs[c] = c == 0 ? 9 : (bp_real)0.1;
    bp_data data = bp_data_view(12, inputs, 1, targets, 1);
    bp_dataset *dataset = NULL;
    assert_ok(bp_dataset_create(&dataset, &data, NULL));
    bp_network *net = one_weight();
    const bp_stop_rule rule = bp_stop_epochs(3);
    bp_trainer_options options = options_of(&rule, 1);
    options.optimizer = bp_optimizer_gradient_descent(1e-6);
    options.scale_data = 0;
    options.weight_decay = 0;
    const bp_fold_options folds = folds_with(BP_SPLIT_ORDER, 6, 1, 0);
    for (size_t threads = 1; threads <= 6; threads++) {
        const bp_cross_options cross = cross_with(&folds, threads, 1);
        assert_refused(net, &options, dataset, &cross, BP_ERROR_NOT_FINITE,
                       "bp_cross_validate: fold 1: bp_trainer_run");
    }
    bp_network_destroy(net);
    bp_dataset_destroy(dataset);
}

/* -------------------------------------------------------------------------------- allocator */

static void test_the_allocator_is_called_by_the_calling_thread(void **state)
{
    (void)state;
    static cross_outcome found;
    test_own_memory own;
    const bp_allocator allocator = test_own_allocator(&own);
    bp_dataset *dataset = cross_classes(NULL);
    bp_network *net = cross_class_network(&allocator);
    assert_non_null(net);
    bp_trainer_options options = options_of(NULL, 0);
    options.keep_history = 1;
    const bp_fold_options folds = folds_with(BP_SPLIT_STRATIFIED, 7, 1, 0.2);
    const bp_cross_options cross = cross_with(&folds, 3, 1);
    for (size_t batch = 0; batch < 4; batch += 1 + batch) {
        options.batch_size = batch == 3 ? BP_BATCH_AUTO : batch;
        const size_t live = own.memory.live;
        cross_outcome_init(&found);
        assert_ok(
            bp_cross_validate(net, &options, dataset, &cross, found.each, found.predictions, &found.summary));
        assert_int_equal(own.memory.live, live);
    }
    bp_network_destroy(net);
    bp_dataset_destroy(dataset);
    assert_int_equal(own.memory.live, 0);
}

static bp_status attempt(void *context, const bp_allocator *allocator)
{
    static cross_outcome found, before;
    const bp_stop_rule rule = bp_stop_epochs(1);
    const bp_trainer_options options = options_of(&rule, 1);
    const bp_fold_options folds = folds_with(BP_SPLIT_STRATIFIED, 3, 1, 0.2);
    const bp_cross_options cross = cross_with(&folds, *(const size_t *)context, 1);
    bp_network *net = cross_class_network(allocator);
    if (net == NULL)
        return BP_ERROR_MEMORY;
    bp_dataset *dataset = cross_classes(NULL);
    cross_outcome_init(&found);
    before = found;
    bp_status status =
        bp_cross_validate(net, &options, dataset, &cross, found.each, found.predictions, &found.summary);
    if (status != BP_OK)
        assert_memory_equal(&found, &before, sizeof found);
    bp_network_destroy(net);
    bp_dataset_destroy(dataset);
    return status;
}

static void test_lack_of_memory(void **state)
{
    (void)state;
    for (size_t threads = 1; threads <= 2; threads++)
        test_each_allocation_fails(attempt, &threads);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_refused),
        cmocka_unit_test(test_result_structs),
        cmocka_unit_test(test_all_diverge),
        cmocka_unit_test(test_a_fold_that_fails),
        cmocka_unit_test(test_the_allocator_is_called_by_the_calling_thread),
        cmocka_unit_test(test_lack_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
