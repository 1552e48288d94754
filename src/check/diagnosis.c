#include "check/diagnosis.h"

#include <math.h>

#include "base/memory.h"
#include "base/numeric.h"
#include "base/random.h"
#include "base/status.h"
#include "engine/scale.h"

/* The most findings: each kind once, and some of them once for each layer. */
enum { KINDS = 32, KINDS_OF_LAYERS = 16 };

bp_status bpi_diagnosis_fail_memory(const diagnosis *d)
{
    return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the checks of %zu cases", d->function,
                    d->training.cases);
}

/* ------------------------------------------------------------------------- samples */

/* Selection sampling (Knuth, The Art of Computer Programming 2, 3.4.2, algorithm S). */
static bool draw_sample(const diagnosis *d, size_t cases, case_sample *sample)
{
    const size_t wanted = bpi_min(cases, BPI_SAMPLE_CASES);
    random_stream stream;
    sample->order = bpi_allocate(d->allocator, wanted, sizeof *sample->order);
    if (sample->order == NULL)
        return false;
    bpi_random_seed(&stream, 1);
    for (size_t row = 0; sample->count < wanted; row++)
        if (bpi_random_below(&stream, cases - row) < wanted - sample->count)
            sample->order[sample->count++] = row;
    return true;
}

/* ------------------------------------------------------------------------- targets */

/* The column of the only value that is `on`, if all others are `off`; else the number of units. */
static size_t class_of(const bp_real *targets, size_t units, double off, double on)
{
    size_t found = units;
    for (size_t i = 0; i < units; i++) {
        double target = (double)targets[i];
        if (target == on && found == units)
            found = i;
        else if (target != off)
            return units;
    }
    return found;
}

static bool count_classes(diagnosis *d, const bp_layer *layer, double off, double on)
{
    const size_t first = layer->output_column;
    for (size_t row = 0; row < d->training.cases; row++) {
        size_t class = class_of(target_row(&d->training, row) + first, layer->units, off, on);
        if (class == layer->units)
            return false;
        d->class_cases[first + class]++;
    }
    return true;
}

static target_kind find_kind(diagnosis *d, const bp_layer *layer)
{
    const column_statistics *columns = d->targets + layer->output_column;
    if (layer->units == 1)
        return columns->is_two_valued ? TARGETS_BINARY : TARGETS_ANY;
    double off = columns->min, on = columns->max;
    for (size_t i = 1; i < layer->units; i++) {
        off = fmin(off, columns[i].min);
        on = fmax(on, columns[i].max);
    }
    return off < on && count_classes(d, layer, off, on) ? TARGETS_ONE_HOT : TARGETS_ANY;
}

double bpi_scaled_target(const diagnosis *d, size_t column, double target)
{
    const column_scaling *scaling = &d->net->target_scaling;
    if (scaling->factor == NULL)
        return target;
    return (double)bpi_scale_value((bp_real)target, scaling->offset[column], scaling->factor[column]);
}

void bpi_scaled_ends(const diagnosis *d, size_t column, double *low, double *high)
{
    double a = bpi_scaled_target(d, column, d->targets[column].min);
    double b = bpi_scaled_target(d, column, d->targets[column].max);
    *low = fmin(a, b);
    *high = fmax(a, b);
}

/* ----------------------------------------------------------------------- the whole */

static bool reserve(diagnosis *d)
{
    const bp_network *net = d->net;
    d->inputs = bpi_allocate(d->allocator, net->input_width, sizeof *d->inputs);
    d->targets = bpi_allocate(d->allocator, net->output_width, sizeof *d->targets);
    d->target_kinds = bpi_allocate_zeroed(d->allocator, net->output_count, sizeof *d->target_kinds);
    d->class_cases = bpi_allocate_zeroed(d->allocator, net->output_width, sizeof *d->class_cases);
    d->capacity = KINDS + KINDS_OF_LAYERS * net->layer_count;
    d->findings = bpi_allocate(d->allocator, d->capacity, sizeof *d->findings);
    return d->inputs != NULL && d->targets != NULL && d->target_kinds != NULL && d->class_cases != NULL &&
           d->findings != NULL;
}

bp_status bpi_diagnosis_prepare(diagnosis *d)
{
    const bp_network *net = d->net;
    const bp_data *data = &d->training;
    if (!reserve(d) || !draw_sample(d, data->cases, &d->training_sample) ||
        !draw_sample(d, d->validation.cases, &d->validation_sample))
        return bpi_diagnosis_fail_memory(d);
    bpi_find_statistics(&(column_sample){.cases = data->cases,
                                         .columns = net->input_width,
                                         .values = data->inputs,
                                         .stride = data->input_stride},
                        d->inputs);
    bpi_find_statistics(&(column_sample){.cases = data->cases,
                                         .columns = net->output_width,
                                         .values = data->targets,
                                         .stride = data->target_stride},
                        d->targets);
    for (size_t i = 0; i < net->output_count; i++)
        d->target_kinds[i] = find_kind(d, net->outputs[i]);
    return BP_OK;
}

void bpi_diagnosis_clear(diagnosis *d)
{
    bpi_release(d->allocator, d->inputs);
    bpi_release(d->allocator, d->targets);
    bpi_release(d->allocator, d->target_kinds);
    bpi_release(d->allocator, d->class_cases);
    bpi_release(d->allocator, d->findings);
    bpi_release(d->allocator, d->training_sample.order);
    bpi_release(d->allocator, d->validation_sample.order);
}

static bool is_copy_of_same(const bp_layer *a, const bp_layer *b)
{
    return a != NULL && b != NULL && a->origin != NULL && a->origin == b->origin;
}

void bpi_report(diagnosis *d, const bp_finding *finding)
{
    for (size_t i = 0; i < d->count; i++)
        if (d->findings[i].kind == finding->kind && is_copy_of_same(d->findings[i].layer, finding->layer))
            return;
    if (d->count < d->capacity)
        d->findings[d->count++] = *finding;
}

bool bpi_will_be_scaled(const diagnosis *d)
{
    return d->net->weights_drawn && d->net->scaling_origin == SCALING_UNSET;
}
