/* Faults of the options of training. */
#include "plants.h"
#include "split.h"

static bool set_rate(scene *s, const run_result *healthy, double factor)
{
    s->options.optimizer = bp_optimizer_momentum(factor * healthy->rate, 0.9);
    return true;
}

bool plant_rate_30(scene *s, const run_result *healthy)
{
    return set_rate(s, healthy, 30);
}

bool plant_rate_100(scene *s, const run_result *healthy)
{
    return set_rate(s, healthy, 100);
}

bool plant_rate_10000(scene *s, const run_result *healthy)
{
    return !s->training.has_classes && set_rate(s, healthy, 10000);
}

bool plant_small_rate(scene *s, const run_result *healthy)
{
    return set_rate(s, healthy, 0.001);
}

bool plant_sum(scene *s, const run_result *healthy)
{
    s->options.reduction = BP_REDUCE_SUM;
    return set_rate(s, healthy, 1);
}

/* Weights so small that E does not feel them. */
bool plant_plateau(scene *s, const run_result *healthy)
{
    s->hidden_layers = 2;
    s->hidden = bp_activation_tanh();
    s->weight_factor = 1e-7;
    return set_rate(s, healthy, 0.3);
}

/* A twentieth of the epochs that the healthy run took. */
bool plant_cut_short(scene *s, const run_result *healthy)
{
    s->rule = bp_stop_epochs(healthy->epochs / 20 > 2 ? healthy->epochs / 20 : 2);
    s->options.stop_rule_count = 1;
    return true;
}

/* Few cases, many units, nothing that holds them back. */
static void invite_overfitting(scene *s, size_t units)
{
    enum { CASES = 60, EPOCHS = 1500 };
    table_sample(&s->training, CASES, s->seed);
    s->hidden_units = units;
    s->uses_validation = true;
    s->options.weight_decay = 0;
    s->rule = bp_stop_epochs(EPOCHS);
    s->options.stop_rule_count = 1;
}

bool plant_overfitting(scene *s, const run_result *healthy)
{
    (void)healthy;
    invite_overfitting(s, 16);
    s->options.keep_best = 0;
    return true;
}

bool plant_few_units(scene *s, const run_result *healthy)
{
    (void)healthy;
    s->hidden_layers = 1;
    s->hidden_units = 1;
    if (s->seed % 3 == 0) /* a single ReLU unit dies easily, which is another fault */
        s->hidden = bp_activation_tanh();
    s->uses_validation = true;
    return true;
}

bool plant_many_units(scene *s, const run_result *healthy)
{
    (void)healthy;
    invite_overfitting(s, 200);
    return true;
}
