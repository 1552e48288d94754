#include "rules.h"

#include <string.h>

static bp_optimizer momentum(double rate, double momentum)
{
    return bp_optimizer_momentum(rate, momentum);
}

static bp_optimizer nesterov(double rate, double momentum)
{
    return bp_optimizer_nesterov(rate, momentum);
}

static bp_optimizer adagrad(double rate, double momentum)
{
    (void)momentum;
    return bp_optimizer_adagrad(rate);
}

static bp_optimizer rmsprop(double rate, double momentum)
{
    (void)momentum;
    return bp_optimizer_rmsprop(rate, 0.9);
}

static bp_optimizer adam(double rate, double momentum)
{
    (void)momentum;
    return bp_optimizer_adam(rate, 0.9, 0.999, 1e-8);
}

static bp_optimizer irprop_plus(double rate, double momentum)
{
    (void)momentum;
    return bp_optimizer_irprop_plus(rate);
}

static bp_optimizer irprop_minus(double rate, double momentum)
{
    (void)momentum;
    return bp_optimizer_irprop_minus(rate);
}

static bp_optimizer quickprop(double rate, double momentum)
{
    (void)momentum;
    return bp_optimizer_quickprop(rate, 1.75);
}

const bench_rule bench_rules[] = {
    {"momentum", momentum, false},        {"nesterov", nesterov, false},  {"adagrad", adagrad, false},
    {"rmsprop", rmsprop, false},          {"adam", adam, false},          {"irprop_plus", irprop_plus, true},
    {"irprop_minus", irprop_minus, true}, {"quickprop", quickprop, true},
};

const size_t bench_rule_count = sizeof bench_rules / sizeof bench_rules[0];

const bench_rule *find_rule(const char *name)
{
    for (size_t i = 0; i < bench_rule_count; i++)
        if (strcmp(bench_rules[i].name, name) == 0)
            return &bench_rules[i];
    return NULL;
}
