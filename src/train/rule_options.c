#include "train/rule_options.h"

#include "base/status.h"
#include "engine/finding.h"
#include "train/finding.h"
#include "train/optimizer.h"
#include "train/schedule.h"

bp_status bpi_require_momentum(const char *function, const optimizer_rule *rule)
{
    if (rule->has_momentum)
        return BP_OK;
    return bpi_fail(BP_ERROR_UNSUPPORTED,
                    "%s: %s has no momentum; that of bp_optimizer_momentum, _nesterov, "
                    "_adam and _adamw can change",
                    function, rule->name);
}

bp_status bpi_require_rate(const char *function, const optimizer_rule *rule)
{
    if (rule->rate_meaning != RATE_OF_FIRST_STEP)
        return BP_OK;
    return bpi_fail(BP_ERROR_UNSUPPORTED,
                    "%s: %s has no learning rate: its steps adapt to the signs of the "
                    "gradient, and the constructor sets the first one",
                    function, rule->name);
}

static bp_status check_decay(const bp_trainer_options *options, const optimizer_rule *rule)
{
    const double decay = options->weight_decay;
    if (!rule->has_own_decay || decay == BP_DECAY_AUTO || decay == 0)
        return BP_OK;
    return bpi_fail(BP_ERROR_UNSUPPORTED,
                    "bp_trainer_create: options.weight_decay is %g, but %s has a decay of "
                    "its own, set by its constructor; leave the option BP_DECAY_AUTO or 0",
                    decay, rule->name);
}

bp_status bpi_rule_options_check(const bp_trainer_options *options)
{
    const optimizer_rule *rule = bpi_optimizer_rule(options->optimizer.kind);
    if (!bpi_schedule_is_fixed(&options->momentum_schedule))
        BPI_TRY(bpi_require_momentum("bp_trainer_create: options.momentum_schedule", rule));
    if (!bpi_schedule_is_fixed(&options->learning_rate_schedule))
        BPI_TRY(bpi_require_rate("bp_trainer_create: options.learning_rate_schedule", rule));
    BPI_TRY(check_decay(options, rule));
    if (rule->needs_whole_sets && options->on_gradient != NULL)
        return bpi_fail(BP_ERROR_UNSUPPORTED,
                        "bp_trainer_create: options.on_gradient: %s judges its steps by E, "
                        "which the gradient hook would not see; bp_optimizer_irprop_minus does not",
                        rule->name);
    return BP_OK;
}

static bool has_smaller_batches(const training_run *run)
{
    return run->window != NULL || run->batch_cases != run->cases;
}

bp_status bpi_rule_check_batches(const training_run *run)
{
    const optimizer_rule *rule = run->trainer->rule;
    if (!rule->needs_whole_sets || !has_smaller_batches(run))
        return BP_OK;
    return bpi_fail(BP_ERROR_UNSUPPORTED,
                    "bp_trainer_run: options.batch_size makes batches of %zu of the %zu cases, "
                    "but %s needs E of all cases in each update; set it to 0",
                    run->batch_cases, run->cases, rule->name);
}

void bpi_note_rule_batches(const training_run *run)
{
    bp_trainer *trainer = run->trainer;
    if (!trainer->rule->suits_whole_sets || !has_smaller_batches(run))
        return;
    bp_finding found = bpi_finding(BP_FINDING_RULE_BATCHES, BP_SEVERITY_WARNING);
    found.values[0] = (double)run->batch_cases;
    found.values[1] = (double)run->cases;
    bpi_add_finding(trainer, &found);
}
