/* Training on streams that fit into a window: all is as with the same cases in memory, bit by bit. */
#include <math.h>
#include <string.h>

#include "train/raw_example.h"
#include "train/stream_example.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* ------------------------------------------------------------------------- what is compared */

/* Two networks with trainers of the same options, one for data in memory, one for streams. */
typedef struct twins {
    pair memory, stream;
} twins;

static twins make_twins(bp_network *(*network)(void), const bp_trainer_options *options)
{
    return (twins){make_pair(network(), options), make_pair(network(), options)};
}

static void end_twins(twins *both)
{
    end_pair(&both->memory);
    end_pair(&both->stream);
}

static void assert_same_double(double a, double b)
{
    assert_memory_equal(&a, &b, sizeof a);
}

static void assert_same_results(const bp_result *a, const bp_result *b)
{
    assert_int_equal(a->reason, b->reason);
    assert_int_equal(a->rule, b->rule);
    assert_int_equal(a->epochs, b->epochs);
    assert_int_equal(a->updates, b->updates);
    assert_int_equal(a->best_epoch, b->best_epoch);
    assert_same_double(a->error, b->error);
    assert_same_double(a->mean_error, b->mean_error);
    if (!isnan(a->validation_error) || !isnan(b->validation_error))
        assert_same_double(a->validation_error, b->validation_error);
}

static void assert_same_findings(const bp_trainer *a, const bp_trainer *b)
{
    assert_int_equal(bp_trainer_finding_count(a), bp_trainer_finding_count(b));
    for (size_t i = 0; i < bp_trainer_finding_count(a); i++) {
        bp_finding x, y;
        bp_finding_init(&x, sizeof x);
        bp_finding_init(&y, sizeof y);
        assert_ok(bp_trainer_finding(a, i, &x));
        assert_ok(bp_trainer_finding(b, i, &y));
        assert_int_equal(x.kind, y.kind);
        assert_int_equal(x.count, y.count);
        assert_memory_equal(x.values, y.values, sizeof x.values);
    }
}

static bp_status run_stream(bp_trainer *trainer, const bp_data *training, const bp_data *validation,
                            size_t at_most, bp_result *result)
{
    test_source first = {.at_most = at_most}, second = {.at_most = at_most};
    bp_stream *stream = test_stream(&first, training);
    bp_stream *validations = validation == NULL ? NULL : test_stream(&second, validation);
    bp_status status = bp_trainer_run_stream(trainer, stream, validations, result);
    assert_int_equal(first.pass, 1); /* once is enough */
    bp_stream_destroy(stream);
    bp_stream_destroy(validations);
    assert_int_equal(first.releases, 1);
    return status;
}

/* Several runs after each other. */
static void compare_runs(twins *both, const bp_data *training, const bp_data *validation, size_t runs,
                         size_t at_most)
{
    for (size_t run = 0; run < runs; run++) {
        bp_result in_memory = empty_result(), streamed = empty_result();
        assert_ok(bp_trainer_run(both->memory.trainer, training, validation, &in_memory));
        assert_ok(run_stream(both->stream.trainer, training, validation, at_most, &streamed));
        assert_same_results(&in_memory, &streamed);
        assert_same_weights(both->memory.net, both->stream.net);
        assert_same_findings(both->memory.trainer, both->stream.trainer);
        assert_true(same_scaling(both->memory.net, both->stream.net));
    }
}

/* --------------------------------------------------------------------------------- the tests */

static bp_network *linear_network(void)
{
    return raw_network(bp_activation_linear());
}

static bp_network *six(void)
{
    return example_network(6);
}

static void test_untouched_options(void **state)
{
    (void)state;
    bp_data training = raw_training(), validation = raw_validation();
    for (int with_validation = 0; with_validation < 2; with_validation++) {
        bp_stop_rule rule;
        bp_trainer_options options = raw_options(&rule, 30);
        twins both = make_twins(linear_network, &options);
        compare_runs(&both, &training, with_validation ? &validation : NULL, 2, 7);
        end_twins(&both);
    }
}

static void test_chosen_rules(void **state)
{
    (void)state;
    bp_data training = raw_training(), validation = raw_validation();
    twins both = make_twins(linear_network, NULL);
    compare_runs(&both, &training, &validation, 1, 0);
    end_twins(&both);
}

static void test_batches_and_order(void **state)
{
    (void)state;
    const size_t sizes[] = {0, 1, 4, 5, EXAMPLE_CASES, SIZE_MAX};
    const size_t windows[] = {0, EXAMPLE_CASES, SIZE_MAX, EXAMPLE_CASES + 1, SIZE_MAX / 2, 1000};
    bp_data training = example_training(), validation = example_validation();
    for (size_t i = 0; i < COUNT(sizes); i++)
        for (int shuffle = 0; shuffle < 2; shuffle++) {
            const bp_stop_rule rule = bp_stop_epochs(3);
            bp_trainer_options options = options_with(&rule, 1);
            options.batch_size = sizes[i];
            options.shuffle = shuffle;
            options.reduction = BP_REDUCE_MEAN;
            options.stream_window = windows[i % COUNT(windows)];
            options.keep_best = (int)i % 2;
            options.threads = 1 + i % 2;
            twins both = make_twins(six, &options);
            compare_runs(&both, &training, shuffle ? &validation : NULL, 2, i);
            end_twins(&both);
        }
}

/* A run ends within an epoch, and the next goes on there. */
static void test_runs_that_go_on_within_an_epoch(void **state)
{
    (void)state;
    const bp_stop_rule rule = bp_stop_updates(5);
    bp_data training = example_training();
    bp_trainer_options options = options_with(&rule, 1);
    options.batch_size = 2;
    twins both = make_twins(six, &options);
    compare_runs(&both, &training, NULL, 5, 3);
    end_twins(&both);
}

static void test_case_weights(void **state)
{
    (void)state;
    bp_real weights[EXAMPLE_CASES];
    bp_data training = example_training();
    for (size_t i = 0; i < EXAMPLE_CASES; i++)
        weights[i] = (bp_real)0.25 * (bp_real)(i % 5);
    training.case_weights = weights;
    const bp_stop_rule rule = bp_stop_epochs(4);
    bp_trainer_options options = options_with(&rule, 1);
    options.batch_size = 3;
    twins both = make_twins(six, &options);
    compare_runs(&both, &training, NULL, 1, 4);
    end_twins(&both);
}

/* The same stream in both places, of data in memory. */
static void test_one_stream_for_both(void **state)
{
    (void)state;
    const bp_stop_rule rule = bp_stop_epochs(4);
    bp_data training = example_training();
    bp_trainer_options options = options_with(&rule, 1);
    options.batch_size = 3;
    twins both = make_twins(six, &options);
    bp_result in_memory = empty_result(), streamed = empty_result();
    bp_stream *stream = NULL;
    assert_ok(bp_stream_create_from_data(&stream, &training, NULL));
    assert_int_equal(bp_stream_cases(stream), EXAMPLE_CASES);
    assert_ok(bp_trainer_run(both.memory.trainer, &training, &training, &in_memory));
    assert_ok(bp_trainer_run_stream(both.stream.trainer, stream, stream, &streamed));
    assert_same_results(&in_memory, &streamed);
    assert_same_weights(both.memory.net, both.stream.net);
    bp_stream_destroy(stream);
    end_twins(&both);
}

/* ------------------------------------------------------------------------------- arguments */

static void test_arguments(void **state)
{
    (void)state;
    const bp_stop_rule rule = bp_stop_epochs(1);
    bp_trainer_options options = options_with(&rule, 1);
    pair both = make_pair(six(), &options);
    test_source source = {0}, narrow_source = {0}, blind_source = {0};
    bp_data data = example_training(), narrow = data, blind = data;
    narrow.input_width = 2;
    blind.targets = NULL;
    bp_stream *stream = test_stream(&source, &data), *thin = test_stream(&narrow_source, &narrow);
    bp_stream *untold = test_stream(&blind_source, &blind);
    bp_result result = {0};
    assert_fails(bp_trainer_run_stream(NULL, stream, NULL, NULL), BP_ERROR_ARGUMENT, "trainer is NULL");
    assert_fails(bp_trainer_run_stream(both.trainer, NULL, NULL, NULL), BP_ERROR_ARGUMENT,
                 "training is NULL");
    assert_fails(bp_trainer_run_stream(both.trainer, stream, NULL, &result), BP_ERROR_ARGUMENT,
                 "bp_trainer_run_stream: bp_result.size is 0");
    assert_fails(bp_trainer_run_stream(both.trainer, thin, NULL, NULL), BP_ERROR_SIZE,
                 "bp_trainer_run_stream: training has 2 inputs per case, but the network has 3");
    assert_fails(bp_trainer_run_stream(both.trainer, stream, thin, NULL), BP_ERROR_SIZE,
                 "validation has 2 inputs");
    assert_fails(bp_trainer_run_stream(both.trainer, untold, NULL, NULL), BP_ERROR_ARGUMENT,
                 "training has no targets");
    assert_int_equal(source.pass, 1); /* only where the validation was at fault */
    bp_stream_destroy(stream);
    bp_stream_destroy(thin);
    bp_stream_destroy(untold);
    end_pair(&both);
}

/* ---------------------------------------------------------------------------------- memory */

static bp_status train(void *context, const bp_allocator *allocator)
{
    const size_t *window = context;
    bp_data data = raw_training(), validation = raw_validation();
    test_source first = {0}, second = {0};
    bp_stop_rule rule;
    bp_trainer_options options = raw_options(&rule, 2);
    options.stream_window = *window;
    bp_network *net = NULL;
    bp_trainer *trainer = NULL;
    bp_stream *stream = NULL, *validations = NULL;
    bp_status status = raw_network_create(&net, allocator, bp_activation_linear());
    if (status == BP_OK)
        status = bp_trainer_create(&trainer, net, &options);
    if (status == BP_OK)
        status = test_stream_create(&stream, &first, &data, allocator);
    if (status == BP_OK)
        status = test_stream_create(&validations, &second, &validation, allocator);
    if (status == BP_OK)
        status = bp_trainer_run_stream(trainer, stream, validations, NULL);
    bp_stream_destroy(stream);
    bp_stream_destroy(validations);
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
    return status;
}

static void test_each_allocation(void **state)
{
    (void)state;
    size_t windows[] = {0, 8};
    for (size_t i = 0; i < COUNT(windows); i++)
        test_each_allocation_fails(train, &windows[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_untouched_options), cmocka_unit_test(test_chosen_rules),
        cmocka_unit_test(test_batches_and_order), cmocka_unit_test(test_runs_that_go_on_within_an_epoch),
        cmocka_unit_test(test_case_weights),      cmocka_unit_test(test_one_stream_for_both),
        cmocka_unit_test(test_arguments),         cmocka_unit_test(test_each_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
