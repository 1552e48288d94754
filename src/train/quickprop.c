#include "train/quickprop.h"

#include "base/status.h"
#include "train/option.h"
#include "train/rule_update.h"

enum { MAX_GROWTH }; /* its parameters */

bp_optimizer bp_optimizer_quickprop(double learning_rate, double max_growth)
{
    return (bp_optimizer){
        .kind = OPTIMIZER_QUICKPROP, .learning_rate = learning_rate, .parameter = {max_growth}};
}

static bp_status check_quickprop(const char *where, const bp_optimizer *optimizer)
{
    const double growth = optimizer->parameter[MAX_GROWTH];
    BPI_TRY(bpi_check_rate_or_auto(where, "learning_rate", optimizer->learning_rate));
    BPI_TRY(bpi_check_no_momentum(where, optimizer));
    return bpi_check_number(where, "max_growth", growth, growth >= 1 && growth <= 100, "from 1 to 100");
}

/*
 * [F88] section 3.3, with S the derivative and d the step of a weight:
 *     d(t) = S(t) / (S(t - 1) - S(t)) d(t - 1)
 * limited to max_growth d(t - 1), also where S has grown. The term -learning_rate S(t) begins the process,
 * and is added where S has the sign that it had before, so that d has the opposite one: see kernel.h.
 */
static void quickprop_update(const optimizer_step *step, weight_update *update)
{
    const double growth = step->optimizer->parameter[MAX_GROWTH];
    bpi_rule_update(step, KERNEL_QUICKPROP, step->learning_rate, update);
    update->quickprop.max_growth = (bp_real)growth;
    update->quickprop.limit_share = (bp_real)(growth / (1 + growth));
}

const optimizer_rule bpi_quickprop_rule = {
    .kind = OPTIMIZER_QUICKPROP,
    .name = "Quickprop",
    .state_vectors = 2,
    .parameters = 1,
    .rate_meaning = RATE_OF_GRADIENT,
    .automatic_decay = DECAY_IN_GRADIENT,
    .suits_whole_sets = true,
    .check = check_quickprop,
    .make_update = quickprop_update,
};
