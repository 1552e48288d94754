/* Cross-validation: each fold is an ordinary training, the figures are those of its test cases, and neither
 * threads nor the caller's objects show anything of it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/cross_example.h"
#include "train/types.h"

static bp_trainer_options quick_options(const bp_stop_rule *rule)
{
    bp_trainer_options options;
    bp_trainer_options_init(&options, sizeof options);
    options.stop_rules = rule;
    options.stop_rule_count = rule != NULL;
    return options;
}

/* ----------------------------------------------------------- a fold is an ordinary training */

static void assert_same_double(double a, double b)
{
    assert_memory_equal(&a, &b, sizeof a);
}

/* The figures that the public calls find in the ordinary outputs. */
static void assert_figures(const bp_fold_result *fold, const bp_real *outputs, const bp_data *test,
                           bool are_classes)
{
    bp_regression_result numbers;
    bp_classification_result classes;
    bp_regression_result_init(&numbers, sizeof numbers, 1);
    bp_classification_result_init(&classes, sizeof classes);
    if (are_classes) {
        assert_ok(bp_classification_metrics(outputs, test, NULL, NULL, NULL, &classes));
        assert_same_double(fold->accuracy, classes.accuracy);
        assert_same_double(fold->balanced_accuracy, classes.balanced_accuracy);
        assert_same_double(fold->macro_f1, classes.macro_f1);
        assert_same_double(fold->log_loss, classes.log_loss);
        assert_true(isnan(fold->rmse) && isnan(fold->mae) && isnan(fold->r2));
    } else {
        assert_ok(bp_regression_metrics(outputs, test, NULL, &numbers));
        assert_same_double(fold->rmse, numbers.rmse);
        assert_same_double(fold->mae, numbers.mae);
        assert_same_double(fold->r2, numbers.r2);
        assert_true(isnan(fold->accuracy) && isnan(fold->log_loss));
    }
}

/* Trains fold `i` as the header says, and compares. */
static void assert_is_ordinary(const cross_outcome *found, bp_network *net, bp_trainer_options options,
                               bp_dataset *dataset, const bp_fold_options *folds, size_t i, bool are_classes)
{
    const bp_fold_result *fold = &found->each[i];
    const size_t width = bp_network_output_width(net), cases = bp_dataset_cases(dataset);
    bp_workspace *workspace = NULL;
    bp_data test;
    bp_real outputs[CROSS_MAX_OUTPUTS];
    bp_result result = empty_result();
    bp_evaluation evaluation;
    bp_data_init(&test, sizeof test);
    bp_evaluation_init(&evaluation, sizeof evaluation);

    assert_ok(bp_dataset_fold(dataset, folds, i, NULL));
    assert_ok(bp_network_initialize(net, fold->seed));
    options.seed = fold->seed;
    bp_trainer *trainer = make_trainer(net, &options);
    assert_ok(bp_trainer_run_dataset(trainer, dataset, &result));
    assert_ok(bp_dataset_subset(dataset, BP_SUBSET_TEST, &test));
    assert_ok(bp_workspace_create(&workspace, net, test.cases));
    assert_ok(bp_network_predict(net, workspace, &test, outputs));
    assert_ok(bp_network_evaluate(net, workspace, &test, bp_trainer_loss(trainer), NULL, &evaluation));

    assert_int_equal(fold->status, BP_OK);
    assert_int_equal(fold->reason, result.reason);
    assert_int_equal(fold->epochs, result.epochs);
    assert_int_equal(fold->best_epoch, result.best_epoch);
    assert_true(fold->updates == result.updates);
    assert_same_double(fold->training_error, result.mean_error);
    assert_true(isnan(result.validation_error) ? isnan(fold->validation_error)
                                               : fold->validation_error == result.validation_error);
    assert_same_double(fold->test_error, evaluation.mean_error);
    assert_figures(fold, outputs, &test, are_classes);
    const bp_real *rows = found->predictions + i / folds->folds * cases * width;
    const size_t *order = bp_dataset_order(dataset) + (cases - test.cases);
    for (size_t k = 0; k < test.cases; k++)
        assert_memory_equal(rows + order[k] * width, outputs + k * width, width * sizeof *outputs);
    bp_workspace_destroy(workspace);
    bp_trainer_destroy(trainer);
}

static void check_folds(bp_network *net, const bp_trainer_options *options, bp_dataset *dataset,
                        const bp_fold_options *folds, bool are_classes)
{
    static cross_outcome found;
    bp_network *other = NULL;
    assert_ok(bp_network_copy(&other, net));
    const bp_cross_options cross = cross_with(folds, 2, 7);
    cross_outcome_init(&found);
    assert_ok(
        bp_cross_validate(net, options, dataset, &cross, found.each, found.predictions, &found.summary));
    assert_true(found.each[0].seed == 7);
    for (size_t i = 0; i < folds->folds * folds->repetitions; i++) {
        for (size_t k = 0; k < i; k++)
            assert_true(found.each[i].seed != found.each[k].seed);
        bp_network *fresh = NULL;
        assert_ok(bp_network_copy(&fresh, other));
        assert_is_ordinary(&found, fresh, *options, dataset, folds, i, are_classes);
        bp_network_destroy(fresh);
    }
    bp_network_destroy(other);
    bp_network_destroy(net);
    bp_dataset_destroy(dataset);
}

/* With nothing set: scaling, batches, rate, decay and rules are each fold's own. */
static void test_folds_by_the_defaults(void **state)
{
    (void)state;
    const bp_trainer_options options = quick_options(NULL);
    const bp_fold_options folds = folds_with(BP_SPLIT_RANDOM, 3, 1, 0);
    check_folds(cross_curve_network(), &options, cross_curve(), &folds, false);
}

static void test_folds_with_validation(void **state)
{
    (void)state;
    const bp_stop_rule rule = bp_stop_early(5, 0);
    const bp_trainer_options options = quick_options(&rule);
    const bp_fold_options folds = folds_with(BP_SPLIT_STRATIFIED, 4, 2, 0.2);
    check_folds(cross_class_network(NULL), &options, cross_classes(NULL), &folds, true);
}

/* The weights of `context` that are frozen are those of every fold. */
static int look_at_frozen(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)progress;
    const bp_network *wanted = context;
    const size_t count = bp_connection_weight_count(bp_network_connection(wanted, 0));
    assert_memory_equal(bp_network_weights(trainer->network, NULL), bp_network_weights(wanted, NULL),
                        count * sizeof(bp_real));
    assert_memory_not_equal(bp_network_weights(trainer->network, NULL) + count,
                            bp_network_weights(wanted, NULL) + count, sizeof(bp_real));
    return 0;
}

static void test_folds_keep_frozen_weights(void **state)
{
    (void)state;
    const bp_stop_rule rule = bp_stop_epochs(10);
    const bp_fold_options folds = folds_with(BP_SPLIT_RANDOM, 3, 1, 0);
    const bp_cross_options cross = cross_with(&folds, 2, 1);
    bp_network *net = cross_curve_network();
    bp_dataset *dataset = cross_curve();
    bp_trainer_options options = quick_options(&rule);
    options.on_epoch = look_at_frozen;
    options.on_epoch_context = net;
    assert_ok(bp_network_initialize(net, 99));
    assert_ok(bp_connection_set_trainable(bp_network_connection(net, 0), 0));
    assert_ok(bp_cross_validate(net, &options, dataset, &cross, NULL, NULL, NULL));
    bp_dataset_destroy(dataset);
    bp_network_destroy(net);
}

/* A table with missing cells, names of classes and groups. */
static void test_folds_of_a_table(void **state)
{
    (void)state;
    const bp_stop_rule rule = bp_stop_epochs(30);
    const bp_trainer_options options = quick_options(&rule);
    const bp_split_method methods[] = {BP_SPLIT_RANDOM, BP_SPLIT_GROUP, BP_SPLIT_ORDER};
    for (size_t i = 0; i < 3; i++) {
        bp_dataset *table = load_gappy_table();
        const size_t units[] = {bp_dataset_input_width(table), 3, 2};
        bp_network *net = NULL;
        assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_softmax()));
        const bp_fold_options folds = folds_with(methods[i], 3, 1, 0.2);
        check_folds(net, &options, table, &folds, true);
    }
}

static void test_online_folds(void **state)
{
    (void)state;
    const bp_stop_rule rule = bp_stop_epochs(10);
    bp_trainer_options options = quick_options(&rule);
    options.batch_size = 1;
    options.optimizer = bp_optimizer_momentum(0.01, 0.5);
    const bp_fold_options folds = folds_with(BP_SPLIT_RANDOM, 4, 1, 0);
    check_folds(cross_curve_network(), &options, cross_curve(), &folds, false);
}

/* ------------------------------------------------------------------------------- threads */

static void test_the_same_bits_for_every_number_of_threads(void **state)
{
    (void)state;
    static cross_outcome wanted, found;
    const bp_stop_rule rule = bp_stop_epochs(20);
    const bp_trainer_options options = quick_options(&rule);
    const bp_fold_options folds = folds_with(BP_SPLIT_STRATIFIED, 5, 2, 0.2);
    bp_dataset *dataset = cross_classes(NULL);
    bp_network *net = cross_class_network(NULL);
    for (size_t threads = 1; threads <= 8; threads++) {
        const bp_cross_options cross = cross_with(&folds, threads, 3);
        cross_outcome_init(&found);
        assert_ok(
            bp_cross_validate(net, &options, dataset, &cross, found.each, found.predictions, &found.summary));
        if (threads == 1)
            wanted = found;
        assert_same_cross_outcome(&found, &wanted, 10);
    }
    bp_trainer_options divided = options; /* the threads of the trainers */
    const bp_cross_options cross = cross_with(&folds, 1, 3);
    divided.threads = 3;
    cross_outcome_init(&found);
    assert_ok(
        bp_cross_validate(net, &divided, dataset, &cross, found.each, found.predictions, &found.summary));
    assert_same_cross_outcome(&found, &wanted, 10);
    bp_network_destroy(net);
    bp_dataset_destroy(dataset);
}

/* ------------------------------------------------------------------------------- summary */

static void assert_figure(const bp_fold_figure *figure, const double *values, size_t count)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    for (size_t i = 0; i < count; i++)
        squares += (values[i] - sum / (double)count) * (values[i] - sum / (double)count);
    assert_close(figure->mean, sum / (double)count, 1e-12);
    assert_close(figure->deviation, sqrt(squares / (double)count), 1e-9);
}

static void test_the_summary(void **state)
{
    (void)state;
    static cross_outcome found;
    const bp_stop_rule rule = bp_stop_epochs(20);
    const bp_trainer_options options = quick_options(&rule);
    const bp_fold_options folds = folds_with(BP_SPLIT_RANDOM, 5, 2, 0);
    const bp_cross_options cross = cross_with(&folds, 2, 3);
    bp_dataset *dataset = cross_classes(NULL);
    bp_network *net = cross_class_network(NULL);
    cross_outcome_init(&found);
    assert_ok(bp_cross_validate(net, &options, dataset, &cross, found.each, NULL, &found.summary));
    double errors[10], accuracies[10], balanced[10], f1[10], losses[10];
    size_t missing = 0;
    for (size_t i = 0; i < 10; i++) {
        errors[i] = found.each[i].test_error;
        accuracies[i] = found.each[i].accuracy;
        balanced[i] = found.each[i].balanced_accuracy;
        f1[i] = found.each[i].macro_f1;
        losses[i] = found.each[i].log_loss;
        missing += found.each[i].missing_test > 0;
        assert_int_equal(found.each[i].training + found.each[i].test, 90);
    }
    assert_figure(&found.summary.test_error, errors, 10);
    assert_figure(&found.summary.accuracy, accuracies, 10);
    assert_figure(&found.summary.balanced_accuracy, balanced, 10);
    assert_figure(&found.summary.macro_f1, f1, 10);
    assert_figure(&found.summary.log_loss, losses, 10);
    assert_true(isnan(found.summary.rmse.mean) && isnan(found.summary.rmse.deviation));
    assert_int_equal(found.summary.folds, 10);
    assert_int_equal(found.summary.missing_test, missing);
    assert_int_equal(found.summary.diverged, 0);
    assert_true(found.summary.seconds > 0);
    assert_true(found.summary.accuracy.mean > 0.7);
    bp_network_destroy(net);
    bp_dataset_destroy(dataset);
}

/* One column, classes of 1 and 2: the test cases of a fold may have one of them only. */
static void test_a_single_column_of_classes(void **state)
{
    (void)state;
    enum { CASES = 12 };
    static cross_outcome found;
    bp_real inputs[CASES], targets[CASES];
    for (size_t c = 0; c < CASES; c++) {
        inputs[c] = (bp_real)c;
        targets[c] = c < 6 ? 1 : 2;
    }
    bp_data data = bp_data_view(CASES, inputs, 1, targets, 1);
    bp_dataset *dataset = NULL;
    assert_ok(bp_dataset_create(&dataset, &data, NULL));
    bp_network *net = cross_curve_network();
    const bp_stop_rule rule = bp_stop_epochs(200);
    const bp_trainer_options options = quick_options(&rule);
    const bp_fold_options folds = folds_with(BP_SPLIT_RANDOM, CASES, 1, 0);
    const bp_cross_options cross = cross_with(&folds, 2, 1);
    cross_outcome_init(&found);
    assert_ok(
        bp_cross_validate(net, &options, dataset, &cross, found.each, found.predictions, &found.summary));
    size_t right = 0;
    for (size_t c = 0; c < CASES; c++)
        right += ((double)found.predictions[c] > 1.5) == (c >= 6);
    assert_close(found.summary.accuracy.mean, (double)right / CASES, 1e-12);
    assert_true(isnan(found.summary.log_loss.mean));
    assert_int_equal(found.summary.missing_test, CASES);
    assert_true(right > 8);
    bp_network_destroy(net);
    bp_dataset_destroy(dataset);
}

/* Every case is predicted once in each repetition; what is never tested is NaN. */
static void test_predictions(void **state)
{
    (void)state;
    static cross_outcome found;
    bp_dataset *dataset = cross_curve();
    bp_network *net = cross_curve_network();
    const bp_stop_rule rule = bp_stop_epochs(10);
    const bp_trainer_options options = quick_options(&rule);
    bp_fold_options folds = folds_with(BP_SPLIT_RANDOM, 4, 2, 0);
    const bp_cross_options cross = cross_with(&folds, 1, 1);
    cross_outcome_init(&found);
    for (size_t i = 0; i < 121; i++)
        found.predictions[i] = 12345;
    assert_ok(bp_cross_validate(net, &options, dataset, &cross, NULL, found.predictions, NULL));
    for (size_t i = 0; i < 120; i++)
        assert_true(isfinite(found.predictions[i]) && found.predictions[i] != 12345);
    assert_true(found.predictions[120] == 12345);
    folds = folds_with(BP_SPLIT_ORDER, 3, 1, 0); /* 4 pieces of 15 */
    folds.forward = 1;
    assert_ok(bp_cross_validate(net, &options, dataset, &cross, NULL, found.predictions, NULL));
    for (size_t i = 0; i < 60; i++)
        assert_true(isnan(found.predictions[i]) == (i < 15));
    bp_network_destroy(net);
    bp_dataset_destroy(dataset);
}

/* Test cases that all have the weight 0 have no figures, and do not stop the rest. */
static void test_cases_without_weight(void **state)
{
    (void)state;
    static cross_outcome found;
    split_example e = {.cases = 40, .classes = 0};
    for (size_t c = 0; c < 40; c++)
        e.group_of[c] = c;
    assert_ok(split_example_create(&e, NULL));
    bp_data data;
    bp_data_init(&data, sizeof data);
    assert_ok(bp_dataset_subset(e.dataset, BP_SUBSET_ALL, &data));
    bp_real weights[40];
    for (size_t c = 0; c < 40; c++)
        weights[c] = c >= 10;
    data.case_weights = weights;
    bp_dataset *dataset = NULL;
    assert_ok(bp_dataset_create(&dataset, &data, NULL));
    const size_t units[] = {2, 3, 1};
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_linear()));
    const bp_stop_rule rule = bp_stop_epochs(10);
    const bp_trainer_options options = quick_options(&rule);
    const bp_fold_options folds = folds_with(BP_SPLIT_ORDER, 4, 1, 0);
    const bp_cross_options cross = cross_with(&folds, 1, 1);
    cross_outcome_init(&found);
    assert_ok(bp_cross_validate(net, &options, dataset, &cross, found.each, NULL, &found.summary));
    assert_true(isnan(found.each[0].rmse) && !isnan(found.each[1].rmse));
    const double others[] = {found.each[1].rmse, found.each[2].rmse, found.each[3].rmse};
    assert_figure(&found.summary.rmse, others, 3);
    bp_network_destroy(net);
    bp_dataset_destroy(dataset);
    split_example_end(&e);
}

/* -------------------------------------------------------------------- nothing is changed */

static void test_the_callers_objects_are_as_before(void **state)
{
    (void)state;
    bp_dataset *dataset = load_gappy_table();
    const size_t units[] = {bp_dataset_input_width(dataset), 3, 2};
    bp_network *net = NULL;
    size_t before_size, after_size, order[60];
    assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_softmax()));
    assert_ok(bp_network_initialize(net, 5));
    assert_ok(bp_dataset_split(dataset, 0.5, 0.25, 9));
    bp_data all;
    bp_data_init(&all, sizeof all);
    assert_ok(bp_dataset_subset(dataset, BP_SUBSET_ALL, &all));
    const size_t bytes = 60 * all.input_width * sizeof(bp_real);
    bp_real *inputs = malloc(bytes);
    memcpy(inputs, all.inputs, bytes);
    memcpy(order, bp_dataset_order(dataset), sizeof order);
    unsigned char *before = test_save(net, &before_size);

    const bp_stop_rule rule = bp_stop_epochs(5);
    const bp_trainer_options options = quick_options(&rule);
    const bp_cross_options cross = cross_with(NULL, 2, 1);
    assert_ok(bp_cross_validate(net, &options, dataset, &cross, NULL, NULL, NULL));

    unsigned char *after = test_save(net, &after_size);
    assert_int_equal(before_size, after_size);
    assert_memory_equal(before, after, before_size);
    assert_memory_equal(order, bp_dataset_order(dataset), sizeof order);
    assert_memory_equal(inputs, all.inputs, bytes);
    assert_ok(bp_dataset_subset(dataset, BP_SUBSET_TRAINING, &all));
    assert_int_equal(all.cases, 30);
    free(before);
    free(after);
    free(inputs);
    bp_network_destroy(net);
    bp_dataset_destroy(dataset);
}

/* ------------------------------------------------------------------------------ callbacks */

typedef struct observer {
    size_t calls[CROSS_MAX_FOLDS];
    size_t ended; /* the fold that it ends after its second epoch */
} observer;

static int observe(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    observer *seen = context;
    (void)trainer;
    assert_int_equal(progress->start_count, 6);
    assert_true(progress->start < 6);
    assert_int_equal(progress->epoch, ++seen->calls[progress->start]);
    return progress->start == seen->ended && progress->epoch == 2;
}

static void test_a_callback_sees_every_fold(void **state)
{
    (void)state;
    static cross_outcome found;
    bp_dataset *dataset = cross_curve();
    bp_network *net = cross_curve_network();
    const bp_stop_rule rule = bp_stop_epochs(4);
    bp_trainer_options options = quick_options(&rule);
    const bp_fold_options folds = folds_with(BP_SPLIT_RANDOM, 6, 1, 0);
    for (size_t threads = 1; threads <= 4; threads++) {
        observer seen = {.ended = 3};
        options.on_epoch = observe;
        options.on_epoch_context = &seen;
        const bp_cross_options cross = cross_with(&folds, threads, 1);
        cross_outcome_init(&found);
        assert_ok(bp_cross_validate(net, &options, dataset, &cross, found.each, NULL, NULL));
        for (size_t i = 0; i < 6; i++) {
            assert_int_equal(seen.calls[i], i == 3 ? 2 : 4);
            assert_int_equal(found.each[i].reason, i == 3 ? BP_STOP_CALLBACK : BP_STOP_EPOCHS);
        }
    }
    bp_network_destroy(net);
    bp_dataset_destroy(dataset);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_folds_by_the_defaults),
        cmocka_unit_test(test_folds_with_validation),
        cmocka_unit_test(test_folds_keep_frozen_weights),
        cmocka_unit_test(test_folds_of_a_table),
        cmocka_unit_test(test_online_folds),
        cmocka_unit_test(test_the_same_bits_for_every_number_of_threads),
        cmocka_unit_test(test_the_summary),
        cmocka_unit_test(test_a_single_column_of_classes),
        cmocka_unit_test(test_predictions),
        cmocka_unit_test(test_cases_without_weight),
        cmocka_unit_test(test_the_callers_objects_are_as_before),
        cmocka_unit_test(test_a_callback_sees_every_fold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
