#include "engine/class_weights.h"

#include <math.h>

#include "base/real.h"
#include "base/status.h"
#include "engine/missing_targets.h"
#include "network/activation_kind.h"

bp_status bpi_class_weights_check_network(const char *where, const char *option, const bp_network *net)
{
    if (net->original != NULL)
        return bpi_fail(BP_ERROR_UNSUPPORTED,
                        "%s.%s is set, but the network is unrolled, with targets at several steps; "
                        "data.case_weights can weigh its cases",
                        where, option);
    if (net->output_count > 1)
        return bpi_fail(
            BP_ERROR_UNSUPPORTED,
            "%s.%s is set, but the network has %zu output layers; it must have one, whose units are "
            "the classes, or the cases be weighed by data.case_weights",
            where, option, net->output_count);
    const bp_layer *layer = net->outputs[0];
    if (layer->units == 1 && layer->activation.kind != ACTIVATION_LOGISTIC)
        return bpi_fail(BP_ERROR_UNSUPPORTED,
                        "%s.%s is set, but output layer '%s' is a single unit that is %s; two classes need a "
                        "logistic one, with targets of 0 and 1",
                        where, option, layer->name, bp_activation_name(&layer->activation));
    return BP_OK;
}

size_t bpi_class_of_targets(const bp_real *targets, size_t width)
{
    size_t found = SIZE_MAX;
    if (width == 1)
        return targets[0] == 0 ? 0 : targets[0] == 1 ? 1 : SIZE_MAX;
    for (size_t i = 0; i < width; i++) {
        if (targets[i] != 0 && (targets[i] != 1 || found != SIZE_MAX))
            return SIZE_MAX;
        if (targets[i] == 1)
            found = i;
    }
    return found;
}

static const bp_real *targets_of(const bp_data *data, size_t index)
{
    return data->targets + index * data->target_stride;
}

bp_status bpi_check_case_classes(const char *function, const char *name, const bp_workspace *workspace,
                                 const bp_data *data, size_t first_case)
{
    const size_t width = workspace->network->output_width;
    for (size_t i = 0; workspace->classes != NULL && i < data->cases; i++) {
        const bp_real *targets = targets_of(data, i);
        if (bpi_class_of_targets(targets, width) != SIZE_MAX)
            continue;
        if (data->missing_targets && bpi_count_targets(targets, width) == 0)
            continue;
        return bpi_fail(
            BP_ERROR_ARGUMENT,
            "%s: %s.targets: case %zu is of no class, but classes have weights by the options; %s", function,
            name, first_case + i,
            width == 1 ? "its target must be 0 or 1" : "one of its targets must be 1, the others 0");
    }
    return BP_OK;
}

bp_real bpi_case_weight(const class_weights *classes, const bp_data *data, size_t index)
{
    const bp_real weight = data->case_weights == NULL ? 1 : data->case_weights[index];
    if (classes == NULL)
        return weight;
    const size_t class = bpi_class_of_targets(targets_of(data, index), data->target_width);
    return class == SIZE_MAX ? weight : weight * classes->weights[class];
}

void bpi_add_class_sums(const bp_data *data, double *sums)
{
    for (size_t i = 0; i < data->cases; i++) {
        const size_t class = bpi_class_of_targets(targets_of(data, i), data->target_width);
        if (class != SIZE_MAX)
            sums[class] += (double)bpi_case_weight(NULL, data, i);
    }
}

void bpi_balance_classes(const double *sums, const class_weights *classes)
{
    double all = 0;
    size_t present = 0;
    for (size_t i = 0; i < classes->count; i++) {
        all += sums[i];
        present += sums[i] > 0;
    }
    for (size_t i = 0; i < classes->count; i++)
        classes->weights[i] =
            sums[i] > 0 ? (bp_real)fmin(all / ((double)present * sums[i]), (double)BPI_REAL_MAX) : 1;
}
