#include "train/lost_units.h"

#include <string.h>

#include "base/numeric.h"
#include "engine/forward.h"
#include "engine/load.h"
#include "engine/unit_signals.h"
#include "engine/weight_parts.h"
#include "network/change_weights.h"
#include "train/finding.h"
#include "train/metrics.h"

/* A forward pass over so many cases, at equal distances. */
enum { SAMPLE_CASES = 256 };

/* E of constant outputs, nearly; and a whole layer, nearly. */
static const double near_constant = 0.95, nearly_all = 0.95;

static void sample_units(training_run *run)
{
    const bp_trainer *trainer = run->trainer;
    bp_workspace *workspace = trainer->workspace;
    bp_data sample = run->training;
    sample.cases = bpi_min(sample.cases, SAMPLE_CASES);
    sample.input_stride *= run->training.cases / sample.cases;
    const batch all = {.data = &sample, .count = sample.cases};
    bpi_forget_next_case(workspace);
    bpi_unit_signals_begin(&run->trainer->units);
    for (size_t start = 0, rows; start < all.count; start += rows) {
        rows = bpi_block_rows(all.count - start, workspace->block_cases);
        bpi_load_inputs(workspace, &all, start, rows);
        bpi_forward(workspace, rows, false);
        bpi_unit_signals_add(&run->trainer->units, workspace, rows);
    }
}

/* Training can do nothing about the units of a layer to which only frozen weights lead. */
static bool is_judged(const bp_trainer *trainer, const bp_layer *layer)
{
    return !layer->is_output && !bpi_is_fixed(trainer->workspace, layer);
}

/* Does one of the lists of units make up nearly all of a hidden layer? */
static bool has_lost_layer(const bp_trainer *trainer)
{
    const bp_network *net = trainer->network;
    for (size_t i = 0; i < net->layer_count; i++) {
        const bp_layer *layer = net->layers[i];
        const double limit = nearly_all * (double)layer->units;
        bp_finding dead, saturated;
        double lost = 0;
        if (!is_judged(trainer, layer))
            continue;
        if (bpi_find_dead_units(&trainer->units, layer, &dead))
            lost += (double)dead.count;
        if (bpi_find_saturated_units(&trainer->units, layer, &saturated))
            lost += (double)saturated.count;
        if (lost > 0 && lost >= limit)
            return true;
    }
    return false;
}

/* The same with the weights that the run began with; the gradient's memory is free after an epoch. */
static void sample_units_at_the_start(training_run *run)
{
    const bp_trainer *trainer = run->trainer;
    const bp_network *net = trainer->network;
    const size_t bytes = net->weight_count * sizeof *net->weights;
    memcpy(trainer->gradient, net->weights, bytes);
    memcpy(bpi_change_weights(trainer->network), trainer->start_weights, bytes);
    sample_units(run);
    memcpy(bpi_change_weights(trainer->network), trainer->gradient, bytes);
}

static bool began_with_lost_layer(training_run *run)
{
    sample_units_at_the_start(run);
    return has_lost_layer(run->trainer);
}

bool bpi_has_lost_layer(training_run *run, double error)
{
    if (!(error > near_constant * bpi_run_constant_error(run)))
        return false;
    bpi_run_flush_weights(run);
    sample_units(run);
    return has_lost_layer(run->trainer) && !began_with_lost_layer(run);
}

/* Copies of one layer in an unrolled network count as one. */
static bool is_reported(const bp_trainer *trainer, const bp_finding *finding)
{
    for (size_t i = 0; finding->layer->origin != NULL && i < trainer->finding_count; i++) {
        const bp_finding *other = &trainer->findings[i];
        if (other->kind == finding->kind && other->layer != NULL &&
            other->layer->origin == finding->layer->origin)
            return true;
    }
    return false;
}

static void report(bp_trainer *trainer, bp_finding *finding, size_t epoch)
{
    finding->epoch = epoch;
    finding->values[3] = trainer->rule->rate_meaning == RATE_NONE;
    if (finding->severity != BP_SEVERITY_NOTE && !is_reported(trainer, finding))
        bpi_add_finding(trainer, finding);
}

static void report_sample(bp_trainer *trainer, size_t epoch)
{
    const bp_network *net = trainer->network;
    bp_finding finding;
    for (size_t i = 0; i < net->layer_count; i++) {
        if (!is_judged(trainer, net->layers[i]))
            continue;
        if (bpi_find_dead_units(&trainer->units, net->layers[i], &finding))
            report(trainer, &finding, epoch);
        if (bpi_find_saturated_units(&trainer->units, net->layers[i], &finding))
            report(trainer, &finding, epoch);
    }
}

/* Was the network untrained when the trainer began? Trained ones may have units that are switches. */
static bool began_untrained(training_run *run)
{
    const bp_trainer *trainer = run->trainer;
    return trainer->epochs == run->epochs &&
           trainer->trace.first_error > BPI_HARDLY_LEARNED * bpi_run_constant_error(run);
}

void bpi_report_lost_units(training_run *run)
{
    bp_trainer *trainer = run->trainer;
    const double mean_error = bpi_training_metrics(run)->error / (double)run->cases;
    if (mean_error > BPI_HARDLY_LEARNED * bpi_run_constant_error(run)) {
        sample_units(run);
        report_sample(trainer, trainer->epochs);
    } else if (began_untrained(run) && !bpi_error_is_small(run, mean_error)) {
        sample_units_at_the_start(run);
        report_sample(trainer, 0);
    }
}
