#include "train/optimizer.h"

#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/value_type.h"
#include "engine/parallel.h"
#include "engine/weight_parts.h"
#include "train/adagrad.h"
#include "train/adam.h"
#include "train/custom_rule.h"
#include "train/lbfgs.h"
#include "train/levenberg_marquardt.h"
#include "train/momentum.h"
#include "train/nesterov.h"
#include "train/quickprop.h"
#include "train/rmsprop.h"
#include "train/rprop.h"
#include "train/scg.h"

static const optimizer_rule *const rules[] = {
    &bpi_momentum_rule,  &bpi_nesterov_rule, &bpi_adagrad_rule,     &bpi_rmsprop_rule,
    &bpi_adam_rule,      &bpi_adamw_rule,    &bpi_irprop_plus_rule, &bpi_irprop_minus_rule,
    &bpi_quickprop_rule, &bpi_scg_rule,      &bpi_lbfgs_rule,       &bpi_levenberg_marquardt_rule,
    &bpi_custom_rule,
};

const optimizer_rule *bpi_optimizer_rule(int32_t kind)
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (rules[i]->kind == kind)
            return rules[i];
    return NULL;
}

const char *bpi_optimizer_name(const bp_optimizer *optimizer)
{
    const optimizer_rule *rule = bpi_optimizer_rule(optimizer->kind);
    if (rule != NULL && optimizer->kind == OPTIMIZER_CUSTOM && optimizer->rule.custom != NULL)
        return optimizer->rule.custom->name;
    return rule == NULL ? NULL : rule->name;
}

typedef struct split_step {
    const optimizer_rule *rule;
    const optimizer_step *whole;
} split_step;

static bp_status step_range(void *context, size_t first, size_t count, size_t chunk)
{
    (void)chunk;
    const split_step *split = context;
    weight_update update;
    split->rule->make_update(split->whole, &update);
    update.weights += first;
    update.last_update += first;
    split->whole->kernel->rule_update(&update, split->whole->gradient + first, count);
    return BP_OK;
}

static bp_status split_among_threads(const optimizer_rule *rule, const bp_workspace *workspace,
                                     const optimizer_step *step)
{
    split_step split = {rule, step};
    size_t values_per_weight = 3 + 2 * rule->state_vectors; /* read or written */
    return bpi_parallel_for(workspace, &(parallel_work){
                                           .count = step->count,
                                           .grain = BPI_ALIGNMENT / sizeof(bp_real),
                                           .cost = (double)values_per_weight * (double)step->count,
                                           .work = step_range,
                                           .context = &split,
                                       });
}

/* The part of a step that belongs to weights with the same rates. */
static optimizer_step step_of_range(const optimizer_step *step, const trained_range *range)
{
    optimizer_step part = *step;
    part.weights += range->first;
    part.gradient += range->first;
    part.state += range->first;
    part.count = range->count;
    part.learning_rate = range->learning_rate;
    part.decay = range->decay;
    part.penalty = range->penalty;
    part.decay_factor = range->decay_factor;
    return part;
}

static void shrink(bp_real *weights, size_t count, double decay)
{
    const bp_real factor = (bp_real)(1 - decay);
    for (size_t i = 0; i < count; i++)
        weights[i] *= factor;
}

/* A step of the caller's is made for all weights; frozen ones are put back, and the decay is not its own. */
static bp_status step_undivided(const optimizer_rule *rule, const bp_workspace *workspace,
                                const optimizer_step *step)
{
    BPI_TRY(rule->step(step));
    if (workspace->parts == NULL) {
        shrink(step->weights, step->count, step->decay);
        return BP_OK;
    }
    bpi_custom_hold_frozen(workspace, step);
    trained_range range = {0};
    while (bpi_next_range(workspace, &range))
        shrink(step->weights + range.first, range.count, range.decay);
    return BP_OK;
}

bp_status bpi_optimizer_step(const optimizer_rule *rule, const bp_workspace *workspace,
                             const optimizer_step *step)
{
    if (rule->prepare != NULL)
        rule->prepare(step, workspace);
    if (rule->step != NULL)
        return step_undivided(rule, workspace, step);
    if (workspace->parts == NULL)
        return split_among_threads(rule, workspace, step);
    trained_range range = {0};
    while (bpi_next_range(workspace, &range)) {
        optimizer_step part = step_of_range(step, &range);
        BPI_TRY(split_among_threads(rule, workspace, &part));
    }
    return BP_OK;
}

bool bpi_optimizer_state_create(optimizer_state *state, const bp_allocator *allocator,
                                const bp_optimizer *optimizer, size_t weights)
{
    const optimizer_rule *rule = bpi_optimizer_rule(optimizer->kind);
    state->vector_count = rule->state_vectors;
    state->scalar_count = rule->state_scalars;
    if (rule->state_size != NULL)
        rule->state_size(optimizer, &state->vector_count, &state->scalar_count);
    state->vectors = bpi_allocate_zeroed(allocator, weights, state->vector_count * sizeof(bp_real));
    state->scalars = bpi_allocate_zeroed(allocator, state->scalar_count, sizeof *state->scalars);
    return state->vectors != NULL && state->scalars != NULL;
}

void bpi_optimizer_state_zero(optimizer_state *state, size_t weights)
{
    memset(state->vectors, 0, weights * state->vector_count * sizeof *state->vectors);
    if (state->scalar_count > 0)
        memset(state->scalars, 0, state->scalar_count * sizeof *state->scalars);
    state->updates = 0;
}

void bpi_optimizer_state_copy(optimizer_state *to, const optimizer_state *from, size_t weights)
{
    memcpy(to->vectors, from->vectors, weights * from->vector_count * sizeof *from->vectors);
    if (from->scalar_count > 0)
        memcpy(to->scalars, from->scalars, from->scalar_count * sizeof *from->scalars);
    to->updates = from->updates;
}

void bpi_optimizer_state_clear(optimizer_state *state, const bp_allocator *allocator)
{
    bpi_release(allocator, state->vectors);
    bpi_release(allocator, state->scalars);
    *state = (optimizer_state){0};
}

/* Are the members that the rule does not use 0, as the constructors leave them? */
static bool has_no_more(const bp_optimizer *optimizer, const optimizer_rule *rule)
{
    for (size_t i = rule->parameters; i < sizeof optimizer->parameter / sizeof optimizer->parameter[0]; i++)
        if (optimizer->parameter[i] != 0)
            return false;
    return rule->kind == OPTIMIZER_CUSTOM ||
           bpi_is_zero(optimizer->rule.reserved, sizeof optimizer->rule.reserved);
}

bp_status bpi_optimizer_check(const char *where, const bp_optimizer *optimizer)
{
    const optimizer_rule *rule = bpi_optimizer_rule(optimizer->kind);
    BPI_TRY(BPI_CHECK_VALUE(where, "optimizer", "bp_optimizer_*", optimizer, rule != NULL));
    if (!has_no_more(optimizer, rule))
        return bpi_fail_value(where, "optimizer", "bp_optimizer_*", optimizer->kind, true);
    return rule->check(where, optimizer);
}
