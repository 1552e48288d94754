#include "check/check_activation.h"

#include <math.h>

#include "base/real.h"
#include "check/difference.h"
#include "network/activation_kind.h"

typedef struct activation_point {
    const bp_activation *activation;
    bp_real x;
} activation_point;

static double value_at(void *context, double offset, double *moved)
{
    const activation_point *point = context;
    bp_real x = (bp_real)((double)point->x + offset), y;
    point->activation->function(point->activation->context, &x, &y, 1);
    *moved = (double)x - (double)point->x;
    return (double)y;
}

static void check_unit(const bp_layer *layer, bp_real x, bp_real y, bp_real slope, double scale,
                       bp_gradient_check *result)
{
    activation_point point = {.activation = &layer->activation, .x = x};
    double derivative = (double)slope, found;
    difference_curve curve = {
        .value = value_at,
        .context = &point,
        .center = (double)y,
        .noise = (double)BPI_REAL_EPSILON * (fabs((double)y) + fabs((double)x * derivative)),
        .unit = 1,
    };
    if (!bpi_difference(&curve, result->tolerance / BPI_CHECK_SAFETY_FACTOR, scale, &found))
        return;
    double size = fmax(scale, fabs(found));
    double deviation = size == 0 ? 0 : fabs(derivative - found) / size;
    if (result->activation != NULL && !(deviation > result->activation_max_deviation))
        return;
    result->activation = layer->activation.name;
    result->activation_layer = layer->name;
    result->activation_max_deviation = deviation;
    result->activation_x = (double)x;
    result->activation_derivative = derivative;
    result->activation_difference = found;
}

static void check_layer(const bp_layer *layer, const layer_arrays *arrays, bp_real *slope,
                        bp_gradient_check *result)
{
    const bp_activation *activation = &layer->activation;
    activation->derivative(activation->context, arrays->x, arrays->y, slope, layer->units);
    double scale = bpi_max_abs(slope, layer->units);
    for (size_t j = 0; j < layer->units; j++)
        check_unit(layer, arrays->x[j], arrays->y[j], slope[j], scale, result);
}

void bpi_check_activations(const bp_network *net, bp_workspace *workspace, bp_gradient_check *result)
{
    for (size_t i = 0; i < net->layer_count; i++)
        if (net->layers[i]->activation.kind == ACTIVATION_CUSTOM)
            check_layer(net->layers[i], &workspace->arrays[i], workspace->temporary, result);
}
