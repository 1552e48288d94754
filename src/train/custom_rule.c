#include "train/custom_rule.h"

#include <string.h>

#include "base/cursor.h"
#include "base/memory.h"
#include "base/sized_struct.h"
#include "base/status.h"
#include "engine/weight_parts.h"
#include "network/trainable.h"
#include "train/option.h"

enum { MAX_VECTORS = 64, MAX_SCALARS = 65536 };

void bp_rule_init(bp_rule *rule, size_t size)
{
    bpi_init_struct(SIZED_RULE, rule, size, NULL);
}

bp_optimizer bp_optimizer_custom(const bp_rule *rule, double learning_rate)
{
    return (bp_optimizer){.kind = OPTIMIZER_CUSTOM, .learning_rate = learning_rate, .rule = {.custom = rule}};
}

/* The caller's struct, which was checked when the trainer was made. */
static bp_rule rule_of(const bp_optimizer *optimizer)
{
    bp_rule rule = {0};
    (void)bpi_read_struct("bp_trainer_run", SIZED_RULE, optimizer->rule.custom, &rule);
    return rule;
}

static void state_of_custom(const bp_optimizer *optimizer, size_t *vectors, size_t *scalars)
{
    const bp_rule rule = rule_of(optimizer);
    *vectors = rule.vectors;
    *scalars = rule.scalars;
}

/* The weights before the update. */
static bool work_bytes(const bp_network *net, size_t *bytes)
{
    return bpi_multiply(net->weight_count, sizeof(bp_real), bytes);
}

static bp_status check_custom(const char *where, const bp_optimizer *optimizer)
{
    bp_rule rule;
    if (optimizer->rule.custom == NULL)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: rule is NULL", where);
    BPI_TRY(bpi_read_struct(where, SIZED_RULE, optimizer->rule.custom, &rule));
    if (rule.name == NULL || rule.update == NULL)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: rule->%s is NULL", where,
                        rule.name == NULL ? "name" : "update");
    if (strlen(rule.name) >= CURSOR_NAME_CAPACITY) /* a checkpoint has no place for more */
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: rule->name has %zu bytes, it must have at most %d", where,
                        strlen(rule.name), CURSOR_NAME_CAPACITY - 1);
    if (rule.vectors > MAX_VECTORS)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: rule->vectors is %zu, it must be at most %d", where,
                        rule.vectors, MAX_VECTORS);
    if (rule.scalars > MAX_SCALARS)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: rule->scalars is %zu, it must be at most %d", where,
                        rule.scalars, MAX_SCALARS);
    return bpi_check_rate_or_auto(where, "learning_rate", optimizer->learning_rate);
}

static bp_step describe(const optimizer_step *step)
{
    return (bp_step){
        .size = sizeof(bp_step),
        .weights = step->weights,
        .gradient = step->gradient,
        .count = step->count,
        .vectors = step->state,
        .vector_stride = step->state_stride,
        .scalars = step->scalars,
        .number = step->number,
        .learning_rate = step->learning_rate,
        .momentum = step->momentum,
        .error = step->error,
        .decay = step->decay,
    };
}

static bp_status call_update(const bp_rule *rule, const optimizer_step *step)
{
    const bp_step described = describe(step);
    const bp_status status = rule->update(rule->context, &described);
    if (status != BP_OK)
        return bpi_fail(status, "bp_trainer_run: the rule '%s' returned '%s' in update %llu", rule->name,
                        bp_status_string(status), (unsigned long long)step->number);
    if (!step->kernel->all_finite(step->weights, step->count))
        return bpi_fail(BP_ERROR_NOT_FINITE,
                        "bp_trainer_run: the rule '%s' left a weight that is NaN or infinite in update %llu",
                        rule->name, (unsigned long long)step->number);
    return BP_OK;
}

/* With a gradient that is not finite, training has diverged. That is no fault of the rule: the weights become
 * NaN or infinite, as those of other rules do, and the next E shows it. */
static bp_status spread_divergence(const optimizer_step *step)
{
    for (size_t i = 0; i < step->count; i++)
        step->weights[i] += step->gradient[i];
    return BP_OK;
}

void bpi_custom_hold_frozen(const bp_workspace *workspace, const optimizer_step *step)
{
    const size_t vectors = rule_of(step->optimizer).vectors;
    bpi_copy_frozen(workspace->network, step->weights, step->work);
    for (size_t i = 0; i < vectors; i++)
        bpi_clear_frozen(workspace, step->state + i * step->state_stride);
}

static bp_status step_custom(const optimizer_step *step)
{
    const bp_rule rule = rule_of(step->optimizer);
    bp_real *before = step->work;
    memcpy(before, step->weights, step->count * sizeof *before);
    if (!step->kernel->all_finite(step->gradient, step->count))
        return spread_divergence(step);
    const bp_status status = call_update(&rule, step);
    if (status != BP_OK)
        memcpy(step->weights, before, step->count * sizeof *before);
    return status;
}

const optimizer_rule bpi_custom_rule = {
    .kind = OPTIMIZER_CUSTOM,
    .name = "custom",
    .state_size = state_of_custom,
    .rate_meaning = RATE_UNKNOWN,
    .automatic_decay = DECAY_NONE,
    .has_momentum = true,
    .needs_equal_rates = true,
    .check = check_custom,
    .step = step_custom,
    .work_bytes = work_bytes,
};
