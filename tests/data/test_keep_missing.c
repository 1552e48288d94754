/* Target cells that are missing and kept so: NaN, in data that say that targets may be missing. */
#include <math.h>
#include <string.h>

#include "data/csv_example.h"

static const char *const two_targets = "x,y,z\n1,,3\n4,5,6\n7,?,\n2,8,9\n3,4,\n";

/* Rules that keep the missing targets y and z. */
static bp_schema *keeping_rules(void)
{
    bp_schema *rules = csv_rules();
    assert_ok(bp_schema_set_missing(rules, bp_column_all(), BP_MISSING_KEEP, 0));
    return rules;
}

static void assert_targets(const bp_real *got, const double *wanted, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_true(isnan(wanted[i]) ? isnan((double)got[i]) : (double)got[i] == wanted[i]);
}

static void numbers(void **state)
{
    (void)state;
    const double wanted[] = {NAN, 3, 5, 6, NAN, NAN, 8, 9, 4, NAN};
    bp_schema *rules = keeping_rules();
    bp_csv_options options = csv_numeric(1, 2);
    bp_dataset *dataset = NULL;
    bp_data data = {.size = sizeof data};
    char text[2000];
    options.schema = rules;
    assert_ok(csv_parse(&dataset, two_targets, &options));
    assert_ok(bp_dataset_subset(dataset, BP_SUBSET_ALL, &data));
    assert_int_equal(data.cases, 5);
    assert_int_equal(data.missing_targets, 1);
    assert_targets(data.targets, wanted, 10);
    assert_int_equal(bp_dataset_missing_cells(dataset), 4);
    assert_int_equal(bp_dataset_skipped_rows(dataset), 0);
    assert_ok(bp_schema_text(bp_dataset_schema(dataset), text, sizeof text, NULL));
    assert_non_null(strstr(text, "missing: 2 cells, kept as missing"));
    bp_dataset_destroy(dataset);

    /* Without a missing cell nothing may be missing. */
    assert_ok(csv_parse(&dataset, "x,y,z\n1,2,3\n4,5,6\n", &options));
    assert_ok(bp_dataset_subset(dataset, BP_SUBSET_ALL, &data));
    assert_int_equal(data.missing_targets, 0);
    bp_dataset_destroy(dataset);
    bp_schema_destroy(rules);
}

/* Input cells are refused as ever, and without the rule so are targets. */
static void other_cells(void **state)
{
    (void)state;
    bp_schema *rules = keeping_rules();
    bp_csv_options options = csv_numeric(1, 2);
    csv_assert_refused(two_targets, &options, BP_ERROR_FORMAT, "f.csv:2: column 2 (y): the value is missing");
    options.schema = rules;
    csv_assert_refused("x,y,z\n1,2,3\n,5,6\n", &options, BP_ERROR_FORMAT,
                       "f.csv:3: column 1 (x): the value is missing");
    bp_schema_destroy(rules);
}

/* Of a class all columns are missing. */
static void classes(void **state)
{
    (void)state;
    const double wanted[] = {1, 0, NAN, NAN, 0, 1, 1, 0};
    bp_schema *rules = keeping_rules();
    bp_csv_options options = csv_defaults();
    bp_dataset *dataset = NULL;
    bp_data data = {.size = sizeof data};
    options.schema = rules;
    assert_ok(csv_parse(&dataset, "x,c\n1,a\n2,\n3,b\n4,a\n", &options));
    assert_ok(bp_dataset_subset(dataset, BP_SUBSET_ALL, &data));
    assert_int_equal(data.target_width, 2);
    assert_int_equal(data.missing_targets, 1);
    assert_targets(data.targets, wanted, 8);
    bp_dataset_destroy(dataset);
    bp_schema_destroy(rules);
}

/* 20 cases of two classes, of which the third has none. */
static bp_dataset *gappy_classes(void)
{
    char table[400] = "x,c\n";
    bp_schema *rules = keeping_rules();
    bp_csv_options options = csv_defaults();
    bp_dataset *dataset = NULL;
    options.schema = rules;
    for (int i = 0; i < 20; i++)
        snprintf(table + strlen(table), sizeof table - strlen(table), "%d,%s\n", i,
                 i == 2       ? ""
                 : i % 2 == 0 ? "a"
                              : "b");
    assert_ok(csv_parse(&dataset, table, &options));
    bp_schema_destroy(rules);
    return dataset;
}

/* Calls that need the class of every case say that some are missing, under their own names. */
static void calls_that_need_all_classes(void **state)
{
    (void)state;
    bp_dataset *dataset = gappy_classes();
    bp_data data = {.size = sizeof data};
    bp_split_options split;
    bp_fold_options folds;
    char text[2000];
    bp_split_options_init(&split, sizeof split);
    bp_fold_options_init(&folds, sizeof folds);
    split.training = 0.5;
    split.method = folds.method = BP_SPLIT_STRATIFIED;
    assert_fails(bp_dataset_split_with(dataset, &split, NULL), BP_ERROR_STATE,
                 "bp_dataset_split_with: options.method is BP_SPLIT_STRATIFIED, but 2 targets are missing "
                 "(NaN), so that not every case has a class. Leave out those cases, as BP_MISSING_SKIP does");
    assert_fails(bp_dataset_fold(dataset, &folds, 0, NULL), BP_ERROR_STATE, "2 targets are missing");
    assert_ok(bp_dataset_subset(dataset, BP_SUBSET_ALL, &data));
    assert_fails(bp_schema_report(bp_dataset_schema(dataset), data.targets, &data, text, sizeof text, NULL),
                 BP_ERROR_NOT_FINITE, "bp_schema_report: outputs");
    bp_real outputs[40];
    for (size_t i = 0; i < 40; i++)
        outputs[i] = (bp_real)0.5;
    assert_fails(
        bp_schema_report(bp_dataset_schema(dataset), outputs, &data, text, sizeof text, NULL),
        BP_ERROR_UNSUPPORTED,
        "bp_schema_report: data.missing_targets is 1, but this call cannot skip missing targets; give "
        "it only the cases that have all of theirs");
    bp_dataset_destroy(dataset);
}

/* Which has no accuracy then: the targets that are there are measured as numbers. */
static void cross_validation_without_all_classes(void **state)
{
    (void)state;
    const size_t units[] = {1, 2};
    const bp_stop_rule rule = bp_stop_epochs(2);
    bp_dataset *dataset = gappy_classes();
    bp_network *net = NULL;
    bp_trainer_options options;
    bp_cross_summary summary;
    bp_trainer_options_init(&options, sizeof options);
    options.stop_rules = &rule;
    options.stop_rule_count = 1;
    bp_cross_summary_init(&summary, sizeof summary);
    assert_ok(bp_network_create_layered(&net, units, 2, bp_activation_tanh(), bp_activation_softmax()));
    assert_ok(bp_cross_validate(net, &options, dataset, NULL, NULL, NULL, &summary));
    assert_true(isnan(summary.accuracy.mean) && isnan(summary.balanced_accuracy.mean));
    assert_true(isnan(summary.macro_f1.mean) && isnan(summary.log_loss.mean));
    assert_true(isfinite(summary.rmse.mean) && isfinite(summary.mae.mean) &&
                isfinite(summary.test_error.mean));
    bp_network_destroy(net);
    bp_dataset_destroy(dataset);
}

/* What is saved, and read as a stream and with the learned schema, has the same cells missing: the first case
 * lacks its targets. */
static void files_and_streams(void **state)
{
    (void)state;
    const double wanted[] = {NAN, NAN, 5, 6, 8, NAN};
    const char *const text = "x,y,z\n1,,\n4,5,6\n2,8,\n";
    const char *path = test_path(test_directory, "keep.csv"), *again = test_path(test_directory, "again.csv");
    bp_schema *rules = keeping_rules();
    bp_csv_options options = csv_numeric(1, 2);
    bp_dataset *dataset = NULL, *loaded = NULL;
    bp_stream *stream = NULL;
    bp_data data = {.size = sizeof data};
    bp_real inputs[3], targets[6];
    size_t cases;
    options.schema = rules;
    test_write_file(path, text, strlen(text));
    assert_ok(bp_dataset_load_csv(&dataset, path, &options));
    assert_ok(bp_dataset_save_csv(dataset, BP_SUBSET_ALL, again, NULL));
    options.schema = bp_dataset_schema(dataset);
    assert_ok(bp_dataset_load_csv(&loaded, again, &options));
    assert_ok(bp_dataset_subset(loaded, BP_SUBSET_ALL, &data));
    assert_int_equal(data.missing_targets, 1);
    assert_targets(data.targets, wanted, 6);
    assert_ok(bp_stream_open_csv(&stream, path, &options));
    assert_ok(bp_stream_read(stream, 3, inputs, targets, NULL, &cases));
    assert_int_equal(cases, 3);
    assert_targets(targets, wanted, 6);

    /* Both train. */
    const size_t units[] = {1, 2, 2};
    const bp_stop_rule rule = bp_stop_epochs(2);
    bp_trainer_options training;
    bp_network *net = NULL;
    bp_trainer *trainer = NULL;
    bp_result result = {.size = sizeof result};
    bp_trainer_options_init(&training, sizeof training);
    training.stop_rules = &rule;
    training.stop_rule_count = 1;
    assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_linear()));
    assert_ok(bp_network_initialize(net, 1));
    assert_ok(bp_trainer_create(&trainer, net, &training));
    assert_ok(bp_trainer_run_stream(trainer, stream, NULL, &result));
    assert_true(isfinite(result.error));
    assert_ok(bp_trainer_run(trainer, &data, NULL, &result));
    assert_true(isfinite(result.error));
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
    bp_stream_destroy(stream);
    bp_dataset_destroy(loaded);
    bp_dataset_destroy(dataset);
    bp_schema_destroy(rules);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(numbers, test_directory_setup, test_directory_teardown),
        cmocka_unit_test_setup_teardown(other_cells, test_directory_setup, test_directory_teardown),
        cmocka_unit_test_setup_teardown(classes, test_directory_setup, test_directory_teardown),
        cmocka_unit_test_setup_teardown(calls_that_need_all_classes, test_directory_setup,
                                        test_directory_teardown),
        cmocka_unit_test_setup_teardown(cross_validation_without_all_classes, test_directory_setup,
                                        test_directory_teardown),
        cmocka_unit_test_setup_teardown(files_and_streams, test_directory_setup, test_directory_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
