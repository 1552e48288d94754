#include "train/weight_decay.h"

#include <math.h>

#include "engine/finding.h"
#include "network/activation_kind.h"
#include "train/finding.h"

/* By experience: the strength for one case, and the cases from which on there is a decay. */
static const double strength_for_one = 0.7;
enum { MIN_CASES = 50 };

/* A logistic unit is a tanh unit with half the total input, half the output and another bias: f(x) = (1 +
 * tanh(x/2))/2. So its weights must be twice as large, on either side, and the same prior has a quarter of
 * the strength. */
static const double logistic_share = 0.25;

/* No weight may shrink by more than this in an update, whatever the learning rate. */
static const double max_decay = 0.5;

/* Does a column of inputs hold two different values at most? */
static bool is_two_valued(const bp_data *data, size_t column)
{
    const bp_real *values = data->inputs + column;
    bp_real other = values[0];
    for (size_t i = 1; i < data->cases; i++) {
        bp_real value = values[i * data->input_stride];
        if (value == values[0] || value == other)
            continue;
        if (other != values[0])
            return false;
        other = value;
    }
    return true;
}

/* As many cases as inputs of two values each have combinations. */
static bool is_truth_table(const bp_data *data)
{
    enum { MAX_INPUTS = 24 };
    if (data->input_width > MAX_INPUTS || data->cases < (size_t)1 << data->input_width)
        return false;
    for (size_t i = 0; i < data->input_width; i++)
        if (!is_two_valued(data, i))
            return false;
    return true;
}

static bool has_logistic_hidden_units(const bp_network *net)
{
    for (size_t i = 0; i < net->layer_count; i++) {
        const bp_layer *layer = net->layers[i];
        if (!layer->is_input && !layer->is_output && layer->activation.kind == ACTIVATION_LOGISTIC)
            return true;
    }
    return false;
}

void bpi_choose_decay(const training_run *run)
{
    bp_trainer *trainer = run->trainer;
    const size_t cases = run->training.cases;
    if (trainer->decay_unit != 0)
        return;
    trainer->decay_unit = trainer->options.reduction == BP_REDUCE_SUM ? (double)run->batch_cases : 1;
    if (trainer->options.weight_decay != BP_DECAY_AUTO || trainer->options.on_gradient != NULL ||
        cases < MIN_CASES || is_truth_table(&run->training))
        return;
    trainer->decay_strength = strength_for_one / (double)cases;
    if (has_logistic_hidden_units(trainer->network))
        trainer->decay_strength *= logistic_share;
    bp_finding note = bpi_finding(BP_FINDING_WEIGHT_DECAY, BP_SEVERITY_NOTE);
    note.values[0] = trainer->decay_strength;
    note.values[1] = (double)cases;
    bpi_add_finding(trainer, &note);
}

double bpi_decay_of_update(const bp_trainer *trainer)
{
    if (trainer->options.weight_decay != BP_DECAY_AUTO)
        return trainer->options.weight_decay;
    double step = trainer->learning_rate / (1 - trainer->momentum) * trainer->decay_unit;
    return fmin(step * trainer->decay_strength, max_decay);
}
