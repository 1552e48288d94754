#include "train/adagrad.h"

#include "base/status.h"
#include "train/option.h"
#include "train/rule_update.h"

bp_optimizer bp_optimizer_adagrad(double learning_rate)
{
    return (bp_optimizer){.kind = OPTIMIZER_ADAGRAD, .learning_rate = learning_rate};
}

static bp_status check_adagrad(const char *where, const bp_optimizer *optimizer)
{
    BPI_TRY(bpi_check_rate_or_auto(where, "learning_rate", optimizer->learning_rate));
    return bpi_check_no_momentum(where, optimizer);
}

/* [DHS11] section 1, with diagonal matrices: G(t) = G(t - 1) + (dE/dw)^2, dw(t) = -learning_rate dE/dw /
 * sqrt(G(t)). The small number in the denominator is that of PyTorch. */
static void adagrad_update(const optimizer_step *step, weight_update *update)
{
    const double epsilon = 1e-10;
    bpi_rule_update(step, KERNEL_ADAGRAD, step->learning_rate, update);
    update->adaptive.epsilon = (bp_real)epsilon;
}

const optimizer_rule bpi_adagrad_rule = {
    .kind = OPTIMIZER_ADAGRAD,
    .name = "Adagrad",
    .state_vectors = 1,
    .rate_meaning = RATE_OF_STEP,
    .automatic_decay = DECAY_IN_GRADIENT,
    .check = check_adagrad,
    .make_update = adagrad_update,
};
