/* What rules for whole sets have in common: evaluations, ends, continued runs, decay, threads, and refusals.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "network/scaling.h"
#include "train/whole_set_example.h"

enum { RULES = 3 };

static bp_optimizer rule_of(size_t i)
{
    const bp_optimizer rules[RULES] = {bp_optimizer_scg(), bp_optimizer_lbfgs(5),
                                       bp_optimizer_levenberg_marquardt()};
    return rules[i];
}

static const char *const names[RULES] = {"SCG", "L-BFGS", "Levenberg-Marquardt"};

/* ------------------------------------------------------------------------------- runs */

typedef struct seen_epochs {
    size_t epochs;
    uint64_t updates, evaluations;
    double error; /* of the last one */
} seen_epochs;

static int see_epoch(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    seen_epochs *seen = context;
    (void)trainer;
    assert_true(seen->epochs == 0 || progress->error <= seen->error * (1 + TOLERANCE(1e-6, 1e-12)));
    assert_true(progress->evaluations > seen->evaluations && progress->evaluations >= progress->updates);
    assert_true(progress->learning_rate == 0 && progress->momentum == 0);
    *seen = (seen_epochs){progress->epoch, progress->updates, progress->evaluations, progress->error};
    return 0;
}

/* An epoch is an iteration; its E is that of the weights it began with. */
static void test_epochs_and_evaluations(void **state)
{
    (void)state;
    const bp_data data = example_training();
    const bp_stop_rule rule = bp_stop_epochs(20);
    for (size_t i = 0; i < RULES; i++) {
        seen_epochs seen = {0};
        bp_trainer_options options = whole_set_options(rule_of(i), &rule);
        options.on_epoch = see_epoch;
        options.on_epoch_context = &seen;
        pair both = make_pair(example_network(1), &options);
        const bp_result result = train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
        assert_int_equal(result.updates, 20);
        assert_int_equal(seen.updates, 20);
        assert_int_equal(result.evaluations, seen.evaluations);
        assert_true(result.evaluations >= 21);
        assert_true(result.error < seen.error);
        end_pair(&both);
    }
}

/* A rule of gradient descent computes one gradient for each update. */
static void test_evaluations_of_momentum(void **state)
{
    (void)state;
    const bp_data data = example_training();
    const size_t batches[] = {0, 1, 4};
    for (size_t i = 0; i < 3; i++) {
        const bp_stop_rule rule = bp_stop_epochs(3);
        bp_trainer_options options = options_with(&rule, 1);
        options.batch_size = batches[i];
        pair both = make_pair(example_network(1), &options);
        const bp_result result = train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
        assert_int_equal(result.evaluations, result.updates);
        end_pair(&both);
    }
}

/* One input, targets on a line: a unit learns it, and then no step is left. */
static void test_a_run_ends_where_no_step_lowers_the_error(void **state)
{
    (void)state;
    const bp_data data = numbered_data();
    const bp_stop_rule rule = bp_stop_epochs(1000);
    for (size_t i = 0; i < RULES; i++) {
        bp_trainer_options options = whole_set_options(rule_of(i), &rule);
        pair both = make_pair(numbered_network(), &options);
        bp_result result = train_until(both.trainer, &data, NULL, BP_STOP_NO_PROGRESS);
        assert_int_equal(result.rule, 1); /* none */
        assert_true(result.epochs < 100);
        assert_true(fabs((double)*bp_network_weights(both.net, NULL) + 4.5) <= TOLERANCE(1e-5, 1e-7));
        result = train_until(both.trainer, &data, NULL, BP_STOP_NO_PROGRESS);
        assert_int_equal(result.epochs, 1);
        end_pair(&both);
    }
}

static void train_in_parts(bp_network *net, size_t rule, const size_t *parts, size_t count, size_t threads)
{
    const bp_data data = example_training();
    bp_stop_rule one = bp_stop_epochs(1);
    bp_trainer_options options = whole_set_options(rule_of(rule), &one);
    options.threads = threads;
    bp_trainer *trainer = make_trainer(net, &options);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < parts[i]; k++)
            train_until(trainer, &data, NULL, BP_STOP_EPOCHS);
    bp_trainer_destroy(trainer);
}

/* One run of 30 epochs, and 30 runs of one; with any number of threads. */
static void test_continued_runs_and_threads_have_the_same_bits(void **state)
{
    (void)state;
    const bp_data data = example_training();
    const bp_stop_rule all = bp_stop_epochs(30);
    const size_t threads[] = {1, 2, 3, 8}, parts[] = {30};
    for (size_t i = 0; i < RULES; i++) {
        bp_trainer_options options = whole_set_options(rule_of(i), &all);
        pair whole = make_pair(example_network(2), &options);
        train_until(whole.trainer, &data, NULL, BP_STOP_EPOCHS);
        for (size_t k = 0; k < 4; k++) {
            bp_network *net = example_network(2);
            train_in_parts(net, i, parts, 1, threads[k]);
            assert_same_weights(net, whole.net);
            bp_network_destroy(net);
        }
        end_pair(&whole);
    }
}

/* With other cases the rule begins anew, as a new trainer does. */
static void test_other_cases_begin_anew(void **state)
{
    (void)state;
    const bp_data first = example_training(), second = example_validation();
    const bp_stop_rule rule = bp_stop_epochs(5);
    for (size_t i = 0; i < RULES; i++) {
        bp_trainer_options options = whole_set_options(rule_of(i), &rule);
        pair ours = make_pair(example_network(3), &options);
        train_until(ours.trainer, &first, NULL, BP_STOP_EPOCHS);
        bp_network *copy = NULL;
        assert_ok(bp_network_copy(&copy, ours.net));
        bp_trainer *fresh = make_trainer(copy, &options);
        train_until(ours.trainer, &second, NULL, BP_STOP_EPOCHS);
        train_until(fresh, &second, NULL, BP_STOP_EPOCHS);
        assert_same_weights(copy, ours.net);
        bp_trainer_destroy(fresh);
        bp_network_destroy(copy);
        end_pair(&ours);
    }
}

/* A limit of time, however short, lets the first iteration pass; none after it is half done. */
static void test_limits_of_time_leave_whole_iterations(void **state)
{
    (void)state;
    const bp_data data = example_training();
    const bp_stop_rule soon = bp_stop_seconds(1e-9), one = bp_stop_epochs(1);
    for (size_t i = 0; i < RULES; i++) {
        bp_trainer_options options = whole_set_options(rule_of(i), &soon);
        pair limited = make_pair(example_network(4), &options);
        options.stop_rules = &one;
        pair other = make_pair(example_network(4), &options);
        for (size_t k = 0; k < 5; k++) {
            assert_int_equal(train_until(limited.trainer, &data, NULL, BP_STOP_SECONDS).updates, 1);
            train_until(other.trainer, &data, NULL, BP_STOP_EPOCHS);
        }
        assert_same_weights(limited.net, other.net);
        bp_trainer_request_stop(limited.trainer);
        assert_int_equal(train_until(limited.trainer, &data, NULL, BP_STOP_REQUESTED).updates, 1);
        end_pair(&limited);
        end_pair(&other);
    }
}

static void test_validation_and_best_weights(void **state)
{
    (void)state;
    const bp_data data = example_training(), others = example_validation();
    const bp_stop_rule rule = bp_stop_early(20, 0);
    for (size_t i = 0; i < RULES; i++) {
        bp_trainer_options options = whole_set_options(rule_of(i), &rule);
        pair both = make_pair(example_network(5), &options);
        bp_result result = empty_result();
        assert_ok(bp_trainer_run(both.trainer, &data, &others, &result));
        assert_true(result.reason == BP_STOP_EARLY || result.reason == BP_STOP_NO_PROGRESS);
        assert_true(result.best_epoch >= 1);
        const double mean = error_of(both.net, &others) / EXAMPLE_OTHERS;
        assert_true(fabs(mean - result.validation_error) <= TOLERANCE(1e-5, 1e-12) * mean);
        end_pair(&both);
    }
}

/* Does a finding of the trainer say so? */
static bool says(const bp_trainer *trainer, const char *words)
{
    char text[512];
    bp_finding finding;
    bp_finding_init(&finding, sizeof finding);
    for (size_t i = 0; i < bp_trainer_finding_count(trainer); i++) {
        assert_ok(bp_trainer_finding(trainer, i, &finding));
        assert_ok(bp_finding_text(&finding, text, sizeof text, NULL));
        if (strstr(text, words) != NULL)
            return true;
    }
    return false;
}

/* Untouched options but the rule, on raw data: scaling, decay and stopping rules are chosen. */
static void test_default_options(void **state)
{
    (void)state;
    const bp_data data = example_training();
    for (size_t i = 0; i < RULES; i++) {
        bp_trainer_options options;
        bp_trainer_options_init(&options, sizeof options);
        options.optimizer = rule_of(i);
        options.loss = bp_loss_squared_error();
        pair both = make_pair(example_network(6), &options);
        bp_result result = empty_result();
        assert_ok(bp_trainer_run(both.trainer, &data, NULL, &result));
        assert_true(result.reason == BP_STOP_DIMINISHING_RETURNS || result.reason == BP_STOP_NO_PROGRESS);
        assert_true(result.epochs < 3000);
        assert_true(says(both.trainer, "by less than 5 % in 100 epochs, or after 3000 epochs"));
        end_pair(&both);
    }
}

/* ------------------------------------------------------------------------------ decay */

/* Minimum of 1/2 mean (w + c)^2 + lambda / 2 w^2 over c = 0 ... 9: w = -4.5 / (1 + lambda), and gradient
 * descent rests there if lambda = decay (1 - momentum) / (rate (1 - decay)). */
static void test_decay_leads_where_gradient_descent_rests(void **state)
{
    (void)state;
    const double rate = 0.1, momentum = 0.5, decay = 0.01;
    const double lambda = decay * (1 - momentum) / (rate * (1 - decay));
    const bp_data data = numbered_data();
    const bp_stop_rule rule = bp_stop_epochs(2000);
    bp_trainer_options options = whole_set_options(bp_optimizer_momentum(rate, momentum), &rule);
    options.weight_decay = decay;
    options.batch_size = 0;
    pair descent = make_pair(numbered_network(), &options);
    train_until(descent.trainer, &data, NULL, BP_STOP_EPOCHS);
    for (size_t i = 0; i < RULES; i++) {
        options.optimizer = rule_of(i);
        options.weight_decay = lambda;
        pair ours = make_pair(numbered_network(), &options);
        train_until(ours.trainer, &data, NULL, BP_STOP_NO_PROGRESS);
        const double w = (double)*bp_network_weights(ours.net, NULL);
        assert_true(fabs(w + 4.5 / (1 + lambda)) <= TOLERANCE(1e-5, 1e-7));
        assert_true(fabs(w - (double)*bp_network_weights(descent.net, NULL)) <= TOLERANCE(1e-5, 1e-7));
        end_pair(&ours);
    }
    end_pair(&descent);
}

/* Frozen weights are constants: they keep their bits, and the others are trained as if they alone were there.
 */
static void test_frozen_weights(void **state)
{
    (void)state;
    const bp_data data = example_training();
    const bp_stop_rule rule = bp_stop_epochs(15);
    const size_t frozen = 4 * EXAMPLE_INPUTS; /* the first matrix */
    for (size_t i = 0; i < RULES; i++) {
        bp_trainer_options options = whole_set_options(rule_of(i), &rule);
        options.weight_decay = 1e-3;
        pair ours = make_pair(example_network(7), &options);
        bp_network *before = example_network(7);
        assert_ok(bp_connection_set_trainable(bp_network_connection(ours.net, 0), 0));
        const double start = error_of(ours.net, &data);
        train_until(ours.trainer, &data, NULL, BP_STOP_EPOCHS);
        const bp_real *now = bp_network_weights(ours.net, NULL), *then = bp_network_weights(before, NULL);
        assert_memory_equal(now, then, frozen * sizeof *now);
        for (size_t k = frozen; k < EXAMPLE_WEIGHTS; k++)
            assert_true(now[k] != then[k]);
        assert_true(error_of(ours.net, &data) < start);
        end_pair(&ours);
        bp_network_destroy(before);
    }
}

/* All cases must be in memory at a time. Through a window that holds them, a run is that on data in memory.
 */
static void test_streams(void **state)
{
    (void)state;
    const bp_data data = example_training();
    const bp_stop_rule rule = bp_stop_epochs(2);
    const size_t batches[] = {0, BP_BATCH_AUTO, 5};
    const char *const parts[] = {"options.batch_size is 0 (all), but the training stream has more cases",
                                 "takes all cases in one batch, but the training stream has more cases",
                                 "needs all of them in memory; options.stream_window sets it"};
    for (size_t i = 0; i < RULES; i++) {
        bp_trainer_options options = whole_set_options(rule_of(i), &rule);
        bp_network *before = example_network(1);
        bp_stream *stream = NULL;
        assert_ok(bp_stream_create_from_data(&stream, &data, NULL));
        for (size_t k = 0; k < 3; k++) {
            options.stream_window = EXAMPLE_CASES - 1;
            options.batch_size = batches[k];
            pair ours = make_pair(example_network(1), &options);
            assert_fails(bp_trainer_run_stream(ours.trainer, stream, NULL, NULL), BP_ERROR_UNSUPPORTED,
                         parts[k]);
            assert_same_weights(ours.net, before);
            end_pair(&ours);
        }
        bp_network_destroy(before);

        options.stream_window = EXAMPLE_CASES;
        options.batch_size = 0;
        pair ours = make_pair(example_network(1), &options);
        pair wanted = make_pair(example_network(1), &options);
        assert_ok(bp_trainer_run_stream(ours.trainer, stream, NULL, NULL));
        train_until(wanted.trainer, &data, NULL, BP_STOP_EPOCHS);
        assert_same_weights(ours.net, wanted.net);
        end_pair(&ours);
        end_pair(&wanted);
        bp_stream_destroy(stream);
    }
}

/* --------------------------------------------------------------------------- refusals */

static bp_status ignore_gradient(void *context, const bp_gradient_batch *batch, bp_gradient_reply *reply)
{
    (void)context;
    (void)batch;
    (void)reply;
    return BP_OK;
}

static void refuse(const bp_trainer_options *options, const char *part)
{
    bp_network *net = example_network(1);
    bp_trainer *trainer = NULL;
    assert_fails(bp_trainer_create(&trainer, net, options), BP_ERROR_UNSUPPORTED, part);
    assert_non_null(strstr(bp_error_message(), "bp_trainer_create: options."));
    assert_null(trainer);
    bp_network_destroy(net);
}

static void test_options_without_a_meaning_are_refused(void **state)
{
    (void)state;
    const bp_stop_rule rule = bp_stop_epochs(1);
    for (size_t i = 0; i < RULES; i++) {
        const bp_trainer_options good = whole_set_options(rule_of(i), &rule);
        bp_trainer_options options = good;
        options.learning_rate_schedule = bp_schedule_constant(0.1);
        refuse(&options, "has no learning rate");
        refuse(&options, names[i]);
        options = good;
        options.momentum_schedule = bp_schedule_constant(0.1);
        refuse(&options, "has no momentum");
        options = good;
        options.recoveries = 2;
        refuse(&options, "recoveries is 2, but the optimizer");
        options = good;
        options.on_gradient = ignore_gradient;
        refuse(&options, "on_gradient: the optimizer");
        options = good;
        options.average_shared = 1;
        refuse(&options, "average_shared is 1, but the optimizer");
        options = good;
        options.loss = bp_loss_with_tolerance(bp_loss_squared_error(), 0.125);
        refuse(&options, "loss has a tolerance of 0.125");
    }
}

static void test_batches_are_refused_and_nothing_changes(void **state)
{
    (void)state;
    const bp_data data = example_training();
    const bp_stop_rule rule = bp_stop_epochs(2);
    for (size_t i = 0; i < RULES; i++) {
        bp_trainer_options options = whole_set_options(rule_of(i), &rule);
        options.scale_data = 1;
        options.batch_size = EXAMPLE_CASES - 1;
        pair ours = make_pair(example_network(1), &options);
        bp_network *before = example_network(1);
        assert_fails(bp_trainer_run(ours.trainer, &data, NULL, NULL), BP_ERROR_UNSUPPORTED,
                     "options.batch_size is 12, but the optimizer");
        assert_same_weights(ours.net, before);
        assert_false(bpi_scaling_is_set(&ours.net->input_scaling));
        end_pair(&ours);
        const size_t all[] = {0, BP_BATCH_AUTO, EXAMPLE_CASES, EXAMPLE_CASES + 1};
        for (size_t k = 0; k < 4; k++) {
            options.batch_size = all[k];
            ours = make_pair(example_network(1), &options);
            assert_int_equal(train_until(ours.trainer, &data, NULL, BP_STOP_EPOCHS).updates, 2);
            end_pair(&ours);
        }
        bp_network_destroy(before);
    }
}

static void test_there_is_no_rate_to_set_or_find(void **state)
{
    (void)state;
    const bp_data data = example_training();
    const bp_stop_rule rule = bp_stop_epochs(1);
    for (size_t i = 0; i < RULES; i++) {
        bp_trainer_options options = whole_set_options(rule_of(i), &rule);
        pair ours = make_pair(example_network(1), &options);
        static bp_rate_search search;
        bp_rate_search_init(&search, sizeof search);
        assert_fails(bp_trainer_set_learning_rate(ours.trainer, 0.1), BP_ERROR_UNSUPPORTED,
                     "has no learning rate");
        assert_fails(bp_trainer_set_momentum(ours.trainer, 0.1), BP_ERROR_UNSUPPORTED, "has no momentum");
        assert_fails(bp_trainer_set_learning_rate_schedule(ours.trainer, bp_schedule_none()),
                     BP_ERROR_UNSUPPORTED, names[i]);
        assert_fails(bp_trainer_set_momentum_schedule(ours.trainer, bp_schedule_none()), BP_ERROR_UNSUPPORTED,
                     names[i]);
        assert_fails(bp_trainer_find_learning_rate(ours.trainer, &data, &search), BP_ERROR_UNSUPPORTED,
                     "has no learning rate");
        assert_true(bp_trainer_learning_rate(ours.trainer) == 0);
        end_pair(&ours);
    }
}

/* -------------------------------------------------------------------------- extremes */

/* Weights so large that E is at the edge of infinity beyond them: steps are cut. */
static void test_infinite_trial_points_are_no_divergence(void **state)
{
    (void)state;
    const double large = sizeof(bp_real) == sizeof(float) ? 1e18 : 1e153;
    const bp_real inputs[] = {1, -1, 2}, targets[] = {0, 0, 0};
    const bp_data data = bp_data_view(3, inputs, 1, targets, 1);
    const bp_stop_rule rule = bp_stop_epochs(3);
    for (size_t i = 0; i < RULES; i++) {
        bp_trainer_options options = whole_set_options(rule_of(i), &rule);
        pair ours = make_pair(numbered_network(), &options);
        const bp_real start = (bp_real)large;
        assert_ok(bp_network_set_weights(ours.net, &start, 1));
        bp_result result = empty_result();
        assert_ok(bp_trainer_run(ours.trainer, &data, NULL, &result));
        assert_true(isfinite(result.error));
        assert_true(fabs((double)*bp_network_weights(ours.net, NULL)) <= large);
        end_pair(&ours);
    }
}

static bp_status attempt(void *context, const bp_allocator *allocator)
{
    pair made;
    const bp_status status = create_and_train(&made, allocator, context);
    end_pair(&made);
    return status;
}

static void test_each_allocation(void **state)
{
    (void)state;
    const bp_stop_rule rule = bp_stop_epochs(1);
    for (size_t i = 0; i < RULES; i++) {
        bp_trainer_options options = whole_set_options(rule_of(i), &rule);
        test_each_allocation_fails(attempt, &options);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_epochs_and_evaluations),
        cmocka_unit_test(test_evaluations_of_momentum),
        cmocka_unit_test(test_a_run_ends_where_no_step_lowers_the_error),
        cmocka_unit_test(test_continued_runs_and_threads_have_the_same_bits),
        cmocka_unit_test(test_other_cases_begin_anew),
        cmocka_unit_test(test_limits_of_time_leave_whole_iterations),
        cmocka_unit_test(test_validation_and_best_weights),
        cmocka_unit_test(test_default_options),
        cmocka_unit_test(test_decay_leads_where_gradient_descent_rests),
        cmocka_unit_test(test_frozen_weights),
        cmocka_unit_test(test_options_without_a_meaning_are_refused),
        cmocka_unit_test(test_batches_are_refused_and_nothing_changes),
        cmocka_unit_test(test_streams),
        cmocka_unit_test(test_there_is_no_rate_to_set_or_find),
        cmocka_unit_test(test_infinite_trial_points_are_no_divergence),
        cmocka_unit_test(test_each_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
