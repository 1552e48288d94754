#include "train/anneal.h"

#include "engine/finding.h"
#include "train/finding.h"
#include "train/metrics.h"
#include "train/rates.h"
#include "train/stopping.h"
#include "train/trainer.h"

/* A smaller rate averages over more batches: E fluctuates less, and falls once more. */
static const double rate_reduction = 0.3;
enum { REDUCTIONS = 2 };

/* Where E stays near that of constant outputs, nothing has been learned yet; some problems have long
 * plateaus. Training goes on unchanged for so many more windows of the stopping rule. */
static const double near_constant = 0.9;
enum { EXTENSIONS = 2 };

static bool ended_without_improvement(const training_run *run)
{
    return run->reason == BP_STOP_DIMINISHING_RETURNS || run->reason == BP_STOP_EARLY;
}

/* The rate is the library's choice: found, or left by a recovery. */
static bool may_go_on(const bp_trainer *trainer)
{
    return trainer->chooses_rules && (bpi_uses_found_rate(trainer) || trainer->recoveries > 0) &&
           trainer->options.on_gradient == NULL;
}

/* Does a smaller rate change the updates to come? */
static bool has_rate(const bp_trainer *trainer)
{
    return trainer->rule->rate_meaning != RATE_OF_FIRST_STEP && trainer->rule->rate_meaning != RATE_NONE;
}

static bool is_on_plateau(training_run *run)
{
    const epoch_state *epoch = &run->trainer->epoch;
    return epoch->error / (double)epoch->cases > near_constant * bpi_run_constant_error(run);
}

static void go_on(training_run *run)
{
    run->ends_epoch = false;
    run->reason = BP_STOP_NONE;
    run->rule = run->trainer->stopping.count;
    bpi_stopping_reset(&run->trainer->stopping);
}

static void lower_rate(training_run *run)
{
    bp_trainer *trainer = run->trainer;
    bp_finding note = bpi_finding(BP_FINDING_ANNEALED, BP_SEVERITY_NOTE);
    note.epoch = trainer->epochs;
    note.values[0] = trainer->learning_rate;
    trainer->reductions++;
    trainer->rate_factor *= rate_reduction;
    bpi_update_rates(trainer);
    note.values[1] = trainer->learning_rate;
    note.count = (size_t)trainer->reductions;
    bpi_add_finding(trainer, &note);
}

void bpi_reset_annealing(bp_trainer *trainer)
{
    if (!trainer->chooses_rules || !trainer->has_ended)
        return;
    trainer->has_ended = false;
    for (; trainer->reductions > 0; trainer->reductions--)
        trainer->rate_factor /= rate_reduction;
    trainer->extensions = 0;
    bpi_stopping_reset(&trainer->stopping);
}

void bpi_anneal(training_run *run)
{
    bp_trainer *trainer = run->trainer;
    if (!ended_without_improvement(run))
        return;
    if (may_go_on(trainer) && trainer->extensions < EXTENSIONS && is_on_plateau(run)) {
        trainer->extensions++;
        go_on(run);
    } else if (may_go_on(trainer) && trainer->reductions < REDUCTIONS && has_rate(trainer)) {
        if (run->reason == BP_STOP_EARLY && trainer->best.epoch != 0) {
            bpi_run_flush_weights(run);
            bpi_trainer_restore_best(trainer);
            bpi_invalidate_metrics(run);
        }
        lower_rate(run);
        go_on(run);
    } else {
        trainer->has_ended = true;
    }
}
