#include "train/optimizer.h"

#include "base/memory.h"
#include "base/status.h"
#include "base/value_type.h"
#include "engine/parallel.h"
#include "train/momentum.h"

static const optimizer_rule *const rules[] = {
    &bpi_momentum_rule,
};

const optimizer_rule *bpi_optimizer_rule(int32_t kind)
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (rules[i]->kind == kind)
            return rules[i];
    return NULL;
}

typedef struct split_step {
    const optimizer_rule *rule;
    const optimizer_step *whole;
} split_step;

static bp_status step_range(void *context, size_t first, size_t count, size_t chunk)
{
    (void)chunk;
    const split_step *split = context;
    optimizer_step part = *split->whole;
    part.weights += first;
    part.gradient += first;
    part.state += first;
    part.count = count;
    split->rule->step(&part);
    return BP_OK;
}

void bpi_optimizer_step(const optimizer_rule *rule, const bp_workspace *workspace, const optimizer_step *step)
{
    split_step split = {rule, step};
    size_t values_per_weight = 3 + 2 * rule->state_vectors; /* read or written */
    bpi_parallel_for(workspace, &(parallel_work){
                                    .count = step->count,
                                    .grain = BPI_ALIGNMENT / sizeof(bp_real),
                                    .cost = (double)values_per_weight * (double)step->count,
                                    .work = step_range,
                                    .context = &split,
                                });
}

bp_status bpi_optimizer_check(const char *where, const bp_optimizer *optimizer)
{
    const optimizer_rule *rule = bpi_optimizer_rule(optimizer->kind);
    BPI_TRY(BPI_CHECK_VALUE(where, "optimizer", "bp_optimizer_*", optimizer, rule != NULL));
    return rule->check(where, optimizer);
}
