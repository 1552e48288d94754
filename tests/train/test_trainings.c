/* What trainings side by side leave out: files that belong to one training, and would be written by all. */
#include <unistd.h>

#include "data/cross_example.h"
#include "train/starts_example.h"

enum { FILES = 3 };
typedef struct file_paths {
    char text[FILES][512];
} file_paths;

/* Every option about files, as it would be of use to one training. */
static bp_trainer_options options_with_files(file_paths *paths, const bp_stop_rule *rule)
{
    bp_trainer_options options = options_with(rule, 1);
    const char *const names[FILES] = {"history.csv", "history.json", "checkpoint"};
    for (size_t i = 0; i < FILES; i++)
        snprintf(paths->text[i], sizeof paths->text[i], "%s", test_path(test_directory, names[i]));
    options.keep_history = 1;
    options.history_csv = paths->text[0];
    options.history_json = paths->text[1];
    options.checkpoint_path = paths->text[2];
    options.checkpoint_updates = 1;
    options.checkpoint_seconds = 1e-9;
    return options;
}

static void assert_no_files(const file_paths *paths)
{
    for (size_t i = 0; i < FILES; i++)
        assert_int_not_equal(access(paths->text[i], F_OK), 0);
}

static void test_starts(void **state)
{
    (void)state;
    outcome without, found;
    file_paths paths;
    const bp_data data = curve_data();
    const bp_starts_options starts = starts_with(3, 1, 7);
    const bp_stop_rule rule = bp_stop_epochs(5);
    const bp_trainer_options bare = options_with(&rule, 1), options = options_with_files(&paths, &rule);
    train_from_starts(&without, curve_network(), &bare, &data, NULL, &starts);
    train_from_starts(&found, curve_network(), &options, &data, NULL, &starts);
    assert_same_outcome(&found, &without);
    assert_no_files(&paths);
    end_outcome(&without);
    end_outcome(&found);
}

static void test_folds(void **state)
{
    (void)state;
    static cross_outcome without, found;
    file_paths paths;
    bp_dataset *dataset = cross_curve();
    bp_network *net = cross_curve_network();
    const bp_stop_rule rule = bp_stop_epochs(5);
    const bp_trainer_options bare = options_with(&rule, 1), options = options_with_files(&paths, &rule);
    const bp_fold_options folds = folds_with(BP_SPLIT_RANDOM, 4, 1, 0);
    const bp_cross_options cross = cross_with(&folds, 1, 1);
    cross_outcome_init(&without);
    cross_outcome_init(&found);
    assert_ok(
        bp_cross_validate(net, &bare, dataset, &cross, without.each, without.predictions, &without.summary));
    assert_ok(
        bp_cross_validate(net, &options, dataset, &cross, found.each, found.predictions, &found.summary));
    assert_same_cross_outcome(&found, &without, 4);
    assert_no_files(&paths);
    bp_network_destroy(net);
    bp_dataset_destroy(dataset);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_starts, test_directory_setup, test_directory_teardown),
        cmocka_unit_test_setup_teardown(test_folds, test_directory_setup, test_directory_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
