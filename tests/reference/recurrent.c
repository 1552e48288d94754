#include "reference/recurrent.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

enum { MOST_UNITS = 80 };

/* The states of one layer at steps 0 ... T. */
typedef struct history {
    double x[RECURRENT_STEPS + 1][MOST_UNITS], y[RECURRENT_STEPS + 1][MOST_UNITS];
    double dy[RECURRENT_STEPS + 1][MOST_UNITS], dx[RECURRENT_STEPS + 1][MOST_UNITS];
} history;

/* One case on its way through time and back. */
typedef struct passage {
    reference *ref;
    const recurrent_times *times;
    history *layers;
    double weight;
    double *gradient;
} passage;

static size_t count_flags(const unsigned char *flags, size_t steps)
{
    size_t count = 0;
    for (size_t t = 0; t < steps; t++)
        count += flags[t] != 0;
    return count;
}

/* Step 0: the initial state. */
static void start(const passage *p)
{
    const reference *ref = p->ref;
    memset(p->layers, 0, ref->layer_count * sizeof *p->layers);
    for (size_t l = 0; l < ref->layer_count; l++)
        for (size_t j = 0; j < ref->layers[l].units; j++)
            p->layers[l].y[0][j] = ref->layers[l].learns_state ? ref->weights[ref->layers[l].state + j]
                                                               : ref->layers[l].initial[j];
}

/* Does anything come along a connection at step t? Not from an input at a step that has none. */
static int carries(const passage *p, const reference_connection *connection, size_t t)
{
    size_t sent = connection->is_delayed ? t - 1 : t;
    return !p->ref->layers[connection->from].is_input || sent == 0 || p->times->has_input[sent - 1];
}

static void find_x(const passage *p, size_t l, size_t t)
{
    const reference *ref = p->ref;
    const reference_layer *layer = &ref->layers[l];
    for (size_t j = 0; j < layer->units; j++) {
        double x = layer->has_bias ? ref->weights[layer->bias + j / layer->units_per_bias] : 0;
        for (size_t n = 0; n < ref->connection_count; n++) {
            const reference_connection *c = &ref->connections[n];
            if (c->to != l || !carries(p, c, t))
                continue;
            const double *y = p->layers[c->from].y[c->is_delayed ? t - 1 : t];
            size_t units = ref->layers[c->from].units;
            for (size_t i = 0; i < units; i++) {
                size_t w = reference_weight(ref, c, j, i);
                x += w == SIZE_MAX ? 0 : y[i] * ref->weights[w];
            }
        }
        p->layers[l].x[t][j] = x;
    }
}

static void forward_step(const passage *p, size_t t, const bp_real *inputs)
{
    reference *ref = p->ref;
    for (size_t l = 0; l < ref->layer_count; l++) {
        const reference_layer *layer = &ref->layers[l];
        if (!layer->is_input) {
            find_x(p, l, t);
            reference_activate(ref, l, p->layers[l].x[t], p->layers[l].y[t]);
            continue;
        }
        for (size_t i = 0; inputs != NULL && i < layer->units; i++) {
            size_t column = layer->column + i;
            p->layers[l].y[t][i] =
                ((double)inputs[column] - ref->input_offset[column]) * ref->input_factor[column];
        }
    }
}

/* dE/dx of a layer at step t into the gradient, and on to the senders at this step or the one before. */
static void send_back(const passage *p, size_t l, size_t t)
{
    const reference *ref = p->ref;
    const reference_layer *layer = &ref->layers[l];
    const double *dx = p->layers[l].dx[t];
    for (size_t j = 0; layer->has_bias && j < layer->units; j++)
        p->gradient[layer->bias + j / layer->units_per_bias] += p->weight * dx[j];
    for (size_t n = 0; n < ref->connection_count; n++) {
        const reference_connection *c = &ref->connections[n];
        if (c->to != l || !carries(p, c, t))
            continue;
        size_t sent = c->is_delayed ? t - 1 : t, units = ref->layers[c->from].units;
        for (size_t j = 0; j < layer->units; j++)
            for (size_t i = 0; i < units; i++) {
                size_t w = reference_weight(ref, c, j, i);
                if (w == SIZE_MAX)
                    continue;
                p->gradient[w] += p->weight * dx[j] * p->layers[c->from].y[sent][i];
                p->layers[c->from].dy[sent][i] += dx[j] * ref->weights[w];
            }
    }
}

static void backward_step(const passage *p, size_t t)
{
    for (size_t l = p->ref->layer_count; l-- > 0;) {
        history *h = &p->layers[l];
        if (p->ref->layers[l].is_input)
            continue;
        reference_find_dx(p->ref, l, h->x[t], h->y[t], h->dy[t], h->dx[t]);
        send_back(p, l, t);
    }
}

/* What has come back to step 0 is the derivative of the initial state. */
static void end(const passage *p)
{
    for (size_t l = 0; l < p->ref->layer_count; l++) {
        const reference_layer *layer = &p->ref->layers[l];
        for (size_t j = 0; layer->learns_state && j < layer->units; j++)
            p->gradient[layer->state + j] += p->weight * p->layers[l].dy[0][j];
    }
}

static double errors_at(const passage *p, size_t t, const bp_real *targets, reference_loss loss,
                        double *outputs)
{
    reference *ref = p->ref;
    double error = 0, target[MOST_UNITS];
    for (size_t l = 0; l < ref->layer_count; l++) {
        const reference_layer *layer = &ref->layers[l];
        history *h = &p->layers[l];
        if (!layer->is_output)
            continue;
        for (size_t j = 0; j < layer->units; j++) {
            size_t column = layer->column + j;
            target[j] = ((double)targets[column] - ref->target_offset[column]) * ref->target_factor[column];
            if (outputs != NULL)
                outputs[column] = h->y[t][j] / ref->target_factor[column] + ref->target_offset[column];
        }
        error += reference_error(ref, l, loss, h->y[t], target, h->dy[t]);
    }
    return error;
}

static void store_input_gradient(const passage *p, size_t t, double *out)
{
    const reference *ref = p->ref;
    for (size_t l = 0; l < ref->layer_count; l++) {
        const reference_layer *layer = &ref->layers[l];
        for (size_t i = 0; layer->is_input && i < layer->units; i++)
            out[layer->column + i] = p->weight * p->layers[l].dy[t][i] * ref->input_factor[layer->column + i];
    }
}

static double run_case(const passage *p, const bp_data *data, size_t row, reference_loss loss,
                       const reference_result *result)
{
    const reference *ref = p->ref;
    const recurrent_times *times = p->times;
    size_t inputs = row * data->input_width, targets = row * data->target_width;
    double error = 0;
    start(p);
    for (size_t t = 1; t <= times->steps; t++) {
        forward_step(p, t, times->has_input[t - 1] ? data->inputs + inputs : NULL);
        inputs += times->has_input[t - 1] ? ref->input_width : 0;
        if (!times->has_output[t - 1])
            continue;
        error += errors_at(p, t, data->targets + targets, loss,
                           result->outputs == NULL ? NULL : result->outputs + targets);
        targets += ref->output_width;
    }
    for (size_t t = times->steps; t >= 1; t--)
        backward_step(p, t);
    end(p);
    inputs = row * data->input_width;
    for (size_t t = 1; t <= times->steps; t++) {
        if (times->has_input[t - 1] && result->input_gradient != NULL)
            store_input_gradient(p, t, result->input_gradient + inputs);
        inputs += times->has_input[t - 1] ? ref->input_width : 0;
    }
    return error;
}

void recurrent_run(reference *ref, const recurrent_times *times, const bp_data *data, reference_loss loss,
                   const reference_result *result)
{
    assert_in_range(times->steps, 1, RECURRENT_STEPS);
    assert_int_equal(data->input_width, ref->input_width * count_flags(times->has_input, times->steps));
    assert_int_equal(data->target_width, ref->output_width * count_flags(times->has_output, times->steps));
    for (size_t l = 0; l < ref->layer_count; l++)
        assert_in_range(ref->layers[l].units, 1, MOST_UNITS);
    passage p = {.ref = ref, .times = times, .weight = 1};
    p.layers = calloc(ref->layer_count, sizeof *p.layers);
    p.gradient = calloc(ref->weight_count, sizeof *p.gradient);
    assert_non_null(p.layers);
    assert_non_null(p.gradient);
    double error = 0;
    ref->closest_kink = INFINITY;
    for (size_t row = 0; row < data->cases; row++) {
        p.weight = data->case_weights == NULL ? 1 : (double)data->case_weights[row];
        error += p.weight * run_case(&p, data, row, loss, result);
    }
    if (result->error != NULL)
        *result->error = error;
    if (result->gradient != NULL)
        memcpy(result->gradient, p.gradient, ref->weight_count * sizeof *p.gradient);
    free(p.layers);
    free(p.gradient);
}
