/* The search for the learning rate: its result, and that it leaves no trace. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "train/wave_example.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* ------------------------------------------------------------------------- the result */

/* As large as is told: the middle one of batch sizes makes 2 epochs of 150 updates. */
static void test_the_result(void **state)
{
    (void)state;
    enum { CASES = 300 };
    bp_real inputs[CASES * 2], targets[CASES];
    uint64_t stream = 6;
    for (size_t i = 0; i < CASES; i++) {
        inputs[2 * i] = (bp_real)test_uniform(&stream, -1, 1);
        inputs[2 * i + 1] = (bp_real)test_uniform(&stream, -1, 1);
        targets[i] = inputs[2 * i] * inputs[2 * i + 1];
    }
    const size_t units[] = {2, 6, 1}, batches[] = {0, 2, 1, BP_BATCH_AUTO};
    bp_data data = bp_data_view(CASES, inputs, 2, targets, 1);
    for (size_t i = 0; i < COUNT(batches); i++) {
        bp_network *net = NULL;
        bp_trainer_options options;
        bp_trainer_options_init(&options, sizeof options);
        options.batch_size = batches[i];
        assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_linear()));
        assert_ok(bp_network_initialize(net, 1));
        bp_trainer *trainer = make_trainer(net, &options);
        bp_rate_search search = search_of(trainer, &data);
        assert_sound(&search, CASES, batches[i] == 0 ? CASES : batches[i] == BP_BATCH_AUTO ? 30 : batches[i]);
        bp_trainer_destroy(trainer);
        bp_network_destroy(net);
    }
}

/* The start error is E of the weights as they are, in scaled units. */
static void test_the_start_error(void **state)
{
    (void)state;
    bp_stop_rule rule;
    bp_trainer_options options = raw_options(&rule, 1);
    pair both = make_pair(raw_network(bp_activation_linear()), &options);
    bp_data data = raw_training();
    bp_rate_search search = search_of(both.trainer, &data);
    assert_ok(bp_network_fit_scaling(both.net, &data, bp_scaling_automatic(), bp_scaling_automatic()));
    assert_close(search.start_error, error_of(both.net, &data) / RAW_CASES, 1e-6);
    end_pair(&both);
}

/* A rate of the caller's, and the decay that would belong to it, have no part in the search. */
static void test_a_given_rate_changes_nothing(void **state)
{
    (void)state;
    const double rates[] = {BP_RATE_AUTO, 1e-6, 100};
    const bp_data data = wave_training();
    bp_rate_search wanted = empty_search();
    for (size_t i = 0; i < COUNT(rates); i++) {
        bp_stop_rule rule;
        bp_trainer_options options = wave_options(&rule, rates[i], 10);
        pair both = make_pair(wave_network(1), &options);
        const bp_rate_search search = search_of(both.trainer, &data);
        if (i == 0)
            wanted = search;
        assert_true(search.learning_rate == wanted.learning_rate && search.limit == wanted.limit);
        assert_int_equal(search.point_count, wanted.point_count);
        end_pair(&both);
    }
}

/* The decay that the library would choose has no part in it either, whichever factors weights have on it. */
static void test_decays_of_parts_change_nothing(void **state)
{
    (void)state;
    const double factors[] = {1, 0, 3};
    const bp_data data = wave_training();
    bp_rate_search wanted = empty_search();
    for (size_t i = 0; i < COUNT(factors); i++) {
        bp_stop_rule rule;
        bp_trainer_options options = wave_options(&rule, BP_RATE_AUTO, 10);
        options.weight_decay = BP_DECAY_AUTO;
        pair both = make_pair(wave_network(1), &options);
        bp_connection *first = bp_network_connection(both.net, 0);
        assert_ok(bp_connection_set_rate_factor(first, 0.5));
        assert_ok(bp_connection_set_decay_factor(first, factors[i]));
        assert_ok(bp_trainer_run(both.trainer, &data, NULL, NULL)); /* which chooses a decay */
        assert_ok(bp_network_initialize(both.net, 1));
        const bp_rate_search search = search_of(both.trainer, &data);
        if (i == 0)
            wanted = search;
        assert_int_equal(search.point_count, wanted.point_count);
        for (size_t k = 0; k < search.point_count; k++)
            assert_true(search.points[k].error == wanted.points[k].error);
        end_pair(&both);
    }
}

static int assert_one_each(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)context;
    (void)trainer;
    assert_int_equal(progress->evaluations, progress->updates);
    return 0;
}

/* Gradients of the search are no part of training. */
static void test_evaluations_are_not_counted(void **state)
{
    (void)state;
    const bp_data data = wave_training();
    bp_stop_rule rule;
    bp_trainer_options options = wave_options(&rule, BP_RATE_AUTO, 3);
    options.on_epoch = assert_one_each;
    pair both = make_pair(wave_network(1), &options);
    bp_result result = empty_result();
    search_of(both.trainer, &data);
    assert_ok(bp_trainer_run(both.trainer, &data, NULL, &result));
    assert_int_equal(result.updates, 3 * WAVE_CASES / WAVE_BATCH);
    assert_int_equal(result.evaluations, result.updates);
    end_pair(&both);
}

/* A sum over n cases is n times as large as their mean, so that the rate is n times smaller. */
static void test_rates_of_sums(void **state)
{
    (void)state;
    const size_t batches[] = {0, 20, 8};
    for (size_t i = 0; i < COUNT(batches); i++) {
        double rates[2];
        for (int is_mean = 0; is_mean < 2; is_mean++) {
            bp_stop_rule rule;
            bp_trainer_options options = raw_options(&rule, 1);
            options.batch_size = batches[i];
            options.reduction = is_mean ? BP_REDUCE_MEAN : BP_REDUCE_SUM;
            pair both = make_pair(raw_network(bp_activation_linear()), &options);
            bp_data data = raw_training();
            rates[is_mean] = search_of(both.trainer, &data).learning_rate;
            end_pair(&both);
        }
        assert_close(rates[0] * (double)(batches[i] == 0 ? RAW_CASES : batches[i]), rates[1], 1e-2);
    }
}

/* The first run uses the rate that a search finds, and says so. */
static void test_the_first_run_searches(void **state)
{
    (void)state;
    bp_stop_rule rule;
    bp_trainer_options options = raw_options(&rule, 2);
    pair asked = make_pair(raw_network(bp_activation_linear()), &options);
    pair both = make_pair(raw_network(bp_activation_linear()), &options);
    bp_data data = raw_training();
    bp_finding found;
    bp_rate_search search = search_of(asked.trainer, &data);
    assert_true(bp_trainer_learning_rate(asked.trainer) == 0);
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_true(bp_trainer_learning_rate(both.trainer) == search.learning_rate);
    assert_true(find_finding(both.trainer, BP_FINDING_LEARNING_RATE, &found));
    assert_true(found.values[0] == search.learning_rate && found.values[1] == search.limit);
    assert_true(found.values[3] == (double)search.updates);
    assert_ok(bp_trainer_set_learning_rate(asked.trainer, search.learning_rate));
    train_until(asked.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_same_weights(asked.net, both.net);
    end_pair(&asked);
    end_pair(&both);
}

/* Neither a rate nor a schedule of the caller's is replaced. */
static void test_when_no_search_is_needed(void **state)
{
    (void)state;
    for (int has_schedule = 0; has_schedule < 2; has_schedule++) {
        bp_stop_rule rule;
        bp_trainer_options options = raw_options(&rule, 1);
        if (has_schedule)
            options.learning_rate_schedule = bp_schedule_constant(0.01);
        else
            options.optimizer = bp_optimizer_momentum(0.01, 0.9);
        pair both = make_pair(raw_network(bp_activation_linear()), &options);
        bp_data data = raw_training();
        bp_finding found;
        train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
        assert_false(find_finding(both.trainer, BP_FINDING_LEARNING_RATE, &found));
        assert_true(bp_trainer_learning_rate(both.trainer) == 0.01);
        end_pair(&both);
    }
}

/* ----------------------------------------------------------------- the end of the run */

/* A run that ended during its search has changed nothing. The next one searches again. */
static void assert_ended_in_search(pair *both, const bp_result *result, size_t rule)
{
    bp_network *before = raw_network(bp_activation_linear());
    bp_finding found;
    assert_int_equal(result->rule, rule);
    assert_int_equal(result->updates, 0);
    assert_same_weights(both->net, before);
    assert_true(bp_trainer_learning_rate(both->trainer) == 0);
    assert_false(find_finding(both->trainer, BP_FINDING_LEARNING_RATE, &found));
    bp_network_destroy(before);
}

static void test_a_request_ends_the_search(void **state)
{
    (void)state;
    const size_t batches[] = {0, 8, 1};
    for (size_t i = 0; i < COUNT(batches); i++) {
        bp_stop_rule rule;
        bp_trainer_options options = raw_options(&rule, 2);
        options.batch_size = batches[i];
        pair both = make_pair(raw_network(bp_activation_linear()), &options);
        bp_data data = raw_training();
        bp_trainer_request_stop(both.trainer);
        search_of(both.trainer, &data); /* no run, so that the request is kept */
        bp_result result = train_until(both.trainer, &data, NULL, BP_STOP_REQUESTED);
        assert_ended_in_search(&both, &result, 1);
        train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
        assert_true(bp_trainer_learning_rate(both.trainer) > 0);
        end_pair(&both);
    }
}

static void test_a_time_rule_ends_the_search(void **state)
{
    (void)state;
    const size_t batches[] = {0, 8, 1};
    for (size_t i = 0; i < COUNT(batches); i++) {
        const bp_stop_rule rules[] = {bp_stop_epochs(2), bp_stop_updates(1), bp_stop_seconds(1e-9)};
        bp_trainer_options options;
        bp_trainer_options_init(&options, sizeof options);
        options.stop_rules = rules;
        options.stop_rule_count = COUNT(rules);
        options.batch_size = batches[i];
        pair both = make_pair(raw_network(bp_activation_linear()), &options);
        bp_data data = raw_training();
        bp_result result = train_until(both.trainer, &data, NULL, BP_STOP_SECONDS);
        assert_ended_in_search(&both, &result, 2);
        end_pair(&both);
    }
}

/* ------------------------------------------------------------------------- arguments */

static int search_inside(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)context, (void)progress;
    bp_data data = raw_training();
    bp_rate_search search = empty_search();
    assert_fails(bp_trainer_find_learning_rate(trainer, &data, &search), BP_ERROR_STATE, "in progress");
    return 0;
}

/* Single cases that are unlike the rest may raise E by chance, at the lowest rate too. That does not make the
 * rate useless; it is then far from 0. */
static void test_the_chance_of_single_cases(void **state)
{
    (void)state;
    const bp_data data = wave_training();
    for (uint64_t seed = 1; seed <= 20; seed++) {
        bp_stop_rule rule;
        bp_finding found;
        bp_trainer_options options = wave_options(&rule, BP_RATE_AUTO, 1);
        options.batch_size = 1;
        options.seed = seed;
        pair both = make_pair(wave_network(2), &options);
        train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
        assert_true(bp_trainer_learning_rate(both.trainer) > 5e-4);
        assert_true(find_finding(both.trainer, BP_FINDING_LEARNING_RATE, &found));
        end_pair(&both);
    }
}

static void test_refusals(void **state)
{
    (void)state;
    bp_stop_rule rule;
    bp_trainer_options options = raw_options(&rule, 1);
    options.on_epoch = search_inside;
    pair both = make_pair(raw_network(bp_activation_linear()), &options);
    bp_data data = raw_training(), wrong = raw_training();
    bp_rate_search search = empty_search();
    assert_fails(bp_trainer_find_learning_rate(NULL, &data, &search), BP_ERROR_ARGUMENT, "trainer is NULL");
    assert_fails(bp_trainer_find_learning_rate(both.trainer, NULL, &search), BP_ERROR_ARGUMENT, "training");
    assert_fails(bp_trainer_find_learning_rate(both.trainer, &data, NULL), BP_ERROR_ARGUMENT, "search");
    wrong.input_width = 2;
    assert_fails(bp_trainer_find_learning_rate(both.trainer, &wrong, &search), BP_ERROR_SIZE,
                 "bp_trainer_find_learning_rate: training");
    search.size = 8;
    assert_fails(bp_trainer_find_learning_rate(both.trainer, &data, &search), BP_ERROR_VERSION,
                 "bp_rate_search.size");
    assert_true(is_unscaled(both.net));
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    end_pair(&both);
}

static bp_status attempt(void *context, const bp_allocator *allocator)
{
    (void)context;
    bp_stop_rule rule;
    bp_trainer_options options = raw_options(&rule, 1);
    options.batch_size = 8;
    bp_network *net = NULL, *before = NULL;
    bp_trainer *trainer = NULL;
    bp_status status = raw_network_create(&net, allocator, bp_activation_linear());
    if (status != BP_OK)
        return status;
    before = raw_network(bp_activation_linear());
    status = bp_trainer_create(&trainer, net, &options);
    if (status == BP_OK) {
        bp_data data = raw_training();
        bp_rate_search search = empty_search();
        status = bp_trainer_find_learning_rate(trainer, &data, &search);
        assert_true(status == BP_OK || search.updates == 0);
        if (status != BP_OK)
            assert_non_null(strstr(bp_error_message(), "bp_trainer_find_learning_rate: "));
    }
    assert_same_weights(net, before);
    assert_true(is_unscaled(net));
    bp_trainer_destroy(trainer);
    bp_network_destroy(before);
    bp_network_destroy(net);
    return status;
}

static void test_each_allocation_fails_in_turn(void **state)
{
    (void)state;
    test_each_allocation_fails(attempt, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_result),
        cmocka_unit_test(test_the_start_error),
        cmocka_unit_test(test_a_given_rate_changes_nothing),
        cmocka_unit_test(test_decays_of_parts_change_nothing),
        cmocka_unit_test(test_evaluations_are_not_counted),
        cmocka_unit_test(test_rates_of_sums),
        cmocka_unit_test(test_the_first_run_searches),
        cmocka_unit_test(test_when_no_search_is_needed),
        cmocka_unit_test(test_a_request_ends_the_search),
        cmocka_unit_test(test_a_time_rule_ends_the_search),
        cmocka_unit_test(test_the_chance_of_single_cases),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_each_allocation_fails_in_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
