/* Planted faults in the course of training, each found with its remedy; healthy runs, in which none is. */
#include <math.h>
#include <string.h>

#include "train/wave_example.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* -------------------------------------------------------------------- rates too large */

/* The error of the weights handed back is that of the start, and the message is set. */
static void assert_divergence(const pair *both, const bp_data *data)
{
    bp_result result = empty_result();
    const double before = error_of(both->net, data);
    bp_network *start = NULL;
    assert_ok(bp_network_copy(&start, both->net));
    assert_fails(bp_trainer_run(both->trainer, data, NULL, &result), BP_DIVERGED, "bp_trainer_run: ");
    assert_int_equal(result.reason, BP_STOP_DIVERGED);
    assert_true(isfinite(result.error) && result.error <= before);
    assert_close(result.error, error_of(both->net, data), 1e-6);
    bp_network_destroy(start);
}

/* Unscaled, so that errors are those of error_of. */
static bp_trainer_options unscaled(bp_stop_rule *storage, double rate, size_t epochs)
{
    bp_trainer_options options = wave_options(storage, rate, epochs);
    options.scale_data = 0;
    return options;
}

static void test_rates_far_too_large_diverge(void **state)
{
    (void)state;
    const struct {
        double rate;
        size_t batch_size;
        const char *wrong, *right;
    } rows[] = {{30 * WAVE_RATE, BP_BATCH_AUTO, "the learning rate 3 is too large", "such as 0.3"},
                {100 * WAVE_RATE, BP_BATCH_AUTO, "the learning rate 10 is too large", "such as 1"},
                {100 * WAVE_RATE, 0, "the learning rate 10 is too large", "such as 1"},
                {30 * WAVE_RATE, 1, "the learning rate 3 is too large", "such as 0.3"}};
    const bp_data data = wave_training();
    for (size_t i = 0; i < COUNT(rows); i++)
        for (uint64_t seed = 1; seed <= 3; seed++) {
            bp_stop_rule rule;
            bp_trainer_options options = unscaled(&rule, rows[i].rate, 300);
            options.batch_size = rows[i].batch_size;
            pair both = make_pair(wave_network(seed), &options);
            assert_divergence(&both, &data);
            bp_finding found = assert_found(both.trainer, BP_FINDING_DIVERGED, rows[i].wrong, rows[i].right);
            assert_int_equal(found.severity, BP_SEVERITY_ERROR);
            assert_true(found.values[0] == rows[i].rate && found.values[1] == rows[i].rate / 10);
            assert_true(found.values[2] == 0 && found.epoch > 0);
            end_pair(&both);
        }
}

/* A rate for the mean, but the gradients are summed: the remedy is the mean, or so many times less; and
 * either of them helps. */
static void test_sums_are_named(void **state)
{
    (void)state;
    const bp_data data = wave_training();
    for (uint64_t seed = 1; seed <= 3; seed++) {
        bp_stop_rule rule;
        bp_trainer_options options = unscaled(&rule, WAVE_RATE, 100);
        options.reduction = BP_REDUCE_SUM;
        pair both = make_pair(wave_network(seed), &options);
        assert_divergence(&both, &data);
        bp_finding found = assert_found(both.trainer, BP_FINDING_DIVERGED,
                                        "options.reduction = BP_REDUCE_MEAN", "a learning rate of 0.004");
        assert_true(found.values[2] == WAVE_BATCH);
        assert_close(found.values[1], WAVE_RATE / WAVE_BATCH, 1e-12);
        end_pair(&both);
        for (int remedy = 0; remedy < 2; remedy++) {
            if (remedy == 0)
                options.optimizer.learning_rate = found.values[1];
            options.reduction = remedy == 0 ? BP_REDUCE_SUM : BP_REDUCE_MEAN;
            both = make_pair(wave_network(seed), &options);
            options.optimizer.learning_rate = WAVE_RATE;
            train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
            assert_not_found(both.trainer, BP_FINDING_DIVERGED);
            assert_not_found(both.trainer, BP_FINDING_RATE_TOO_LARGE);
            end_pair(&both);
        }
    }
}

/* Of single cases the sum is the mean. */
static void test_online_training_has_no_sum(void **state)
{
    (void)state;
    const bp_data data = wave_training();
    bp_stop_rule rule;
    bp_trainer_options options = unscaled(&rule, 3, 100);
    options.reduction = BP_REDUCE_SUM;
    options.batch_size = 1;
    pair both = make_pair(wave_network(1), &options);
    assert_divergence(&both, &data);
    assert_found(both.trainer, BP_FINDING_DIVERGED, "the learning rate 3 is too large", "such as 0.3");
    end_pair(&both);
}

/* Nothing becomes infinite, but E of the whole set rises nearly as much as it falls. */
static void test_bouncing(void **state)
{
    (void)state;
    const bp_data data = wave_training();
    for (uint64_t seed = 1; seed <= 3; seed++) {
        bp_stop_rule rule;
        bp_trainer_options options = wave_options(&rule, 0.01, 300);
        options.optimizer.momentum = 0.5;
        options.reduction = BP_REDUCE_SUM;
        options.batch_size = 0;
        pair both = make_pair(wave_network(seed), &options);
        train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
        const bp_finding found =
            assert_found(both.trainer, BP_FINDING_RATE_TOO_LARGE, "the error bounces or grows in epoch ",
                         "belongs to the sum over 100 cases");
        assert_int_equal(found.severity, BP_SEVERITY_WARNING);
        assert_in_range(found.epoch, 8 * 16, 300); /* eight points of the course are needed */
        assert_not_found(both.trainer, BP_FINDING_DIVERGED);
        end_pair(&both);
    }
}

/* --------------------------------------------------------------------- ended too early */

static void test_still_improving(void **state)
{
    (void)state;
    const bp_data data = wave_training(), validation = wave_validation();
    for (int validated = 0; validated < 2; validated++) {
        bp_stop_rule rule;
        bp_trainer_options options = wave_options(&rule, 0.02, 40);
        pair both = make_pair(wave_network(1), &options);
        bp_result result = train_until(both.trainer, &data, validated ? &validation : NULL, BP_STOP_EPOCHS);
        const bp_finding found = assert_found(both.trainer, BP_FINDING_STILL_IMPROVING, "after 40 epochs",
                                              validated ? "while the validation error still fell"
                                                        : "while the training error still fell");
        assert_true(found.values[1] < 0.9 * found.values[0]);
        assert_close(found.values[1], validated ? result.validation_error : result.mean_error, 0.5);
        /* the remedy */
        for (int i = 0; i < 5; i++)
            result = train_until(both.trainer, &data, validated ? &validation : NULL, BP_STOP_EPOCHS);
        assert_true((validated ? result.validation_error : result.mean_error) < 0.8 * found.values[1]);
        end_pair(&both);
    }
}

/* Where a rule says that it is enough, or a callback, it is. */
static int end_at_40(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)context, (void)trainer;
    return progress->epoch == 40;
}

static void test_an_end_that_was_wanted(void **state)
{
    (void)state;
    const bp_data data = wave_training();
    bp_stop_rule rule;
    bp_trainer_options options = wave_options(&rule, 0.02, 1000);
    options.on_epoch = end_at_40;
    pair both = make_pair(wave_network(1), &options);
    train_until(both.trainer, &data, NULL, BP_STOP_CALLBACK);
    assert_false(has_warning(both.trainer));
    end_pair(&both);
    options = wave_options(&rule, 0.02, 1000);
    rule = bp_stop_mean_error_below(0.08);
    both = make_pair(wave_network(1), &options);
    train_until(both.trainer, &data, NULL, BP_STOP_MEAN_ERROR_BELOW);
    assert_false(has_warning(both.trainer));
    end_pair(&both);
}

/* ------------------------------------------------------------------------- plateaus */

/* All hidden units are alike, and one is not enough for the exclusive-or: the outputs stay near 1/2. */
static void test_plateau(void **state)
{
    (void)state;
    const bp_data data = xor_data();
    for (int alike = 0; alike < 2; alike++) {
        bp_stop_rule rule = bp_stop_epochs(1500);
        bp_trainer_options options = options_with(&rule, 1);
        options.optimizer = bp_optimizer_momentum(0.5, 0.9);
        pair both = make_pair(xor_network(1), &options);
        if (alike) {
            assert_ok(bp_network_set_weight_init(both.net, bp_weight_init_constant(0)));
            assert_ok(bp_network_initialize(both.net, 1));
        }
        train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
        if (alike) {
            const bp_finding found = assert_found(both.trainer, BP_FINDING_PLATEAU, "the error is 0.125",
                                                  "the 0.125 of constant outputs");
            assert_int_equal(found.severity, BP_SEVERITY_WARNING);
            assert_true(found.values[2] == 1500); /* updates */
        } else {
            assert_not_found(both.trainer, BP_FINDING_PLATEAU);
        }
        end_pair(&both);
    }
}

/* ----------------------------------------------------------------------- overfitting */

/* 20 noisy cases for 40 hidden units. */
static void test_overfitting(void **state)
{
    (void)state;
    enum { FEW = 20 };
    bp_real noisy[FEW];
    uint64_t random = 5;
    bp_data data = wave_of(FEW);
    const bp_data validation = wave_validation();
    for (size_t i = 0; i < FEW; i++)
        noisy[i] = (bp_real)((double)data.targets[i] + test_uniform(&random, -1, 1));
    data.targets = noisy;
    for (int keep = 0; keep < 2; keep++) {
        const size_t units[] = {2, 40, 1};
        bp_stop_rule rule;
        bp_trainer_options options = wave_options(&rule, 0.1, 3000);
        options.keep_best = keep;
        bp_network *net = NULL;
        assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_linear()));
        assert_ok(bp_network_initialize(net, 1));
        pair both = make_pair(net, &options);
        bp_result result = train_until(both.trainer, &data, &validation, BP_STOP_EPOCHS);
        const bp_finding found =
            assert_found(both.trainer, BP_FINDING_OVERFITTING, "overfitting: since epoch ", NULL);
        assert_int_equal(found.severity, keep ? BP_SEVERITY_NOTE : BP_SEVERITY_WARNING);
        assert_int_equal(found.epoch, result.best_epoch);
        assert_true(found.values[1] > 1.2 * found.values[0] && found.values[3] < 0.8 * found.values[2]);
        assert_true(keep ? result.validation_error <= found.values[0]
                         : result.validation_error > found.values[0]);
        end_pair(&both);
    }
}

/* What a run says about its end holds until the next one, which may end well. */
static void test_verdicts_are_of_the_last_run(void **state)
{
    (void)state;
    const bp_data data = wave_training();
    bp_stop_rule rule;
    bp_trainer_options options = wave_options(&rule, 0.02, 40);
    pair both = make_pair(wave_network(1), &options);
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_found(both.trainer, BP_FINDING_STILL_IMPROVING, NULL, NULL);
    bp_finding found;
    for (int i = 0; i < 60 && find_finding(both.trainer, BP_FINDING_STILL_IMPROVING, &found); i++)
        train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_not_found(both.trainer, BP_FINDING_STILL_IMPROVING);
    end_pair(&both);
}

/* The cosine ends at 0 with the first run: the remedy is another one than to go on, and who goes on all the
 * same is told so. A rate that is set again is not spent. */
static void test_a_schedule_that_has_ended(void **state)
{
    (void)state;
    const bp_data data = wave_training();
    bp_stop_rule rule;
    bp_trainer_options options = wave_options(&rule, 0.02, 40);
    options.learning_rate_schedule = bp_schedule_cosine(0.02, 0, 40);
    pair both = make_pair(wave_network(1), &options);
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_found(both.trainer, BP_FINDING_STILL_IMPROVING,
                 "options.learning_rate_schedule has come to its end",
                 "bp_trainer_set_learning_rate() and go on");
    assert_not_found(both.trainer, BP_FINDING_RATE_SPENT);
    const bp_result result = train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    const bp_finding found =
        assert_found(both.trainer, BP_FINDING_RATE_SPENT, "learning rate down to 0", NULL);
    assert_true(found.values[0] == (double)result.updates && found.values[1] == 0);
    assert_int_equal(found.severity, BP_SEVERITY_WARNING);
    assert_not_found(both.trainer, BP_FINDING_STILL_IMPROVING);
    assert_ok(bp_trainer_set_learning_rate(both.trainer, 0.02));
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_not_found(both.trainer, BP_FINDING_RATE_SPENT);
    end_pair(&both);
}

/* The squared error, less 10. */
static double negative_error(void *context, const bp_real *y, const bp_real *d, bp_real *derivative,
                             size_t units)
{
    (void)context;
    double error = -10;
    for (size_t i = 0; i < units; i++) {
        const bp_real deviation = y[i] - d[i];
        error += 0.5 * (double)deviation * (double)deviation;
        if (derivative != NULL)
            derivative[i] = deviation;
    }
    return error;
}

/* A custom loss may be negative: no part of it is large or small, and training ends by diminishing returns as
 * ever. */
static void test_a_negative_error(void **state)
{
    (void)state;
    const bp_data data = wave_training(), validation = wave_validation();
    for (int end = 0; end < 2; end++) {
        bp_stop_rule rule;
        bp_trainer_options options = wave_options(&rule, WAVE_RATE, 300);
        options.loss = bp_loss_custom(negative_error, NULL);
        options.recoveries = 2;
        rule = end == 0 ? bp_stop_epochs(300) : bp_stop_diminishing_returns(50, 1e-4);
        pair both = make_pair(wave_network(1), &options);
        const bp_result result = train_until(both.trainer, &data, end == 0 ? &validation : NULL,
                                             end == 0 ? BP_STOP_EPOCHS : BP_STOP_DIMINISHING_RETURNS);
        assert_true(result.mean_error < -9.9);
        assert_false(has_warning(both.trainer));
        assert_not_found(both.trainer, BP_FINDING_RECOVERED);
        end_pair(&both);
    }
}

/* --------------------------------------------------------------------- healthy runs */

static void test_healthy_runs(void **state)
{
    (void)state;
    const struct {
        double rate, momentum;
        size_t batch_size, epochs;
        bool sum, validated;
    } rows[] = {
        {BP_RATE_AUTO, 0.9, BP_BATCH_AUTO, 0, false, false},
        {BP_RATE_AUTO, 0.9, BP_BATCH_AUTO, 0, false, true},
        {BP_RATE_AUTO, 0.9, 1, 200, false, false},
        {BP_RATE_AUTO, 0.9, 0, 1000, false, true},
        {BP_RATE_AUTO, 0, BP_BATCH_AUTO, 0, true, false},
        {WAVE_RATE, 0.9, BP_BATCH_AUTO, 150, false, false},
        {WAVE_RATE, 0.9, BP_BATCH_AUTO, 150, false, true},
        {0.3, 0.5, 0, 400, false, false},
        {0.03, 0.5, 1, 100, false, false},
        {WAVE_RATE / 25, 0.9, 25, 150, true, false},
    };
    const bp_data data = wave_training(), validation = wave_validation();
    for (size_t i = 0; i < COUNT(rows); i++)
        for (uint64_t seed = 1; seed <= 3; seed++) {
            bp_stop_rule rule;
            bp_trainer_options options = wave_options(&rule, rows[i].rate, rows[i].epochs);
            options.optimizer.momentum = rows[i].momentum;
            options.batch_size = rows[i].batch_size;
            options.reduction = rows[i].sum ? BP_REDUCE_SUM : BP_REDUCE_MEAN;
            pair both = make_pair(wave_network(seed), &options);
            assert_ok(bp_trainer_run(both.trainer, &data, rows[i].validated ? &validation : NULL, NULL));
            if (has_warning(both.trainer))
                fail_msg("row %zu, seed %d", i, (int)seed);
            end_pair(&both);
        }
}

/* Classes, with softmax and with logistic outputs. */
static void test_healthy_classes(void **state)
{
    (void)state;
    bp_data data = wave_training();
    bp_real classes[2 * WAVE_CASES];
    for (size_t i = 0; i < WAVE_CASES; i++) {
        classes[2 * i] = (bp_real)(data.inputs[2 * i] * data.inputs[2 * i + 1] > 0);
        classes[2 * i + 1] = 1 - classes[2 * i];
    }
    data.targets = classes;
    data.target_width = data.target_stride = 2;
    const bp_activation outputs[] = {bp_activation_softmax(), bp_activation_logistic(),
                                     bp_activation_logistic()};
    const bp_loss losses[] = {bp_loss_default(), bp_loss_default(), bp_loss_cross_entropy()};
    for (size_t i = 0; i < COUNT(outputs); i++)
        for (uint64_t seed = 1; seed <= 3; seed++) {
            const size_t units[] = {2, 8, 2};
            bp_network *net = NULL;
            assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), outputs[i]));
            assert_ok(bp_network_initialize(net, seed));
            bp_stop_rule rule;
            bp_trainer_options options = wave_options(&rule, BP_RATE_AUTO, 0);
            options.loss = losses[i];
            pair both = make_pair(net, &options);
            assert_ok(bp_trainer_run(both.trainer, &data, NULL, NULL));
            assert_false(has_warning(both.trainer));
            end_pair(&both);
        }
}

/* ----------------------------------------------------------------------------- bits */

static int look(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)trainer;
    *(double *)context += progress->error;
    return 0;
}

/* Who watches does not change what is trained; nor does what was noticed on the way. */
static void test_bits_do_not_depend_on_the_watcher(void **state)
{
    (void)state;
    const size_t batch_sizes[] = {0, 1, BP_BATCH_AUTO};
    const double rates[] = {0.0003, WAVE_RATE, 0.3};
    const bp_data data = wave_training(), validation = wave_validation();
    for (size_t i = 0; i < COUNT(batch_sizes); i++)
        for (size_t j = 0; j < COUNT(rates); j++)
            for (int validated = 0; validated < 2; validated++) {
                double sum = 0;
                bp_stop_rule rule;
                bp_trainer_options options = wave_options(&rule, rates[j], 60);
                options.batch_size = batch_sizes[i];
                pair quiet = make_pair(wave_network(1), &options);
                options.on_epoch = look;
                options.on_epoch_context = &sum;
                options.keep_history = 1;
                pair watched = make_pair(wave_network(1), &options);
                bp_result a = empty_result(), b = empty_result();
                const bp_data *others = validated ? &validation : NULL;
                assert_int_equal(bp_trainer_run(quiet.trainer, &data, others, &a),
                                 bp_trainer_run(watched.trainer, &data, others, &b));
                if (batch_sizes[i] == 0 || a.reason != BP_STOP_DIVERGED)
                    assert_same_weights(quiet.net, watched.net);
                assert_int_equal(bp_trainer_finding_count(quiet.trainer),
                                 bp_trainer_finding_count(watched.trainer));
                end_pair(&quiet);
                end_pair(&watched);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rates_far_too_large_diverge),
        cmocka_unit_test(test_sums_are_named),
        cmocka_unit_test(test_online_training_has_no_sum),
        cmocka_unit_test(test_bouncing),
        cmocka_unit_test(test_still_improving),
        cmocka_unit_test(test_an_end_that_was_wanted),
        cmocka_unit_test(test_plateau),
        cmocka_unit_test(test_overfitting),
        cmocka_unit_test(test_verdicts_are_of_the_last_run),
        cmocka_unit_test(test_a_schedule_that_has_ended),
        cmocka_unit_test(test_a_negative_error),
        cmocka_unit_test(test_healthy_runs),
        cmocka_unit_test(test_healthy_classes),
        cmocka_unit_test(test_bits_do_not_depend_on_the_watcher),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
