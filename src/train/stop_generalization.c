#include "train/stop_generalization.h"

#include <math.h>

/* to / from - 1, as the paper has it, for errors > 0; that of a custom loss may be negative. From 0, a rise
 * is infinite. */
static double relative_rise(double from, double to)
{
    if (from == 0)
        return to > 0 ? INFINITY : 0;
    return (to - from) / fabs(from);
}

/* Has a strip just ended? */
static bool is_end_of_strip(const bp_stop_rule *rule, const stop_memory *memory)
{
    return memory->seen > 0 && memory->seen % rule->window == 0;
}

/* ------------------------------------------------------------- generalization loss */

bp_stop_rule bp_stop_generalization_loss(double alpha)
{
    return (bp_stop_rule){.kind = BP_STOP_GENERALIZATION_LOSS, .threshold = alpha};
}

/* E_opt, the lowest validation error so far; NaN is none. */
static void note_optimum(stop_memory *memory, double validation_error)
{
    memory->reference = memory->seen == 0 ? validation_error : fmin(memory->reference, validation_error);
}

/* GL(t) = 100 (E_va(t) / E_opt(t) - 1) */
static double generalization_loss(const stop_memory *memory, const stop_metrics *metrics)
{
    return 100 * relative_rise(memory->reference, metrics->validation_error);
}

static void loss_observes(const bp_stop_rule *rule, stop_memory *memory, const stop_metrics *metrics)
{
    (void)rule;
    note_optimum(memory, metrics->validation_error);
    memory->seen++;
}

static bool loss_fires(const bp_stop_rule *rule, const stop_memory *memory, const stop_metrics *metrics)
{
    return generalization_loss(memory, metrics) > rule->threshold;
}

const stop_kind bpi_stop_generalization_loss = {
    .threshold = "alpha",
    .judges_validation = true,
    .fires = loss_fires,
    .observes = loss_observes,
};

/* --------------------------------------------------------------- progress quotient */

bp_stop_rule bp_stop_progress_quotient(size_t strip, double alpha)
{
    return (bp_stop_rule){.kind = BP_STOP_PROGRESS_QUOTIENT, .threshold = alpha, .window = strip};
}

static uint64_t strip_of(const bp_stop_rule *rule)
{
    return rule->window;
}

/* P_k(t) = 1000 (mean / minimum - 1) of the k training errors of the strip. */
static double training_progress(const bp_stop_rule *rule, const stop_memory *memory)
{
    double sum = 0, minimum = INFINITY;
    for (uint64_t i = 0; i < rule->window; i++) {
        sum += memory->errors[i];
        minimum = fmin(minimum, memory->errors[i]);
    }
    return 1000 * relative_rise(minimum, sum / (double)rule->window);
}

static void quotient_observes(const bp_stop_rule *rule, stop_memory *memory, const stop_metrics *metrics)
{
    note_optimum(memory, metrics->validation_error);
    bpi_stop_remember(memory, rule->window, metrics->mean_error);
}

/* GL(t) / P_k(t) > alpha; without progress, which rounding may make less than 0, any loss is too much. */
static bool quotient_fires(const bp_stop_rule *rule, const stop_memory *memory, const stop_metrics *metrics)
{
    if (!is_end_of_strip(rule, memory))
        return false;
    double loss = generalization_loss(memory, metrics), progress = training_progress(rule, memory);
    return progress > 0 ? loss / progress > rule->threshold : loss > 0;
}

const stop_kind bpi_stop_progress_quotient = {
    .window = "strip",
    .threshold = "alpha",
    .judges_validation = true,
    .errors_length = strip_of,
    .fires = quotient_fires,
    .observes = quotient_observes,
};

/* ------------------------------------------------- validation error up, s strips on end */

bp_stop_rule bp_stop_validation_up(size_t strip, size_t strips)
{
    return (bp_stop_rule){.kind = BP_STOP_VALIDATION_UP, .count = strips, .window = strip};
}

/* The end of the first strip has none before it to be compared with. */
static void up_observes(const bp_stop_rule *rule, stop_memory *memory, const stop_metrics *metrics)
{
    memory->seen++;
    if (!is_end_of_strip(rule, memory))
        return;
    bool is_up = memory->seen > rule->window && metrics->validation_error > memory->reference;
    memory->waited = is_up ? memory->waited + 1 : 0;
    memory->reference = metrics->validation_error;
}

/* UP_s: E_va(t) > E_va(t - k) at the ends of s strips in a row. */
static bool up_fires(const bp_stop_rule *rule, const stop_memory *memory, const stop_metrics *metrics)
{
    (void)metrics;
    return is_end_of_strip(rule, memory) && memory->waited >= rule->count;
}

const stop_kind bpi_stop_validation_up = {
    .count = "strips",
    .window = "strip",
    .judges_validation = true,
    .fires = up_fires,
    .observes = up_observes,
};
