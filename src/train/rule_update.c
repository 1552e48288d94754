#include "train/rule_update.h"

#include <math.h>

#include "base/real.h"

/* In the long run a step with momentum is 1 / (1 - momentum) times the rate: with that threshold training
 * rests exactly where E + lambda sum |w| has its minimum. */
static bp_real threshold_of(const optimizer_step *step)
{
    const double threshold = step->l1 * step->learning_rate * step->decay_factor / (1 - step->momentum);
    return (bp_real)fmin(threshold, BPI_REAL_MAX);
}

void bpi_rule_update(const optimizer_step *step, int32_t kind, double rate, weight_update *update)
{
    *update = (weight_update){
        .weights = step->weights,
        .last_update = step->state,
        .gradient_factor = 1,
        .rate = (bp_real)rate,
        .decay_factor = (bp_real)(1 - step->decay),
        .kind = kind,
        .state_stride = step->state_stride,
        .limit = (bp_real)step->clip_value,
        .penalty = (bp_real)step->penalty,
        .threshold = step->l1 == 0 ? 0 : threshold_of(step),
    };
}
