#include "train/rmsprop.h"

#include "base/status.h"
#include "train/option.h"
#include "train/rule_update.h"

enum { SQUARE_DECAY }; /* its parameters */

bp_optimizer bp_optimizer_rmsprop(double learning_rate, double square_decay)
{
    return (bp_optimizer){
        .kind = OPTIMIZER_RMSPROP, .learning_rate = learning_rate, .parameter = {square_decay}};
}

static bp_status check_rmsprop(const char *where, const bp_optimizer *optimizer)
{
    BPI_TRY(bpi_check_rate_or_auto(where, "learning_rate", optimizer->learning_rate));
    BPI_TRY(bpi_check_no_momentum(where, optimizer));
    return bpi_check_momentum(where, "square_decay", optimizer->parameter[SQUARE_DECAY]);
}

/* [TH12] with s(t) = d s(t - 1) + (1 - d) (dE/dw)^2 and dw(t) = -learning_rate dE/dw / (sqrt(s(t)) +
 * epsilon). The small number, which the lecture has not, is that of PyTorch. */
static void rmsprop_update(const optimizer_step *step, weight_update *update)
{
    const double epsilon = 1e-8;
    bpi_rule_update(step, KERNEL_RMSPROP, step->learning_rate, update);
    update->adaptive.square_share = (bp_real)(1 - step->optimizer->parameter[SQUARE_DECAY]);
    update->adaptive.epsilon = (bp_real)epsilon;
}

const optimizer_rule bpi_rmsprop_rule = {
    .kind = OPTIMIZER_RMSPROP,
    .name = "RMSprop",
    .state_vectors = 1,
    .parameters = 1,
    .rate_meaning = RATE_OF_STEP,
    .automatic_decay = DECAY_IN_GRADIENT,
    .check = check_rmsprop,
    .make_update = rmsprop_update,
};
