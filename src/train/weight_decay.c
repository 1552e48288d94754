#include "train/weight_decay.h"

#include <math.h>

#include "base/status.h"
#include "engine/class_weights.h"
#include "engine/finding.h"
#include "engine/loss.h"
#include "engine/truth_table.h"
#include "engine/weight_parts.h"
#include "kernel/activation_rows.h"
#include "train/finding.h"
#include "train/target_noise.h"
#include "train/vectors.h"
#include "train/window.h"

/* By experience: the strength for one case with targets that are all noise, the noise that is assumed in any
 * case, and the cases from which on there is a decay; noise is estimated from neighbours. */
static const double strength_for_one = 6, min_noise = 0.01;
enum { MIN_CASES = 50, MIN_NEIGHBOURS = 2 };

/* No weight may shrink by more than this in an update, whatever the learning rate. */
static const double max_decay = 0.1;

static bool has_all_combinations(const training_run *run)
{
    return run->window == NULL ? bpi_is_truth_table(&run->training) : bpi_window_is_truth_table(run->window);
}

/* ------------------------------------------------------------- by the hidden units */

/* The largest |f'| at some points; the last is for functions that rise without end. */
static double steepest_slope(const activation_row *row, const bp_activation *f)
{
    static const double points[] = {0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 64};
    const bool is_steep = row->parameter[0].name != NULL && isfinite(row->high);
    const double steepness = is_steep ? f->parameter[0] : 1;
    double steepest = 0;
    for (size_t i = 0; i < sizeof points / sizeof points[0]; i++)
        steepest = fmax(steepest, fabs((double)row->slope(points[i] / steepness, f->parameter)));
    return steepest;
}

/*
 * The strength suits tanh units. One with the outputs a tanh(b x) + c needs weights 1/b times as large before
 * it and 1/a times behind it to do the same, so that the same prior has b^2 and a^2 of the strength. All
 * weights have one strength: a b, the geometric mean, where a is half the range and a b the steepest slope.
 * Logistic units are a = b = 1/2 ([RHW86] eq. 2: (1 + tanh(x/2))/2), a quarter. Neither a nor b makes it
 * more.
 */
static double share_of_units(const bp_activation *f)
{
    const activation_row *row = bpi_activation_row(f->kind);
    if (row == NULL || row->slope == NULL)
        return 1;
    const double half_range = isfinite(row->high) ? (row->high - row->low) / 2 : 1;
    return fmin(half_range, steepest_slope(row, f));
}

/* That of the layer whose weights must be largest. */
static double share_of_hidden_units(const bp_network *net)
{
    double share = 1;
    for (size_t i = 0; i < net->layer_count; i++) {
        const bp_layer *layer = net->layers[i];
        if (!layer->is_input && !layer->is_output)
            share = fmin(share, share_of_units(&layer->activation));
    }
    return share;
}

/* ------------------------------------------------------------------------ by the data */

static double mean_case_weight(const training_run *run)
{
    const bp_data *data = &run->training;
    const class_weights *classes = run->trainer->workspace->classes;
    double sum = 0;
    if (data->case_weights == NULL && classes == NULL)
        return 1;
    for (size_t i = 0; i < data->cases; i++)
        sum += (double)bpi_case_weight(classes, data, i);
    return sum / (double)data->cases;
}

/* The strength belongs to E of targets with a variance of 1, or of cross-entropy. Smaller errors bear less.
 */
static double error_scale(const training_run *run, const target_spread *spread)
{
    const bp_trainer *trainer = run->trainer;
    const bool is_entropy =
        bpi_loss_gives_delta(bpi_loss_of(&trainer->options.loss, trainer->network->outputs[0]),
                             &trainer->network->outputs[0]->activation);
    return (is_entropy ? 1 : fmin(spread->variance, 1)) * fmin(mean_case_weight(run), 1);
}

/* The noise of the targets, by which the strength is chosen, is the distance from their means. */
static bool may_measure_noise(const bp_trainer *trainer)
{
    const bp_loss *loss = &trainer->options.loss;
    for (size_t i = 0; i < trainer->network->output_count; i++)
        if (!bpi_loss_fits_mean(bpi_loss_of(loss, trainer->network->outputs[i]),
                                &trainer->network->outputs[i]->activation))
            return false;
    return true;
}

static bool may_decay(const training_run *run)
{
    const bp_trainer_options *options = &run->trainer->options;
    return options->weight_decay == BP_DECAY_AUTO && run->trainer->rule->automatic_decay != DECAY_NONE &&
           options->l1 == 0 && options->l2 == 0 && options->on_gradient == NULL && run->cases >= MIN_CASES &&
           run->training.cases >= MIN_NEIGHBOURS && !has_all_combinations(run) &&
           may_measure_noise(run->trainer);
}

bp_status bpi_choose_decay(const training_run *run)
{
    bp_trainer *trainer = run->trainer;
    if (trainer->is_prepared)
        return BP_OK;
    trainer->decay_strength = 0;
    trainer->decay_unit = trainer->options.reduction == BP_REDUCE_SUM ? (double)run->batch_cases : 1;
    if (!may_decay(run))
        return BP_OK;
    target_spread spread;
    BPI_TRY(bpi_find_target_spread(run, &spread));
    trainer->target_noise = spread.noise;
    trainer->decay_strength =
        strength_for_one * fmax(spread.noise, min_noise) / (double)run->cases * error_scale(run, &spread);
    trainer->decay_strength *= share_of_hidden_units(trainer->network);
    return BP_OK;
}

void bpi_note_decay(const training_run *run)
{
    bp_trainer *trainer = run->trainer;
    if (trainer->decay_strength == 0)
        return;
    bp_finding note = bpi_finding(BP_FINDING_WEIGHT_DECAY, BP_SEVERITY_NOTE);
    note.values[0] = trainer->decay_strength;
    note.values[1] = (double)run->cases;
    note.values[2] = trainer->target_noise;
    bpi_add_finding(trainer, &note);
}

double bpi_decay_with(const bp_trainer *trainer, double rate_factor, double decay_factor)
{
    if (trainer->options.weight_decay != BP_DECAY_AUTO)
        return trainer->options.weight_decay * decay_factor;
    if (trainer->rule->automatic_decay != DECAY_BY_RATE)
        return 0;
    double step = trainer->learning_rate / (1 - trainer->momentum) * trainer->decay_unit;
    return fmin(step * trainer->decay_strength * rate_factor * decay_factor, max_decay);
}

double bpi_decay_of_update(const bp_trainer *trainer)
{
    return bpi_decay_with(trainer, 1, 1);
}

double bpi_penalty_of_update(const bp_trainer *trainer)
{
    const bool is_chosen = trainer->options.weight_decay == BP_DECAY_AUTO;
    return is_chosen && trainer->rule->automatic_decay == DECAY_IN_GRADIENT
               ? trainer->decay_strength * trainer->decay_unit + trainer->options.l2
               : trainer->options.l2;
}

double bpi_decay_of_objective(const bp_trainer *trainer)
{
    const double given = trainer->options.weight_decay;
    return given == BP_DECAY_AUTO ? trainer->decay_strength * trainer->decay_unit : given;
}

/* The decay that has the strength lambda with a learning rate: of an update, or of the objective. 0: none is
 * known. */
static double decay_of_strength(const bp_trainer *trainer, double lambda, double rate)
{
    const double step = rate / (1 - trainer->momentum);
    const double small_weight = 0.1; /* none stays above it where a step is no larger than what it loses */
    if (trainer->rule->iterate != NULL)
        return lambda;
    if (trainer->rule->rate_meaning == RATE_OF_GRADIENT)
        return lambda * step / (1 + lambda * step);
    return trainer->rule->rate_meaning == RATE_OF_STEP ? rate / small_weight : 0;
}

double bpi_large_decay_limit(const bp_trainer *trainer, size_t cases, double constant)
{
    const double given = trainer->options.weight_decay, rate = trainer->learning_rate;
    const double scale = fmin(2 * constant, 1); /* of squared errors: the variance of the targets */
    const double lambda = strength_for_one / (double)cases * scale * trainer->decay_unit;
    const double limit = decay_of_strength(trainer, lambda, rate);
    if (given == BP_DECAY_AUTO || limit == 0 || given <= limit)
        return 0;
    /* The rate may be lower than it need be, as the weights' decay was taken for a rate too large. */
    return fmin(given, decay_of_strength(trainer, lambda, rate / trainer->rate_factor));
}

double bpi_add_penalty(double error, const bp_workspace *workspace, const bp_real *weights, double lambda)
{
    const bp_network *net = workspace->network;
    for (size_t i = 0; i < net->slice_count; i++) {
        const vector_slice *slice = &net->slices[i];
        const double decay = lambda * bpi_decay_factor(workspace, i);
        const bp_real *own = weights + slice->offset;
        if (decay != 0 && !bpi_is_frozen(workspace, i))
            error += decay / 2 * bpi_dot(own, own, slice->count);
    }
    return error;
}
