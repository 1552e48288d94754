#include "train/rprop.h"

#include "base/status.h"
#include "train/option.h"
#include "train/rule_update.h"
#include "train/weight_decay.h"

enum { LAST_ERROR, UNDO }; /* the numbers of iRprop+ */

/* [RB93]: the steps grow and shrink by these factors, between these limits. The first step is PyTorch's. */
#define USUAL_FIRST_STEP 0.01
static const double rise = 1.2, fall = 0.5, min_step = 1e-6, max_step = 50;

bp_optimizer bp_optimizer_irprop_plus(double first_step)
{
    return (bp_optimizer){.kind = OPTIMIZER_IRPROP_PLUS, .learning_rate = first_step};
}

bp_optimizer bp_optimizer_irprop_minus(double first_step)
{
    return (bp_optimizer){.kind = OPTIMIZER_IRPROP_MINUS, .learning_rate = first_step};
}

static bp_status check_rprop(const char *where, const bp_optimizer *optimizer)
{
    const double first = optimizer->learning_rate;
    BPI_TRY(bpi_check_number(where, "first_step", first,
                             first == BP_RATE_AUTO || (first >= min_step && first <= max_step),
                             "from 1e-6 to 50"));
    return bpi_check_no_momentum(where, optimizer);
}

/* Has E grown? What its gradient has of a weight decay belongs to it. */
static void prepare_plus(const optimizer_step *step, const bp_workspace *workspace)
{
    const double error = bpi_add_penalty(step->error, workspace, step->weights, step->penalty);
    step->scalars[UNDO] = error > step->scalars[LAST_ERROR];
    step->scalars[LAST_ERROR] = error;
}

/* [IH03] table 4, iRprop-: where the sign of the gradient has changed, the step shrinks, and the weight stays
 * as it is. */
static void minus_update(const optimizer_step *step, weight_update *update)
{
    bpi_rule_update(step, KERNEL_RPROP, 1, update);
    update->rprop.first_step = (bp_real)step->learning_rate;
    update->rprop.rise = (bp_real)(rise - 1); /* 1.2 itself would be rounded by far more */
    update->rprop.fall = (bp_real)fall;
    update->rprop.min_step = (bp_real)min_step;
    update->rprop.max_step = (bp_real)max_step;
}

/* [IH03] table 3, iRprop+: there the last step is undone if E has grown since. */
static void plus_update(const optimizer_step *step, weight_update *update)
{
    minus_update(step, update);
    update->rprop.undo = (bp_real)step->scalars[UNDO];
}

const optimizer_rule bpi_irprop_plus_rule = {
    .kind = OPTIMIZER_IRPROP_PLUS,
    .name = "iRprop+",
    .state_vectors = 2,
    .state_scalars = 2,
    .rate_meaning = RATE_OF_FIRST_STEP,
    .automatic_decay = DECAY_IN_GRADIENT,
    .suits_whole_sets = true,
    .needs_whole_sets = true,
    .compares_errors = true,
    .automatic_rate = USUAL_FIRST_STEP,
    .check = check_rprop,
    .prepare = prepare_plus,
    .make_update = plus_update,
};

const optimizer_rule bpi_irprop_minus_rule = {
    .kind = OPTIMIZER_IRPROP_MINUS,
    .name = "iRprop-",
    .state_vectors = 2,
    .rate_meaning = RATE_OF_FIRST_STEP,
    .automatic_decay = DECAY_IN_GRADIENT,
    .suits_whole_sets = true,
    .automatic_rate = USUAL_FIRST_STEP,
    .check = check_rprop,
    .make_update = minus_update,
};
