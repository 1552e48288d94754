#include "train/rule_update.h"

weight_update bpi_rule_update(const optimizer_step *step, int32_t kind, double rate)
{
    return (weight_update){
        .weights = step->weights,
        .last_update = step->state,
        .gradient_factor = 1,
        .rate = (bp_real)rate,
        .decay_factor = (bp_real)(1 - step->decay),
        .kind = kind,
        .state_stride = step->state_stride,
        .penalty = (bp_real)step->penalty,
    };
}
