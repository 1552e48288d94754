#include "train/optimizer.h"

#include "base/real.h"
#include "base/status.h"
#include "train/momentum.h"
#include "train/option.h"

static const optimizer_rule *const rules[] = {
    &bpi_momentum_rule,
};

const optimizer_rule *bpi_optimizer_rule(int32_t kind)
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (rules[i]->kind == kind)
            return rules[i];
    return NULL;
}

bp_status bpi_optimizer_check(const char *where, const bp_optimizer *optimizer)
{
    const optimizer_rule *rule = bpi_optimizer_rule(optimizer->kind);
    if (rule == NULL)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: kind %d is none; make it with a bp_optimizer_ function",
                        where, (int)optimizer->kind);
    return rule->check(where, optimizer);
}

bp_status bpi_check_learning_rate(const char *where, const char *name, double value)
{
    bool in_range = bpi_fits_real(value) && (bp_real)value > 0;
    return bpi_check_number(where, name, value, in_range, "> 0 and in the range of bp_real");
}

bp_status bpi_check_momentum(const char *where, const char *name, double value)
{
    bool in_range = value >= 0 && value < 1 && (bp_real)value < 1;
    return bpi_check_number(where, name, value, in_range, ">= 0 and < 1 (in bp_real)");
}
