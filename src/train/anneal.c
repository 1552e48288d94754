#include "train/anneal.h"

#include "engine/finding.h"
#include "train/finding.h"
#include "train/metrics.h"
#include "train/stopping.h"
#include "train/trainer.h"

/* A smaller rate averages over more batches: E fluctuates less, and falls once more. */
static const double rate_reduction = 0.3;
enum { REDUCTIONS = 2 };

static bool may_anneal(const training_run *run)
{
    const bp_trainer *trainer = run->trainer;
    return trainer->chooses_rules && trainer->found_rate != 0 && trainer->options.on_gradient == NULL &&
           trainer->reductions < REDUCTIONS &&
           (run->reason == BP_STOP_DIMINISHING_RETURNS || run->reason == BP_STOP_EARLY);
}

void bpi_anneal(training_run *run)
{
    if (!may_anneal(run))
        return;
    bp_trainer *trainer = run->trainer;
    bp_finding note = bpi_finding(BP_FINDING_ANNEALED, BP_SEVERITY_NOTE);
    note.epoch = trainer->epochs;
    note.values[0] = trainer->learning_rate;
    if (run->reason == BP_STOP_EARLY) {
        bpi_run_flush_weights(run);
        bpi_trainer_restore_best(trainer);
        bpi_invalidate_metrics(run);
    }
    run->reason = BP_STOP_NONE;
    run->rule = trainer->stopping.count;
    trainer->reductions++;
    trainer->rate_factor *= rate_reduction;
    bpi_trainer_update_rates(trainer);
    bpi_stopping_reset(&trainer->stopping);
    note.values[1] = trainer->learning_rate;
    note.count = (size_t)trainer->reductions;
    bpi_add_finding(trainer, &note);
}
