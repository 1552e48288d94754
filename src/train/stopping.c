#include "train/stopping.h"

#include <inttypes.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/value_type.h"
#include "train/option.h"
#include "train/stop_generalization.h"
#include "train/stop_improvement.h"
#include "train/stop_kind.h"
#include "train/stop_threshold.h"

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

/* ------------------------------------------------------------------ the table of kinds */

/* By the reason that they give. The other reasons belong to no rule. */
static const stop_kind *const kinds[] = {
    [BP_STOP_ERROR_BELOW] = &bpi_stop_error_below,
    [BP_STOP_MEAN_ERROR_BELOW] = &bpi_stop_mean_error_below,
    [BP_STOP_WITHIN_TOLERANCE] = &bpi_stop_within_tolerance,
    [BP_STOP_EARLY] = &bpi_stop_early,
    [BP_STOP_DIMINISHING_RETURNS] = &bpi_stop_diminishing_returns,
    [BP_STOP_EPOCHS] = &bpi_stop_epochs,
    [BP_STOP_UPDATES] = &bpi_stop_updates,
    [BP_STOP_SECONDS] = &bpi_stop_seconds,
    [BP_STOP_GRADIENT_BELOW] = &bpi_stop_gradient_below,
    [BP_STOP_GENERALIZATION_LOSS] = &bpi_stop_generalization_loss,
    [BP_STOP_PROGRESS_QUOTIENT] = &bpi_stop_progress_quotient,
    [BP_STOP_VALIDATION_UP] = &bpi_stop_validation_up,
    [BP_STOP_EARLY_AVERAGED] = &bpi_stop_early_averaged,
};

/* NULL if there is none that gives this reason. */
static const stop_kind *kind_of(int32_t reason)
{
    size_t kind = (size_t)reason; /* huge if it is negative */
    return kind < sizeof kinds / sizeof kinds[0] ? kinds[kind] : NULL;
}

static const stop_kind *find_kind(const bp_stop_rule *rule)
{
    return kind_of(rule->kind);
}

/* A number of epochs or updates. One that the rule does not have is a part of its reserve. */
static bp_status check_count(const char *where, const bp_stop_rule *rule, const char *name, uint64_t count)
{
    if (name == NULL && count != 0)
        return bpi_fail_value(where, "stop rule", "bp_stop_*", rule->kind, true);
    if (name != NULL && count == 0)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: %s is 0, it must be >= 1", where, name);
    return BP_OK;
}

bp_status bpi_stop_rule_check(const char *where, const bp_stop_rule *rule)
{
    const stop_kind *kind = find_kind(rule);
    BPI_TRY(BPI_CHECK_VALUE(where, "stop rule", "bp_stop_*", rule, kind != NULL));
    BPI_TRY(check_count(where, rule, kind->window, rule->window));
    BPI_TRY(check_count(where, rule, kind->count, rule->count));
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
    return kind != NULL && kind->errors_length != NULL ? kind->errors_length(rule) : 0;
}

/* The errors that rules remember. */
static bp_status allocate_memory(const char *where, stop_rules *set)
{
    for (size_t i = 0; i < set->count; i++) {
        const bp_stop_rule *rule = &set->rules[i];
        const stop_kind *kind = find_kind(rule);
        if (kind->errors_length == NULL)
            continue;
        uint64_t length = kind->errors_length(rule);
        if (length <= SIZE_MAX)
            set->memory[i].errors = bpi_allocate_zeroed(&set->allocator, (size_t)length, sizeof(double));
        if (set->memory[i].errors == NULL)
            return bpi_fail(BP_ERROR_MEMORY, "%s[%zu]: out of memory for a %s of %" PRIu64 " epochs", where,
                            i, kind->window != NULL ? kind->window : kind->count,
                            kind->window != NULL ? rule->window : rule->count);
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

stop_array bpi_stopping_array(const stop_rules *set, size_t index)
{
    const stop_kind *kind = find_kind(&set->rules[index]);
    const stop_memory *memory = &set->memory[index];
    if (kind->errors_length == NULL)
        return (stop_array){0};
    size_t capacity = (size_t)kind->errors_length(&set->rules[index]); /* which was allocated */
    return (stop_array){.values = memory->errors,
                        .count = memory->seen >= capacity ? capacity : (size_t)memory->seen,
                        .capacity = capacity};
}

size_t bpi_stopping_find(const stop_rules *set, bp_stop_reason reason)
{
    size_t i = 0;
    while (i < set->count && set->rules[i].kind != (int32_t)reason)
        i++;
    return i;
}

bool bpi_stopping_judges_validation(bp_stop_reason reason)
{
    const stop_kind *kind = kind_of((int32_t)reason);
    return kind != NULL && kind->judges_validation;
}

size_t bpi_stopping_find_validation(const stop_rules *set)
{
    size_t i = 0;
    while (i < set->count && !find_kind(&set->rules[i])->judges_validation)
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
