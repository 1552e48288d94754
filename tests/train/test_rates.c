/* Rates of a trainer: right for every update, going on from run to run, found by a search, cleared by a
 * reset. */
#include "train/train_example.h"

#include <math.h>
#include <string.h>

#include "train/rates.h"
#include "train/types.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* ------------------------------------------------------------------- update by update */

static const size_t batch_sizes[] = {0, 1, 4, 13};

static bp_trainer_options options_by_update(const bp_stop_rule *rule, size_t batch_size)
{
    bp_trainer_options options = options_with(rule, 1);
    options.batch_size = batch_size;
    options.reduction = BP_REDUCE_MEAN;
    options.learning_rate_schedule =
        bp_schedule_by_update(bp_schedule_with_warm_up(bp_schedule_exponential(0.5, 0.97, 0.1), 9));
    options.momentum_schedule = bp_schedule_by_update(bp_schedule_switch(0.5, 20, 0.9));
    return options;
}

/* Of update t, by plain loops. */
static double wanted_rate(uint64_t t)
{
    double rate = 0.5;
    if (t < 9)
        return rate * (double)(t + 1) / 10;
    for (uint64_t i = 9; i < t; i++)
        rate *= 0.97;
    return fmax(rate, 0.1);
}

static double wanted_momentum(uint64_t t)
{
    return t < 20 ? 0.5 : 0.9;
}

static bp_status compare_rates(void *context, const bp_gradient_batch *seen, bp_gradient_reply *reply)
{
    bp_trainer **trainer = context;
    (void)reply;
    if (seen->reason == BP_STOP_NONE) {
        assert_close(bp_trainer_learning_rate(*trainer), wanted_rate(seen->update - 1), 1e-13);
        assert_true(bp_trainer_momentum(*trainer) == wanted_momentum(seen->update - 1));
    }
    return BP_OK;
}

/* The hook sees the rates; without it, other paths give the same bits. */
static void test_each_update_has_its_own_rates(void **state)
{
    (void)state;
    bp_data data = example_training();
    bp_stop_rule rule = bp_stop_updates(101);
    for (size_t i = 0; i < COUNT(batch_sizes); i++) {
        bp_trainer_options options = options_by_update(&rule, batch_sizes[i]);
        pair alone = make_pair(example_network(7), &options);
        bp_trainer *hooked = NULL;
        options.on_gradient = compare_rates;
        options.on_gradient_context = &hooked;
        pair watched = make_pair(example_network(7), &options);
        hooked = watched.trainer;
        train_until(alone.trainer, &data, NULL, BP_STOP_UPDATES);
        train_until(watched.trainer, &data, NULL, BP_STOP_UPDATES);
        if (batch_sizes[i] == 1)
            assert_same_weights(alone.net, watched.net);
        assert_close(bp_trainer_learning_rate(alone.trainer), wanted_rate(101), 1e-13);
        assert_true(bp_trainer_momentum(alone.trainer) == 0.9);
        end_pair(&alone);
        end_pair(&watched);
    }
}

/* Against eq. 9 in plain double loops. */
static void test_the_weights_follow(void **state)
{
    (void)state;
    bp_data data = example_training();
    for (size_t i = 0; i < COUNT(batch_sizes); i++) {
        bp_stop_rule rule = bp_stop_epochs(4);
        bp_trainer_options options = options_by_update(&rule, batch_sizes[i]);
        options.shuffle = 0;
        bp_network *net = example_network(7);
        follower wanted;
        follower_start(&wanted, net);
        pair both = make_pair(net, &options);
        train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
        size_t order[EXAMPLE_CASES], size = batch_sizes[i] == 0 ? EXAMPLE_CASES : batch_sizes[i];
        for (size_t j = 0; j < EXAMPLE_CASES; j++)
            order[j] = j;
        uint64_t t = 0;
        for (int epoch = 0; epoch < 4; epoch++)
            for (size_t done = 0, count; done < EXAMPLE_CASES; done += count, t++) {
                count = EXAMPLE_CASES - done < size ? EXAMPLE_CASES - done : size;
                follower_update(&wanted, &data, order + done, count, true, wanted_rate(t), wanted_momentum(t),
                                0);
            }
        for (size_t j = 0; j < EXAMPLE_WEIGHTS; j++)
            assert_true(fabs((double)bp_network_weights(net, NULL)[j] - wanted.weights[j]) <
                        TOLERANCE(1e-5, 1e-13));
        follower_end(&wanted);
        end_pair(&both);
    }
}

/* A rate of 1 / (1 + t) makes the weight the mean of the targets so far: Robbins & Monro (1951). */
static void test_an_inverse_rate_averages_the_cases(void **state)
{
    (void)state;
    bp_data data = numbered_data();
    for (uint64_t updates = 1; updates <= NUMBERED_CASES; updates++) {
        bp_stop_rule rule = bp_stop_updates(updates);
        bp_trainer_options options = options_with(&rule, 1);
        options.batch_size = 1;
        options.shuffle = 0;
        options.optimizer = bp_optimizer_gradient_descent(1);
        options.learning_rate_schedule = bp_schedule_by_update(bp_schedule_inverse(1, 1));
        pair both = make_pair(numbered_network(), &options);
        train_until(both.trainer, &data, NULL, BP_STOP_UPDATES);
        assert_close(bp_network_weights(both.net, NULL)[0], -(double)(updates - 1) / 2,
                     TOLERANCE(1e-6, 1e-14));
        end_pair(&both);
    }
}

static int compare_reported(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)context;
    assert_close(progress->learning_rate, wanted_rate(progress->updates - 1), 1e-13);
    assert_true(progress->momentum == wanted_momentum(progress->updates - 1));
    assert_close(bp_trainer_learning_rate(trainer), wanted_rate(progress->updates), 1e-13);
    return 0;
}

static void test_the_last_rate_of_an_epoch_is_reported(void **state)
{
    (void)state;
    bp_data data = example_training();
    bp_stop_rule rule = bp_stop_epochs(9);
    for (size_t i = 0; i < COUNT(batch_sizes); i++) {
        bp_trainer_options options = options_by_update(&rule, batch_sizes[i]);
        options.on_epoch = compare_reported;
        pair both = make_pair(example_network(7), &options);
        train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
        end_pair(&both);
    }
}

/* After divergence, too, the rate is that of the next update. */
static void test_the_rate_after_a_failure(void **state)
{
    (void)state;
    bp_data data = numbered_data();
    bp_stop_rule rule = bp_stop_epochs(100);
    bp_trainer_options options = options_with(&rule, 1);
    options.batch_size = 1;
    options.optimizer = bp_optimizer_gradient_descent(1);
    options.learning_rate_schedule = bp_schedule_by_update(bp_schedule_inverse(1e30, 1));
    pair both = make_pair(numbered_network(), &options);
    bp_result result = empty_result();
    assert_fails(bp_trainer_run(both.trainer, &data, NULL, &result), BP_DIVERGED, "bp_trainer_run: ");
    assert_true(result.updates > 0);
    assert_close(bp_trainer_learning_rate(both.trainer), 1e30 / (1 + (double)result.updates), 1e-14);
    end_pair(&both);
}

/* ------------------------------------------------------------ each kind, from run to run */

static bp_schedule schedule_of(size_t number)
{
    const bp_schedule schedules[] = {
        bp_schedule_step(0.4, 0.5, 6),
        bp_schedule_inverse(0.4, 0.1),
        bp_schedule_cosine(0.4, 0.01, 15),
        bp_schedule_one_cycle(0.4, 18),
        bp_schedule_with_warm_up(bp_schedule_exponential(0.4, 0.9, 0.01), 5),
        bp_schedule_by_update(bp_schedule_cosine(0.4, 0.01, 33)),
        bp_schedule_reduce_on_plateau(3, 0.5, 1, 0.01),
        bp_schedule_bold_driver(2, 1.1, 0.5),
        bp_schedule_with_warm_up(bp_schedule_bold_driver(2, 1.1, 0.5), 3),
    };
    return number < COUNT(schedules) ? schedules[number] : bp_schedule_none();
}

enum { SCHEDULES = 9 };

static bp_trainer_options options_of(size_t number, const bp_stop_rule *rule, size_t batch_size)
{
    bp_trainer_options options = options_with(rule, 1);
    options.batch_size = batch_size;
    options.reduction = BP_REDUCE_MEAN;
    options.keep_best = 1;
    options.learning_rate_schedule = schedule_of(number);
    if (number < 5)
        options.momentum_schedule = schedule_of(number); /* any of these is one of the momentum, too */
    return options;
}

/* The network after runs that the rule ends; the last learning rate. */
static bp_network *train_in_runs(size_t number, size_t batch_size, bp_stop_rule rule, size_t runs,
                                 bool validates, double *rate)
{
    bp_trainer_options options = options_of(number, &rule, batch_size);
    pair both = make_pair(example_network(6), &options);
    bp_data data = example_training(), validation = example_validation();
    for (size_t i = 0; i < runs; i++)
        train_until(both.trainer, &data, validates ? &validation : NULL, (bp_stop_reason)rule.kind);
    *rate = bp_trainer_learning_rate(both.trainer);
    bp_trainer_destroy(both.trainer);
    return both.net;
}

static void assert_goes_on(size_t number, size_t batch_size, bool validates)
{
    double wanted_rate_after, rate;
    bp_network *wanted =
        train_in_runs(number, batch_size, bp_stop_epochs(20), 1, validates, &wanted_rate_after);
    for (size_t runs = 2; runs <= 20; runs *= 10) {
        bp_network *net =
            train_in_runs(number, batch_size, bp_stop_epochs(20 / runs), runs, validates, &rate);
        assert_same_weights(net, wanted);
        assert_true(rate == wanted_rate_after);
        bp_network_destroy(net);
    }
    bp_network_destroy(wanted);
    /* within epochs */
    wanted = train_in_runs(number, batch_size, bp_stop_updates(60), 1, validates, &wanted_rate_after);
    bp_network *net = train_in_runs(number, batch_size, bp_stop_updates(5), 12, validates, &rate);
    assert_same_weights(net, wanted);
    assert_true(rate == wanted_rate_after);
    bp_network_destroy(net);
    bp_network_destroy(wanted);
}

static void test_two_runs_are_one_long_run(void **state)
{
    (void)state;
    for (size_t number = 0; number < SCHEDULES; number++)
        for (size_t i = 0; i < COUNT(batch_sizes); i++) {
            assert_goes_on(number, batch_sizes[i], false);
            assert_goes_on(number, batch_sizes[i], true);
        }
}

static void test_a_reset_begins_anew(void **state)
{
    (void)state;
    bp_data data = example_training();
    for (size_t number = 0; number < SCHEDULES; number++) {
        bp_stop_rule rule = bp_stop_epochs(25);
        bp_trainer_options options = options_of(number, &rule, 4);
        pair both = make_pair(example_network(3), &options);
        bp_network *start = example_network(3), *after = NULL;
        double first = bp_trainer_learning_rate(both.trainer);
        train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
        double last = bp_trainer_learning_rate(both.trainer);
        assert_true(last != first);
        assert_ok(bp_network_copy(&after, both.net));
        assert_ok(bp_trainer_reset(both.trainer));
        assert_true(bp_trainer_learning_rate(both.trainer) == first);
        assert_ok(bp_network_copy_weights(both.net, start));
        train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
        assert_same_weights(both.net, after);
        assert_true(bp_trainer_learning_rate(both.trainer) == last);
        /* So does setting the schedule of an adaptive one, though the epochs go on. */
        assert_ok(bp_trainer_set_learning_rate_schedule(both.trainer, bp_schedule_bold_driver(0.3, 2, 0.5)));
        assert_true(bp_trainer_learning_rate(both.trainer) == 0.3);
        assert_ok(bp_trainer_set_learning_rate(both.trainer, 0.7));
        assert_true(bp_trainer_learning_rate(both.trainer) == 0.7);
        end_pair(&both);
        bp_network_destroy(start);
        bp_network_destroy(after);
    }
}

/* ------------------------------------------------------------- after the rate was lowered */

/* A rate that the caller sets is that rate, whatever recoveries did before. */
static void test_setting_the_rate_after_it_was_lowered(void **state)
{
    (void)state;
    bp_stop_rule rule = bp_stop_epochs(1);
    bp_trainer_options options = options_with(&rule, 1);
    pair both = make_pair(example_network(3), &options);
    both.trainer->rate_factor = 0.09;
    assert_ok(bp_trainer_set_momentum(both.trainer, 0.5));
    assert_close(bp_trainer_learning_rate(both.trainer), 0.009, 1e-14);
    assert_ok(bp_trainer_set_learning_rate(both.trainer, 0.1));
    assert_true(bp_trainer_learning_rate(both.trainer) == 0.1);
    both.trainer->rate_factor = 0.09;
    assert_ok(bp_trainer_set_learning_rate_schedule(both.trainer, bp_schedule_inverse(0.2, 1)));
    assert_true(bp_trainer_learning_rate(both.trainer) == 0.2);
    end_pair(&both);
}

/* The minimum of a schedule holds then, too. */
static void test_a_minimum_is_kept_when_the_rate_is_lowered(void **state)
{
    (void)state;
    const bp_schedule schedules[] = {bp_schedule_exponential(0.4, 0.5, 0.1), bp_schedule_cosine(0.4, 0.1, 9),
                                     bp_schedule_reduce_on_plateau(0.4, 0.5, 2, 0.1)};
    bp_stop_rule rule = bp_stop_epochs(1);
    bp_trainer_options options = options_with(&rule, 1);
    for (size_t i = 0; i < COUNT(schedules); i++) {
        options.learning_rate_schedule = schedules[i];
        pair both = make_pair(example_network(3), &options);
        both.trainer->rate_factor = 0.5;
        bpi_update_rates(both.trainer);
        assert_close(bp_trainer_learning_rate(both.trainer), 0.2, 1e-14);
        both.trainer->rate_factor = 0.01;
        bpi_update_rates(both.trainer);
        assert_true(bp_trainer_learning_rate(both.trainer) == 0.1);
        end_pair(&both);
    }
}

/* ------------------------------------------------------------------ a rate that is found */

static double found_rate(const bp_trainer *trainer)
{
    bp_finding finding;
    bp_finding_init(&finding, sizeof finding);
    for (size_t i = 0; i < bp_trainer_finding_count(trainer); i++) {
        assert_ok(bp_trainer_finding(trainer, i, &finding));
        if (finding.kind == BP_FINDING_LEARNING_RATE)
            return finding.values[0];
    }
    return 0;
}

/* Trains one epoch; the rate of the next relative to the rate found, or NAN if there was no search. */
static double relative_rate(bp_schedule schedule)
{
    bp_data data = example_training();
    bp_stop_rule rule = bp_stop_epochs(1);
    bp_trainer_options options = options_with(&rule, 1);
    options.reduction = BP_REDUCE_MEAN;
    options.optimizer = bp_optimizer_momentum(0.125, 0.5);
    options.learning_rate_schedule = schedule;
    pair both = make_pair(example_network(3), &options);
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    double found = found_rate(both.trainer);
    double relative = found == 0 ? NAN : bp_trainer_learning_rate(both.trainer) / found;
    end_pair(&both);
    return relative;
}

static void test_an_automatic_start_is_searched_for(void **state)
{
    (void)state;
    assert_close(relative_rate(bp_schedule_exponential(BP_RATE_AUTO, 0.5, 0)), 0.5, 1e-14);
    assert_close(relative_rate(bp_schedule_step(BP_RATE_AUTO, 0.25, 1)), 0.25, 1e-14);
    assert_close(relative_rate(bp_schedule_inverse(BP_RATE_AUTO, 4)), 0.2, 1e-14);
    assert_close(relative_rate(bp_schedule_cosine(BP_RATE_AUTO, 0, 2)), 0.5, 1e-14);
    assert_close(relative_rate(bp_schedule_one_cycle(BP_RATE_AUTO, 10)), 0.04 + 0.96 / 3, 1e-14);
    assert_close(relative_rate(bp_schedule_reduce_on_plateau(BP_RATE_AUTO, 0.5, 1, 0)), 1, 1e-14);
    assert_close(relative_rate(bp_schedule_bold_driver(BP_RATE_AUTO, 2, 0.5)), 1, 1e-14);
    assert_close(relative_rate(bp_schedule_with_warm_up(bp_schedule_inverse(BP_RATE_AUTO, 4), 3)), 0.5,
                 1e-14);
    assert_close(relative_rate(bp_schedule_by_update(bp_schedule_inverse(BP_RATE_AUTO, 4))), 0.2, 1e-14);
}

static void test_a_start_that_is_a_number_is_not_searched_for(void **state)
{
    (void)state;
    for (size_t number = 0; number < SCHEDULES; number++)
        assert_true(isnan(relative_rate(schedule_of(number))));
    assert_true(isnan(relative_rate(bp_schedule_with_warm_up(bp_schedule_none(), 3))));
}

static int set_automatic(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    bp_schedule automatic = bp_schedule_inverse(BP_RATE_AUTO, 1);
    (void)progress;
    bp_status *status = context;
    *status = bp_trainer_set_learning_rate_schedule(trainer, automatic);
    return 0;
}

/* A run cannot search in its middle, but one that has searched knows the rate. */
static void test_an_automatic_start_during_a_run(void **state)
{
    (void)state;
    bp_data data = example_training();
    bp_stop_rule rule = bp_stop_epochs(2);
    bp_status status = BP_OK;
    bp_trainer_options options = options_with(&rule, 1);
    options.on_epoch = set_automatic;
    options.on_epoch_context = &status;
    pair both = make_pair(example_network(3), &options);
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_int_equal(status, BP_ERROR_STATE);
    assert_non_null(strstr(bp_error_message(), "bp_trainer_set_learning_rate_schedule: the schedule begins"));
    assert_true(bp_trainer_learning_rate(both.trainer) == 0.1);
    end_pair(&both);
    options.optimizer = bp_optimizer_momentum(BP_RATE_AUTO, 0.9);
    both = make_pair(example_network(3), &options);
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_ok(status);
    assert_close(bp_trainer_learning_rate(both.trainer), found_rate(both.trainer) / 3, 1e-14);
    end_pair(&both);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_update_has_its_own_rates),
        cmocka_unit_test(test_the_weights_follow),
        cmocka_unit_test(test_an_inverse_rate_averages_the_cases),
        cmocka_unit_test(test_the_last_rate_of_an_epoch_is_reported),
        cmocka_unit_test(test_the_rate_after_a_failure),
        cmocka_unit_test(test_two_runs_are_one_long_run),
        cmocka_unit_test(test_a_reset_begins_anew),
        cmocka_unit_test(test_setting_the_rate_after_it_was_lowered),
        cmocka_unit_test(test_a_minimum_is_kept_when_the_rate_is_lowered),
        cmocka_unit_test(test_an_automatic_start_is_searched_for),
        cmocka_unit_test(test_a_start_that_is_a_number_is_not_searched_for),
        cmocka_unit_test(test_an_automatic_start_during_a_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
