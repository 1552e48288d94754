#include "train/stop_threshold.h"

/* ---------------------------------------------------------------------- thresholds */

bp_stop_rule bp_stop_error_below(double summed_error)
{
    return (bp_stop_rule){.kind = BP_STOP_ERROR_BELOW, .threshold = summed_error};
}

static bool error_fires(const bp_stop_rule *rule, const stop_memory *memory, const stop_metrics *metrics)
{
    (void)memory;
    return metrics->error < rule->threshold;
}

const stop_kind bpi_stop_error_below = {
    .threshold = "summed_error", .is_confirmed = true, .fires = error_fires};

bp_stop_rule bp_stop_mean_error_below(double mean_error)
{
    return (bp_stop_rule){.kind = BP_STOP_MEAN_ERROR_BELOW, .threshold = mean_error};
}

static bool mean_error_fires(const bp_stop_rule *rule, const stop_memory *memory, const stop_metrics *metrics)
{
    (void)memory;
    return metrics->mean_error < rule->threshold;
}

const stop_kind bpi_stop_mean_error_below = {
    .threshold = "mean_error", .is_confirmed = true, .fires = mean_error_fires};

bp_stop_rule bp_stop_within_tolerance(double tolerance)
{
    return (bp_stop_rule){.kind = BP_STOP_WITHIN_TOLERANCE, .threshold = tolerance};
}

static bool tolerance_fires(const bp_stop_rule *rule, const stop_memory *memory, const stop_metrics *metrics)
{
    (void)memory;
    return metrics->max_abs_error <= rule->threshold;
}

const stop_kind bpi_stop_within_tolerance = {
    .threshold = "tolerance", .is_confirmed = true, .fires = tolerance_fires};

bp_stop_rule bp_stop_gradient_below(double threshold)
{
    return (bp_stop_rule){.kind = BP_STOP_GRADIENT_BELOW, .threshold = threshold};
}

static bool gradient_fires(const bp_stop_rule *rule, const stop_memory *memory, const stop_metrics *metrics)
{
    (void)memory;
    return metrics->gradient_norm < rule->threshold;
}

const stop_kind bpi_stop_gradient_below = {.threshold = "threshold", .fires = gradient_fires};

/* -------------------------------------------------------------------------- limits */

bp_stop_rule bp_stop_epochs(size_t epochs)
{
    return (bp_stop_rule){.kind = BP_STOP_EPOCHS, .count = epochs};
}

static bool epochs_fires(const bp_stop_rule *rule, const stop_memory *memory, const stop_metrics *metrics)
{
    (void)memory;
    return metrics->epochs >= rule->count;
}

const stop_kind bpi_stop_epochs = {.count = "epochs", .fires = epochs_fires};

bp_stop_rule bp_stop_updates(uint64_t updates)
{
    return (bp_stop_rule){.kind = BP_STOP_UPDATES, .count = updates};
}

static bool updates_fires(const bp_stop_rule *rule, const stop_memory *memory, const stop_metrics *metrics)
{
    (void)memory;
    return metrics->updates >= rule->count;
}

const stop_kind bpi_stop_updates = {.count = "updates", .is_limit = true, .fires = updates_fires};

bp_stop_rule bp_stop_seconds(double seconds)
{
    return (bp_stop_rule){.kind = BP_STOP_SECONDS, .threshold = seconds};
}

static bool seconds_fires(const bp_stop_rule *rule, const stop_memory *memory, const stop_metrics *metrics)
{
    (void)memory;
    return metrics->seconds >= rule->threshold;
}

const stop_kind bpi_stop_seconds = {.threshold = "seconds", .is_limit = true, .fires = seconds_fires};
