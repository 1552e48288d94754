#include "train/optimizer.h"

#include "base/memory.h"
#include "base/real.h"
#include "base/status.h"
#include "model/parallel.h"
#include "train/momentum.h"
#include "train/option.h"

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

typedef struct shared_step {
    const optimizer_rule *rule;
    const optimizer_step *whole;
} shared_step;

static bp_status step_range(void *context, size_t first, size_t count, size_t piece)
{
    (void)piece;
    const shared_step *shared = context;
    optimizer_step part = *shared->whole;
    part.weights += first;
    part.gradient += first;
    part.state += first;
    part.count = count;
    shared->rule->step(&part);
    return BP_OK;
}

void bpi_optimizer_step(const optimizer_rule *rule, const bp_workspace *workspace, const optimizer_step *step)
{
    shared_step shared = {rule, step};
    size_t values_per_weight = 3 + 2 * rule->state_vectors; /* read or written */
    bpi_share_out(workspace, &(shared_work){
                                 .count = step->count,
                                 .grain = BPI_ALIGNMENT / sizeof(bp_real),
                                 .cost = (double)values_per_weight * (double)step->count,
                                 .work = step_range,
                                 .context = &shared,
                             });
}

bp_status bpi_optimizer_check(const char *where, const bp_optimizer *optimizer)
{
    const optimizer_rule *rule = bpi_optimizer_rule(optimizer->kind);
    if (rule == NULL)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: kind %d is none; make it with a bp_optimizer_ function",
                        where, (int)optimizer->kind);
    return rule->check(where, optimizer);
}

bp_status bpi_check_learning_rate(const char *where, const char *name, double value)
{
    bool in_range = bpi_fits_real(value) && (bp_real)value > 0;
    return bpi_check_number(where, name, value, in_range, "> 0 and in the range of bp_real");
}

bp_status bpi_check_momentum(const char *where, const char *name, double value)
{
    bool in_range = value >= 0 && value < 1 && (bp_real)value < 1;
    return bpi_check_number(where, name, value, in_range, ">= 0 and < 1 (in bp_real)");
}
