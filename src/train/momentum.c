#include "train/momentum.h"

#include "base/status.h"
#include "train/option.h"

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

/*
 * [RHW86] eq. 9: dw(t) = -learning_rate * dE/dw(t) + momentum * dw(t - 1). The state is the last update dw
 * itself, so a new learning rate does not rescale the contribution of earlier gradients.
 */
static weight_update as_fused_update(const optimizer_step *step)
{
    return (weight_update){
        .weights = step->weights,
        .last_update = step->state,
        .gradient_factor = 1,
        .rate = (bp_real)step->learning_rate,
        .momentum = (bp_real)step->momentum,
        .decay_factor = (bp_real)(1 - step->decay),
    };
}

static bp_status apply_momentum(const optimizer_step *step)
{
    weight_update c = as_fused_update(step);
    step->kernel->momentum_update(c.weights, step->gradient, c.last_update, step->count, c.rate, c.momentum,
                                  c.decay_factor);
    return BP_OK;
}

const optimizer_rule bpi_momentum_rule = {
    .kind = OPTIMIZER_MOMENTUM,
    .name = "momentum",
    .state_vectors = 1,
    .rate_meaning = RATE_OF_GRADIENT,
    .has_momentum = true,
    .leaves_penalty = true,
    .check = check_momentum_rule,
    .step = apply_momentum,
    .as_fused_update = as_fused_update,
};
