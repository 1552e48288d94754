/* History files: their bytes, what a killed program leaves, and files that cannot be written. */
#define _GNU_SOURCE /* mkfifo */
#include "train/train_example.h"

#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TEXT = 1 << 16 };

/* Everything in a file, in one static buffer. */
static char *content(const char *path)
{
    static char text[TEXT];
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t count = fread(text, 1, TEXT - 1, file);
    text[count] = 0;
    fclose(file);
    return text;
}

static size_t count_lines(const char *text)
{
    size_t lines = 0;
    for (; *text != 0; text++)
        lines += *text == '\n';
    return lines;
}

static bp_trainer_options files(const bp_stop_rule *rule)
{
    bp_trainer_options options = options_with(rule, 1);
    options.batch_size = 4;
    options.history_csv = test_path(test_directory, "history.csv");
    options.history_json = test_path(test_directory, "history.json");
    return options;
}

/* ------------------------------------------------------------------------- exact bytes */

/* The lines as the test writes them from what the callback is told. */
typedef struct expected {
    char csv[TEXT], json[TEXT];
} expected;

static const char *number(double value, const char *none)
{
    static char texts[16][40];
    static size_t next;
    char *text = texts[next++ % 16];
    if (isnan(value))
        return none;
    snprintf(text, 40, "%.17g", value);
    return text;
}

static int write_lines(void *context, bp_trainer *trainer, const bp_progress *p)
{
    (void)trainer;
    expected *e = context;
    const double *s = p->saturated;
    const double shares[] = {s == NULL ? NAN : s[1], s == NULL ? NAN : s[2]};
    sprintf(e->csv + strlen(e->csv), "%zu,%" PRIu64 ",%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s\n", p->epoch,
            p->updates, number(p->error, ""), number(p->mean_error, ""), number(p->validation_error, ""),
            number(p->validation_accuracy, ""), number(p->learning_rate, ""), number(p->momentum, ""),
            number(p->gradient_norm, ""), number(p->update_norm, ""), number(p->update_cosine, ""),
            number(shares[0], ""), number(shares[1], ""), number(p->seconds, ""));
    char saturated[100] = "null";
    if (s != NULL)
        sprintf(saturated, "[%s,%s]", number(shares[0], "null"), number(shares[1], "null"));
    sprintf(e->json + strlen(e->json),
            "{\"epoch\":%zu,\"updates\":%" PRIu64 ",\"error\":%s,\"mean_error\":%s,\"validation_error\":%s,"
            "\"validation_accuracy\":%s,\"learning_rate\":%s,\"momentum\":%s,\"gradient_norm\":%s,"
            "\"update_norm\":%s,\"update_cosine\":%s,\"saturated\":%s,\"seconds\":%s}\n",
            p->epoch, p->updates, number(p->error, "null"), number(p->mean_error, "null"),
            number(p->validation_error, "null"), number(p->validation_accuracy, "null"),
            number(p->learning_rate, "null"), number(p->momentum, "null"), number(p->gradient_norm, "null"),
            number(p->update_norm, "null"), number(p->update_cosine, "null"), saturated,
            number(p->seconds, "null"));
    return 0;
}

static const char csv_header[] =
    "epoch,updates,error,mean_error,validation_error,validation_accuracy,learning_rate,momentum,"
    "gradient_norm,update_norm,update_cosine,saturated_1,saturated_2,seconds\n";

/* Every epoch of two runs, with and without validation cases; the files are made anew after a reset. */
static void test_bytes(void **state)
{
    (void)state;
    static expected e;
    bp_stop_rule rule = bp_stop_epochs(10);
    bp_trainer_options options = files(&rule);
    bp_data data = example_training(), validation = example_validation();
    options.on_epoch = write_lines;
    options.on_epoch_context = &e;
    pair both = make_pair(example_network(1), &options);
    for (int round = 0; round < 2; round++) {
        strcpy(e.csv, csv_header);
        e.json[0] = 0;
        bp_result result = train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
        assert_string_equal(content(options.history_csv), e.csv);
        assert_string_equal(content(options.history_json), e.json);
        assert_int_equal(result.history_status, BP_OK);
        train_until(both.trainer, &data, &validation, BP_STOP_EPOCHS);
        assert_int_equal(count_lines(e.csv), 1 + 10 + 10);
        assert_string_equal(content(options.history_csv), e.csv);
        assert_string_equal(content(options.history_json), e.json);
        assert_ok(bp_trainer_reset(both.trainer));
    }
    assert_int_equal(bp_trainer_finding_count(both.trainer), 0);
    end_pair(&both);
}

/* The first line of a run by hand: the xor network of zeros has outputs of 1/2, so E is 4 * 1/8, and its
 * derivatives are all 0 but for rounding, of which there is none. */
static void test_a_line_by_hand(void **state)
{
    (void)state;
    bp_stop_rule rule = bp_stop_epochs(1);
    bp_trainer_options options = files(&rule);
    options.batch_size = 0;
    options.optimizer = bp_optimizer_momentum(0.25, 0.5);
    bp_data data = xor_data();
    bp_network *net = xor_network(1);
    size_t count;
    bp_network_weights(net, &count);
    bp_real zeros[32] = {0};
    assert_ok(bp_network_set_weights(net, zeros, count));
    pair both = make_pair(net, &options);
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    const char *line = strchr(content(options.history_csv), '\n') + 1;
    const char wanted[] = "1,1,0.5,0.125,,,0.25,0.5,0,0,,0,,";
    assert_memory_equal(line, wanted, strlen(wanted));
    const char object[] =
        "{\"epoch\":1,\"updates\":1,\"error\":0.5,\"mean_error\":0.125,\"validation_error\":"
        "null,\"validation_accuracy\":null,\"learning_rate\":0.25,\"momentum\":0.5,"
        "\"gradient_norm\":0,\"update_norm\":0,\"update_cosine\":null,\"saturated\":[0,null],"
        "\"seconds\":";
    assert_memory_equal(content(options.history_json), object, strlen(object));
    end_pair(&both);
}

/* ------------------------------------------------------------- a program that is killed */

enum { KILLED_AFTER = 7 };

static int kill_itself(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)context;
    (void)trainer;
    if (progress->epoch == KILLED_AFTER)
        raise(SIGKILL);
    return 0;
}

static void test_a_killed_program_leaves_whole_lines(void **state)
{
    (void)state;
    bp_stop_rule rule = bp_stop_epochs(100);
    bp_trainer_options options = files(&rule);
    bp_data data = example_training();
    options.on_epoch = kill_itself;
    pid_t child = fork();
    if (child == 0) {
        pair both = make_pair(example_network(1), &options);
        bp_trainer_run(both.trainer, &data, NULL, NULL);
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    const char *text = content(options.history_csv);
    assert_int_equal(count_lines(text), 1 + KILLED_AFTER);
    assert_int_equal(text[strlen(text) - 1], '\n');
    text = content(options.history_json);
    assert_int_equal(count_lines(text), KILLED_AFTER);
    assert_string_equal(text + strlen(text) - 2, "}\n");
}

/* ------------------------------------------------------------ files that cannot be written */

static void assert_finding(const bp_trainer *trainer, size_t epoch, const char *wanted)
{
    bp_finding finding;
    bp_finding_init(&finding, sizeof finding);
    assert_int_equal(bp_trainer_finding_count(trainer), 1);
    assert_ok(bp_trainer_finding(trainer, 0, &finding));
    assert_int_equal(finding.kind, BP_FINDING_HISTORY_FILE);
    assert_int_equal(finding.severity, BP_SEVERITY_WARNING);
    assert_int_equal(finding.epoch, epoch);
    char text[512];
    assert_ok(bp_finding_text(&finding, text, sizeof text, NULL));
    assert_string_equal(text, wanted);
}

/* A disk that is full, and a directory that does not exist: training goes on, with the same bits. */
static void test_files_that_cannot_be_written(void **state)
{
    (void)state;
    bp_stop_rule rule = bp_stop_epochs(10);
    bp_data data = example_training();
    bp_trainer_options options = files(&rule);
    pair good = make_pair(example_network(1), &options);
    assert_int_equal(train_until(good.trainer, &data, NULL, BP_STOP_EPOCHS).history_status, BP_OK);
    options.history_csv = "/dev/full";
    options.history_json = test_path(test_directory, "none/history.json");
    pair both = make_pair(example_network(1), &options);
    bp_result result = train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_int_equal(result.epochs, 10);
    assert_int_equal(result.history_status, BP_ERROR_FILE);
    assert_same_weights(both.net, good.net);
    assert_finding(both.trainer, 0,
                   "options.history_csv could not be written: No space left on device; options.history_json "
                   "could not be written: No such file or directory; set it to a path that can be written");
    /* Once there is a directory, the next run begins the file. */
    char directory[4096];
    snprintf(directory, sizeof directory, "%s", test_path(test_directory, "none"));
    assert_int_equal(mkdir(directory, 0700), 0);
    result = train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_int_equal(result.history_status, BP_ERROR_FILE); /* the disk is still full */
    assert_int_equal(count_lines(content(options.history_json)), 10);
    unlink(options.history_json);
    rmdir(directory);
    end_pair(&both);
    end_pair(&good);
}

/* A pipe whose reader goes away after 3 epochs. */
static int close_reader(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)trainer;
    int *reader = context;
    if (progress->epoch == 3)
        close(*reader);
    return 0;
}

static void test_a_closed_pipe(void **state)
{
    (void)state;
    bp_stop_rule rule = bp_stop_epochs(10);
    bp_trainer_options options = files(&rule);
    options.history_csv = NULL;
    assert_int_equal(mkfifo(options.history_json, 0600), 0);
    int reader = open(options.history_json, O_RDONLY | O_NONBLOCK);
    assert_true(reader >= 0);
    options.on_epoch = close_reader;
    options.on_epoch_context = &reader;
    pair both = make_pair(example_network(1), &options);
    bp_data data = example_training();
    bp_result result = train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_int_equal(result.epochs, 10);
    assert_int_equal(result.history_status, BP_ERROR_FILE);
    assert_finding(both.trainer, 4,
                   "options.history_json could not be written: Broken pipe; set it to a path that can be "
                   "written");
    end_pair(&both);
}

/* ------------------------------------------------------------------------- no history */

/* The paths are the trainer's own; the same one twice is refused. */
static void test_paths(void **state)
{
    (void)state;
    bp_stop_rule rule = bp_stop_epochs(2);
    bp_trainer_options options = files(&rule);
    bp_trainer *trainer = NULL;
    bp_network *net = example_network(1);
    options.history_json = options.history_csv;
    assert_fails(bp_trainer_create(&trainer, net, &options), BP_ERROR_ARGUMENT,
                 "options.history_json is the same file as options.history_csv");
    char path[4096];
    snprintf(path, sizeof path, "%s", options.history_csv);
    options.history_csv = path;
    options.history_json = NULL;
    pair both = make_pair(net, &options);
    memset(path, 'x', 20);
    bp_data data = example_training();
    assert_int_equal(train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS).history_status, BP_OK);
    assert_int_equal(count_lines(content(test_path(test_directory, "history.csv"))), 3);
    end_pair(&both);
}

/* Without files and callback nothing is allocated for them; with files the weights come out the same. */
static void test_training_is_the_same(void **state)
{
    (void)state;
    bp_stop_rule rule = bp_stop_epochs(20);
    const size_t sizes[] = {0, 1, 4};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        bp_trainer_options options = files(&rule);
        bp_data data = example_training(), validation = example_validation();
        options.batch_size = sizes[i];
        pair with = make_pair(example_network(1), &options);
        options.history_csv = options.history_json = NULL;
        pair without = make_pair(example_network(1), &options);
        train_until(with.trainer, &data, &validation, BP_STOP_EPOCHS);
        train_until(without.trainer, &data, &validation, BP_STOP_EPOCHS);
        assert_same_weights(with.net, without.net);
        end_pair(&with);
        end_pair(&without);
    }
}

static bp_status create_with_files(void *context, const bp_allocator *allocator)
{
    (void)context;
    bp_stop_rule rule = bp_stop_epochs(2);
    const bp_trainer_options options = files(&rule);
    pair made;
    bp_status status = create_and_train(&made, allocator, &options);
    end_pair(&made);
    return status;
}

static void test_memory_that_runs_out(void **state)
{
    (void)state;
    test_each_allocation_fails(create_with_files, NULL);
}

#define WITH_DIRECTORY(test)                                                                                 \
    cmocka_unit_test_setup_teardown(test, test_directory_setup, test_directory_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DIRECTORY(test_bytes),
        WITH_DIRECTORY(test_a_line_by_hand),
        WITH_DIRECTORY(test_a_killed_program_leaves_whole_lines),
        WITH_DIRECTORY(test_files_that_cannot_be_written),
        WITH_DIRECTORY(test_a_closed_pipe),
        WITH_DIRECTORY(test_paths),
        WITH_DIRECTORY(test_training_is_the_same),
        WITH_DIRECTORY(test_memory_that_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
