/* Training on streams that do not fit into a window: which cases make up the updates, what is known of all
 * cases, and runs that go on. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "train/order_notes.h"
#include "train/raw_example.h"
#include "train/stream_example.h"
#include "train/window.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* -------------------------------------------------------------------------------------- order */

/* How the numbered cases, 0 ... 9, are trained on. */
typedef struct way {
    size_t window, batch_size, at_most;
    int shuffle;
    bp_stop_rule rule;
    size_t runs;
} way;

static order_notes take_notes(const way *how, const bp_data *data)
{
    order_notes noted = {.count = 0};
    bp_trainer_options options = options_with(&how->rule, 1);
    options.batch_size = how->batch_size;
    options.shuffle = how->shuffle;
    options.on_gradient = note_order;
    options.on_gradient_context = &noted;
    options.stream_window = how->window;
    pair both = make_pair(numbered_network(), &options);
    test_source source = {.at_most = how->at_most};
    bp_stream *stream = test_stream(&source, data);
    for (size_t run = 0; run < how->runs; run++)
        assert_ok(bp_trainer_run_stream(both.trainer, stream, NULL, NULL));
    bp_stream_destroy(stream);
    end_pair(&both);
    return noted;
}

static void test_batches_without_shuffling(void **state)
{
    (void)state;
    const bp_data data = numbered_data();
    const double one_by_one[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    for (size_t window = 1; window < NUMBERED_CASES; window++) {
        const way how = {window, 1, window % 3, 0, bp_stop_epochs(1), 1};
        const order_notes noted = take_notes(&how, &data);
        assert_noted(&noted, one_by_one, 10);
    }
    /* A window has whole batches: of 5 cases it becomes one of 4. The last batch of the stream is smaller. */
    const double sums[] = {1, 5, 9, 13, 17, 1, 5, 9, 13, 17}, threes[] = {3, 12, 21, 9};
    const way pairs = {5, 2, 0, 0, bp_stop_epochs(2), 1}, whole = {7, 3, 2, 0, bp_stop_epochs(1), 1};
    order_notes noted = take_notes(&pairs, &data);
    assert_noted(&noted, sums, 10);
    noted = take_notes(&whole, &data);
    assert_noted(&noted, threes, 4);
}

/* The derivatives are first ... first + count - 1 in some order. */
static void assert_each_once(const double *derivatives, size_t first, size_t count)
{
    unsigned seen = 0;
    for (size_t i = 0; i < count; i++)
        seen |= 1u << ((unsigned)derivatives[i] - (unsigned)first);
    assert_int_equal(seen, (1u << count) - 1);
}

static void test_each_window_is_shuffled(void **state)
{
    (void)state;
    const bp_data data = numbered_data();
    const way how = {4, 1, 3, 1, bp_stop_epochs(8), 1};
    const order_notes noted = take_notes(&how, &data);
    bool differs = false;
    assert_int_equal(noted.count, 8 * NUMBERED_CASES);
    for (size_t epoch = 0; epoch < 8; epoch++) {
        const double *derivatives = noted.derivative + epoch * NUMBERED_CASES;
        assert_each_once(derivatives, 0, 4);
        assert_each_once(derivatives + 4, 4, 4);
        assert_each_once(derivatives + 8, 8, 2);
        differs |= memcmp(derivatives, noted.derivative, NUMBERED_CASES * sizeof *derivatives) != 0;
    }
    assert_true(differs);
}

/* Runs that end within a window go on there, and make the updates of one long run. */
static void test_runs_that_go_on(void **state)
{
    (void)state;
    const bp_data data = numbered_data();
    const size_t steps[] = {1, 5, 7, 35};
    const way whole = {4, 1, 0, 1, bp_stop_updates(35), 1};
    const order_notes wanted = take_notes(&whole, &data);
    for (size_t i = 0; i < COUNT(steps); i++) {
        const way how = {4, 1, 0, 1, bp_stop_updates(steps[i]), 35 / steps[i]};
        const order_notes noted = take_notes(&how, &data);
        assert_noted(&noted, wanted.derivative, 35);
    }
}

/* A batch that the gradient hook adds after the last case. */
static bp_status ask_for_more(void *context, const bp_gradient_batch *seen, bp_gradient_reply *reply)
{
    size_t *counts = context; /* batches with cases, and without */
    if (seen->reason != BP_STOP_NONE)
        return BP_OK;
    counts[seen->cases == 0]++;
    reply->more_batches = seen->cases > 0;
    return BP_OK;
}

static void test_empty_batches_follow_the_last_window(void **state)
{
    (void)state;
    size_t counts[2] = {0};
    const bp_data data = numbered_data();
    const bp_stop_rule rule = bp_stop_updates(1);
    bp_trainer_options options = options_with(&rule, 1);
    options.batch_size = 5;
    options.stream_window = 5;
    options.on_gradient = ask_for_more;
    options.on_gradient_context = counts;
    pair both = make_pair(numbered_network(), &options);
    test_source source = {0};
    bp_stream *stream = test_stream(&source, &data);
    for (size_t run = 0; run < 6; run++)
        assert_ok(bp_trainer_run_stream(both.trainer, stream, NULL, NULL));
    assert_int_equal(counts[0], 4);
    assert_int_equal(counts[1], 2);
    bp_stream_destroy(stream);
    end_pair(&both);
}

/* From a stream to memory, and back, within an epoch: a new one begins. */
static void test_memory_and_stream_in_turn(void **state)
{
    (void)state;
    order_notes noted = {.count = 0};
    const bp_data data = numbered_data();
    const bp_stop_rule rule = bp_stop_updates(3);
    bp_trainer_options options = options_with(&rule, 1);
    options.batch_size = 1;
    options.stream_window = 4;
    options.on_gradient = note_order;
    options.on_gradient_context = &noted;
    pair both = make_pair(numbered_network(), &options);
    test_source source = {0};
    bp_stream *stream = test_stream(&source, &data);
    for (size_t turn = 0; turn < 3; turn++) {
        assert_ok(bp_trainer_run_stream(both.trainer, stream, NULL, NULL));
        for (size_t i = noted.count - 3; i < noted.count; i++)
            assert_true(noted.derivative[i] < 4);
        assert_ok(bp_trainer_run(both.trainer, &data, NULL, NULL));
    }
    assert_int_equal(noted.count, 18);
    bp_stream_destroy(stream);
    end_pair(&both);
}

static void test_batches_larger_than_the_window(void **state)
{
    (void)state;
    const bp_data data = numbered_data();
    const size_t sizes[] = {0, 5, SIZE_MAX - 1};
    const bp_stop_rule rule = bp_stop_epochs(1);
    for (size_t i = 0; i < COUNT(sizes); i++) {
        bp_trainer_options options = options_with(&rule, 1);
        options.batch_size = sizes[i];
        options.stream_window = 4;
        pair both = make_pair(numbered_network(), &options);
        test_source source = {0};
        bp_stream *stream = test_stream(&source, &data);
        assert_fails(bp_trainer_run_stream(both.trainer, stream, NULL, NULL), BP_ERROR_UNSUPPORTED,
                     "more cases than the window, which is 4");
        bp_stream_destroy(stream);
        end_pair(&both);
    }
}

/* ------------------------------------------------------------------------- what is known of all */

enum { MANY = 3000, WIDTH = 2 };

/* Inputs of very different size, and a target with noise; an input that is two-valued. */
static bp_data many_cases(void)
{
    static bp_real inputs[MANY * WIDTH], targets[MANY];
    uint64_t seed = 5;
    for (size_t i = 0; i < MANY; i++) {
        inputs[2 * i] = (bp_real)test_uniform(&seed, 1000, 1100);
        inputs[2 * i + 1] = (bp_real)test_below(&seed, 2) * 7;
        targets[i] = (inputs[2 * i] - 1050) * inputs[2 * i + 1] + (bp_real)test_uniform(&seed, -20, 20);
    }
    return bp_data_view(MANY, inputs, WIDTH, targets, 1);
}

static bp_network *many_network(void)
{
    const size_t units[] = {WIDTH, 6, 1};
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_linear()));
    assert_ok(bp_network_initialize(net, 3));
    return net;
}

static void scaling_of(const bp_network *net, bp_real line[2 * WIDTH + 2])
{
    assert_ok(bp_network_get_input_scaling(net, line, line + WIDTH, WIDTH));
    assert_ok(bp_network_get_target_scaling(net, line + 2 * WIDTH, line + 2 * WIDTH + 1, 1));
}

/* A run of the untouched options but for the window, and some epochs. */
static pair train_many(size_t window, const bp_data *validation, bp_result *result)
{
    bp_stop_rule rule;
    const bp_data data = many_cases();
    bp_trainer_options options = raw_options(&rule, 10);
    options.stream_window = window;
    pair both = make_pair(many_network(), &options);
    test_source source = {0}, other = {0};
    bp_stream *stream = test_stream(&source, &data);
    bp_stream *validations = validation == NULL ? NULL : test_stream(&other, validation);
    *result = empty_result();
    assert_ok(bp_trainer_run_stream(both.trainer, stream, validations, result));
    bp_stream_destroy(stream);
    bp_stream_destroy(validations);
    return both;
}

/* Scaling, batches, decay and E are of all cases, whatever the window. */
static void test_choices(void **state)
{
    (void)state;
    const bp_data data = many_cases();
    bp_result whole_result, result;
    bp_finding decay, wanted;
    pair whole = train_many(0, NULL, &whole_result), windows = train_many(256, NULL, &result);
    bp_real line[2 * WIDTH + 2], wanted_line[2 * WIDTH + 2];
    scaling_of(windows.net, line);
    scaling_of(whole.net, wanted_line);
    for (size_t i = 0; i < COUNT(line); i++)
        assert_close(line[i], wanted_line[i], TOLERANCE(1e-6, 1e-12));
    assert_true(find_finding(windows.trainer, BP_FINDING_BATCH_SIZE, &wanted));
    assert_true(wanted.values[0] == 32 && wanted.values[1] == MANY);
    assert_true(find_finding(whole.trainer, BP_FINDING_WEIGHT_DECAY, &wanted));
    assert_true(find_finding(windows.trainer, BP_FINDING_WEIGHT_DECAY, &decay));
    assert_true(decay.values[1] == MANY);
    assert_close(decay.values[2], wanted.values[2], 0.3); /* of other samples */
    assert_int_equal(result.updates, 10 * ((MANY + 31) / 32));

    bp_evaluation found;
    bp_workspace *workspace = NULL;
    bp_evaluation_init(&found, sizeof found);
    assert_ok(bp_workspace_create(&workspace, windows.net, 100));
    assert_ok(bp_network_evaluate(windows.net, workspace, &data, bp_loss_default(), NULL, &found));
    assert_true(found.error == result.error && found.mean_error == result.mean_error);
    assert_true(result.mean_error < 1.2 * whole_result.mean_error);
    bp_workspace_destroy(workspace);
    end_pair(&whole);
    end_pair(&windows);
}

/* A batch may be a whole window; windows are then read, but hardly shuffled. */
static void test_a_batch_is_a_window(void **state)
{
    (void)state;
    const size_t sizes[] = {100, 2500, MANY - 1};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        const bp_data data = many_cases();
        const bp_stop_rule rule = bp_stop_epochs(3);
        bp_trainer_options options;
        bp_trainer_options_init(&options, sizeof options);
        options.stop_rules = &rule;
        options.stop_rule_count = 1;
        options.batch_size = options.stream_window = sizes[i];
        pair both = make_pair(many_network(), &options);
        test_source source = {0};
        bp_stream *stream = test_stream(&source, &data);
        bp_result result = empty_result();
        assert_ok(bp_trainer_run_stream(both.trainer, stream, NULL, &result));
        assert_int_equal(result.updates, 3 * ((MANY + sizes[i] - 1) / sizes[i]));
        bp_stream_destroy(stream);
        end_pair(&both);
    }
}

/* Validation cases that do not fit are read by each evaluation: the same weights, the same errors. */
static void test_validation_by_windows(void **state)
{
    (void)state;
    const bp_data validation = many_cases();
    bp_data first = validation;
    first.cases = 700;
    bp_result result;
    pair windows = train_many(256, &first, &result);
    bp_evaluation found;
    bp_workspace *workspace = NULL;
    bp_evaluation_init(&found, sizeof found);
    assert_ok(bp_workspace_create(&workspace, windows.net, 100));
    assert_ok(bp_network_evaluate(windows.net, workspace, &first, bp_loss_default(), NULL, &found));
    assert_true(found.mean_error == result.validation_error);
    assert_true(result.best_epoch > 0);
    bp_workspace_destroy(workspace);
    end_pair(&windows);
}

/* A rule that is confirmed by E of the weights at the end of the epoch, which takes a pass. */
static void test_a_rule_that_is_confirmed(void **state)
{
    (void)state;
    const bp_data data = example_training();
    const bp_stop_rule rules[] = {bp_stop_mean_error_below(0.2), bp_stop_epochs(300)};
    bp_trainer_options options = options_with(rules, 2);
    options.batch_size = 2;
    options.stream_window = 4;
    options.keep_history = 1;
    pair both = make_pair(example_network(2), &options);
    test_source source = {0};
    bp_stream *stream = test_stream(&source, &data);
    bp_result result = empty_result();
    assert_ok(bp_trainer_run_stream(both.trainer, stream, NULL, &result));
    assert_int_equal(result.reason, BP_STOP_MEAN_ERROR_BELOW);
    assert_true(result.mean_error < 0.2);
    assert_true(result.mean_error == error_of(both.net, &data) / EXAMPLE_CASES);
    size_t count;
    assert_non_null(bp_trainer_history(both.trainer, &count));
    assert_int_equal(count, result.epochs);
    assert_int_equal(source.pass, 1 + result.epochs + 1); /* the result's E is that of the confirmation */
    bp_stream_destroy(stream);
    end_pair(&both);
}

/* The rate is far too large: divergence, and the weights of the start. */
static void test_divergence(void **state)
{
    (void)state;
    const bp_data data = many_cases();
    const bp_stop_rule rule = bp_stop_epochs(20);
    bp_trainer_options options = options_with(&rule, 1);
    options.batch_size = 10;
    options.optimizer = bp_optimizer_momentum(1, 0.9);
    options.stream_window = 100;
    pair both = make_pair(many_network(), &options);
    bp_network *start = many_network();
    test_source source = {0};
    bp_stream *stream = test_stream(&source, &data);
    bp_result result = empty_result();
    assert_fails(bp_trainer_run_stream(both.trainer, stream, NULL, &result), BP_DIVERGED,
                 "bp_trainer_run_stream: the error became");
    assert_int_equal(result.reason, BP_STOP_DIVERGED);
    assert_true(isfinite(result.error));
    assert_same_weights(both.net, start);
    bp_network_destroy(start);
    bp_stream_destroy(stream);
    end_pair(&both);
}

/* The same with recovery: a search on the window at hand finds a lower rate, and training goes on. */
static void test_recovery(void **state)
{
    (void)state;
    const bp_stop_rule rule = bp_stop_epochs(20);
    bp_trainer_options options;
    bp_trainer_options_init(&options, sizeof options);
    options.optimizer = bp_optimizer_momentum(100, 0.9);
    options.stop_rules = &rule;
    options.stop_rule_count = 1;
    options.recoveries = 3;
    options.stream_window = 300;
    const bp_data data = many_cases();
    pair both = make_pair(many_network(), &options);
    test_source source = {0};
    bp_stream *stream = test_stream(&source, &data);
    bp_result result = empty_result();
    bp_finding recovered;
    assert_ok(bp_trainer_run_stream(both.trainer, stream, NULL, &result));
    assert_true(find_finding(both.trainer, BP_FINDING_RECOVERED, &recovered));
    assert_true(recovered.values[0] == 100 && recovered.values[1] < 30);
    assert_true(result.mean_error < 0.1); /* that of constant outputs is 0.5 */
    bp_stream_destroy(stream);
    end_pair(&both);
}

/* A source whose cases vary: noise that is added anew in each pass. */
static void test_cases_that_vary(void **state)
{
    (void)state;
    const bp_data data = example_training();
    const bp_stop_rule rule = bp_stop_epochs(3);
    bp_trainer_options options = options_with(&rule, 1);
    options.batch_size = 2;
    options.stream_window = 4;
    pair both = make_pair(example_network(2), &options);
    test_source source = {.fault = CHANGES, .fault_case = 6, .fault_pass = 3};
    bp_stream *stream = test_stream(&source, &data);
    assert_fails(bp_trainer_run_stream(both.trainer, stream, NULL, NULL), BP_ERROR_STATE, "source.varies");
    bp_stream_destroy(stream);
    test_source again = {.fault = CHANGES, .fault_case = 6, .fault_pass = 3, .varies = 1};
    stream = test_stream(&again, &data);
    assert_ok(bp_trainer_run_stream(both.trainer, stream, NULL, NULL));
    bp_stream_destroy(stream);
    end_pair(&both);
}

/* Cases so wide that the buffer grows: each has its number as its first input. */
enum { WIDE = 1 << 20, WIDE_CASES = 40 };

static bp_status read_wide(void *context, size_t count, bp_real *inputs, bp_real *targets,
                           bp_real *case_weights, size_t *cases)
{
    size_t *next = context;
    (void)case_weights;
    *cases = count < WIDE_CASES - *next ? count : WIDE_CASES - *next;
    for (size_t i = 0; i < *cases; i++) {
        inputs[i * WIDE] = (bp_real)*next;
        targets[i] = (bp_real)(*next)++ / 2;
    }
    return BP_OK;
}

static bp_status rewind_wide(void *context)
{
    *(size_t *)context = 0;
    return BP_OK;
}

static void test_buffers_grow_with_their_cases(void **state)
{
    (void)state;
    const stream_use use = {"f", "s"};
    size_t next = 0;
    bp_stream_source source;
    bp_stream *stream = NULL;
    case_buffer buffer;
    bp_stream_source_init(&source, sizeof source);
    source.input_width = WIDE;
    source.target_width = 1;
    source.read = read_wide;
    source.rewind = rewind_wide;
    source.context = &next;
    assert_ok(bp_stream_create(&stream, &source, NULL));
    assert_ok(bpi_window_buffer_create(&buffer, &use, stream, SIZE_MAX));
    assert_true(buffer.capacity < WIDE_CASES / 2);
    assert_ok(bpi_stream_rewind(&use, stream));
    assert_ok(bpi_window_buffer_fill(&buffer, &use, stream, WIDE_CASES / 2));
    assert_int_equal(buffer.count, WIDE_CASES / 2);
    assert_ok(bpi_window_buffer_fill(&buffer, &use, stream, SIZE_MAX));
    assert_int_equal(buffer.count, WIDE_CASES);
    for (size_t i = 0; i < WIDE_CASES; i++) {
        assert_true(buffer.inputs[i * WIDE] == (bp_real)i);
        assert_true(buffer.targets[i] == (bp_real)i / 2);
    }
    bpi_case_buffer_release(&buffer, stream);
    bp_stream_destroy(stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_batches_without_shuffling),
        cmocka_unit_test(test_each_window_is_shuffled),
        cmocka_unit_test(test_runs_that_go_on),
        cmocka_unit_test(test_empty_batches_follow_the_last_window),
        cmocka_unit_test(test_memory_and_stream_in_turn),
        cmocka_unit_test(test_batches_larger_than_the_window),
        cmocka_unit_test(test_choices),
        cmocka_unit_test(test_a_batch_is_a_window),
        cmocka_unit_test(test_validation_by_windows),
        cmocka_unit_test(test_a_rule_that_is_confirmed),
        cmocka_unit_test(test_divergence),
        cmocka_unit_test(test_recovery),
        cmocka_unit_test(test_cases_that_vary),
        cmocka_unit_test(test_buffers_grow_with_their_cases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
