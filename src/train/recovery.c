#include "train/recovery.h"

#include <string.h>

#include "base/status.h"
#include "engine/finding.h"
#include "network/change_weights.h"
#include "train/error_trace.h"
#include "train/finding.h"
#include "train/metrics.h"
#include "train/rate_search.h"
#include "train/rates.h"
#include "train/roll_back.h"
#include "train/stopping.h"
#include "train/trainer.h"

/* Each recovery multiplies the learning rate by this. */
static const double rate_reduction = 0.3;

/* Weights that were trained with too large a rate from the start may be worse than their error says: units
 * are saturated or dead. Those of the start are better then, unless E is a small part of that of constant
 * outputs. A rate that was found has proved good for a while: weights that it has trained for long go back to
 * the start only if they have learned nothing. */
static void choose_weights(training_run *run)
{
    const bp_trainer *trainer = run->trainer;
    const bool is_late = bpi_uses_found_rate(trainer) && !bpi_trace_is_young(&trainer->trace);
    const double learned = is_late ? 0.95 : 0.15;
    bpi_roll_back(run);
    const double error = bpi_training_metrics(run)->error / (double)run->cases;
    if (!(error > learned * bpi_run_constant_error(run)))
        return;
    const bp_network *net = trainer->network;
    memcpy(bpi_change_weights(trainer->network), trainer->start_weights,
           net->weight_count * sizeof *net->weights);
    bpi_invalidate_metrics(run);
}

/* The caller's rate was too large, nobody knows by how much. With the weights as they are now a search finds
 * it out, once; if it ends early or finds no lower rate, the reduction must do. */
static bp_status search_lower_rate(training_run *run)
{
    bp_trainer *trainer = run->trainer;
    if (run->reason != BP_STOP_NONE || trainer->recoveries > 1 || bpi_uses_found_rate(trainer) ||
        trainer->options.on_gradient != NULL || trainer->rule->automatic_rate != 0)
        return BP_OK;
    bp_rate_search found = {.size = sizeof found};
    bool lowers_error;
    BPI_TRY(bpi_search_rate(run, &found, &lowers_error));
    if (lowers_error && found.learning_rate < trainer->learning_rate) {
        trainer->rate_factor *= found.learning_rate / trainer->learning_rate;
        bpi_update_rates(trainer);
    }
    return BP_OK;
}

bp_status bpi_recover(training_run *run)
{
    bp_trainer *trainer = run->trainer;
    bp_finding note = bpi_finding(BP_FINDING_RECOVERED, BP_SEVERITY_NOTE);
    note.epoch = trainer->epochs + trainer->epoch.begun;
    note.values[0] = trainer->learning_rate;
    run->ends_epoch = false;
    bpi_run_flush_weights(run);
    choose_weights(run);
    trainer->recoveries++;
    trainer->rate_factor *= rate_reduction;
    bpi_update_rates(trainer);
    bp_status status = search_lower_rate(run);
    bpi_trace_restart(&trainer->trace);
    bpi_stopping_reset(&trainer->stopping);
    note.values[1] = trainer->learning_rate;
    note.values[2] = trainer->recoveries;
    note.count = (size_t)trainer->recoveries;
    bpi_add_finding(trainer, &note);
    return status;
}
