#include "train/whole_set_example.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bp_trainer_options whole_set_options(bp_optimizer optimizer, const bp_stop_rule *rule)
{
    bp_trainer_options options;
    bp_trainer_options_init(&options, sizeof options);
    options.optimizer = optimizer;
    options.loss = bp_loss_squared_error();
    options.weight_decay = 0;
    options.scale_data = 0;
    options.stop_rules = rule;
    options.stop_rule_count = 1;
    return options;
}

side_by_side begin_side_by_side(bp_optimizer optimizer, uint64_t seed, bp_reduction reduction, double decay)
{
    static bp_real case_weights[EXAMPLE_CASES];
    const bp_stop_rule one = bp_stop_epochs(1);
    bp_trainer_options options = whole_set_options(optimizer, &one);
    options.reduction = reduction;
    options.weight_decay = decay;
    side_by_side s = {.ours = make_pair(example_network(seed), &options), .data = example_training()};
    for (size_t i = 0; i < EXAMPLE_CASES; i++)
        case_weights[i] = (bp_real)(0.5 + 0.25 * (double)(i % 4));
    s.data.case_weights = case_weights;
    s.weights = EXAMPLE_WEIGHTS;
    s.oracle = (reference_objective){.ref = reference_create(s.ours.net, NULL, 0, NULL),
                                     .data = NULL,
                                     .divisor = reduction == BP_REDUCE_SUM ? 1 : (double)EXAMPLE_CASES,
                                     .decay = decay};
    return s;
}

void end_side_by_side(side_by_side *s)
{
    reference_destroy(s->oracle.ref);
    end_pair(&s->ours);
}

bp_result next_iteration(side_by_side *s)
{
    return train_until(s->ours.trainer, &s->data, NULL, BP_STOP_EPOCHS);
}

double distance_to_oracle(const side_by_side *s)
{
    const bp_real *weights = bp_network_weights(s->ours.net, NULL);
    double greatest = 0;
    for (size_t i = 0; i < s->weights; i++)
        greatest = test_larger(greatest, fabs((double)weights[i] - s->oracle.ref->weights[i]));
    return greatest;
}

double value_of_ours(const side_by_side *s, double *gradient)
{
    reference *ref = s->oracle.ref;
    const bp_real *weights = bp_network_weights(s->ours.net, NULL);
    double kept[EXAMPLE_WEIGHTS];
    memcpy(kept, ref->weights, sizeof kept);
    for (size_t i = 0; i < s->weights; i++)
        ref->weights[i] = (double)weights[i];
    reference_objective at = s->oracle;
    at.data = &s->data;
    const double value = reference_value(&at, gradient);
    memcpy(ref->weights, kept, sizeof kept);
    return value;
}
