#include "check/constant_error.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "engine/loss.h"
#include "network/activation_kind.h"

bool bpi_constant_error_create(constant_error *error, const diagnosis *d)
{
    const size_t width = d->net->output_width;
    *error = (constant_error){.diagnosis = d,
                              .sums = bpi_allocate(d->allocator, width, sizeof *error->sums),
                              .squares = bpi_allocate(d->allocator, width, sizeof *error->squares),
                              .first = bpi_allocate(d->allocator, width, sizeof *error->first)};
    return error->sums != NULL && error->squares != NULL && error->first != NULL;
}

void bpi_constant_error_clear(constant_error *error)
{
    bpi_release(error->diagnosis->allocator, error->sums);
    bpi_release(error->diagnosis->allocator, error->squares);
    bpi_release(error->diagnosis->allocator, error->first);
}

bool bpi_constant_error_is_known(const diagnosis *d)
{
    return !bpi_loss_has_units(&d->loss);
}

void bpi_constant_error_begin(constant_error *error)
{
    error->weight = 0;
}

static void set_first(constant_error *error, const bp_real *targets)
{
    const size_t width = error->diagnosis->net->output_width;
    memset(error->sums, 0, width * sizeof *error->sums);
    memset(error->squares, 0, width * sizeof *error->squares);
    for (size_t i = 0; i < width; i++)
        error->first[i] = bpi_scaled_target(error->diagnosis, i, (double)targets[i]);
}

void bpi_constant_error_add(constant_error *error, size_t row)
{
    const diagnosis *d = error->diagnosis;
    const bp_real *targets = target_row(&d->training, row);
    double weight = d->training.case_weights == NULL ? 1 : (double)d->training.case_weights[row];
    if (weight == 0)
        return;
    if (error->weight == 0)
        set_first(error, targets);
    error->weight += weight;
    for (size_t i = 0; i < d->net->output_width; i++) {
        double distance = bpi_scaled_target(d, i, (double)targets[i]) - error->first[i];
        error->sums[i] += weight * distance;
        error->squares[i] += weight * distance * distance;
    }
}

static double x_ln_x(double x)
{
    return x > 0 ? x * log(x) : 0;
}

/* Of one column: E = 1/2 sum (y - d)^2 is least for the mean of d, -sum d ln y likewise. */
static double least_error(const constant_error *error, size_t column, const bp_activation *activation)
{
    const double mean = error->sums[column] / error->weight, target = error->first[column] + mean;
    if (!bpi_loss_gives_delta(&error->diagnosis->loss, activation))
        return fmax(0, error->squares[column] - error->sums[column] * mean) / 2;
    double entropy = x_ln_x(target);
    if (activation->kind == ACTIVATION_LOGISTIC)
        entropy += x_ln_x(1 - target);
    return -error->weight * entropy;
}

double bpi_constant_error_sum(const constant_error *error)
{
    const bp_network *net = error->diagnosis->net;
    double sum = 0;
    for (size_t i = 0; error->weight > 0 && i < net->output_count; i++) {
        const bp_layer *layer = net->outputs[i];
        for (size_t unit = 0; unit < layer->units; unit++)
            sum += least_error(error, layer->output_column + unit, &layer->activation);
    }
    return sum;
}
