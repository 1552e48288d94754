#include "train/recovery.h"

#include <string.h>

#include "engine/finding.h"
#include "train/error_trace.h"
#include "train/finding.h"
#include "train/metrics.h"
#include "train/rates.h"
#include "train/roll_back.h"
#include "train/stopping.h"
#include "train/trainer.h"

/* Each recovery multiplies the learning rate by this. */
static const double rate_reduction = 0.3;

/* By default, where the library chose the rate. Machines that train together must not do so one by one. */
static int recovery_limit(const bp_trainer *trainer)
{
    enum { AUTOMATIC_RECOVERIES = 5 };
    if (trainer->options.recoveries != BP_RECOVERIES_AUTO)
        return trainer->options.recoveries;
    return bpi_uses_found_rate(trainer) && trainer->options.on_gradient == NULL ? AUTOMATIC_RECOVERIES : 0;
}

bool bpi_may_recover(const training_run *run)
{
    return run->trainer->recoveries < recovery_limit(run->trainer);
}

/* Weights that were trained with too large a rate from the start may be worse than their error says: units
 * are saturated or dead. Those of the start are better then, unless E is a small part of that of constant
 * outputs. Later, weights go back to the start only if they have learned nothing. */
static void choose_weights(training_run *run)
{
    const bp_trainer *trainer = run->trainer;
    const double learned = bpi_trace_is_young(&trainer->trace) ? 0.15 : 0.95;
    bpi_roll_back(run);
    const double error = bpi_training_metrics(run)->error / (double)run->cases;
    if (!(error > learned * bpi_run_constant_error(run)))
        return;
    const bp_network *net = trainer->network;
    memcpy(net->weights, trainer->start_weights, net->weight_count * sizeof *net->weights);
    bpi_invalidate_metrics(run);
}

void bpi_recover(training_run *run)
{
    bp_trainer *trainer = run->trainer;
    bp_finding note = bpi_finding(BP_FINDING_RECOVERED, BP_SEVERITY_NOTE);
    note.epoch = trainer->epochs + trainer->epoch.begun;
    note.values[0] = trainer->learning_rate;
    bpi_run_flush_weights(run);
    choose_weights(run);
    trainer->recoveries++;
    trainer->rate_factor *= rate_reduction;
    bpi_update_rates(trainer);
    bpi_trace_restart(&trainer->trace);
    bpi_stopping_reset(&trainer->stopping);
    note.values[1] = trainer->learning_rate;
    note.values[2] = trainer->recoveries;
    note.count = (size_t)trainer->recoveries;
    bpi_add_finding(trainer, &note);
}
