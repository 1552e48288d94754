/*
 * A process that trains is killed at random moments, and started again, until it has been killed often
 * enough; then it comes to its end, with the bits, the history files and the findings of training that was
 * never stopped.
 *
 *     train_test_checkpoint_kill [<kills of each training>]
 */
#include "train/checkpoint_example.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static size_t kills = 100;

/* What the processes of one training share. */
typedef struct files {
    char checkpoint[512], csv[512], json[512], weights[512];
} files;

typedef struct way {
    const char *name;
    size_t batch, threads;
    bool has_validation, is_untouched;
} way;

static const way ways[] = {
    {"batches of 7, 2 threads", 7, 2, true, false},
    {"online", 1, 1, false, false},
    {"untouched options", BP_BATCH_AUTO, 1, true, true},
};

enum { CASES = 1200, EPOCHS = 120 };

static bp_trainer_options options_of(const way *how, const files *all, bool writes)
{
    static bp_stop_rule rule;
    bp_trainer_options options = wave_options(&rule, WAVE_RATE / 10, how->batch == 1 ? EPOCHS / 6 : EPOCHS);
    options.batch_size = how->batch;
    options.threads = how->threads;
    if (how->is_untouched) {
        bp_trainer_options_init(&options, sizeof options);
        options.stop_rules = &rule;
        options.stop_rule_count = 1;
    }
    options.history_csv = all->csv;
    options.history_json = all->json;
    options.checkpoint_path = writes ? all->checkpoint : NULL;
    options.checkpoint_updates = writes ? 500 : 0;
    return options;
}

static files files_of(const char *prefix)
{
    files all;
    char name[64];
    struct {
        char *path;
        const char *suffix;
    } const parts[] = {
        {all.checkpoint, "checkpoint"}, {all.csv, "csv"}, {all.json, "json"}, {all.weights, "w"}};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        snprintf(name, sizeof name, "%s.%s", prefix, parts[i].suffix);
        snprintf(parts[i].path, sizeof all.csv, "%s", test_path(test_directory, name));
    }
    return all;
}

/* Trains from the checkpoint, if there is one, to the end, and leaves the weights in a file. */
static void train(const way *how, const files *all, bool writes)
{
    const bp_trainer_options options = options_of(how, all, writes);
    const bp_data training = wave_of(CASES), validation = wave_validation();
    pair both = {.net = wave_network(4)};
    if (access(all->checkpoint, F_OK) == 0)
        assert_ok(bp_trainer_load(&both.trainer, both.net, all->checkpoint, &options));
    else
        assert_ok(bp_trainer_create(&both.trainer, both.net, &options));
    bp_result result = empty_result();
    assert_ok(bp_trainer_run(both.trainer, &training, how->has_validation ? &validation : NULL, &result));
    assert_ok(result.checkpoint_status);
    size_t size;
    unsigned char *model = test_save(both.net, &size);
    test_write_file(all->weights, model, size);
    free(model);
    end_pair(&both);
}

static void wait_ms(double ms)
{
    const struct timespec time = {.tv_nsec = (long)(ms * 1e6)};
    nanosleep(&time, NULL);
}

/* False: it was killed before it came to its end. */
static bool train_in_a_process(const way *how, const files *all, double kill_after_ms)
{
    int status;
    fflush(NULL);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        train(how, all, true);
        _exit(0);
    }
    if (kill_after_ms >= 0) {
        wait_ms(kill_after_ms);
        kill(child, SIGKILL);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) ? WEXITSTATUS(status) == 0 : WTERMSIG(status) == SIGKILL);
    return WIFEXITED(status);
}

static char *read_all(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    char *bytes = calloc(1, 1 << 22);
    assert_true(file != NULL && bytes != NULL);
    *size = fread(bytes, 1, (1 << 22) - 1, file);
    fclose(file);
    return bytes;
}

/* Cuts the last member of each line, the seconds. */
static void cut_seconds(char *text)
{
    char *to = text;
    for (char *line = text; *line != '\0';) {
        char *end = strchr(line, '\n'), *comma = end;
        while (*comma != ',')
            comma--;
        memmove(to, line, (size_t)(comma - line));
        to += comma - line;
        *to++ = '\n';
        line = end + 1;
    }
    *to = '\0';
}

static void assert_same_file(const char *a, const char *b, bool has_seconds)
{
    size_t sizes[2];
    char *bytes[] = {read_all(a, &sizes[0]), read_all(b, &sizes[1])};
    if (has_seconds) {
        cut_seconds(bytes[0]);
        cut_seconds(bytes[1]);
        assert_string_equal(bytes[0], bytes[1]);
    } else {
        assert_int_equal(sizes[0], sizes[1]);
        assert_memory_equal(bytes[0], bytes[1], sizes[0]);
    }
    free(bytes[0]);
    free(bytes[1]);
}

static void begin_anew(const files *all)
{
    remove(all->checkpoint);
    remove(all->csv);
    remove(all->json);
}

/* Of a training that is not killed. */
static double milliseconds_of(const way *how, const files *all)
{
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    assert_true(train_in_a_process(how, all, -1));
    clock_gettime(CLOCK_MONOTONIC, &end);
    begin_anew(all);
    return 1e3 * (double)(end.tv_sec - start.tv_sec) + 1e-6 * (double)(end.tv_nsec - start.tv_nsec);
}

/* Up to a third of a training lies between two kills; one that ends before it is killed often enough begins
 * anew. */
static void kill_often(const way *how)
{
    const files wanted = files_of("wanted"), got = files_of("got");
    uint64_t random = 1986;
    size_t killed = 0;
    train(how, &wanted, false);
    begin_anew(&got);
    const double longest = fmin(milliseconds_of(how, &got) / 3, 900);
    while (killed < kills) {
        if (train_in_a_process(how, &got, test_uniform(&random, 0, longest)))
            begin_anew(&got);
        else
            killed++;
    }
    assert_true(train_in_a_process(how, &got, -1));
    print_message("%s: killed %zu times\n", how->name, killed);
    assert_same_file(got.weights, wanted.weights, false);
    assert_same_file(got.csv, wanted.csv, true);
    assert_same_file(got.json, wanted.json, true);
}

static void test_killed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
        kill_often(&ways[i]);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        kills = strtoul(argv[1], NULL, 10);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_killed, test_directory_setup, test_directory_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
