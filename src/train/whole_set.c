#include "train/whole_set.h"

#include "base/real.h"
#include "base/status.h"
#include "engine/loss.h"
#include "train/optimizer.h"

static bp_status check_recoveries(const char *where, const char *rule, const bp_trainer_options *options)
{
    if (options->recoveries > 0)
        return bpi_fail(BP_ERROR_UNSUPPORTED,
                        "%s.recoveries is %d, but the optimizer %s has no learning rate that could be "
                        "lowered; use BP_RECOVERIES_AUTO or 0",
                        where, options->recoveries, rule);
    return BP_OK;
}

/* What would make the gradient another one than that of E, so that no step need lower E. */
static bp_status check_gradient(const char *where, const char *rule, const bp_trainer_options *options)
{
    if (options->on_gradient != NULL)
        return bpi_fail(BP_ERROR_UNSUPPORTED,
                        "%s.on_gradient: the optimizer %s tries weights whose gradients the hook would not "
                        "see; use a rule with a learning rate",
                        where, rule);
    if (options->average_shared)
        return bpi_fail(BP_ERROR_UNSUPPORTED,
                        "%s.average_shared is 1, but the optimizer %s needs the derivatives of E; use 0",
                        where, rule);
    const loss_list losses = bpi_losses_of(&options->loss);
    for (size_t i = 0; i < losses.count; i++) {
        const double tolerance = (double)bpi_loss_tolerance(&losses.losses[i]);
        if (tolerance > 0)
            return bpi_fail(
                BP_ERROR_UNSUPPORTED,
                "%s.loss has a tolerance of %s, where E jumps, but the optimizer %s needs a smooth "
                "E; use the loss without it",
                where, bpi_format_real(tolerance).text, rule);
    }
    return BP_OK;
}

bp_status bpi_whole_set_check_options(const char *where, const bp_trainer_options *options,
                                      const bp_network *net)
{
    const optimizer_rule *rule = bpi_optimizer_rule(options->optimizer.kind);
    if (rule->iterate == NULL)
        return BP_OK;
    BPI_TRY(check_recoveries(where, rule->name, options));
    BPI_TRY(check_gradient(where, rule->name, options));
    return rule->check_use == NULL ? BP_OK : rule->check_use(where, options, net);
}

bp_status bpi_whole_set_check_cases(const training_run *run)
{
    const bp_trainer *trainer = run->trainer;
    const char *rule = trainer->rule->name;
    if (trainer->rule->iterate == NULL)
        return BP_OK;
    if (run->window != NULL)
        return bpi_fail(BP_ERROR_UNSUPPORTED,
                        "bp_trainer_run: the training stream has %zu cases, more than the window, but the "
                        "optimizer %s needs all of them in memory; options.stream_window sets it",
                        run->cases, rule);
    if (run->batch_cases < run->cases)
        return bpi_fail(BP_ERROR_UNSUPPORTED,
                        "bp_trainer_run: options.batch_size is %zu, but the optimizer %s needs all %zu cases "
                        "in one batch; use 0 or BP_BATCH_AUTO",
                        trainer->options.batch_size, rule, run->cases);
    return BP_OK;
}
