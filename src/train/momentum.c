#include "train/momentum.h"

#include "base/status.h"
#include "train/option.h"
#include "train/rule_update.h"

bp_optimizer bp_optimizer_momentum(double learning_rate, double momentum)
{
    return (bp_optimizer){.kind = OPTIMIZER_MOMENTUM, .learning_rate = learning_rate, .momentum = momentum};
}

bp_optimizer bp_optimizer_gradient_descent(double learning_rate)
{
    return bp_optimizer_momentum(learning_rate, 0);
}

static bp_status check_momentum_rule(const char *where, const bp_optimizer *optimizer)
{
    BPI_TRY(bpi_check_rate_or_auto(where, "learning_rate", optimizer->learning_rate));
    return bpi_check_momentum(where, "momentum", optimizer->momentum);
}

bool bpi_momentum_is_bare(double clip_value, double l2, double l1)
{
    return clip_value == 0 && l2 == 0 && l1 == 0;
}

/*
 * [RHW86] eq. 9: dw(t) = -learning_rate * dE/dw(t) + momentum * dw(t - 1). The state is the last update dw
 * itself, so a new learning rate does not rescale the contribution of earlier gradients. The kernel of the
 * bare equation is the fastest.
 */
static void momentum_update(const optimizer_step *step, weight_update *update)
{
    const bool is_bare = bpi_momentum_is_bare(step->clip_value, step->penalty, step->l1);
    bpi_rule_update(step, is_bare ? KERNEL_MOMENTUM : KERNEL_GENERAL_MOMENTUM, step->learning_rate, update);
    update->momentum = (bp_real)step->momentum;
}

const optimizer_rule bpi_momentum_rule = {
    .kind = OPTIMIZER_MOMENTUM,
    .name = "momentum",
    .state_vectors = 1,
    .rate_meaning = RATE_OF_GRADIENT,
    .has_momentum = true,
    .check = check_momentum_rule,
    .make_update = momentum_update,
};
