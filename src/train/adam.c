#include "train/adam.h"

#include <math.h>

#include "base/real.h"
#include "base/status.h"
#include "train/option.h"
#include "train/rule_update.h"

enum { BETA2, EPSILON, DECAY };        /* their parameters; beta1 is the momentum */
enum { ONES_OF_MEAN, ONES_OF_SQUARE }; /* their numbers */

bp_optimizer bp_optimizer_adam(double learning_rate, double beta1, double beta2, double epsilon)
{
    return (bp_optimizer){.kind = OPTIMIZER_ADAM,
                          .learning_rate = learning_rate,
                          .momentum = beta1,
                          .parameter = {beta2, epsilon}};
}

bp_optimizer bp_optimizer_adamw(double learning_rate, double beta1, double beta2, double epsilon,
                                double decay)
{
    bp_optimizer optimizer = bp_optimizer_adam(learning_rate, beta1, beta2, epsilon);
    optimizer.kind = OPTIMIZER_ADAMW;
    optimizer.parameter[DECAY] = decay;
    return optimizer;
}

static bp_status check_adam(const char *where, const bp_optimizer *optimizer)
{
    const double epsilon = optimizer->parameter[EPSILON];
    BPI_TRY(bpi_check_rate_or_auto(where, "learning_rate", optimizer->learning_rate));
    BPI_TRY(bpi_check_momentum(where, "beta1", optimizer->momentum));
    BPI_TRY(bpi_check_momentum(where, "beta2", optimizer->parameter[BETA2]));
    return bpi_check_number(where, "epsilon", epsilon, bpi_fits_real(epsilon) && (bp_real)epsilon > 0,
                            "> 0 and in the range of bp_real");
}

static bp_status check_adamw(const char *where, const bp_optimizer *optimizer)
{
    const double decay = optimizer->parameter[DECAY];
    BPI_TRY(check_adam(where, optimizer));
    return bpi_check_number(where, "decay", decay, decay >= 0 && bpi_fits_real(decay),
                            ">= 0 and in the range of bp_real");
}

/* 1 - beta^t is the mean of t ones, for a beta that a schedule changes, too. */
static void prepare_adam(const optimizer_step *step, const bp_workspace *workspace)
{
    (void)workspace;
    double *scalars = step->scalars;
    scalars[ONES_OF_MEAN] += (1 - step->momentum) * (1 - scalars[ONES_OF_MEAN]);
    scalars[ONES_OF_SQUARE] += (1 - step->optimizer->parameter[BETA2]) * (1 - scalars[ONES_OF_SQUARE]);
}

/*
 * [KB15] algorithm 1:
 *     m(t) = beta1 m(t - 1) + (1 - beta1) dE/dw            divided by 1 - beta1^t
 *     v(t) = beta2 v(t - 1) + (1 - beta2) (dE/dw)^2        divided by 1 - beta2^t
 *     dw(t) = -learning_rate m / (sqrt(v) + epsilon)
 */
static void adam_update(const optimizer_step *step, weight_update *update)
{
    const bp_optimizer *own = step->optimizer;
    bpi_rule_update(step, KERNEL_ADAM, step->learning_rate / step->scalars[ONES_OF_MEAN], update);
    update->adaptive.mean_share = (bp_real)(1 - step->momentum);
    update->adaptive.square_share = (bp_real)(1 - own->parameter[BETA2]);
    update->adaptive.root_factor = (bp_real)(1 / sqrt(step->scalars[ONES_OF_SQUARE]));
    update->adaptive.epsilon = (bp_real)own->parameter[EPSILON];
}

/* [LH19] algorithm 2, whose factor of a schedule is in the learning rate here: dw(t) has the further term
 * -learning_rate decay w(t - 1). */
static void adamw_update(const optimizer_step *step, weight_update *update)
{
    adam_update(step, update);
    update->adaptive.shrink =
        (bp_real)(step->learning_rate * step->optimizer->parameter[DECAY] * step->decay_factor);
}

const optimizer_rule bpi_adam_rule = {
    .kind = OPTIMIZER_ADAM,
    .name = "Adam",
    .state_vectors = 2,
    .state_scalars = 2,
    .parameters = 2,
    .rate_meaning = RATE_OF_STEP,
    .has_momentum = true,
    .automatic_decay = DECAY_IN_GRADIENT,
    .check = check_adam,
    .prepare = prepare_adam,
    .make_update = adam_update,
};

const optimizer_rule bpi_adamw_rule = {
    .kind = OPTIMIZER_ADAMW,
    .name = "AdamW",
    .state_vectors = 2,
    .state_scalars = 2,
    .parameters = 3,
    .rate_meaning = RATE_OF_STEP,
    .has_momentum = true,
    .automatic_decay = DECAY_NONE,
    .has_own_decay = true,
    .check = check_adamw,
    .prepare = prepare_adam,
    .make_update = adamw_update,
};
