/* Checkpoints that runs write by themselves: when, what happens if they cannot be written, history files that
 * are cut back, other instruction sets. */
#include "train/checkpoint_example.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static char *path_of(char *path, size_t capacity, const char *name)
{
    snprintf(path, capacity, "%s", test_path(test_directory, name));
    return path;
}

static bp_trainer_options short_options(bp_stop_rule *rule, uint64_t updates)
{
    *rule = bp_stop_updates(updates);
    bp_trainer_options options = options_with(rule, 1);
    options.optimizer = bp_optimizer_momentum(0.1, 0.9);
    options.batch_size = 4; /* 4 updates in an epoch */
    return options;
}

static bp_result run(pair *both, bp_stop_reason reason)
{
    const bp_data training = example_training();
    return train_until(both->trainer, &training, NULL, reason);
}

/* ------------------------------------------------------------------------------ when */

static void test_after_so_many_updates(void **state)
{
    (void)state;
    char path[512];
    const uint64_t every[] = {1, 2, 3, 7, 20, 21, 100}, wanted[] = {19, 9, 6, 2, 0, 0, 0};
    for (size_t batch = 1; batch <= 4; batch += 3) /* online training is cut up, too */
        for (size_t i = 0; i < sizeof every / sizeof every[0]; i++) {
            bp_stop_rule rule;
            bp_trainer_options options = short_options(&rule, 20);
            options.batch_size = batch;
            options.checkpoint_path = path_of(path, sizeof path, "checkpoint");
            options.checkpoint_updates = every[i];
            pair both = make_pair(example_network(3), &options);
            const bp_result result = run(&both, BP_STOP_UPDATES);
            assert_int_equal(result.checkpoints, wanted[i]);
            assert_ok(result.checkpoint_status);
            end_pair(&both);
        }
}

/* So short a time has passed after every update, with batches that are not trained many in one call. */
static void test_after_so_many_seconds(void **state)
{
    (void)state;
    char path[512];
    bp_stop_rule rule;
    bp_trainer_options options = short_options(&rule, 9);
    options.batch_size = 10;
    options.checkpoint_path = path_of(path, sizeof path, "checkpoint");
    options.checkpoint_seconds = 1e-9;
    pair both = make_pair(example_network(3), &options);
    assert_int_equal(run(&both, BP_STOP_UPDATES).checkpoints, 8);
    end_pair(&both);
    options.checkpoint_seconds = 0; /* a minute */
    both = make_pair(example_network(3), &options);
    assert_int_equal(run(&both, BP_STOP_UPDATES).checkpoints, 0);
    end_pair(&both);
}

static void test_when_interrupted(void **state)
{
    (void)state;
    char path[512];
    bp_stop_rule rule;
    bp_trainer_options options = short_options(&rule, 9);
    options.checkpoint_path = path_of(path, sizeof path, "checkpoint");
    pair both = make_pair(example_network(3), &options);
    bp_trainer_request_stop(both.trainer);
    assert_int_equal(run(&both, BP_STOP_REQUESTED).checkpoints, 1);
    end_pair(&both);
    both.net = example_network(1);
    assert_ok(bp_trainer_load(&both.trainer, both.net, path, &options));
    const bp_result result = run(&both, BP_STOP_UPDATES);
    assert_int_equal(result.updates, 9); /* the one before counts */
    assert_int_equal(result.epochs, 2);
    end_pair(&both);
}

static void test_refused_options(void **state)
{
    (void)state;
    bp_network *net = example_network(1);
    bp_trainer *trainer = NULL;
    bp_trainer_options options = options_with(NULL, 0);
    options.checkpoint_updates = 5;
    assert_fails(bp_trainer_create(&trainer, net, &options), BP_ERROR_ARGUMENT,
                 "checkpoint_path is NULL, but checkpoint_updates is set");
    options.checkpoint_path = "";
    assert_fails(bp_trainer_create(&trainer, net, &options), BP_ERROR_ARGUMENT,
                 "checkpoint_path is empty, it must be a path or NULL");
    options.checkpoint_path = "x";
    options.history_json = "x";
    assert_fails(bp_trainer_create(&trainer, net, &options), BP_ERROR_ARGUMENT,
                 "options.checkpoint_path is the same file as options.history_json: 'x'");
    options.history_json = NULL;
    options.history_csv = "";
    assert_fails(bp_trainer_create(&trainer, net, &options), BP_ERROR_ARGUMENT,
                 "history_csv is empty, it must be a path or NULL");
    options.history_csv = "x";
    assert_fails(bp_trainer_create(&trainer, net, &options), BP_ERROR_ARGUMENT,
                 "options.checkpoint_path is the same file as options.history_csv: 'x'");
    options.history_csv = NULL;
    options.checkpoint_seconds = -1;
    assert_fails(bp_trainer_create(&trainer, net, &options), BP_ERROR_ARGUMENT,
                 "checkpoint_seconds is -1, it must be >= 0");
    bp_network_destroy(net);
}

/* ------------------------------------------------------------------- what cannot be written */

static void assert_not_written(const bp_trainer *trainer, const char *part)
{
    bp_finding finding;
    char text[512];
    assert_true(find_finding(trainer, BP_FINDING_CHECKPOINT_FILE, &finding));
    assert_ok(bp_finding_text(&finding, text, sizeof text, NULL));
    if (strstr(text, part) == NULL)
        print_error("%s\n", text);
    assert_non_null(strstr(text, part));
}

static void test_no_such_directory(void **state)
{
    (void)state;
    bp_stop_rule rule;
    bp_trainer_options options = short_options(&rule, 20);
    pair wanted = make_pair(example_network(3), &options);
    run(&wanted, BP_STOP_UPDATES);
    options.checkpoint_path = "no/such/directory/checkpoint";
    options.checkpoint_updates = 4;
    pair both = make_pair(example_network(3), &options);
    char before[600];
    snprintf(before, sizeof before, "%s", bp_error_message());
    const bp_result result = run(&both, BP_STOP_UPDATES);
    assert_int_equal(result.checkpoint_status, BP_ERROR_FILE);
    assert_int_equal(result.checkpoints, 0);
    assert_string_equal(bp_error_message(), before); /* the run succeeded */
    assert_not_written(both.trainer, "No such file or directory");
    assert_same_weights(both.net, wanted.net);
    end_pair(&both);
    end_pair(&wanted);
}

/* What cannot work is found when the run begins, though no checkpoint becomes due. */
static void test_paths_that_cannot_work(void **state)
{
    (void)state;
    char inside[512], directory[512];
    bp_stop_rule rule;
    bp_trainer_options options = short_options(&rule, 3);
    path_of(inside, sizeof inside, "file");
    test_write_file(inside, "x", 1);
    strcat(inside, "/checkpoint");
    snprintf(directory, sizeof directory, "%s", test_directory);
    const struct {
        const char *path, *reason;
    } rows[] = {{"no/such/directory/checkpoint", "No such file or directory"},
                {inside, "Not a directory"},
                {directory, "Is a directory"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        options.checkpoint_path = rows[i].path;
        pair both = make_pair(example_network(3), &options);
        const bp_result result = run(&both, BP_STOP_UPDATES);
        assert_int_equal(result.checkpoint_status, BP_ERROR_FILE);
        assert_int_equal(result.checkpoints, 0);
        assert_not_written(both.trainer, "checkpoints of this run cannot be written");
        assert_not_written(both.trainer, rows[i].reason);
        end_pair(&both);
    }
}

/* Files are limited to less than a checkpoint has. The old one stays, and no signal is raised. */
static void test_full_disk(void **state)
{
    (void)state;
    char path[512];
    bp_stop_rule rule;
    bp_trainer_options options = short_options(&rule, 20);
    options.checkpoint_path = path_of(path, sizeof path, "checkpoint");
    options.checkpoint_updates = 8;
    pair both = make_pair(example_network(3), &options);
    assert_ok(bp_trainer_save(both.trainer, path));
    struct rlimit usual, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &usual), 0);
    small = usual;
    small.rlim_cur = 100;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    const bp_result result = run(&both, BP_STOP_UPDATES);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &usual), 0);
    assert_int_equal(result.checkpoint_status, BP_ERROR_FILE);
    assert_not_written(both.trainer, "File too large");
    bp_trainer_destroy(both.trainer);
    assert_ok(bp_trainer_load(&both.trainer, both.net, path, &options)); /* of before the first update */
    assert_int_equal(run(&both, BP_STOP_UPDATES).updates, 20);
    end_pair(&both);
}

/* Each allocation of a run fails in turn; where it is one of a checkpoint, training goes on. */
static void test_no_memory_for_a_checkpoint(void **state)
{
    (void)state;
    char path[512];
    bp_stop_rule rule;
    bp_trainer_options options = short_options(&rule, 20);
    options.checkpoint_path = path_of(path, sizeof path, "checkpoint");
    options.checkpoint_updates = 8;
    const bp_data training = example_training();
    size_t went_on = 0;
    for (size_t fail_at = 0;; fail_at++) {
        test_memory memory;
        const bp_allocator allocator = test_allocator(&memory, SIZE_MAX);
        pair both = {0};
        assert_ok(example_network_create(&both.net, &allocator, 3));
        assert_ok(bp_trainer_create(&both.trainer, both.net, &options));
        memory.fail_at = memory.calls + fail_at;
        bp_result result = empty_result();
        const bp_status status = bp_trainer_run(both.trainer, &training, NULL, &result);
        const bool failed = memory.calls > memory.fail_at;
        if (status == BP_OK && failed) {
            went_on++;
            assert_int_equal(result.updates, 20);
            assert_int_equal(result.checkpoints, 1);
            assert_not_written(both.trainer, "no memory");
        }
        end_pair(&both);
        assert_int_equal(memory.live, 0);
        if (!failed)
            break;
    }
    assert_true(went_on >= 2);
}

/* ----------------------------------------------------------------------- history files */

/* The file without the last field or member of each line, the seconds. */
static char *lines_of(const char *path)
{
    FILE *file = fopen(path, "r");
    char line[4096], *all = calloc(1, 1 << 20);
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        char *end = strrchr(line, ',');
        assert_non_null(end);
        *end = '\0';
        strcat(strcat(all, line), "\n");
    }
    fclose(file);
    return all;
}

static void append_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "a");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

typedef struct files {
    char csv[512], json[512], checkpoint[512];
} files;

static bp_trainer_options with_files(files *all, bp_stop_rule *rule, const char *prefix)
{
    char name[64];
    bp_trainer_options options = short_options(rule, 41);
    snprintf(name, sizeof name, "%s.csv", prefix);
    options.history_csv = path_of(all->csv, sizeof all->csv, name);
    snprintf(name, sizeof name, "%s.json", prefix);
    options.history_json = path_of(all->json, sizeof all->json, name);
    snprintf(name, sizeof name, "%s.checkpoint", prefix);
    options.checkpoint_path = path_of(all->checkpoint, sizeof all->checkpoint, name);
    options.checkpoint_updates = 18;
    return options;
}

/* What was written after the checkpoint goes, and so does half a line. */
static void test_history_is_cut_back(void **state)
{
    (void)state;
    files one, two;
    bp_stop_rule rules[2];
    bp_trainer_options options = with_files(&one, &rules[0], "one");
    pair both = make_pair(example_network(3), &options);
    run(&both, BP_STOP_UPDATES);
    end_pair(&both);
    char *csv = lines_of(one.csv), *json = lines_of(one.json);
    for (int i = 0; i < 3; i++) {
        options = with_files(&two, &rules[1], "two");
        both = make_pair(example_network(3), &options);
        run(&both, BP_STOP_UPDATES); /* the checkpoint is of update 36 */
        end_pair(&both);
        append_text(two.csv, i == 1 ? "10,4" : "");
        append_text(two.json, i == 2 ? "{\"epoch\":11,\"up" : "");
        both.net = example_network(1);
        assert_ok(bp_trainer_load(&both.trainer, both.net, two.checkpoint, &options));
        run(&both, BP_STOP_UPDATES);
        end_pair(&both);
        char *csv_two = lines_of(two.csv), *json_two = lines_of(two.json);
        assert_string_equal(csv_two, csv);
        assert_string_equal(json_two, json);
        free(csv_two);
        free(json_two);
    }
    free(csv);
    free(json);
}

/* A file that is gone begins anew, with its header; one that is shorter goes on after its whole lines. */
static void test_history_that_is_gone(void **state)
{
    (void)state;
    files all;
    bp_stop_rule rule;
    bp_trainer_options options = with_files(&all, &rule, "gone");
    pair both = make_pair(example_network(3), &options);
    run(&both, BP_STOP_UPDATES);
    end_pair(&both);
    assert_int_equal(remove(all.csv), 0);
    assert_int_equal(truncate(all.json, 700), 0);
    both.net = example_network(1);
    assert_ok(bp_trainer_load(&both.trainer, both.net, all.checkpoint, &options));
    assert_int_equal(run(&both, BP_STOP_UPDATES).history_status, BP_OK);
    end_pair(&both);
    char *csv = lines_of(all.csv), *json = lines_of(all.json);
    assert_int_equal(strncmp(csv, "epoch,updates,", 14), 0);
    assert_non_null(strstr(csv, "\n10,40,"));
    assert_int_equal(strncmp(json, "{\"epoch\":1,", 11), 0);
    assert_non_null(strstr(json, "\n{\"epoch\":10,"));
    free(csv);
    free(json);
}

/* ------------------------------------------------------------------ instruction sets */

static bp_network *network_with(const char *isa)
{
    const size_t units[] = {3, 4, 2};
    bp_network_options options;
    bp_network_options_init(&options, sizeof options);
    options.isa = isa;
    bp_network *net = NULL;
    bp_layer *layers[3];
    assert_ok(bp_network_create(&net, &options));
    assert_ok(bp_network_add_input(&layers[0], net, "input", units[0]));
    assert_ok(bp_network_add_layer(&layers[1], net, "hidden", units[1], bp_activation_tanh()));
    assert_ok(bp_network_add_layer(&layers[2], net, "output", units[2], bp_activation_logistic()));
    assert_ok(bp_network_connect(NULL, net, layers[0], layers[1]));
    assert_ok(bp_network_connect(NULL, net, layers[1], layers[2]));
    assert_ok(bp_network_finalize(net));
    assert_ok(bp_network_initialize(net, 3));
    return net;
}

static void test_another_instruction_set(void **state)
{
    (void)state;
    bp_stop_rule rule;
    const bp_trainer_options options = short_options(&rule, 5);
    pair both = {.net = network_with("portable")};
    assert_ok(bp_trainer_create(&both.trainer, both.net, &options));
    run(&both, BP_STOP_UPDATES);
    size_t size;
    unsigned char *bytes = save_trainer(both.trainer, &size);
    end_pair(&both);
    bp_finding finding;
    both.net = network_with("portable");
    assert_ok(bp_trainer_load_memory(&both.trainer, both.net, bytes, size, NULL));
    assert_false(find_finding(both.trainer, BP_FINDING_OTHER_INSTRUCTIONS, &finding));
    end_pair(&both);
    both.net = network_with(NULL);
    assert_ok(bp_trainer_load_memory(&both.trainer, both.net, bytes, size, NULL));
    if (strcmp(bp_network_isa(both.net), "portable") != 0)
        assert_true(find_finding(both.trainer, BP_FINDING_OTHER_INSTRUCTIONS, &finding));
    run(&both, BP_STOP_UPDATES);
    end_pair(&both);
    free(bytes);
}

#define IN_DIRECTORY(test)                                                                                   \
    cmocka_unit_test_setup_teardown(test, test_directory_setup, test_directory_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(test_after_so_many_updates),
        IN_DIRECTORY(test_after_so_many_seconds),
        IN_DIRECTORY(test_when_interrupted),
        cmocka_unit_test(test_refused_options),
        cmocka_unit_test(test_no_such_directory),
        IN_DIRECTORY(test_full_disk),
        IN_DIRECTORY(test_paths_that_cannot_work),
        IN_DIRECTORY(test_no_memory_for_a_checkpoint),
        IN_DIRECTORY(test_history_is_cut_back),
        IN_DIRECTORY(test_history_that_is_gone),
        cmocka_unit_test(test_another_instruction_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
