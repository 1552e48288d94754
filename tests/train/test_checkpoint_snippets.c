/* The lines about checkpoints in backprop.h and in docs/guide/stopping.md, as they stand there: the build
 * takes them out of both (tests/checkpoint_snippets.cmake). A training that goes on is that which never
 * stopped, and the file is removed only by the end that a rule gives. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "train/train_example.h"

/* How one start of the program ends. */
typedef enum ending { BY_RULE, BY_CALLBACK, BY_HOOK, BY_REQUEST, BY_FAILURE, ENDINGS } ending;

enum { LAST_EPOCH = 6, INTERRUPTED_AT = 3 };

static int end_by_callback(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    const ending *wanted = context;
    if (progress->epoch != INTERRUPTED_AT)
        return 0;
    if (*wanted == BY_REQUEST)
        bp_trainer_request_stop(trainer);
    return *wanted == BY_CALLBACK;
}

static bp_status end_by_hook(void *context, const bp_gradient_batch *batch, bp_gradient_reply *reply)
{
    const ending *wanted = context;
    if (batch->reason != BP_STOP_NONE || batch->update < INTERRUPTED_AT)
        return BP_OK;
    reply->stop = *wanted == BY_HOOK;
    return *wanted == BY_FAILURE ? BP_ERROR_CALLBACK : BP_OK;
}

/* What the snippets leave to the reader. */
static void set_options(bp_trainer_options *options, ending *wanted, const bp_stop_rule *rule)
{
    options->stop_rules = rule;
    options->stop_rule_count = 1;
    options->batch_size = 0;
    options->optimizer = bp_optimizer_momentum(0.1, 0.9);
    options->on_epoch = end_by_callback;
    options->on_epoch_context = wanted;
    options->on_gradient = end_by_hook;
    options->on_gradient_context = wanted;
}

/* Each asks whether there is a file when its options are about to be used. */
#define access(path, mode) (set_options(&options, &wanted, &rule), (access)(path, mode))

typedef struct start {
    bp_status status;
    bp_result result;
    bp_real weights[EXAMPLE_WEIGHTS];
} start;

static start take(bp_network *net, bp_trainer *used, bp_status status, const bp_result *result)
{
    start made = {.status = status, .result = *result};
    size_t count;
    const bp_real *weights = bp_network_weights(net, &count);
    assert_true(count <= EXAMPLE_WEIGHTS);
    if (status == BP_OK)
        memcpy(made.weights, weights, count * sizeof *weights);
    bp_trainer_destroy(used);
    bp_network_destroy(net);
    return made;
}

static start start_of_header(ending wanted)
{
    const bp_stop_rule rule = bp_stop_epochs(LAST_EPOCH);
    const bp_data training = example_training(), validation = example_validation();
    bp_network *net = example_network(1);
    bp_result result = empty_result();
#include "snippet_of_header.inc"
    return take(net, trainer, status, &result);
}

static start start_of_guide(ending wanted)
{
    const bp_stop_rule rule = bp_stop_epochs(LAST_EPOCH);
    const bp_data training = example_training();
    bp_network *net = example_network(1);
    bp_result result = empty_result();
    bp_trainer_options options;
    bp_trainer_options_init(&options, sizeof options);
#include "snippet_of_guide.inc"
    return take(net, trainer, status, &result);
}

#undef access

static bool file_is_there(void)
{
    return access("training.checkpoint", F_OK) == 0;
}

static void assert_goes_on(start (*run)(ending wanted))
{
    const start whole = run(BY_RULE);
    assert_ok(whole.status);
    assert_int_equal(whole.result.epochs, LAST_EPOCH);
    assert_false(file_is_there());
    for (ending by = BY_CALLBACK; by < ENDINGS; by++) {
        const start first = run(by);
        assert_int_equal(first.status, by == BY_FAILURE ? BP_ERROR_CALLBACK : BP_OK);
        assert_true(file_is_there());
        const start second = run(BY_RULE);
        assert_ok(second.status);
        assert_int_equal(second.result.epochs, LAST_EPOCH);
        assert_memory_equal(second.weights, whole.weights, sizeof whole.weights);
        assert_false(file_is_there());
    }
}

/* It is no trainer, and stays for whoever wants to look at it. */
static void assert_damaged_file_stays(start (*run)(ending wanted))
{
    test_write_file("training.checkpoint", "damaged", 7);
    assert_int_equal(run(BY_RULE).status, BP_ERROR_FORMAT);
    assert_non_null(strstr(bp_error_message(), "training can begin anew, with bp_trainer_create()"));
    assert_true(file_is_there());
    assert_int_equal(remove("training.checkpoint"), 0);
}

static void test_snippets(void **state)
{
    (void)state;
    char before[4096];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(test_directory), 0);
    assert_goes_on(start_of_header);
    assert_goes_on(start_of_guide);
    assert_damaged_file_stays(start_of_header);
    assert_damaged_file_stays(start_of_guide);
    assert_int_equal(chdir(before), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_snippets, test_directory_setup, test_directory_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
