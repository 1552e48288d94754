#include "engine/loss_check.h"

#include <math.h>
#include <stdio.h>

#include "base/real.h"
#include "base/status.h"
#include "base/value_type.h"
#include "engine/loss.h"
#include "engine/missing_targets.h"
#include "engine/scale.h"
#include "network/activation_kind.h"

/* ---------------------------------------------------------------- parameters */

static bp_status check_tolerance(const char *function, const bp_loss *loss, const loss_kind *kind)
{
    double tolerance = loss->parameter[LOSS_TOLERANCE];
    if (!(tolerance >= 0) || !bpi_fits_real(tolerance))
        return bpi_fail(isfinite(tolerance) ? BP_ERROR_ARGUMENT : BP_ERROR_NOT_FINITE,
                        "%s: the tolerance of the loss is %s; it must be at least 0 and fit into bp_real",
                        function, bpi_format_real(tolerance).text);
    if (tolerance != 0 && !(kind->traits & LOSS_TAKES_TOLERANCE))
        return bpi_fail(BP_ERROR_UNSUPPORTED, "%s: %s has a tolerance of %s; it cannot have one", function,
                        kind->name, bpi_format_real(tolerance).text);
    return BP_OK;
}

static bp_status check_smoothing(const char *function, const bp_loss *loss, const loss_kind *kind)
{
    const double epsilon = loss->label_smoothing;
    if (!(epsilon >= 0 && epsilon < 1))
        return bpi_fail(isfinite(epsilon) ? BP_ERROR_ARGUMENT : BP_ERROR_NOT_FINITE,
                        "%s: the label smoothing of the loss is %s; it must be at least 0 and below 1",
                        function, bpi_format_real(epsilon).text);
    if (epsilon != 0 && !(kind->traits & LOSS_TAKES_SMOOTHING))
        return bpi_fail(BP_ERROR_UNSUPPORTED,
                        "%s: %s has a label smoothing of %s; only cross-entropy can have one", function,
                        kind->name, bpi_format_real(epsilon).text);
    if (epsilon != 0 && loss->parameter[LOSS_TOLERANCE] != 0)
        return bpi_fail(BP_ERROR_UNSUPPORTED,
                        "%s: %s has a label smoothing of %s and a tolerance of %s; it can have one of them",
                        function, kind->name, bpi_format_real(epsilon).text,
                        bpi_format_real(loss->parameter[LOSS_TOLERANCE]).text);
    return BP_OK;
}

static bp_status check_parameter(const char *function, const bp_loss *loss, const loss_kind *kind)
{
    const double value = loss->parameter[LOSS_PARAMETER];
    if (kind->parameter == NULL ||
        (value > kind->low && value < kind->high && bpi_fits_real(value) && (bp_real)value > 0))
        return BP_OK;
    return bpi_fail(isfinite(value) ? BP_ERROR_ARGUMENT : BP_ERROR_NOT_FINITE,
                    "%s: %s has the %s %s; it must be %s", function, kind->name, kind->parameter,
                    bpi_format_real(value).text, kind->range_text);
}

static bp_status check_alone(const char *function, const bp_loss *loss)
{
    const loss_kind *kind = bpi_loss_kind(loss->kind);
    BPI_TRY(BPI_CHECK_VALUE(function, "loss", "bp_loss_*", loss, kind != NULL));
    if (loss->kind == LOSS_CUSTOM && loss->function == NULL)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: the function of a custom loss is NULL", function);
    BPI_TRY(check_tolerance(function, loss, kind));
    BPI_TRY(check_smoothing(function, loss, kind));
    return check_parameter(function, loss, kind);
}

/* Does the loss, and its label smoothing, suit this output layer? */
static bp_status check_layer(const char *function, const bp_loss *loss, const bp_layer *layer)
{
    const loss_kind *kind = bpi_loss_kind(bpi_loss_kind_for(loss, &layer->activation));
    BPI_TRY(check_smoothing(function, loss, kind));
    if (kind->activations == 0 || kind->activations >> layer->activation.kind & 1)
        return BP_OK;
    return bpi_fail(BP_ERROR_UNSUPPORTED, "%s: %s needs %s outputs; layer '%s' is %s", function, kind->name,
                    kind->activations_text, layer->name, bp_activation_name(&layer->activation));
}

static bp_status check_weights(const char *function, const double *weights, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(weights[i]) || weights[i] < 0 || !bpi_fits_real(weights[i]))
            return bpi_fail(isfinite(weights[i]) ? BP_ERROR_ARGUMENT : BP_ERROR_NOT_FINITE,
                            "%s: the weight of output %zu is %s; it must be at least 0 and fit into bp_real",
                            function, i, bpi_format_real(weights[i]).text);
        sum += weights[i];
    }
    if (sum == 0)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: the weights of all outputs are 0; one must be above 0",
                        function);
    return BP_OK;
}

static bp_status check_element(const char *function, const bp_loss *loss, const bp_layer *layer)
{
    char where[200];
    snprintf(where, sizeof where, "%s: output layer '%s'", function, layer->name);
    if (loss->kind == LOSS_OF_OUTPUTS)
        return bpi_fail(BP_ERROR_ARGUMENT,
                        "%s: its loss is a loss of several outputs itself; give one of a single output",
                        where);
    BPI_TRY(check_alone(where, loss));
    return check_layer(where, loss, layer);
}

static bp_status check_of_outputs(const char *function, const bp_loss *loss, const bp_network *net)
{
    const bp_network *structure = net->original == NULL ? net : net->original;
    const size_t count = structure->output_count;
    if (loss->parameter[LOSS_COUNT] != (double)count)
        return bpi_fail(BP_ERROR_ARGUMENT,
                        "%s: there are losses of %.0f outputs, but the network has %zu output layers",
                        function, loss->parameter[LOSS_COUNT], count);
    if (loss->context == NULL)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: the losses of the outputs are NULL", function);
    if (loss->of_outputs.weights != NULL)
        BPI_TRY(check_weights(function, loss->of_outputs.weights, count));
    for (size_t i = 0; i < count; i++)
        BPI_TRY(check_element(function, bpi_loss_of(loss, structure->outputs[i]), structure->outputs[i]));
    return BP_OK;
}

static int32_t default_kind(const bp_network *net)
{
    for (size_t i = 0; i < net->output_count; i++)
        if (net->outputs[i]->activation.kind != ACTIVATION_SOFTMAX)
            return LOSS_SQUARED_ERROR;
    return LOSS_CROSS_ENTROPY;
}

bp_status bpi_loss_check(const char *function, bp_loss *loss, const bp_network *net)
{
    BPI_TRY(check_alone(function, loss));
    if (loss->kind == LOSS_OF_OUTPUTS)
        return check_of_outputs(function, loss, net);
    if (loss->kind == LOSS_DEFAULT)
        loss->kind = default_kind(net);
    for (size_t i = 0; i < net->output_count; i++)
        BPI_TRY(check_layer(function, loss, net->outputs[i]));
    return BP_OK;
}

/* The output of a softmax layer of one unit is always 1, so that its dE/dx is 0. */
static bool is_always_1(const bp_layer *layer)
{
    return layer->activation.kind == ACTIVATION_SOFTMAX && layer->units == 1;
}

bp_status bpi_loss_check_teaches(const char *function, const bp_network *net)
{
    for (size_t i = 0; i < net->output_count; i++)
        if (!is_always_1(net->outputs[i]))
            return BP_OK;
    return bpi_fail(
        BP_ERROR_UNSUPPORTED,
        "%s: output layer '%s' is softmax of a single unit, whose output is always 1, so there is "
        "nothing to learn; a logistic unit tells two classes apart",
        function, net->outputs[0]->name);
}

/* ------------------------------------------------------------------ targets */

/* A target as the network is trained for it. */
static bp_real scaled_target(const bp_network *net, bp_real raw, size_t column)
{
    const column_scaling *scaling = &net->target_scaling;
    return bpi_scaling_is_set(scaling)
               ? bpi_scale_value(raw, scaling->offset[column], scaling->factor[column])
               : raw;
}

/* Checked data have NaN only where it may be skipped. */
static bool takes_target(const loss_kind *kind, bp_real target)
{
    return isnan(target) || kind->takes(target);
}

/* The columns of an output layer with this loss. */
static bp_status check_columns(const char *function, const char *name, const bp_loss *loss,
                               const bp_layer *layer, const bp_data *data, size_t first_case, size_t row)
{
    const loss_kind *kind = bpi_loss_kind(bpi_loss_kind_for(loss, &layer->activation));
    const bp_real *targets = data->targets + row * data->target_stride;
    const size_t first = layer->output_column;
    for (size_t i = first; kind->takes != NULL && i < first + layer->units; i++) {
        const bp_real target = scaled_target(layer->network, targets[i], i);
        if (!takes_target(kind, target))
            return bpi_fail(BP_ERROR_ARGUMENT,
                            "%s: %s.targets: case %zu, column %zu is %s after scaling; %s needs %s", function,
                            name, first_case + row, i, bpi_format_real((double)target).text, kind->name,
                            kind->targets_text);
    }
    return BP_OK;
}

bp_status bpi_loss_check_targets_of(const char *function, const char *name, const bp_loss *loss,
                                    const bp_layer *layer, const bp_data *data)
{
    for (size_t row = 0; row < data->cases; row++)
        BPI_TRY(check_columns(function, name, loss, layer, data, 0, row));
    return BP_OK;
}

/* Does it take any target, whatever the outputs are? */
static bool takes_all(const bp_loss *loss)
{
    const loss_list all = bpi_losses_of(loss);
    bool takes = true;
    for (size_t i = 0; i < all.count; i++)
        takes &= bpi_loss_kind(all.losses[i].kind)->takes == NULL && !bpi_loss_is_default(&all.losses[i]);
    return takes;
}

bp_status bpi_loss_check_targets_from(const char *function, const char *name, const bp_loss *loss,
                                      const bp_network *net, const bp_data *data, size_t first_case)
{
    BPI_TRY(bpi_check_missing_targets(function, name, bpi_loss_is_custom(loss), net, data, first_case));
    if (takes_all(loss))
        return BP_OK;
    for (size_t row = 0; row < data->cases; row++)
        for (size_t i = 0; i < net->output_count; i++)
            BPI_TRY(check_columns(function, name, bpi_loss_of(loss, net->outputs[i]), net->outputs[i], data,
                                  first_case, row));
    return BP_OK;
}

bp_status bpi_loss_check_targets(const char *function, const char *name, const bp_loss *loss,
                                 const bp_network *net, const bp_data *data)
{
    return bpi_loss_check_targets_from(function, name, loss, net, data, 0);
}
