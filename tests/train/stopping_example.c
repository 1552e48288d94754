#include "train/stopping_example.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

bp_allocator plain_allocator(void)
{
    bp_allocator allocator;
    assert_ok(bpi_allocator_choose(&allocator, "here", NULL));
    return allocator;
}

stop_rules make_set(const bp_stop_rule *rules, size_t count)
{
    bp_allocator allocator = plain_allocator();
    stop_rules set;
    assert_ok(bpi_stopping_create(&set, "here", &allocator, rules, count));
    return set;
}

size_t fires_after(bp_stop_rule rule, const stop_metrics *epochs, size_t count)
{
    stop_rules set = make_set(&rule, 1);
    size_t fired = 0;
    for (size_t i = 0; i < count && fired == 0; i++) {
        bpi_stopping_observe(&set, &epochs[i]);
        if (bpi_stopping_next(&set, 0, &epochs[i]) == 0)
            fired = i + 1;
    }
    bpi_stopping_clear(&set);
    return fired;
}

size_t fires_after_both(bp_stop_rule rule, const double *training, const double *validation, size_t count)
{
    stop_metrics epochs[64] = {0};
    assert_true(count <= 64);
    for (size_t i = 0; i < count; i++) {
        epochs[i].mean_error = training != NULL ? training[i] : 0;
        epochs[i].validation_error = validation != NULL ? validation[i] : 0;
    }
    return fires_after(rule, epochs, count);
}

size_t fires_after_validation(bp_stop_rule rule, const double *errors, size_t count)
{
    return fires_after_both(rule, NULL, errors, count);
}

size_t fires_after_errors(bp_stop_rule rule, const double *errors, size_t count)
{
    return fires_after_both(rule, errors, NULL, count);
}

/* ---------------------------------------------------------------------- the oracle */

/* Errors are those of epoch 1 to t, that of epoch i at index i - 1. */

static double mean_of(const double *errors, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += errors[i];
    return sum / (double)count;
}

static double minimum_of(const double *errors, size_t count)
{
    double minimum = errors[0];
    for (size_t i = 1; i < count; i++)
        minimum = errors[i] < minimum ? errors[i] : minimum;
    return minimum;
}

static double oracle_loss(const double *validation, size_t t)
{
    return 100 * (validation[t - 1] / minimum_of(validation, t) - 1);
}

static double oracle_progress(const double *training, size_t t, size_t k)
{
    const double *strip = training + t - k;
    return 1000 * (mean_of(strip, k) / minimum_of(strip, k) - 1);
}

static bool oracle_up(const double *validation, size_t t, size_t k, uint64_t s)
{
    if (t < 2 * k || t % k != 0)
        return false;
    return validation[t - 1] > validation[t - k - 1] && (s == 1 || oracle_up(validation, t - k, k, s - 1));
}

/* Has the mean of the last k errors not improved by a fraction for `patience` epochs, at epoch t? */
static bool oracle_waited(const double *validation, size_t t, size_t k, uint64_t patience, double fraction)
{
    size_t last = k; /* epoch of the last improvement */
    for (size_t i = k + 1; i <= t; i++)
        if (mean_of(validation + i - k, k) < mean_of(validation + last - k, k) * (1 - fraction))
            last = i;
    return t >= last + patience;
}

static bool oracle_fires(const bp_stop_rule *rule, const double *training, const double *validation, size_t t)
{
    const size_t k = (size_t)rule->window;
    switch (rule->kind) {
    case BP_STOP_EARLY:
        return oracle_waited(validation, t, 1, rule->count, rule->threshold);
    case BP_STOP_EARLY_AVERAGED:
        return oracle_waited(validation, t, k, rule->count, rule->threshold);
    case BP_STOP_GENERALIZATION_LOSS:
        return oracle_loss(validation, t) > rule->threshold;
    case BP_STOP_PROGRESS_QUOTIENT:
        return t % k == 0 && oracle_loss(validation, t) / oracle_progress(training, t, k) > rule->threshold;
    case BP_STOP_VALIDATION_UP:
        return oracle_up(validation, t, k, rule->count);
    default:
        fail_msg("the oracle does not know this rule");
        return false;
    }
}

size_t oracle_end(const bp_stop_rule *rule, const double *training, const double *validation, size_t count)
{
    size_t t = 1;
    while (t <= count && !oracle_fires(rule, training, validation, t))
        t++;
    return t <= count ? t : 0;
}
