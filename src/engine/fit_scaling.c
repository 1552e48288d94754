/* bp_network_fit_scaling: offset and factor of each column from data. */
#include "engine/fit_scaling.h"

#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "engine/check_data.h"
#include "engine/scaling_rule.h"
#include "network/require.h"
#include "network/scaling.h"

/* ------------------------------------------------------------------ use of columns */

/* How a column is fitted. */
typedef struct column_use {
    size_t group;       /* the first of the columns that are fitted together */
    int32_t activation; /* see bpi_fit_column */
} column_use;

/* The network whose layers the columns of one time step belong to. */
static const bp_network *one_step(const bp_network *net)
{
    return net->original == NULL ? net : net->original;
}

/* The units of a feature map if the layer is read by convolutions alone, else 1. */
static size_t map_units(const bp_layer *layer)
{
    if (layer->outgoing_count == 0)
        return 1;
    for (size_t i = 0; i < layer->outgoing_count; i++)
        if (layer->outgoing[i]->shape.kind != BP_CONNECTION_CONVOLUTION)
            return 1;
    return layer->units / layer->outgoing[0]->shape.convolution.channels;
}

/* Inputs: those of all steps together, those of a convolution for each feature map. */
static void use_of_inputs(const bp_network *net, column_use *uses)
{
    const bp_network *step = one_step(net);
    for (size_t i = 0; i < step->layer_count; i++) {
        const bp_layer *layer = step->layers[i];
        size_t together = layer->is_input ? map_units(layer) : 1;
        for (size_t unit = 0; layer->is_input && unit < layer->units; unit++)
            uses[layer->column + unit].group = layer->column + unit / together * together;
    }
    for (size_t i = step->input_width; i < net->input_width; i++)
        uses[i].group = uses[i % step->input_width].group;
}

/* Targets: those of all steps together. */
static void use_of_targets(const bp_network *net, column_use *uses)
{
    const bp_network *step = one_step(net);
    for (size_t i = 0; i < step->output_count; i++) {
        const bp_layer *layer = step->outputs[i];
        for (size_t unit = 0; unit < layer->units; unit++)
            uses[layer->output_column + unit] =
                (column_use){layer->output_column + unit, layer->activation.kind};
    }
    for (size_t i = step->output_width; i < net->output_width; i++)
        uses[i] = uses[i % step->output_width];
}

/* ------------------------------------------------------------------------- fitting */

/* Inputs or targets, and the memory that fitting them takes. */
typedef struct fitting {
    column_sample sample;
    const column_statistics *known; /* the statistics of all cases; NULL: to be found from the sample */
    const bp_scaling *rule;
    column_statistics *columns;
    column_use *uses;
    column_scaling fresh;
} fitting;

static bool reserve(const bp_allocator *allocator, fitting *f)
{
    const size_t count = f->sample.columns;
    f->columns = bpi_allocate(allocator, count, sizeof *f->columns);
    f->uses = bpi_allocate_zeroed(allocator, count, sizeof *f->uses);
    return f->columns != NULL && f->uses != NULL && bpi_scaling_reserve(allocator, &f->fresh, count);
}

static void release(const bp_allocator *allocator, fitting *f)
{
    bpi_release(allocator, f->columns);
    bpi_release(allocator, f->uses);
}

/* From the last column to the first, so that each group gathers in its first column. */
static void pool_groups(fitting *f)
{
    const size_t count = f->sample.columns;
    column_statistics *columns = f->columns;
    for (size_t i = count; i-- > 0;) {
        const size_t first = f->uses[i].group;
        if (first != i)
            columns[first] = bpi_join_statistics(&columns[first], &columns[i]);
    }
    for (size_t i = 0; i < count; i++)
        columns[i] = columns[f->uses[i].group];
}

static void find_statistics(fitting *f)
{
    if (f->known != NULL)
        memcpy(f->columns, f->known, f->sample.columns * sizeof *f->columns);
    else
        bpi_find_statistics(&f->sample, f->columns);
    for (size_t i = 0; f->rule->is_pooled && i < f->sample.columns; i++)
        f->uses[i].group = 0;
    if (f->rule->is_pooled || bpi_scaling_rule_is_automatic(f->rule))
        pool_groups(f);
}

static bp_status fit_columns(fitting *f)
{
    const column_sample *sample = &f->sample;
    for (size_t i = 0; i < sample->columns; i++)
        if (!bpi_fit_column(f->rule, &f->columns[i], f->uses[i].activation, &f->fresh.offset[i],
                            &f->fresh.factor[i]))
            return bpi_fail(BP_ERROR_ARGUMENT, "%s: data.%s: column %zu, from %s to %s, cannot be scaled",
                            sample->function, sample->name, i, bpi_format_real(f->columns[i].min).text,
                            bpi_format_real(f->columns[i].max).text);
    return BP_OK;
}

/* Fits f->fresh, which is empty; bp_scaling_none leaves it so. On failure the caller clears it. */
static bp_status fit(const bp_network *net, fitting *f,
                     void (*find_uses)(const bp_network *net, column_use *uses))
{
    const column_sample *sample = &f->sample;
    if (bpi_scaling_rule_is_none(f->rule))
        return BP_OK;
    bp_status status = BP_OK;
    if (!reserve(&net->allocator, f))
        status = bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the scaling of %zu columns", sample->function,
                          sample->columns);
    if (status == BP_OK) {
        find_uses(net, f->uses);
        find_statistics(f);
        status = fit_columns(f);
    }
    release(&net->allocator, f);
    return status;
}

static bp_status fit_both(bp_network *net, fitting *inputs, fitting *targets)
{
    bp_status status = fit(net, inputs, use_of_inputs);
    if (status == BP_OK)
        status = fit(net, targets, use_of_targets);
    if (status != BP_OK) {
        bpi_scaling_clear(&net->allocator, &inputs->fresh);
        bpi_scaling_clear(&net->allocator, &targets->fresh);
        return status;
    }
    bpi_scaling_replace(&net->allocator, &net->input_scaling, &inputs->fresh, net->input_width);
    bpi_scaling_replace(&net->allocator, &net->target_scaling, &targets->fresh, net->output_width);
    return BP_OK;
}

bp_status bpi_fit_scaling(const char *function, bp_network *net, const bp_data *data,
                          const bp_scaling *input_rule, const bp_scaling *target_rule)
{
    fitting inputs = {
        .sample = {function, "inputs", data->cases, net->input_width, data->inputs, data->input_stride},
        .rule = input_rule};
    fitting targets = {
        .sample = {function, "targets", data->cases, net->output_width, data->targets, data->target_stride},
        .rule = target_rule};
    return fit_both(net, &inputs, &targets);
}

bp_status bpi_fit_scaling_by(const char *function, bp_network *net, const column_statistics *of_inputs,
                             const column_statistics *of_targets, const bp_scaling *input_rule,
                             const bp_scaling *target_rule)
{
    fitting inputs = {.sample = {.function = function, .name = "inputs", .columns = net->input_width},
                      .known = of_inputs,
                      .rule = input_rule};
    fitting targets = {.sample = {.function = function, .name = "targets", .columns = net->output_width},
                       .known = of_targets,
                       .rule = target_rule};
    return fit_both(net, &inputs, &targets);
}

bp_status bp_network_fit_scaling(bp_network *net, const bp_data *data, bp_scaling inputs, bp_scaling targets)
{
    BPI_REQUIRE(net);
    BPI_REQUIRE(data);
    BPI_TRY(bpi_require_finalized(__func__, net));
    BPI_TRY(bpi_check_scaling_rule(__func__, "inputs", &inputs));
    BPI_TRY(bpi_check_scaling_rule(__func__, "targets", &targets));
    bp_data checked;
    int need =
        DATA_INPUTS | DATA_UNSCALED | (bpi_scaling_rule_is_none(&targets) ? 0 : DATA_TARGETS | DATA_MAY_MISS);
    BPI_TRY(bpi_check_data(__func__, "data", net, data, need, &checked));
    BPI_TRY(bpi_fit_scaling(__func__, net, &checked, &inputs, &targets));
    net->scaling_origin = SCALING_GIVEN;
    return BP_OK;
}
