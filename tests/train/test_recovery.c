/* Recovery: training that diverges or bounces goes on with a smaller rate, so often as the options say. */
#include <math.h>
#include <string.h>

#include "train/types.h"
#include "train/wave_example.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Wrong by far, and what 0.3^n of it comes to. */
#define LARGE_RATE (30 * WAVE_RATE)

/* One that suits batches of this size, where WAVE_RATE suits others. */
static double suitable_rate(size_t batch_size)
{
    return batch_size == 1 ? WAVE_RATE / WAVE_BATCH : WAVE_RATE;
}

static bp_trainer_options recovering(bp_stop_rule *storage, double rate, size_t epochs, int recoveries)
{
    bp_trainer_options options = wave_options(storage, rate, epochs);
    options.recoveries = recoveries;
    return options;
}

/* How often it recovered, by the findings, whose numbers are checked: the rates follow each other, and fall
 * to 0.3 of what they were, or at the first time to less, if a search says so. `rate`: the first one. */
static size_t recoveries_of(const bp_trainer *trainer, double rate)
{
    size_t times = 0;
    for (size_t i = 0; i < bp_trainer_finding_count(trainer); i++) {
        bp_finding found;
        bp_finding_init(&found, sizeof found);
        assert_ok(bp_trainer_finding(trainer, i, &found));
        if (found.kind != BP_FINDING_RECOVERED)
            continue;
        times++;
        assert_int_equal(found.severity, BP_SEVERITY_NOTE);
        assert_true(found.epoch > 0 && found.count == times && found.values[2] == (double)times);
        assert_close(found.values[0], rate, 1e-12);
        assert_true(found.values[1] > 0 && found.values[1] <= (1 + 1e-12) * 0.3 * rate);
        if (times > 1)
            assert_close(found.values[1], 0.3 * rate, 1e-12);
        rate = found.values[1];
    }
    return times;
}

/* The rate after the last recovery. */
static double last_rate(const bp_trainer *trainer)
{
    bp_finding found;
    assert_true(count_findings(trainer, BP_FINDING_RECOVERED, &found) > 0);
    return found.values[1];
}

static double healthy_error(uint64_t seed, size_t batch_size, size_t epochs)
{
    bp_stop_rule rule;
    bp_trainer_options options = wave_options(&rule, suitable_rate(batch_size), epochs);
    options.batch_size = batch_size;
    const bp_data data = wave_training();
    pair both = make_pair(wave_network(seed), &options);
    const bp_result result = train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_not_found(both.trainer, BP_FINDING_RATE_TOO_LARGE);
    end_pair(&both);
    return result.mean_error;
}

/* ------------------------------------------------------------------------- it ends well */

/* Each way of updating. Mini-batches come near a healthy run; the path of
 * single cases is rougher, and leaves units saturated. */
static void test_a_run_ends_well(void **state)
{
    (void)state;
    const double half_of_constant = 0.25;
    const size_t batch_sizes[] = {BP_BATCH_AUTO, 0, 1};
    const bp_data data = wave_training();
    for (size_t i = 0; i < COUNT(batch_sizes); i++)
        for (uint64_t seed = 1; seed <= 4; seed++) {
            const double rate = 30 * suitable_rate(batch_sizes[i]);
            bp_stop_rule rule;
            bp_trainer_options options = recovering(&rule, rate, 300, 6);
            options.batch_size = batch_sizes[i];
            pair both = make_pair(wave_network(seed), &options);
            const bp_result result = train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
            const size_t times = recoveries_of(both.trainer, rate);
            assert_in_range(times, 1, 6);
            assert_close(bp_trainer_learning_rate(both.trainer), last_rate(both.trainer), 1e-12);
            assert_true(
                result.mean_error <
                (batch_sizes[i] == 1 ? half_of_constant : 2 * healthy_error(seed, batch_sizes[i], 300)));
            assert_not_found(both.trainer, BP_FINDING_RATE_TOO_LARGE);
            assert_not_found(both.trainer, BP_FINDING_DIVERGED);
            end_pair(&both);
        }
}

/* Nobody knows by how much the caller's rate is too large: the first recovery searches, and then training
 * ends as with a rate that was found. */
static void test_the_first_recovery_searches(void **state)
{
    (void)state;
    const bp_data data = wave_training();
    for (uint64_t seed = 1; seed <= 4; seed++) {
        bp_stop_rule rule;
        bp_trainer_options options = recovering(&rule, BP_RATE_AUTO, 0, 5);
        pair healthy = make_pair(wave_network(seed), &options);
        bp_result wanted = empty_result(), result = empty_result();
        assert_ok(bp_trainer_run(healthy.trainer, &data, NULL, &wanted));
        const double found = assert_found(healthy.trainer, BP_FINDING_LEARNING_RATE, NULL, NULL).values[0];
        options.optimizer = bp_optimizer_momentum(1000 * found, 0.9);
        pair both = make_pair(wave_network(seed), &options);
        assert_ok(bp_trainer_run(both.trainer, &data, NULL, &result));
        assert_int_equal(recoveries_of(both.trainer, 1000 * found), 1);
        assert_true(last_rate(both.trainer) > found / 10 && last_rate(both.trainer) < 10 * found);
        assert_int_equal(count_findings(both.trainer, BP_FINDING_ANNEALED, NULL), 2);
        assert_true(result.mean_error < 1.1 * wanted.mean_error);
        end_pair(&healthy);
        end_pair(&both);
    }
}

static void test_with_validation_cases(void **state)
{
    (void)state;
    const bp_data data = wave_training(), validation = wave_validation();
    for (int keep = 0; keep < 2; keep++) {
        bp_stop_rule rule;
        bp_trainer_options options = recovering(&rule, LARGE_RATE, 300, 5);
        options.keep_best = keep;
        pair both = make_pair(wave_network(1), &options);
        const bp_result result = train_until(both.trainer, &data, &validation, BP_STOP_EPOCHS);
        assert_in_range(recoveries_of(both.trainer, LARGE_RATE), 1, 5);
        assert_true(result.validation_error < 0.1);
        assert_true(result.best_epoch > 10);
        end_pair(&both);
    }
}

/* ----------------------------------------------------------------------------- how often */

static void test_never(void **state)
{
    (void)state;
    const bp_data data = wave_training();
    bp_stop_rule rule;
    bp_trainer_options options = recovering(&rule, LARGE_RATE, 300, 0);
    pair both = make_pair(wave_network(1), &options);
    assert_fails(bp_trainer_run(both.trainer, &data, NULL, NULL), BP_DIVERGED, "with learning rate 3");
    assert_int_equal(recoveries_of(both.trainer, LARGE_RATE), 0);
    end_pair(&both);
}

static bp_status only_listen(void *context, const bp_gradient_batch *seen, bp_gradient_reply *reply)
{
    (void)context, (void)seen, (void)reply;
    return BP_OK;
}

/* The one that is too many ends the run as without recovery. With a hook, nothing is searched. */
static void test_as_often_as_the_option_says(void **state)
{
    (void)state;
    const bp_data data = wave_training();
    for (int allowed = 1; allowed <= 3; allowed++) {
        const double rate = 1e5;
        bp_stop_rule rule;
        bp_trainer_options options = recovering(&rule, rate, 300, allowed);
        options.on_gradient = only_listen;
        pair both = make_pair(wave_network(1), &options);
        bp_result result = empty_result();
        assert_fails(bp_trainer_run(both.trainer, &data, NULL, &result), BP_DIVERGED, "with learning rate ");
        assert_int_equal(result.reason, BP_STOP_DIVERGED);
        assert_true(isfinite(result.error));
        assert_int_equal(recoveries_of(both.trainer, rate), allowed);
        const double last = rate * pow(0.3, allowed);
        const bp_finding found = assert_found(both.trainer, BP_FINDING_DIVERGED, NULL, NULL);
        assert_close(found.values[0], last, 1e-12);
        /* they are not given anew in the next run, but after a reset */
        assert_int_equal(bp_trainer_run(both.trainer, &data, NULL, NULL), BP_DIVERGED);
        assert_int_equal(recoveries_of(both.trainer, rate), allowed);
        assert_ok(bp_trainer_reset(both.trainer));
        assert_true(bp_trainer_learning_rate(both.trainer) == rate);
        assert_int_equal(bp_trainer_run(both.trainer, &data, NULL, NULL), BP_DIVERGED);
        assert_int_equal(recoveries_of(both.trainer, rate), allowed);
        end_pair(&both);
    }
}

/* From the fifth epoch on, every epoch begins with weights that overflow. */
static int spoil_weights(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)trainer;
    size_t count;
    bp_network *net = context;
    bp_real spoilt[256];
    bp_network_weights(net, &count);
    assert_true(count <= COUNT(spoilt));
    for (size_t i = 0; i < count; i++)
        spoilt[i] = (bp_real)(sizeof(bp_real) == sizeof(float) ? 1e30 : 1e200);
    if (progress->epoch >= 5)
        assert_ok(bp_network_set_weights(net, spoilt, count));
    return 0;
}

/* By default five times, where the library chose the rate, and no machine has to agree with others. In each
 * run the rate is far too large from the sixth epoch on. */
static void test_the_default(void **state)
{
    (void)state;
    const struct {
        double rate;
        int recoveries;
        bool hook;
        size_t wanted;
    } rows[] = {{BP_RATE_AUTO, BP_RECOVERIES_AUTO, false, 5},
                {BP_RATE_AUTO, BP_RECOVERIES_AUTO, true, 0},
                {0.1, BP_RECOVERIES_AUTO, false, 0},
                {BP_RATE_AUTO, 2, false, 2},
                {BP_RATE_AUTO, 0, false, 0},
                {0.1, 2, true, 2}};
    const bp_data data = wave_training();
    for (size_t i = 0; i < COUNT(rows); i++) {
        bp_stop_rule rule;
        bp_trainer_options options = recovering(&rule, rows[i].rate, 300, rows[i].recoveries);
        bp_network *net = wave_network(1);
        options.on_epoch = spoil_weights;
        options.on_epoch_context = net;
        options.on_gradient = rows[i].hook ? only_listen : NULL;
        pair both = make_pair(net, &options);
        assert_int_equal(bp_trainer_run(both.trainer, &data, NULL, NULL), BP_DIVERGED);
        assert_int_equal(count_findings(both.trainer, BP_FINDING_RECOVERED, NULL), rows[i].wanted);
        end_pair(&both);
    }
}

/* ------------------------------------------------------------------------- the message */

static void test_a_recovered_run_leaves_the_message(void **state)
{
    (void)state;
    const bp_data data = wave_training();
    bp_stop_rule rule;
    bp_trainer_options options = recovering(&rule, LARGE_RATE, 300, 6);
    pair both = make_pair(wave_network(1), &options);
    assert_int_equal(bp_trainer_create(NULL, NULL, NULL), BP_ERROR_ARGUMENT);
    char before[512];
    strncpy(before, bp_error_message(), sizeof before - 1);
    before[sizeof before - 1] = 0;
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_true(recoveries_of(both.trainer, LARGE_RATE) > 0);
    assert_string_equal(bp_error_message(), before);
    end_pair(&both);
}

/* ---------------------------------------------------- epochs, history, callbacks, limits */

typedef struct witness {
    size_t epochs;
    double errors[500];
    double rates[500];
    uint64_t updates;
} witness;

static int watch(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)trainer;
    witness *seen = context;
    assert_int_equal(progress->epoch, seen->epochs + 1); /* no epoch is left out or told twice */
    assert_true(progress->updates > seen->updates && isfinite(progress->error));
    seen->updates = progress->updates;
    seen->rates[seen->epochs] = progress->learning_rate;
    seen->errors[seen->epochs++] = progress->error;
    return 0;
}

static void test_epochs_and_history_are_consistent(void **state)
{
    (void)state;
    const size_t batch_sizes[] = {BP_BATCH_AUTO, 0, 1};
    const bp_data data = wave_training();
    for (size_t i = 0; i < COUNT(batch_sizes); i++) {
        witness seen = {.epochs = 0};
        bp_stop_rule rule;
        bp_trainer_options options = recovering(&rule, LARGE_RATE, 120, 6);
        options.batch_size = batch_sizes[i];
        options.keep_history = 1;
        options.on_epoch = watch;
        options.on_epoch_context = &seen;
        pair both = make_pair(wave_network(1), &options);
        const bp_result result = train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
        size_t count;
        const double *history = bp_trainer_history(both.trainer, &count);
        assert_int_equal(result.epochs, 120);
        assert_int_equal(seen.epochs, 120);
        assert_int_equal(count, 120);
        assert_memory_equal(history, seen.errors, sizeof *history * count);
        const size_t times = recoveries_of(both.trainer, LARGE_RATE);
        assert_true(times > 0);
        size_t falls = 0;
        for (size_t epoch = 1; epoch < 120; epoch++) {
            if (seen.rates[epoch] == seen.rates[epoch - 1])
                continue;
            assert_true(seen.rates[epoch] < seen.rates[epoch - 1]);
            falls++;
        }
        assert_true(falls <= times); /* several may come within an epoch, or in the first */
        assert_close(seen.rates[119], last_rate(both.trainer), 1e-12);
        end_pair(&both);
    }
}

/* Limits count what was done, whatever was rolled back. */
static void test_limits_hold(void **state)
{
    (void)state;
    const bp_data data = wave_training();
    for (int online = 0; online < 2; online++)
        for (uint64_t limit = 1; limit < 120; limit += 7) {
            const bp_stop_rule rule = bp_stop_updates(limit);
            bp_stop_rule unused;
            bp_trainer_options options = recovering(&unused, LARGE_RATE, 1, 6);
            options.stop_rules = &rule;
            options.batch_size = online ? 1 : BP_BATCH_AUTO;
            pair both = make_pair(wave_network(1), &options);
            bp_result result = empty_result();
            assert_ok(bp_trainer_run(both.trainer, &data, NULL, &result)); /* after the last update, too */
            assert_int_equal(result.reason, BP_STOP_UPDATES);
            assert_true(isfinite(result.error) && result.updates == limit);
            end_pair(&both);
        }
}

/* What the last update of a run does shows only after it. */
static void test_the_last_update(void **state)
{
    (void)state;
    const size_t batch_sizes[] = {0, 3};
    const bp_data data = numbered_data();
    const double rate = TOLERANCE(3e38, 1.5e308);
    for (int i = 0; i < 4; i++) {
        const int recoveries = i % 2;
        const bp_stop_rule rule = bp_stop_updates(1);
        bp_stop_rule unused;
        bp_trainer_options options = recovering(&unused, rate, 1, recoveries);
        options.stop_rules = &rule;
        options.scale_data = 0;
        options.batch_size = batch_sizes[i / 2]; /* the end of an epoch, or not */
        pair both = make_pair(numbered_network(), &options);
        bp_result result = empty_result();
        const double before = error_of(both.net, &data);
        assert_int_equal(bp_trainer_run(both.trainer, &data, NULL, &result),
                         recoveries == 0 ? BP_DIVERGED : BP_OK);
        assert_int_equal(result.reason, recoveries == 0 ? BP_STOP_DIVERGED : BP_STOP_UPDATES);
        assert_int_equal(recoveries_of(both.trainer, rate), recoveries);
        assert_close(result.error, before, 1e-6);
        assert_close(error_of(both.net, &data), before, 1e-12);
        end_pair(&both);
    }
}

/* The windows of the stopping rules begin anew: E at the recovered weights is not compared with what was
 * before. */
static void test_windows_begin_anew(void **state)
{
    (void)state;
    enum { WINDOW = 30 };
    const bp_data data = wave_training(), validation = wave_validation();
    for (int early = 0; early < 2; early++) {
        bp_stop_rule unused;
        bp_trainer_options options = recovering(&unused, 0.1, 1, 5);
        const bp_stop_rule rule =
            early ? bp_stop_early(WINDOW, 0) : bp_stop_diminishing_returns(WINDOW, 0.001);
        options.learning_rate_schedule = bp_schedule_switch(0.1, WINDOW - 5, 1);
        options.stop_rules = &rule;
        options.keep_best = 0;
        options.optimizer.momentum = 0.9;
        pair both = make_pair(wave_network(1), &options);
        const bp_result result = train_until(both.trainer, &data, early ? &validation : NULL,
                                             early ? BP_STOP_EARLY : BP_STOP_DIMINISHING_RETURNS);
        bp_finding found;
        if (find_finding(both.trainer, BP_FINDING_RECOVERED, &found))
            assert_true(result.epochs >= found.epoch - 1 + WINDOW);
        end_pair(&both);
    }
}

/* --------------------------------------------------------------------------- in parts */

static bp_network *train_in_parts(size_t batch_size, size_t runs, bool validated)
{
    enum { EPOCHS = 400 };
    size_t in_first = 0;
    bp_stop_rule rule;
    const bp_data data = wave_training(), validation = wave_validation();
    bp_trainer_options options = recovering(&rule, LARGE_RATE, EPOCHS / runs, 6);
    options.batch_size = batch_size;
    pair both = make_pair(wave_network(2), &options);
    for (size_t i = 0; i < runs; i++) {
        train_until(both.trainer, &data, validated ? &validation : NULL, BP_STOP_EPOCHS);
        if (i == 0)
            in_first = recoveries_of(both.trainer, LARGE_RATE);
    }
    assert_true(in_first > 0);
    assert_int_equal(recoveries_of(both.trainer, LARGE_RATE), in_first);
    bp_trainer_destroy(both.trainer);
    return both.net;
}

/* All recoveries happen in the first run; the next goes on with the lower rate as if there were one. */
static void test_later_runs_go_on(void **state)
{
    (void)state;
    const size_t batch_sizes[] = {BP_BATCH_AUTO, 0, 1};
    for (size_t i = 0; i < COUNT(batch_sizes); i++)
        for (int validated = 0; validated < 2; validated++) {
            bp_network *one = train_in_parts(batch_sizes[i], 1, validated),
                       *two = train_in_parts(batch_sizes[i], 2, validated);
            assert_same_weights(one, two);
            bp_network_destroy(one);
            bp_network_destroy(two);
        }
}

/* ------------------------------------------------------------------------- a custom loss */

static double half_square(void *context, const bp_real *y, const bp_real *d, bp_real *derivative,
                          size_t units)
{
    (void)context;
    double error = 0;
    for (size_t i = 0; i < units; i++) {
        error += ((double)y[i] - (double)d[i]) * ((double)y[i] - (double)d[i]) / 2;
        if (derivative != NULL)
            derivative[i] = y[i] - d[i];
    }
    return error;
}

/* Nobody knows what constant outputs would reach. */
static void test_a_custom_loss(void **state)
{
    (void)state;
    const bp_data data = wave_training();
    bp_stop_rule rule;
    bp_trainer_options options = recovering(&rule, LARGE_RATE, 300, 6);
    options.loss = bp_loss_custom(half_square, NULL);
    pair both = make_pair(wave_network(1), &options);
    const bp_result result = train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_in_range(recoveries_of(both.trainer, LARGE_RATE), 1, 6);
    assert_true(result.mean_error < 0.06);
    end_pair(&both);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_run_ends_well),
        cmocka_unit_test(test_the_first_recovery_searches),
        cmocka_unit_test(test_with_validation_cases),
        cmocka_unit_test(test_never),
        cmocka_unit_test(test_as_often_as_the_option_says),
        cmocka_unit_test(test_the_default),
        cmocka_unit_test(test_a_recovered_run_leaves_the_message),
        cmocka_unit_test(test_epochs_and_history_are_consistent),
        cmocka_unit_test(test_limits_hold),
        cmocka_unit_test(test_the_last_update),
        cmocka_unit_test(test_windows_begin_anew),
        cmocka_unit_test(test_later_runs_go_on),
        cmocka_unit_test(test_a_custom_loss),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
