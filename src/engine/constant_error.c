#include "engine/constant_error.h"

#include <math.h>

#include "engine/class_weights.h"
#include "engine/loss.h"
#include "engine/scale.h"
#include "network/activation_kind.h"
#include "network/scaling.h"

static double scaled(const bp_network *net, bp_real target, size_t column)
{
    const column_scaling *scaling = &net->target_scaling;
    if (!bpi_scaling_is_set(scaling))
        return (double)target;
    return (double)bpi_scale_value(target, scaling->offset[column], scaling->factor[column]);
}

void bpi_target_sums_add(target_sums *sums, double target, double weight)
{
    if (isnan(target))
        return;
    if (sums->weight == 0)
        *sums = (target_sums){.first = target};
    double distance = target - sums->first;
    sums->weight += weight;
    sums->sum += weight * distance;
    sums->squares += weight * distance * distance;
}

static target_sums add_up(const bp_network *net, const bp_data *data, const class_weights *classes,
                          size_t column)
{
    target_sums sums = {0};
    for (size_t i = 0; i < data->cases; i++)
        bpi_target_sums_add(&sums, scaled(net, data->targets[i * data->target_stride + column], column),
                            (double)bpi_case_weight(classes, data, i));
    return sums;
}

/* p ln p, which is 0 for 0. */
static double entropy_term(double p)
{
    return p > 0 ? p * log(p) : 0;
}

/* Of hinge loss: with the cases of class 1 and of the other one, t = 1 and -1, the best constant is 1 or -1,
 * at which each case of the rarer class has E = 2. For targets of 1, and 0 or -1, (d^2 + d) / 2 is 1 and 0.
 */
static double hinge_error(const target_sums *sums)
{
    const double first = sums->first, sum = first * sums->weight + sums->sum;
    const double squares = sums->squares + first * (2 * sums->sum + first * sums->weight);
    const double high = (squares + sum) / 2;
    return 2 * fmax(0, fmin(high, sums->weight - high));
}

/* For squared error and cross-entropy the best constant is the mean. */
double bpi_target_sums_error(const target_sums *sums, const bp_layer *layer, const bp_loss *loss)
{
    const bp_loss *own = bpi_loss_of(loss, layer);
    const double *weight = bpi_loss_weight(loss, layer);
    const bool is_softmax = layer->activation.kind == ACTIVATION_SOFTMAX;
    if (sums->weight == 0)
        return 0;
    const double distance = sums->sum / sums->weight, mean = sums->first + distance;
    double error;
    if (bpi_loss_is_hinge(own))
        error = hinge_error(sums);
    else if (!bpi_loss_gives_delta(own, &layer->activation)) /* squared error */
        error = fmax(0, sums->squares - sums->sum * distance) / 2;
    else
        error = -sums->weight * (entropy_term(mean) + (is_softmax ? 0 : entropy_term(1 - mean)));
    return weight == NULL ? error : *weight * error;
}

bool bpi_constant_error_is_known(const bp_network *net, const bp_loss *loss)
{
    for (size_t i = 0; i < net->output_count; i++) {
        const bp_loss *own = bpi_loss_of(loss, net->outputs[i]);
        if (!bpi_loss_is_hinge(own) && !bpi_loss_fits_mean(own, &net->outputs[i]->activation))
            return false;
    }
    return true;
}

static target_sums scale_sums(const bp_network *net, const target_sums *sums, size_t column)
{
    const column_scaling *scaling = &net->target_scaling;
    const double factor = bpi_scaling_is_set(scaling) ? (double)scaling->factor[column] : 1;
    return (target_sums){.weight = sums->weight,
                         .first = scaled(net, (bp_real)sums->first, column),
                         .sum = sums->sum * factor,
                         .squares = sums->squares * factor * factor};
}

double bpi_constant_error_by(const bp_network *net, const target_sums *unscaled, size_t cases,
                             const bp_loss *loss)
{
    if (!bpi_constant_error_is_known(net, loss))
        return NAN;
    double error = 0;
    for (size_t i = 0; i < net->output_count; i++) {
        const bp_layer *layer = net->outputs[i];
        for (size_t column = layer->output_column; column < layer->output_column + layer->units; column++) {
            const target_sums sums = scale_sums(net, &unscaled[column], column);
            error += bpi_target_sums_error(&sums, layer, loss);
        }
    }
    return error / (double)cases;
}

double bpi_constant_error(const bp_network *net, const bp_data *data, const bp_loss *loss)
{
    return bpi_weighed_constant_error(net, data, NULL, loss);
}

double bpi_weighed_constant_error(const bp_network *net, const bp_data *data, const class_weights *classes,
                                  const bp_loss *loss)
{
    if (!bpi_constant_error_is_known(net, loss))
        return NAN;
    double error = 0;
    for (size_t i = 0; i < net->output_count; i++) {
        const bp_layer *layer = net->outputs[i];
        for (size_t unit = 0; unit < layer->units; unit++) {
            const target_sums sums = add_up(net, data, classes, layer->output_column + unit);
            error += bpi_target_sums_error(&sums, layer, loss);
        }
    }
    return error / (double)data->cases;
}
