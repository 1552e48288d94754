/* Several starts that fail, all or some of them. Linked with pthread_create replaced by one that can be told
 * to fail. */
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "train/starts_example.h"

static size_t threads_that_start = SIZE_MAX; /* until pthread_create fails */

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
                          void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
                          void *argument);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
                          void *argument)
{
    if (threads_that_start == 0)
        return EAGAIN;
    threads_that_start--;
    return __real_pthread_create(thread, attributes, start, argument);
}

/* ---------------------------------------------------------------------- untouched */

/* A call that fails, and what it must leave alone. */
typedef struct failing_call {
    bp_network *net;
    unsigned char *file; /* the network before the call */
    size_t file_size;
    bp_start_result results[4];
    bp_starts_summary summary;
    bp_network *networks[4];
} failing_call;

static failing_call new_call(bp_network *net)
{
    failing_call call = {.net = net};
    call.file = test_save(net, &call.file_size);
    bp_start_result_init(call.results, sizeof call.results[0], 4);
    bp_starts_summary_init(&call.summary, sizeof call.summary);
    return call;
}

static void end_call(failing_call *call)
{
    free(call->file);
    bp_network_destroy(call->net);
}

static bp_status run_call(failing_call *call, const bp_trainer_options *options, const bp_data *training,
                          const bp_data *validation, const bp_starts_options *starts)
{
    return bp_train_starts(call->net, options, training, validation, starts, call->networks, call->results,
                           &call->summary);
}

static void assert_net_untouched(const failing_call *call)
{
    size_t size;
    unsigned char *file = test_save(call->net, &size);
    assert_int_equal(size, call->file_size);
    assert_memory_equal(file, call->file, size);
    free(file);
    for (size_t i = 0; i < 4; i++)
        assert_null(call->networks[i]);
}

static void assert_untouched(const failing_call *call)
{
    assert_net_untouched(call);
    assert_true(call->summary.seconds == 0);
    assert_true(call->results[0].seed == 0);
}

/* ---------------------------------------------------------------------- arguments */

static void test_arguments(void **state)
{
    (void)state;
    failing_call call = new_call(example_network(1));
    const bp_data data = example_training();
    const bp_stop_rule rule = bp_stop_epochs(2);
    const bp_trainer_options options = options_with(&rule, 1);
    bp_starts_options starts = starts_with(4, 1, 1);
    assert_fails(bp_train_starts(NULL, NULL, &data, NULL, NULL, NULL, NULL, NULL), BP_ERROR_ARGUMENT, "net");
    assert_fails(run_call(&call, &options, NULL, NULL, &starts), BP_ERROR_ARGUMENT, "training");
    starts.count = 0;
    assert_fails(run_call(&call, &options, &data, NULL, &starts), BP_ERROR_ARGUMENT, "starts->count is 0");
    starts = starts_with(4, 0, 1);
    assert_fails(run_call(&call, &options, &data, NULL, &starts), BP_ERROR_ARGUMENT, "starts->threads is 0");
    starts.threads = BP_MAX_THREADS + 1;
    assert_fails(run_call(&call, &options, &data, NULL, &starts), BP_ERROR_ARGUMENT, "starts->threads");
    starts.size = 0;
    assert_fails(run_call(&call, &options, &data, NULL, &starts), BP_ERROR_ARGUMENT, "bp_starts_options");
    starts = starts_with(SIZE_MAX, 1, 1);
    assert_fails(bp_train_starts(call.net, &options, &data, NULL, &starts, NULL, NULL, NULL), BP_ERROR_MEMORY,
                 "starts");
    starts = starts_with(4, 1, 1);
    bp_data wide = data;
    wide.input_width++;
    assert_fails(run_call(&call, &options, &wide, NULL, &starts), BP_ERROR_SIZE, "input");
    assert_fails(run_call(&call, &options, &data, &wide, &starts), BP_ERROR_SIZE, "validation");
    bp_trainer_options wrong = options;
    wrong.weight_decay = 2;
    assert_fails(run_call(&call, &wrong, &data, NULL, &starts), BP_ERROR_ARGUMENT, "weight_decay");
    assert_untouched(&call);
    end_call(&call);
}

static void test_result_structs(void **state)
{
    (void)state;
    failing_call call = new_call(example_network(1));
    const bp_data data = example_training();
    const bp_stop_rule rule = bp_stop_epochs(2);
    const bp_trainer_options options = options_with(&rule, 1);
    const bp_starts_options starts = starts_with(4, 1, 1);
    call.results[0].size = 0;
    assert_fails(run_call(&call, &options, &data, NULL, &starts), BP_ERROR_ARGUMENT, "bp_start_result");
    call.results[0].size = call.results[1].size;
    call.results[2].size = 0;
    assert_fails(run_call(&call, &options, &data, NULL, &starts), BP_ERROR_ARGUMENT, "results[2].size is 0");
    call.results[2].size = call.results[1].size;
    call.summary.size = 3;
    assert_fails(run_call(&call, &options, &data, NULL, &starts), BP_ERROR_VERSION, "bp_starts_summary");
    call.summary.size = sizeof call.summary;
    assert_untouched(&call);
    end_call(&call);
}

/* Of a later version of the header, whose entries are further apart. */
static void test_longer_results(void **state)
{
    (void)state;
    struct {
        bp_start_result result;
        double new_member;
    } results[3];
    bp_network *net = example_network(1);
    const bp_data data = example_training();
    const bp_stop_rule rule = bp_stop_epochs(2);
    const bp_trainer_options options = options_with(&rule, 1);
    const bp_starts_options starts = starts_with(3, 1, 1);
    memset(results, 0x55, sizeof results);
    bp_start_result_init(&results[0].result, sizeof results[0], 3);
    assert_ok(bp_train_starts(net, &options, &data, NULL, &starts, NULL, &results[0].result, NULL));
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(results[i].result.size, sizeof results[i]);
        assert_int_equal(results[i].result.epochs, 2);
        assert_true(results[i].new_member == 0);
    }
    bp_network_destroy(net);
}

static bp_status hook(void *context, const bp_gradient_batch *batch, bp_gradient_reply *reply)
{
    (void)context, (void)batch, (void)reply;
    return BP_OK;
}

static void test_what_is_not_supported(void **state)
{
    (void)state;
    failing_call call = new_call(example_network(1));
    const bp_data data = example_training();
    const bp_stop_rule rules[] = {bp_stop_epochs(2), bp_stop_seconds(1)};
    bp_starts_options starts = starts_with(4, 1, 1);
    bp_trainer_options options = options_with(rules, 1);
    options.on_gradient = hook;
    assert_fails(run_call(&call, &options, &data, NULL, &starts), BP_ERROR_UNSUPPORTED, "on_gradient");
    options = options_with(rules, 2);
    assert_fails(run_call(&call, &options, &data, NULL, &starts), BP_ERROR_UNSUPPORTED, "bp_stop_seconds");
    options = options_with(rules, 1);
    options.threads = 2;
    starts.threads = 2;
    assert_fails(run_call(&call, &options, &data, NULL, &starts), BP_ERROR_UNSUPPORTED,
                 "options->threads is 2 and starts->threads is 2");
    assert_untouched(&call);
    end_call(&call);
}

static void test_networks_that_cannot_train(void **state)
{
    (void)state;
    bp_network *net = NULL;
    bp_layer *input, *output;
    const bp_data data = example_training();
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&input, net, NULL, EXAMPLE_INPUTS));
    assert_ok(bp_network_add_layer(&output, net, NULL, EXAMPLE_OUTPUTS, bp_activation_tanh()));
    assert_fails(bp_train_starts(net, NULL, &data, NULL, NULL, NULL, NULL, NULL), BP_ERROR_STATE,
                 "bp_train_starts");
    bp_connect_options delayed;
    bp_connect_options_init(&delayed, sizeof delayed);
    delayed.delayed = 1;
    assert_ok(bp_network_connect(NULL, net, input, output));
    assert_ok(bp_network_connect_with(NULL, net, output, output, &delayed));
    assert_ok(bp_network_finalize(net));
    assert_fails(bp_train_starts(net, NULL, &data, NULL, NULL, NULL, NULL, NULL), BP_ERROR_STATE, "unroll");
    bp_network_destroy(net);
}

static bp_status no_weights(void *context, const bp_weight_shape *shape, bp_random *random, bp_real *weights)
{
    (void)context, (void)shape, (void)random, (void)weights;
    return BP_ERROR_CALLBACK;
}

/* Under the name of the call that was made. */
static void test_initial_weights_that_fail(void **state)
{
    (void)state;
    const bp_data data = curve_data();
    bp_network *net = curve_network();
    assert_ok(bp_network_set_weight_init(net, bp_weight_init_custom(no_weights, NULL)));
    assert_fails(bp_train_starts(net, NULL, &data, NULL, NULL, NULL, NULL, NULL), BP_ERROR_CALLBACK,
                 "bp_train_starts: the caller's function for the weights into layer 'hidden1'");
    bp_network_destroy(net);
}

/* --------------------------------------------------------------------- divergence */

static bp_trainer_options options_with_rate(const bp_stop_rule *rule, double rate)
{
    bp_trainer_options options = options_with(rule, 1);
    options.optimizer = bp_optimizer_gradient_descent(rate);
    return options;
}

static void test_all_diverge(void **state)
{
    (void)state;
    bp_network *net = curve_network();
    assert_ok(bp_network_initialize(net, 9));
    failing_call call = new_call(net);
    const bp_data data = curve_data();
    const bp_stop_rule rule = bp_stop_epochs(500);
    const bp_trainer_options options = options_with_rate(&rule, 1e30);
    for (size_t threads = 1; threads <= 2; threads++) {
        const bp_starts_options starts = starts_with(4, threads, 1);
        assert_fails(run_call(&call, &options, &data, NULL, &starts), BP_DIVERGED, "all 4 starts diverged");
        assert_net_untouched(&call);
        assert_int_equal(call.summary.diverged, 4);
        assert_int_equal(call.summary.best, 4);
        assert_int_equal(call.summary.near_best, 0);
        for (size_t i = 0; i < 4; i++) {
            assert_int_equal(call.results[i].status, BP_DIVERGED);
            assert_int_equal(call.results[i].reason, BP_STOP_DIVERGED);
            assert_true(isfinite(call.results[i].error));
        }
    }
    end_call(&call);
}

/* Diverges where the weight is drawn above 0: the wrong derivative leads away from the target there. */
static void slope_for_some(void *context, const bp_real *x, const bp_real *y, bp_real *slope, size_t count)
{
    (void)context, (void)y;
    for (size_t i = 0; i < count; i++)
        slope[i] = x[i] > 0 ? -1000000 : 1;
}

static void same(void *context, const bp_real *x, bp_real *y, size_t count)
{
    (void)context;
    memcpy(y, x, count * sizeof *y);
}

static bp_network *one_weight(bp_activation_derivative derivative)
{
    bp_network *net = NULL;
    bp_layer *input = NULL, *output = NULL;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&input, net, NULL, 1));
    assert_ok(
        bp_network_add_layer(&output, net, NULL, 1, bp_activation_custom("same", same, derivative, NULL)));
    assert_ok(bp_layer_enable_bias(output, 0));
    assert_ok(bp_network_connect(NULL, net, input, output));
    assert_ok(bp_network_finalize(net));
    return net;
}

static void test_some_diverge(void **state)
{
    (void)state;
    const bp_real one = 1, target = -1;
    const bp_data data = bp_data_view(1, &one, 1, &target, 1);
    const bp_stop_rule rule = bp_stop_epochs(200);
    const bp_trainer_options options = options_with_rate(&rule, 1e-3);
    outcome found;
    const bp_starts_options starts = starts_with(16, 2, 1);
    train_from_starts(&found, one_weight(slope_for_some), &options, &data, NULL, &starts);
    size_t diverged = 0;
    for (size_t i = 0; i < found.count; i++) {
        const bool did = found.results[i].status == BP_DIVERGED;
        assert_int_equal(found.results[i].reason, did ? BP_STOP_DIVERGED : BP_STOP_EPOCHS);
        assert_true(isfinite(found.results[i].error));
        diverged += did;
    }
    assert_true(diverged > 0 && diverged < found.count);
    assert_int_equal(found.summary.diverged, diverged);
    assert_int_equal(found.results[found.summary.best].status, BP_OK);
    assert_same_weights(found.net, found.networks[found.summary.best]);
    end_outcome(&found);
}

/* ------------------------------------------------------------------ other failures */

/* An activation whose derivative is no number where the weight is drawn above 0. */
static void broken_slope(void *context, const bp_real *x, const bp_real *y, bp_real *slope, size_t count)
{
    (void)context, (void)y;
    for (size_t i = 0; i < count; i++)
        slope[i] = x[i] > 0 ? (bp_real)NAN : 1;
}

static void test_a_start_that_fails(void **state)
{
    (void)state;
    const bp_real one = 1, target = 0;
    const bp_data data = bp_data_view(1, &one, 1, &target, 1);
    const bp_stop_rule rule = bp_stop_epochs(3);
    const bp_trainer_options options = options_with_rate(&rule, 1e-3);
    char first[512] = "";
    for (size_t threads = 1; threads <= 3; threads++) {
        bp_network *net = one_weight(broken_slope);
        assert_ok(bp_network_set_weights(net, &(bp_real){0.5}, 1));
        const bp_starts_options starts = starts_with(30, threads, 1);
        assert_fails(bp_train_starts(net, &options, &data, NULL, &starts, NULL, NULL, NULL),
                     BP_ERROR_NOT_FINITE, "bp_train_starts: start ");
        if (threads == 1)
            strncpy(first, bp_error_message(), sizeof first - 1);
        assert_string_equal(bp_error_message(), first);
        assert_true(bp_network_weights(net, NULL)[0] == (bp_real)0.5);
        bp_network_destroy(net);
    }
}

static void test_threads_that_do_not_start(void **state)
{
    (void)state;
    failing_call call = new_call(example_network(1));
    const bp_data data = example_training();
    const bp_stop_rule rule = bp_stop_epochs(2);
    const bp_trainer_options options = options_with(&rule, 1);
    const bp_starts_options starts = starts_with(4, 4, 1);
    threads_that_start = 1;
    bp_status status = run_call(&call, &options, &data, NULL, &starts);
    threads_that_start = SIZE_MAX;
    assert_fails(status, BP_ERROR_THREAD, "bp_train_starts: thread 3 of 4 could not be started");
    assert_untouched(&call);
    end_call(&call);
}

typedef struct memory_case {
    size_t threads;
    int with_validation, with_networks;
} memory_case;

/* Everything is chosen, so that the search allocates, too. */
static bp_status attempt_starts(void *context, const bp_allocator *allocator)
{
    const memory_case *wanted = context;
    const bp_data training = example_training(), validation = example_validation();
    const bp_stop_rule rule = bp_stop_epochs(2);
    bp_network *net = NULL, *before = NULL, *networks[4] = {NULL};
    bp_status status = example_network_create(&net, allocator, 3);
    if (status != BP_OK)
        return status;
    before = example_network(3);
    bp_trainer_options options;
    bp_trainer_options_init(&options, sizeof options);
    options.stop_rules = &rule;
    options.stop_rule_count = !wanted->with_validation;
    const bp_starts_options starts = starts_with(4, wanted->threads, 1);
    status = bp_train_starts(net, &options, &training, wanted->with_validation ? &validation : NULL, &starts,
                             wanted->with_networks ? networks : NULL, NULL, NULL);
    bp_real offset[EXAMPLE_INPUTS], factor[EXAMPLE_INPUTS];
    assert_ok(bp_network_get_input_scaling(net, offset, factor, EXAMPLE_INPUTS));
    assert_true((factor[0] != 1) == (status == BP_OK));
    assert_true(same_weights(net, before) == (status != BP_OK));
    for (size_t i = 0; i < 4; i++) {
        assert_true((networks[i] != NULL) == (status == BP_OK && wanted->with_networks));
        bp_network_destroy(networks[i]);
    }
    bp_network_destroy(net);
    bp_network_destroy(before);
    return status;
}

static void test_each_allocation_that_fails(void **state)
{
    (void)state;
    test_each_allocation_fails(attempt_starts, &(memory_case){1, 0, 0});
    test_each_allocation_fails(attempt_starts, &(memory_case){2, 1, 1});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arguments),
        cmocka_unit_test(test_result_structs),
        cmocka_unit_test(test_longer_results),
        cmocka_unit_test(test_what_is_not_supported),
        cmocka_unit_test(test_networks_that_cannot_train),
        cmocka_unit_test(test_initial_weights_that_fail),
        cmocka_unit_test(test_all_diverge),
        cmocka_unit_test(test_some_diverge),
        cmocka_unit_test(test_a_start_that_fails),
        cmocka_unit_test(test_threads_that_do_not_start),
        cmocka_unit_test(test_each_allocation_that_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
