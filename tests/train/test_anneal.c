/* The last part of training: the learning rate is lowered twice, and a plateau is given more time. */
#include <math.h>
#include <string.h>

#include "train/types.h"
#include "train/wave_example.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

enum { MAX_WEIGHTS = 40 };

/* What the epochs were like; and where each began, as its update norm says. */
typedef struct witness {
    bp_network *net;
    bp_real last[MAX_WEIGHTS], best[MAX_WEIGHTS];
    double lowest, rates[8];
    size_t epochs, rate_count, changes[8]; /* rates, and the last epoch with each */
    size_t began_with_best;
} witness;

static double distance(const bp_real *a, const bp_real *b, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += ((double)a[i] - (double)b[i]) * ((double)a[i] - (double)b[i]);
    return sqrt(sum);
}

static bool is_near(double a, double b)
{
    return fabs(a - b) <= TOLERANCE(1e-3, 1e-9) * b + TOLERANCE(1e-7, 1e-14);
}

static int watch(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)trainer;
    witness *seen = context;
    size_t count;
    const bp_real *weights = bp_network_weights(seen->net, &count);
    assert_true(count <= MAX_WEIGHTS);
    const bool is_new = seen->rate_count == 0 || progress->learning_rate != seen->rates[seen->rate_count - 1];
    if (is_new) {
        assert_true(seen->rate_count < COUNT(seen->rates));
        seen->rates[seen->rate_count++] = progress->learning_rate;
    }
    /* training goes on from the last weights, or, with a new rate, from the best */
    if (seen->epochs > 0 && !is_near(distance(weights, seen->last, count), progress->update_norm)) {
        assert_true(is_new && is_near(distance(weights, seen->best, count), progress->update_norm));
        seen->began_with_best++;
    }
    if (seen->epochs == 0 || progress->validation_error < seen->lowest) {
        seen->lowest = progress->validation_error;
        memcpy(seen->best, weights, count * sizeof *weights);
    }
    memcpy(seen->last, weights, count * sizeof *weights);
    seen->changes[seen->rate_count - 1] = progress->epoch;
    seen->epochs++;
    return 0;
}

static pair make(bp_network *net, witness *seen, int keep_best)
{
    bp_stop_rule unused;
    bp_trainer_options options = wave_options(&unused, BP_RATE_AUTO, 0);
    *seen = (witness){.net = net};
    options.on_epoch = watch;
    options.on_epoch_context = seen;
    options.keep_best = keep_best;
    return make_pair(net, &options);
}

static double found_rate(const bp_trainer *trainer)
{
    return assert_found(trainer, BP_FINDING_LEARNING_RATE, NULL, NULL).values[0];
}

/* The rate fell twice, by 0.3 each, as the finding says. */
static void assert_lowered(const pair *both, const witness *seen)
{
    const double rate = found_rate(both->trainer);
    assert_int_equal(seen->rate_count, 3);
    for (int i = 0; i < 3; i++)
        assert_close(seen->rates[i], rate * pow(0.3, i), 1e-12);
    const bp_finding first = assert_found(both->trainer, BP_FINDING_ANNEALED, "no longer improved", NULL);
    bp_finding last;
    assert_int_equal(first.severity, BP_SEVERITY_NOTE);
    assert_int_equal(first.count, 1);
    assert_close(first.values[0], rate, 1e-12);
    assert_close(first.values[1], 0.3 * rate, 1e-12);
    assert_int_equal(first.epoch, seen->changes[0]);
    assert_int_equal(count_findings(both->trainer, BP_FINDING_ANNEALED, &last), 2);
    assert_int_equal(last.count, 2);
    assert_close(last.values[0], 0.3 * rate, 1e-12);
    assert_close(last.values[1], 0.09 * rate, 1e-12);
    assert_int_equal(last.epoch, seen->changes[1]);
    assert_close(bp_trainer_learning_rate(both->trainer), 0.09 * rate, 1e-12);
}

/* ------------------------------------------------------------------------ the end of a run */

static void test_the_rate_is_lowered_twice(void **state)
{
    (void)state;
    const bp_data data = wave_training(), validation = wave_validation();
    for (int validated = 0; validated < 2; validated++)
        for (int keep = 0; keep < 2; keep++) {
            witness seen;
            pair both = make(wave_network(1), &seen, keep);
            const bp_result result = train_until(both.trainer, &data, validated ? &validation : NULL,
                                                 validated ? BP_STOP_EARLY : BP_STOP_DIMINISHING_RETURNS);
            assert_lowered(&both, &seen);
            assert_int_equal(result.epochs, seen.epochs);
            assert_int_equal(seen.began_with_best, validated ? 2 : 0);
            size_t count;
            const bp_real *weights = bp_network_weights(both.net, &count);
            assert_memory_equal(weights, validated ? seen.best : seen.last, count * sizeof *weights);
            end_pair(&both);
        }
}

/* With a constant rate training would have ended at the first fall. Here that would do, too. */
static void test_until_then_it_is_an_ordinary_training(void **state)
{
    (void)state;
    const bp_data data = wave_training();
    for (uint64_t seed = 1; seed <= 3; seed++) {
        witness seen;
        pair both = make(wave_network(seed), &seen, 1);
        const bp_result lowered = train_until(both.trainer, &data, NULL, BP_STOP_DIMINISHING_RETURNS);
        bp_stop_rule unused;
        bp_trainer_options options = wave_options(&unused, found_rate(both.trainer), 0);
        pair constant = make_pair(wave_network(seed), &options);
        const bp_result plain = train_until(constant.trainer, &data, NULL, BP_STOP_DIMINISHING_RETURNS);
        assert_not_found(constant.trainer, BP_FINDING_ANNEALED);
        assert_int_equal(plain.epochs, seen.changes[0]);
        assert_true(lowered.mean_error < 1.02 * plain.mean_error);
        end_pair(&both);
        end_pair(&constant);
    }
}

static bp_status only_listen(void *context, const bp_gradient_batch *batch_seen, bp_gradient_reply *reply)
{
    (void)context, (void)batch_seen, (void)reply;
    return BP_OK;
}

/* What the caller has chosen stays: a rate, rules; and machines must not part. */
static void test_where_it_is_not_lowered(void **state)
{
    (void)state;
    const bp_data data = wave_training();
    for (int i = 0; i < 3; i++) {
        bp_stop_rule unused;
        bp_trainer_options options = wave_options(&unused, i == 0 ? WAVE_RATE : BP_RATE_AUTO, 0);
        const bp_stop_rule rule = bp_stop_diminishing_returns(100, 0.05);
        if (i == 1) {
            options.stop_rules = &rule;
            options.stop_rule_count = 1;
        }
        options.on_gradient = i == 2 ? only_listen : NULL;
        pair both = make_pair(wave_network(1), &options);
        train_until(both.trainer, &data, NULL, BP_STOP_DIMINISHING_RETURNS);
        assert_not_found(both.trainer, BP_FINDING_ANNEALED);
        if (i > 0)
            assert_true(bp_trainer_learning_rate(both.trainer) == found_rate(both.trainer));
        end_pair(&both);
    }
}

/* An end of another kind is the end. */
static int end_at_10(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)context, (void)trainer;
    return progress->epoch == 10;
}

static void test_other_ends(void **state)
{
    (void)state;
    const bp_data data = wave_training();
    bp_stop_rule unused;
    bp_trainer_options options = wave_options(&unused, BP_RATE_AUTO, 0);
    options.on_epoch = end_at_10;
    pair both = make_pair(wave_network(1), &options);
    train_until(both.trainer, &data, NULL, BP_STOP_CALLBACK);
    assert_not_found(both.trainer, BP_FINDING_ANNEALED);
    end_pair(&both);
}

/* ------------------------------------------------------------------------------ plateaus */

/* Weights of 0 never part, and the exclusive-or is never learned: two windows more than else, with the first
 * rate, before it is lowered twice. All is one batch, and an epoch one update. */
static void test_a_plateau_is_given_more_time(void **state)
{
    (void)state;
    const bp_data data = xor_data();
    for (int validated = 0; validated < 2; validated++)
        for (int keep = 0; keep < 2; keep++) {
            witness seen;
            bp_network *net = xor_network(1);
            assert_ok(bp_network_set_weight_init(net, bp_weight_init_constant(0)));
            assert_ok(bp_network_initialize(net, 1));
            pair both = make(net, &seen, keep);
            train_until(both.trainer, &data, validated ? &data : NULL,
                        validated ? BP_STOP_EARLY : BP_STOP_DIMINISHING_RETURNS);
            assert_lowered(&both, &seen);
            const size_t window = seen.changes[2] - seen.changes[1];
            assert_int_equal(window, 1001); /* 1000 epochs bring nothing */
            assert_int_equal(seen.changes[1] - seen.changes[0], window);
            assert_true(seen.changes[0] >= 3 * window);
            end_pair(&both);
        }
}

/* ---------------------------------------------------------------------------- later runs */

/* A later run begins anew, with the rate that was found, and so does one after a reset. */
static void test_later_runs(void **state)
{
    (void)state;
    const bp_data data = wave_training();
    witness seen;
    pair both = make(wave_network(1), &seen, 1);
    for (int i = 0; i < 2; i++) {
        seen = (witness){.net = both.net};
        train_until(both.trainer, &data, NULL, BP_STOP_DIMINISHING_RETURNS);
        assert_lowered(&both, &seen);
    }
    assert_ok(bp_trainer_reset(both.trainer));
    assert_ok(bp_network_initialize(both.net, 2));
    seen = (witness){.net = both.net};
    train_until(both.trainer, &data, NULL, BP_STOP_DIMINISHING_RETURNS);
    assert_lowered(&both, &seen);
    end_pair(&both);
}

/* Interrupted by callbacks, training is as without: the weights, and the rates on the way. */
static int end_now_and_then(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    watch(context, trainer, progress);
    return progress->epoch % 100 == 0;
}

static void test_interrupted_runs(void **state)
{
    (void)state;
    const bp_data data = wave_training(), validation = wave_validation();
    for (int validated = 0; validated < 2; validated++) {
        const bp_data *others = validated ? &validation : NULL;
        witness seen, parts;
        pair both = make(wave_network(1), &seen, 1), other = make(wave_network(1), &parts, 1);
        other.trainer->options.on_epoch = end_now_and_then;
        other.trainer->options.on_epoch_context = &parts;
        const bp_stop_reason end = validated ? BP_STOP_EARLY : BP_STOP_DIMINISHING_RETURNS;
        train_until(both.trainer, &data, others, end);
        bp_result result = empty_result();
        while (result.reason != end)
            assert_ok(bp_trainer_run(other.trainer, &data, others, &result));
        assert_same_weights(both.net, other.net);
        assert_memory_equal(seen.rates, parts.rates, sizeof seen.rates);
        assert_int_equal(seen.epochs, parts.epochs);
        end_pair(&both);
        end_pair(&other);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_rate_is_lowered_twice),
        cmocka_unit_test(test_until_then_it_is_an_ordinary_training),
        cmocka_unit_test(test_where_it_is_not_lowered),
        cmocka_unit_test(test_other_ends),
        cmocka_unit_test(test_a_plateau_is_given_more_time),
        cmocka_unit_test(test_later_runs),
        cmocka_unit_test(test_interrupted_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
