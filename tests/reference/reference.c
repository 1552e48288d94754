#include "reference/reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reference/reading.h"
#include "support/arrays.h"

reference *reference_create(const bp_network *net, const size_t *outputs, size_t output_count,
                            const reference_custom *custom)
{
    reference *ref = calloc(1, sizeof *ref);
    assert_non_null(ref);
    ref->custom = custom;
    reference_read(ref, net, outputs, output_count);
    return ref;
}

void reference_destroy(reference *ref)
{
    for (size_t l = 0; l < ref->layer_count; l++)
        free(ref->layers[l].initial);
    for (size_t n = 0; n < ref->connection_count; n++)
        free(ref->connections[n].of);
    free(ref->weights);
    free(ref->input_offset);
    free(ref->input_factor);
    free(ref->target_offset);
    free(ref->target_factor);
    free(ref);
}

/* ------------------------------------------------------------------ activations */

static int is(const reference_layer *layer, const char *activation)
{
    return strcmp(layer->activation, activation) == 0;
}

/* The caller's function, where the oracle has none of its own. */
static const reference_custom *custom_of(const reference *ref, const reference_layer *layer)
{
    assert_non_null(ref->custom);
    assert_string_equal(layer->activation, ref->custom->name);
    return ref->custom;
}

static double output(const reference *ref, const reference_layer *layer, double x)
{
    return layer->formula != NULL ? layer->formula->value(x) : custom_of(ref, layer)->function(x); /* eq. 2 */
}

static double slope(const reference *ref, const reference_layer *layer, double x, double y)
{
    return layer->formula != NULL ? layer->formula->slope(x, y) : custom_of(ref, layer)->slope(x);
}

static void softmax(const double *x, double *y, size_t units)
{
    double greatest = x[0], sum = 0;
    for (size_t j = 0; j < units; j++)
        greatest = fmax(greatest, x[j]);
    for (size_t j = 0; j < units; j++)
        sum += exp(x[j] - greatest);
    for (size_t j = 0; j < units; j++)
        y[j] = exp(x[j] - greatest) / sum;
}

void reference_activate(reference *ref, size_t l, const double *x, double *y)
{
    const reference_layer *layer = &ref->layers[l];
    if (is(layer, "softmax"))
        softmax(x, y, layer->units);
    else
        for (size_t j = 0; j < layer->units; j++)
            y[j] = output(ref, layer, x[j]);
    const unsigned kinks = layer->formula == NULL ? 0 : layer->formula->kinks;
    for (size_t j = 0; j < layer->units; j++) {
        if (kinks & REFERENCE_KINK_AT_0)
            ref->closest_kink = fmin(ref->closest_kink, fabs(x[j]));
        if (kinks & REFERENCE_KINKS_AT_1)
            ref->closest_kink = fmin(ref->closest_kink, fabs(fabs(x[j]) - 1));
    }
}

/* A softmax unit's y depends on every x of its layer. */
void reference_find_dx(const reference *ref, size_t l, const double *x, const double *y, const double *dy,
                       double *dx)
{
    const reference_layer *layer = &ref->layers[l];
    for (size_t j = 0; j < layer->units; j++) {
        if (!is(layer, "softmax")) {
            dx[j] = dy[j] * slope(ref, layer, x[j], y[j]);
            continue;
        }
        dx[j] = 0;
        for (size_t k = 0; k < layer->units; k++)
            dx[j] += dy[k] * y[k] * ((j == k) - y[j]);
    }
}

/* E of one output of a loss that is a sum over outputs, and its derivative by y. */
static double error_of_output(reference *ref, const reference_own_loss *own, double y, double d,
                              double *slope)
{
    const double z = y - d, size = fabs(z), delta = own->parameter, t = d > 0 ? 1 : -1;
    switch (own->loss) {
    case REFERENCE_ABSOLUTE_ERROR:
        ref->closest_kink = fmin(ref->closest_kink, size);
        *slope = z > 0 ? 1 : -1;
        return size;
    case REFERENCE_HUBER:
        *slope = size > delta ? delta * z / size : z;
        return size > delta ? delta * (size - 0.5 * delta) : 0.5 * z * z;
    case REFERENCE_LOG_COSH:
        *slope = tanh(z);
        return size > 20 ? size - log(2) : log(cosh(z));
    case REFERENCE_QUANTILE:
        ref->closest_kink = fmin(ref->closest_kink, size);
        *slope = z > 0 ? 1 - own->parameter : -own->parameter;
        return z * *slope;
    case REFERENCE_HINGE:
        ref->closest_kink = fmin(ref->closest_kink, fabs(1 - t * y));
        *slope = t * y < 1 ? -t : 0;
        return fmax(0, 1 - t * y);
    case REFERENCE_POISSON:
        *slope = exp(y) - d;
        return exp(y) - d * y - d + (d > 0 ? d * log(d) : 0);
    default:
        *slope = z;
        return 0.5 * z * z;
    }
}

/* reference_error for a layer with a loss of its own. */
static double own_error(reference *ref, size_t l, const double *y, const double *target, double *dy)
{
    const reference_layer *layer = &ref->layers[l];
    const reference_own_loss *own = &ref->own[l];
    const int is_softmax = is(layer, "softmax");
    double error = 0;
    for (size_t j = 0; j < layer->units; j++) {
        double slope, d = target[j];
        if (own->loss == REFERENCE_CROSS_ENTROPY) {
            d = (1 - own->smoothing) * d + own->smoothing / (is_softmax ? (double)layer->units : 2);
            error -= own->weight * (d * log(y[j]) + (is_softmax ? 0 : (1 - d) * log(1 - y[j])));
            slope = (is_softmax ? 0 : (1 - d) / (1 - y[j])) - d / y[j];
        } else {
            error += own->weight * error_of_output(ref, own, y[j], d, &slope);
        }
        dy[j] += own->weight * slope;
    }
    return error;
}

double reference_error(reference *ref, size_t l, reference_loss loss, const double *y, const double *target,
                       double *dy)
{
    const reference_layer *layer = &ref->layers[l];
    double error = 0;
    if (ref->has_own_losses)
        return own_error(ref, l, y, target, dy);
    for (size_t j = 0; j < layer->units; j++) {
        double d = target[j];
        if (ref->tolerance > 0) {
            ref->closest_kink = fmin(ref->closest_kink, fabs(fabs(y[j] - d) - ref->tolerance));
            if (fabs(y[j] - d) <= ref->tolerance)
                continue;
        }
        if (loss == REFERENCE_SQUARED_ERROR) {
            error += 0.5 * (y[j] - d) * (y[j] - d); /* eq. 3 */
            dy[j] += y[j] - d;                      /* eq. 4 */
        } else if (is(layer, "softmax")) {
            error -= d * log(y[j]);
            dy[j] -= d / y[j];
        } else {
            error -= d * log(y[j]) + (1 - d) * log(1 - y[j]);
            dy[j] += (1 - d) / (1 - y[j]) - d / y[j];
        }
    }
    return error;
}

/* --------------------------------------------------------------------- one case */

/* One case on its way forward and backward. */
typedef struct passing_case {
    double *x[REFERENCE_LAYERS], *y[REFERENCE_LAYERS];
    double *dy[REFERENCE_LAYERS]; /* dE/dy */
    double *dx[REFERENCE_LAYERS]; /* dE/dx */
    const double *target;         /* scaled */
    double weight;
} passing_case;

static void forward(reference *ref, passing_case *c, const bp_real *inputs)
{
    for (size_t l = 0; l < ref->layer_count; l++) {
        const reference_layer *layer = &ref->layers[l];
        if (layer->is_input) {
            for (size_t i = 0; i < layer->units; i++) {
                size_t column = layer->column + i;
                c->y[l][i] = ((double)inputs[column] - ref->input_offset[column]) * ref->input_factor[column];
            }
            continue;
        }
        for (size_t j = 0; j < layer->units; j++) {
            double x = layer->has_bias ? ref->weights[layer->bias + j / layer->units_per_bias] : 0;
            for (size_t n = 0; n < ref->connection_count; n++) {
                const reference_connection *connection = &ref->connections[n];
                if (connection->to != l)
                    continue;
                size_t units = ref->layers[connection->from].units;
                for (size_t i = 0; i < units; i++) { /* eq. 1 */
                    size_t w = reference_weight(ref, connection, j, i);
                    x += w == SIZE_MAX ? 0 : c->y[connection->from][i] * ref->weights[w];
                }
            }
            c->x[l][j] = x;
        }
        reference_activate(ref, l, c->x[l], c->y[l]);
    }
}

/* E of the case; before the backward pass, dE/dy is that of the outputs alone. */
static double error_of_case(reference *ref, passing_case *c, reference_loss loss)
{
    double error = 0;
    for (size_t l = 0; l < ref->layer_count; l++)
        if (ref->layers[l].is_output)
            error += reference_error(ref, l, loss, c->y[l], c->target + ref->layers[l].column, c->dy[l]);
    return error;
}

static void backward(const reference *ref, passing_case *c, double *gradient)
{
    for (size_t l = ref->layer_count; l-- > 0;) {
        const reference_layer *layer = &ref->layers[l];
        if (layer->is_input)
            continue;
        reference_find_dx(ref, l, c->x[l], c->y[l], c->dy[l], c->dx[l]); /* eq. 5 */
        for (size_t j = 0; layer->has_bias && j < layer->units; j++)
            gradient[layer->bias + j / layer->units_per_bias] += c->weight * c->dx[l][j];
        for (size_t n = 0; n < ref->connection_count; n++) {
            const reference_connection *connection = &ref->connections[n];
            if (connection->to != l)
                continue;
            size_t units = ref->layers[connection->from].units;
            for (size_t j = 0; j < layer->units; j++)
                for (size_t i = 0; i < units; i++) {
                    size_t w = reference_weight(ref, connection, j, i);
                    if (w == SIZE_MAX)
                        continue;
                    gradient[w] += c->weight * c->dx[l][j] * c->y[connection->from][i]; /* eq. 6 */
                    c->dy[connection->from][i] += c->dx[l][j] * ref->weights[w];        /* eq. 7 */
                }
        }
    }
}

/* -------------------------------------------------------------------- all cases */

static void make_room(const reference *ref, passing_case *c)
{
    for (size_t l = 0; l < ref->layer_count; l++) {
        c->x[l] = new_doubles(ref->layers[l].units);
        c->y[l] = new_doubles(ref->layers[l].units);
        c->dy[l] = new_doubles(ref->layers[l].units);
        c->dx[l] = new_doubles(ref->layers[l].units);
    }
}

static void free_room(const reference *ref, passing_case *c)
{
    for (size_t l = 0; l < ref->layer_count; l++) {
        free(c->x[l]);
        free(c->y[l]);
        free(c->dy[l]);
        free(c->dx[l]);
    }
}

static void store(const reference *ref, const passing_case *c, size_t row, const reference_result *result)
{
    for (size_t l = 0; l < ref->layer_count; l++) {
        const reference_layer *layer = &ref->layers[l];
        for (size_t j = 0; j < layer->units; j++) {
            size_t column = layer->column + j;
            if (layer->is_output && result->outputs != NULL)
                result->outputs[row * ref->output_width + column] =
                    c->y[l][j] / ref->target_factor[column] + ref->target_offset[column];
            if (layer->is_input && result->input_gradient != NULL)
                result->input_gradient[row * ref->input_width + column] =
                    c->weight * c->dy[l][j] * ref->input_factor[column];
        }
    }
}

void reference_run(reference *ref, const bp_data *data, reference_loss loss, const reference_result *result)
{
    size_t input_stride = data->input_stride == 0 ? data->input_width : data->input_stride;
    size_t target_stride = data->target_stride == 0 ? data->target_width : data->target_stride;
    passing_case c = {.weight = 1};
    double *gradient = new_doubles(ref->weight_count), *target = new_doubles(ref->output_width), error = 0;
    for (size_t n = 0; n < ref->connection_count; n++)
        assert_false(ref->connections[n].is_delayed);
    make_room(ref, &c);
    c.target = target;
    ref->closest_kink = INFINITY;
    for (size_t row = 0; row < data->cases; row++) {
        for (size_t j = 0; j < ref->output_width; j++)
            target[j] = ((double)data->targets[row * target_stride + j] - ref->target_offset[j]) *
                        ref->target_factor[j];
        if (data->case_weights != NULL)
            c.weight = (double)data->case_weights[row];
        for (size_t l = 0; l < ref->layer_count; l++)
            memset(c.dy[l], 0, ref->layers[l].units * sizeof *c.dy[l]);
        forward(ref, &c, data->inputs + row * input_stride);
        error += c.weight * error_of_case(ref, &c, loss);
        backward(ref, &c, gradient);
        store(ref, &c, row, result);
    }
    if (result->error != NULL)
        *result->error = error;
    if (result->gradient != NULL)
        memcpy(result->gradient, gradient, ref->weight_count * sizeof *gradient);
    free_room(ref, &c);
    free(gradient);
    free(target);
}

void reference_output_gradient(reference *ref, const bp_data *data, size_t row, size_t output,
                               double *by_weights, double *by_inputs)
{
    size_t input_stride = data->input_stride == 0 ? data->input_width : data->input_stride;
    passing_case c = {.weight = 1};
    make_room(ref, &c);
    ref->closest_kink = INFINITY;
    forward(ref, &c, data->inputs + row * input_stride);
    for (size_t l = 0; l < ref->layer_count; l++)
        for (size_t j = 0; ref->layers[l].is_output && j < ref->layers[l].units; j++)
            c.dy[l][j] = ref->layers[l].column + j == output; /* instead of eq. 4 */
    memset(by_weights, 0, ref->weight_count * sizeof *by_weights);
    backward(ref, &c, by_weights);
    for (size_t l = 0; l < ref->layer_count; l++)
        for (size_t j = 0; ref->layers[l].is_input && j < ref->layers[l].units; j++)
            by_inputs[ref->layers[l].column + j] = c.dy[l][j];
    free_room(ref, &c);
}

void reference_update(double *weights, const double *gradient, double *last_update, size_t count, double rate,
                      double momentum, double decay)
{
    for (size_t i = 0; i < count; i++) {
        last_update[i] = -rate * gradient[i] + momentum * last_update[i]; /* eq. 9 */
        weights[i] = (weights[i] + last_update[i]) * (1 - decay);
    }
}
