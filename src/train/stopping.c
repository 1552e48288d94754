#include "train/stopping.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/value_type.h"
#include "train/option.h"

const char *bp_stop_reason_string(bp_stop_reason reason)
{
    switch (reason) {
#define REASON_TEXT(name, value, text)                                                                       \
    case name:                                                                                               \
        return text;
        BP_STOP_LIST(REASON_TEXT)
#undef REASON_TEXT
    }
    return "unknown reason";
}

/* ------------------------------------------------------------- the rules as values */

static bp_stop_rule make(bp_stop_reason reason, double threshold, uint64_t count)
{
    return (bp_stop_rule){.kind = (int32_t)reason, .threshold = threshold, .count = count};
}

bp_stop_rule bp_stop_error_below(double summed_error)
{
    return make(BP_STOP_ERROR_BELOW, summed_error, 0);
}

bp_stop_rule bp_stop_mean_error_below(double mean_error)
{
    return make(BP_STOP_MEAN_ERROR_BELOW, mean_error, 0);
}

bp_stop_rule bp_stop_within_tolerance(double tolerance)
{
    return make(BP_STOP_WITHIN_TOLERANCE, tolerance, 0);
}

bp_stop_rule bp_stop_early(size_t patience, double min_improvement)
{
    return make(BP_STOP_EARLY, min_improvement, patience);
}

bp_stop_rule bp_stop_diminishing_returns(size_t window, double improvement)
{
    return make(BP_STOP_DIMINISHING_RETURNS, improvement, window);
}

bp_stop_rule bp_stop_epochs(size_t epochs)
{
    return make(BP_STOP_EPOCHS, 0, epochs);
}

bp_stop_rule bp_stop_updates(uint64_t updates)
{
    return make(BP_STOP_UPDATES, 0, updates);
}

bp_stop_rule bp_stop_seconds(double seconds)
{
    return make(BP_STOP_SECONDS, seconds, 0);
}

bp_stop_rule bp_stop_gradient_below(double threshold)
{
    return make(BP_STOP_GRADIENT_BELOW, threshold, 0);
}

/* ------------------------------------------------------------ when each rule fires */

static bool error_fires(const bp_stop_rule *rule, const stop_memory *memory, const stop_metrics *metrics)
{
    (void)memory;
    return metrics->error < rule->threshold;
}

static bool mean_error_fires(const bp_stop_rule *rule, const stop_memory *memory, const stop_metrics *metrics)
{
    (void)memory;
    return metrics->mean_error < rule->threshold;
}

static bool tolerance_fires(const bp_stop_rule *rule, const stop_memory *memory, const stop_metrics *metrics)
{
    (void)memory;
    return metrics->max_abs_error <= rule->threshold;
}

static bool epochs_fires(const bp_stop_rule *rule, const stop_memory *memory, const stop_metrics *metrics)
{
    (void)memory;
    return metrics->epochs >= rule->count;
}

static bool updates_fires(const bp_stop_rule *rule, const stop_memory *memory, const stop_metrics *metrics)
{
    (void)memory;
    return metrics->updates >= rule->count;
}

static bool seconds_fires(const bp_stop_rule *rule, const stop_memory *memory, const stop_metrics *metrics)
{
    (void)memory;
    return metrics->seconds >= rule->threshold;
}

static bool gradient_fires(const bp_stop_rule *rule, const stop_memory *memory, const stop_metrics *metrics)
{
    (void)memory;
    return metrics->gradient_norm < rule->threshold;
}

/* An improvement is measured against the last one, so that small ones add up. */
static void early_observes(const bp_stop_rule *rule, stop_memory *memory, const stop_metrics *metrics)
{
    double error = metrics->validation_error;
    bool first = memory->seen == 0 || isnan(memory->best); /* any number is better than none */
    bool improved = first || error < memory->best * (1 - rule->threshold);
    if (improved)
        memory->best = error;
    memory->waited = improved ? 0 : memory->waited + 1;
    memory->seen++;
}

static bool early_fires(const bp_stop_rule *rule, const stop_memory *memory, const stop_metrics *metrics)
{
    (void)metrics;
    return memory->waited >= rule->count;
}

/* Mean errors stay comparable when the number of cases changes between runs. */
static void diminishing_observes(const bp_stop_rule *rule, stop_memory *memory, const stop_metrics *metrics)
{
    memory->errors[memory->seen % (rule->count + 1)] = metrics->mean_error;
    memory->seen++;
}

static bool diminishing_fires(const bp_stop_rule *rule, const stop_memory *memory,
                              const stop_metrics *metrics)
{
    uint64_t length = rule->count + 1; /* of the ring */
    if (memory->seen < length)
        return false;
    double before = memory->errors[memory->seen % length];
    /* An error of 0 cannot improve; that of a custom loss may be negative. */
    return before - metrics->mean_error < rule->threshold * fabs(before) || before == 0;
}

/* ------------------------------------------------------------------ the table of kinds */

typedef struct stop_kind {
    const char *count;     /* name of the rule's count in messages; NULL: it has none */
    const char *threshold; /* likewise */
    bool zero_allowed;     /* is a threshold of 0 valid? */
    bool is_limit;         /* can end training within an epoch */
    bool is_confirmed;     /* fires only if the current weights meet it, too */
    bool needs_errors;     /* needs stop_memory.errors */
    bool (*fires)(const bp_stop_rule *rule, const stop_memory *memory, const stop_metrics *metrics);
    void (*observes)(const bp_stop_rule *rule, stop_memory *memory, const stop_metrics *metrics);
} stop_kind;

/* By reason. Reasons that belong to no rule have no function. */
static const stop_kind kinds[] = {
    [BP_STOP_ERROR_BELOW] = {.threshold = "summed_error", .is_confirmed = true, .fires = error_fires},
    [BP_STOP_MEAN_ERROR_BELOW] = {.threshold = "mean_error", .is_confirmed = true, .fires = mean_error_fires},
    [BP_STOP_WITHIN_TOLERANCE] = {.threshold = "tolerance", .is_confirmed = true, .fires = tolerance_fires},
    [BP_STOP_EARLY] = {.count = "patience",
                       .threshold = "min_improvement",
                       .zero_allowed = true,
                       .fires = early_fires,
                       .observes = early_observes},
    [BP_STOP_DIMINISHING_RETURNS] = {.count = "window",
                                     .threshold = "improvement",
                                     .needs_errors = true,
                                     .fires = diminishing_fires,
                                     .observes = diminishing_observes},
    [BP_STOP_EPOCHS] = {.count = "epochs", .fires = epochs_fires},
    [BP_STOP_UPDATES] = {.count = "updates", .is_limit = true, .fires = updates_fires},
    [BP_STOP_SECONDS] = {.threshold = "seconds", .is_limit = true, .fires = seconds_fires},
    [BP_STOP_GRADIENT_BELOW] = {.threshold = "threshold", .fires = gradient_fires},
};

/* NULL if there is none of that kind. */
static const stop_kind *find_kind(const bp_stop_rule *rule)
{
    size_t kind = (size_t)rule->kind; /* huge if it is negative */
    return kind < sizeof kinds / sizeof kinds[0] && kinds[kind].fires != NULL ? &kinds[kind] : NULL;
}

bp_status bpi_stop_rule_check(const char *where, const bp_stop_rule *rule)
{
    const stop_kind *kind = find_kind(rule);
    BPI_TRY(BPI_CHECK_VALUE(where, "stop rule", "bp_stop_*", rule, kind != NULL));
    if (kind->count != NULL && rule->count == 0)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: %s is 0, it must be >= 1", where, kind->count);
    if (kind->threshold == NULL)
        return BP_OK;
    bool in_range = kind->zero_allowed ? rule->threshold >= 0 : rule->threshold > 0;
    return bpi_check_number(where, kind->threshold, rule->threshold, in_range,
                            kind->zero_allowed ? ">= 0" : "> 0");
}

/* ------------------------------------------------------------------- the set of rules */

uint64_t bpi_stopping_window(const bp_stop_rule *rule)
{
    const stop_kind *kind = find_kind(rule);
    return kind != NULL && kind->needs_errors ? rule->count + 1 : 0;
}

/* The rings of errors that rules need. */
static bp_status allocate_memory(const char *where, stop_rules *set)
{
    for (size_t i = 0; i < set->count; i++) {
        const bp_stop_rule *rule = &set->rules[i];
        if (!find_kind(rule)->needs_errors)
            continue;
        if (rule->count < SIZE_MAX)
            set->memory[i].errors =
                bpi_allocate_zeroed(&set->allocator, (size_t)rule->count + 1, sizeof(double));
        if (set->memory[i].errors == NULL)
            return bpi_fail(BP_ERROR_MEMORY, "%s[%zu]: out of memory for a window of %" PRIu64 " epochs",
                            where, i, rule->count);
    }
    return BP_OK;
}

static bp_status copy_rules(const char *where, stop_rules *set, const bp_stop_rule *rules)
{
    set->rules = bpi_allocate(&set->allocator, set->count, sizeof *rules);
    set->memory = bpi_allocate_zeroed(&set->allocator, set->count, sizeof *set->memory);
    if (set->rules == NULL || set->memory == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: out of memory for %zu rules", where, set->count);
    memcpy(set->rules, rules, set->count * sizeof *rules);
    return allocate_memory(where, set);
}

bp_status bpi_stopping_create(stop_rules *out, const char *where, const bp_allocator *allocator,
                              const bp_stop_rule *rules, size_t count)
{
    stop_rules made = {.allocator = *allocator, .count = count};
    bp_status status = copy_rules(where, &made, rules);
    if (status == BP_OK)
        *out = made;
    else
        bpi_stopping_clear(&made);
    return status;
}

void bpi_stopping_clear(stop_rules *set)
{
    for (size_t i = 0; set->memory != NULL && i < set->count; i++)
        bpi_release(&set->allocator, set->memory[i].errors);
    bpi_release(&set->allocator, set->memory);
    bpi_release(&set->allocator, set->rules);
    set->memory = NULL;
    set->rules = NULL;
    set->count = 0;
}

void bpi_stopping_reset(stop_rules *set)
{
    for (size_t i = 0; i < set->count; i++)
        set->memory[i] = (stop_memory){.errors = set->memory[i].errors};
}

size_t bpi_stopping_find(const stop_rules *set, bp_stop_reason reason)
{
    size_t i = 0;
    while (i < set->count && set->rules[i].kind != (int32_t)reason)
        i++;
    return i;
}

bool bpi_stopping_has_limits(const stop_rules *set)
{
    for (size_t i = 0; i < set->count; i++)
        if (find_kind(&set->rules[i])->is_limit)
            return true;
    return false;
}

uint64_t bpi_stopping_updates_left(const stop_rules *set, uint64_t updates)
{
    uint64_t left = UINT64_MAX;
    for (size_t i = 0; i < set->count; i++) {
        const bp_stop_rule *rule = &set->rules[i];
        if (rule->kind == BP_STOP_UPDATES && rule->count - updates < left)
            left = rule->count - updates;
    }
    return left;
}

void bpi_stopping_observe(stop_rules *set, const stop_metrics *metrics)
{
    for (size_t i = 0; i < set->count; i++) {
        const stop_kind *kind = find_kind(&set->rules[i]);
        if (kind->observes != NULL)
            kind->observes(&set->rules[i], &set->memory[i], metrics);
    }
}

bool bpi_stopping_fires(const stop_rules *set, size_t index, const stop_metrics *metrics)
{
    const bp_stop_rule *rule = &set->rules[index];
    return find_kind(rule)->fires(rule, &set->memory[index], metrics);
}

bool bpi_stopping_needs_confirmation(const stop_rules *set, size_t index)
{
    return find_kind(&set->rules[index])->is_confirmed;
}

size_t bpi_stopping_next(const stop_rules *set, size_t from, const stop_metrics *metrics)
{
    size_t i = from;
    while (i < set->count && !bpi_stopping_fires(set, i, metrics))
        i++;
    return i;
}

size_t bpi_stopping_limit(const stop_rules *set, const stop_metrics *metrics)
{
    size_t i = 0;
    while (i < set->count && !(find_kind(&set->rules[i])->is_limit && bpi_stopping_fires(set, i, metrics)))
        i++;
    return i;
}
