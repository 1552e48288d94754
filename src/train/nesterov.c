#include "train/nesterov.h"

#include "base/status.h"
#include "train/option.h"
#include "train/rule_update.h"

bp_optimizer bp_optimizer_nesterov(double learning_rate, double momentum)
{
    return (bp_optimizer){.kind = OPTIMIZER_NESTEROV, .learning_rate = learning_rate, .momentum = momentum};
}

static bp_status check_nesterov(const char *where, const bp_optimizer *optimizer)
{
    BPI_TRY(bpi_check_rate_or_auto(where, "learning_rate", optimizer->learning_rate));
    return bpi_check_momentum(where, "momentum", optimizer->momentum);
}

/*
 * [SMDH13] eq. 3 and 4, written for the point at which the gradient is taken, w(t) + momentum v(t):
 *     v(t) = momentum v(t - 1) - learning_rate dE/dw
 *     dw(t) = momentum v(t) - learning_rate dE/dw
 */
static void nesterov_update(const optimizer_step *step, weight_update *update)
{
    bpi_rule_update(step, KERNEL_NESTEROV, step->learning_rate, update);
    update->momentum = (bp_real)step->momentum;
}

const optimizer_rule bpi_nesterov_rule = {
    .kind = OPTIMIZER_NESTEROV,
    .name = "Nesterov momentum",
    .state_vectors = 1,
    .rate_meaning = RATE_OF_GRADIENT,
    .has_momentum = true,
    .check = check_nesterov,
    .make_update = nesterov_update,
};
