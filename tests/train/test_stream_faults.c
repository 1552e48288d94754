/* Streams that end early, go on, deliver NaN or other cases, or fail: a status with the place, and weights as
 * after the last whole update. */
#include <math.h>
#include <string.h>

#include "train/stream_example.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* 13 cases in windows of 4, batches of 2: 7 updates per epoch. Passes: the first one is pass 1, epoch n is
 * pass n + 1.
 */
enum { WINDOW = 4, BATCH = 2, EPOCHS = 3 };

typedef struct expectation {
    source_fault fault;
    size_t fault_case, fault_pass;
    bp_status status;
    const char *message;
    uint64_t updates; /* that were made before */
} expectation;

static bp_trainer_options options_of(const bp_stop_rule *rule)
{
    bp_trainer_options options = options_with(rule, 1);
    options.batch_size = BATCH;
    options.stream_window = WINDOW;
    return options;
}

/* The network after so many updates on sound cases. */
static bp_network *after_updates(uint64_t updates)
{
    const bp_stop_rule rule = bp_stop_updates(updates > 0 ? updates : 1);
    const bp_data data = example_training();
    const bp_trainer_options options = options_of(&rule);
    pair both = make_pair(example_network(1), &options);
    test_source source = {0};
    bp_stream *stream = test_stream(&source, &data);
    if (updates > 0)
        assert_ok(bp_trainer_run_stream(both.trainer, stream, NULL, NULL));
    bp_stream_destroy(stream);
    bp_trainer_destroy(both.trainer);
    return both.net;
}

static void expect(const expectation *wanted)
{
    const bp_stop_rule rule = bp_stop_epochs(EPOCHS);
    const bp_data data = example_training();
    const bp_trainer_options options = options_of(&rule);
    pair both = make_pair(example_network(1), &options);
    test_source source = {
        .fault = wanted->fault, .fault_case = wanted->fault_case, .fault_pass = wanted->fault_pass};
    bp_stream *stream = test_stream(&source, &data);
    bp_result result = empty_result();
    assert_fails(bp_trainer_run_stream(both.trainer, stream, NULL, &result), wanted->status, wanted->message);
    assert_fails(bp_trainer_run_stream(both.trainer, NULL, NULL, NULL), BP_ERROR_ARGUMENT,
                 "training is NULL");
    bp_network *before = after_updates(wanted->updates);
    assert_same_weights(both.net, before);
    if (wanted->fault_pass > 1) {
        assert_int_equal(result.reason, BP_STOP_FAILED);
        assert_int_equal(result.updates, wanted->updates);
        assert_true(isnan(result.error));
    } else {
        assert_int_equal(result.reason, BP_STOP_NONE); /* training did not begin */
    }
    bp_network_destroy(before);
    bp_stream_destroy(stream);
    end_pair(&both);
}

static void test_the_first_pass(void **state)
{
    (void)state;
    const expectation all[] = {
        {FAILS_TO_REWIND, 0, 1, BP_ERROR_FILE,
         "bp_trainer_run_stream: training: the stream's rewind returned 'a file cannot be opened", 0},
        {FAILS_TO_READ, 0, 1, BP_ERROR_FILE, "the stream's read returned 'a file cannot be opened", 0},
        {DELIVERS_TOO_MUCH, 0, 1, BP_ERROR_CALLBACK, "after 0 cases the stream's read delivered", 0},
        {CLAIMS_DIVERGENCE, 0, 1, BP_ERROR_CALLBACK, "returned 'training diverged", 0},
        {DELIVERS_NAN, 3, 1, BP_ERROR_NOT_FINITE, "training.inputs: case 3, column 0 is nan", 0},
        {DELIVERS_NAN, 12, 1, BP_ERROR_NOT_FINITE, "training.inputs: case 12, column 0 is nan", 0},
        {ENDS_EARLY, 0, 1, BP_ERROR_STATE, "training: the stream has no cases", 0},
    };
    for (size_t i = 0; i < COUNT(all); i++)
        expect(&all[i]);
}

/* In an epoch a window is checked before it is trained on. */
static void test_epochs(void **state)
{
    (void)state;
    const expectation all[] = {
        {FAILS_TO_READ, 5, 2, BP_ERROR_FILE, "after 4 cases", 2},
        {FAILS_TO_READ, 0, 3, BP_ERROR_FILE, "after 0 cases", 7},
        {FAILS_TO_REWIND, 0, 3, BP_ERROR_FILE, "rewind returned", 7},
        {DELIVERS_NAN, 6, 2, BP_ERROR_NOT_FINITE, "training.inputs: case 6, column 0 is nan", 2},
        {DELIVERS_NAN, 12, 3, BP_ERROR_NOT_FINITE, "training.inputs: case 12, column 0 is nan", 13},
        {CHANGES, 0, 2, BP_ERROR_STATE, "cases 0 to 3 are not those", 0},
        {CHANGES, 12, 3, BP_ERROR_STATE, "cases 12 to 12 are not those", 13},
        {ENDS_EARLY, 12, 2, BP_ERROR_STATE,
         "the stream ended after 12 cases, but it has 13 by the first pass", 6},
        {ENDS_EARLY, 0, 4, BP_ERROR_STATE, "the stream ended after 0 cases", 14},
        {DELIVERS_TOO_MUCH, 0, 3, BP_ERROR_CALLBACK, "delivered", 7},
        {CLAIMS_DIVERGENCE, 0, 2, BP_ERROR_CALLBACK, "diverged", 0},
    };
    for (size_t i = 0; i < COUNT(all); i++)
        expect(&all[i]);
}

/* The pass for E of the result comes after the last update. */
static void test_the_last_pass(void **state)
{
    (void)state;
    const expectation all[] = {
        {CHANGES, 9, EPOCHS + 2, BP_ERROR_STATE, "cases 8 to 11 are not those", 21},
        {FAILS_TO_READ, 5, EPOCHS + 2, BP_ERROR_FILE, "after 4 cases", 21},
        {GOES_ON, 0, EPOCHS + 2, BP_ERROR_STATE, "goes on after case 12, its last in the first pass", 21},
    };
    for (size_t i = 0; i < COUNT(all); i++)
        expect(&all[i]);
}

/* A NaN that comes in later passes only, of a source whose cases vary. */
static void test_nan_of_cases_that_vary(void **state)
{
    (void)state;
    const bp_stop_rule rule = bp_stop_epochs(EPOCHS);
    const bp_data data = example_training();
    const bp_trainer_options options = options_of(&rule);
    pair both = make_pair(example_network(1), &options);
    test_source source = {.fault = DELIVERS_NAN, .fault_case = 10, .fault_pass = 3, .varies = 1};
    bp_stream *stream = test_stream(&source, &data);
    assert_fails(bp_trainer_run_stream(both.trainer, stream, NULL, NULL), BP_ERROR_NOT_FINITE,
                 "training.inputs: case 10, column 0 is nan");
    bp_network *before = after_updates(7 + 4);
    assert_same_weights(both.net, before);
    bp_network_destroy(before);
    bp_stream_destroy(stream);
    end_pair(&both);
}

/* After the fault is gone, training goes on where it was. */
static void test_training_goes_on(void **state)
{
    (void)state;
    const bp_data data = example_training();
    const bp_stop_rule rule = bp_stop_updates(21);
    bp_trainer_options options = options_of(&rule);
    pair both = make_pair(example_network(1), &options);
    test_source source = {.fault = FAILS_TO_READ, .fault_case = 5, .fault_pass = 3};
    bp_stream *stream = test_stream(&source, &data);
    assert_fails(bp_trainer_run_stream(both.trainer, stream, NULL, NULL), BP_ERROR_FILE, "read returned");
    assert_ok(bp_trainer_run_stream(both.trainer, stream, NULL, NULL)); /* 21 more */
    bp_network *wanted = after_updates(9 + 21);
    assert_same_weights(both.net, wanted);
    bp_network_destroy(wanted);
    bp_stream_destroy(stream);
    end_pair(&both);
}

/* --------------------------------------------------------------------------- validation cases */

static void expect_of_validation(const expectation *wanted)
{
    const bp_stop_rule rule = bp_stop_epochs(EPOCHS);
    const bp_data data = example_training(), others = example_validation();
    const bp_trainer_options options = options_of(&rule);
    pair both = make_pair(example_network(1), &options);
    test_source source = {0}, faulty = {.fault = wanted->fault,
                                        .fault_case = wanted->fault_case,
                                        .fault_pass = wanted->fault_pass};
    bp_stream *stream = test_stream(&source, &data), *validations = test_stream(&faulty, &others);
    bp_result result = empty_result();
    assert_fails(bp_trainer_run_stream(both.trainer, stream, validations, &result), wanted->status,
                 wanted->message);
    bp_network *before = after_updates(wanted->updates);
    assert_same_weights(both.net, before);
    bp_network_destroy(before);
    bp_stream_destroy(stream);
    bp_stream_destroy(validations);
    end_pair(&both);
}

/* Pass 1 sees whether they fit, pass 2 counts and checks them, pass n + 2 is that after epoch n. */
static void test_validation_cases(void **state)
{
    (void)state;
    const expectation all[] = {
        {DELIVERS_NAN, 6, 2, BP_ERROR_NOT_FINITE, "validation.inputs: case 6, column 0 is nan", 0},
        {FAILS_TO_READ, 1, 1, BP_ERROR_FILE, "validation: the stream's read returned", 0},
        {FAILS_TO_READ, 1, 4, BP_ERROR_FILE, "validation: the stream's read returned", 14},
        {CHANGES, 3, 3, BP_ERROR_STATE, "validation: cases 0 to 6 are not those", 7},
        {ENDS_EARLY, 3, 5, BP_ERROR_STATE, "validation: the stream ended after 3 cases", 21},
    };
    for (size_t i = 0; i < COUNT(all); i++)
        expect_of_validation(&all[i]);
}

/* ------------------------------------------------------------------------- the number of cases */

/* A source that says how many cases it has. */
static void test_the_number_that_was_promised(void **state)
{
    (void)state;
    const bp_data data = example_training();
    const bp_stop_rule rule = bp_stop_epochs(1);
    for (size_t more = 0; more < 2; more++)
        for (size_t window = 4; window <= 20; window += 16) {
            bp_trainer_options options = options_with(&rule, 1);
            options.batch_size = 2;
            options.stream_window = window;
            pair both = make_pair(example_network(1), &options);
            test_source source = {.promised = EXAMPLE_CASES - 1 + 2 * more};
            bp_stream *stream = test_stream(&source, &data);
            assert_int_equal(bp_stream_cases(stream), source.promised);
            assert_fails(bp_trainer_run_stream(both.trainer, stream, NULL, NULL), BP_ERROR_STATE,
                         more ? "ended after 13 cases, but it has 14 by source.cases"
                              : "goes on after case 11, its last by source.cases");
            bp_stream_destroy(stream);
            end_pair(&both);
        }
}

/* Cross-entropy, whose targets are checked once they are scaled: before training, with the place. */
static void test_targets_that_do_not_suit_the_loss(void **state)
{
    (void)state;
    const size_t units[] = {1, 2};
    bp_network *net = NULL;
    bp_real inputs[40], targets[80];
    for (size_t i = 0; i < 40; i++) {
        inputs[i] = (bp_real)i;
        targets[2 * i] = i == 33 ? 2 : 1;
        targets[2 * i + 1] = 0;
    }
    const bp_data data = bp_data_view(40, inputs, 1, targets, 2);
    assert_ok(bp_network_create_layered(&net, units, 2, bp_activation_tanh(), bp_activation_softmax()));
    assert_ok(bp_network_initialize(net, 1));
    bp_trainer_options options;
    bp_trainer_options_init(&options, sizeof options);
    options.stream_window = 10;
    for (int scales = 0; scales < 2; scales++) {
        options.scale_data = scales;
        bp_trainer *trainer = make_trainer(net, &options);
        test_source source = {0};
        bp_stream *stream = test_stream(&source, &data);
        bp_result result = empty_result();
        assert_fails(bp_trainer_run_stream(trainer, stream, NULL, &result), BP_ERROR_ARGUMENT,
                     "training.targets: case 33, column 0 is 2 after scaling");
        assert_int_equal(result.updates, 0);
        bp_real offset, factor;
        assert_ok(bp_network_get_input_scaling(net, &offset, &factor, 1)); /* it is taken back */
        assert_true(offset == 0 && factor == 1);
        bp_stream_destroy(stream);
        bp_trainer_destroy(trainer);
    }
    bp_network_destroy(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_first_pass),
        cmocka_unit_test(test_epochs),
        cmocka_unit_test(test_the_last_pass),
        cmocka_unit_test(test_nan_of_cases_that_vary),
        cmocka_unit_test(test_training_goes_on),
        cmocka_unit_test(test_validation_cases),
        cmocka_unit_test(test_the_number_that_was_promised),
        cmocka_unit_test(test_targets_that_do_not_suit_the_loss),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
