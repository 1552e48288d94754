#include "train/stop_improvement.h"

#include <math.h>

/* ------------------------------------------------------------------ early stopping */

bp_stop_rule bp_stop_early(size_t patience, double min_improvement)
{
    return (bp_stop_rule){.kind = BP_STOP_EARLY, .threshold = min_improvement, .count = patience};
}

/* An improvement is measured against the last one, so that small ones add up. */
static void wait_for_improvement(const bp_stop_rule *rule, stop_memory *memory, double error, bool is_first)
{
    bool any = is_first || isnan(memory->reference); /* any number is better than none */
    bool improved = any || error < memory->reference * (1 - rule->threshold);
    if (improved)
        memory->reference = error;
    memory->waited = improved ? 0 : memory->waited + 1;
}

static void early_observes(const bp_stop_rule *rule, stop_memory *memory, const stop_metrics *metrics)
{
    wait_for_improvement(rule, memory, metrics->validation_error, memory->seen == 0);
    memory->seen++;
}

static bool early_fires(const bp_stop_rule *rule, const stop_memory *memory, const stop_metrics *metrics)
{
    (void)metrics;
    return memory->waited >= rule->count;
}

const stop_kind bpi_stop_early = {
    .count = "patience",
    .threshold = "min_improvement",
    .zero_allowed = true,
    .judges_validation = true,
    .fires = early_fires,
    .observes = early_observes,
};

/* --------------------------------------------------- the same by a moving average */

bp_stop_rule bp_stop_early_averaged(size_t patience, double min_improvement, size_t window)
{
    return (bp_stop_rule){
        .kind = BP_STOP_EARLY_AVERAGED, .threshold = min_improvement, .count = patience, .window = window};
}

static uint64_t window_of(const bp_stop_rule *rule)
{
    return rule->window;
}

/* Summed anew each time, the oldest first: no rounding is carried on from epoch to epoch. */
static double mean_of_window(const bp_stop_rule *rule, const stop_memory *memory)
{
    double sum = 0;
    for (uint64_t i = 0; i < rule->window; i++)
        sum += memory->errors[(memory->seen + i) % rule->window];
    return sum / (double)rule->window;
}

static void early_averaged_observes(const bp_stop_rule *rule, stop_memory *memory,
                                    const stop_metrics *metrics)
{
    bpi_stop_remember(memory, rule->window, metrics->validation_error);
    if (memory->seen >= rule->window)
        wait_for_improvement(rule, memory, mean_of_window(rule, memory), memory->seen == rule->window);
}

const stop_kind bpi_stop_early_averaged = {
    .count = "patience",
    .window = "window",
    .threshold = "min_improvement",
    .zero_allowed = true,
    .judges_validation = true,
    .errors_length = window_of,
    .fires = early_fires,
    .observes = early_averaged_observes,
};

/* -------------------------------------------------------------- diminishing returns */

bp_stop_rule bp_stop_diminishing_returns(size_t window, double improvement)
{
    return (bp_stop_rule){.kind = BP_STOP_DIMINISHING_RETURNS, .threshold = improvement, .count = window};
}

/* The error before the window is kept, too. */
static uint64_t window_and_one(const bp_stop_rule *rule)
{
    return rule->count < UINT64_MAX ? rule->count + 1 : UINT64_MAX;
}

/* Mean errors stay comparable when the number of cases changes between runs. */
static void diminishing_observes(const bp_stop_rule *rule, stop_memory *memory, const stop_metrics *metrics)
{
    bpi_stop_remember(memory, window_and_one(rule), metrics->mean_error);
}

static bool diminishing_fires(const bp_stop_rule *rule, const stop_memory *memory,
                              const stop_metrics *metrics)
{
    uint64_t length = window_and_one(rule);
    if (memory->seen < length)
        return false;
    double before = memory->errors[memory->seen % length];
    /* An error of 0 cannot improve; that of a custom loss may be negative. */
    double whole = fmax(fabs(before), metrics->negligible_error);
    return before - metrics->mean_error < rule->threshold * whole || before == 0;
}

const stop_kind bpi_stop_diminishing_returns = {
    .count = "window",
    .threshold = "improvement",
    .errors_length = window_and_one,
    .fires = diminishing_fires,
    .observes = diminishing_observes,
};
