/* Small networks (small.h) in plain C: a case at a time, each equation a loop. */
#include "kernel/portable_small.h"

#include <tgmath.h>

/* A pass at work on one case. */
typedef struct one_case {
    small_pass *pass;
    size_t index;
    const bp_real *target;
    bp_real *y, *delta; /* one value per row; y has one more, which is 1 */
} one_case;

size_t bpi_portable_small_scratch(const small_net *net)
{
    return 2 * net->rows + 1;
}

/* ---------------------------------------------------------------------- forward */

/* [RHW86] eq. 1 */
static bp_real total_input(const one_case *c, const small_layer *layer, size_t unit)
{
    const bp_real *weights = c->pass->weights;
    bp_real x = layer->has_bias ? weights[layer->bias + unit] : 0;
    for (size_t i = 0; i < layer->incoming_count; i++) {
        const small_link *link = &layer->incoming[i];
        const bp_real *w = weights + link->offset + unit * link->units;
        for (size_t from = 0; from < link->units; from++)
            x += w[from] * c->y[link->first + from];
    }
    return x;
}

static void forward_layer(const one_case *c, const small_layer *layer)
{
    bp_real *y = c->y + layer->first;
    for (size_t unit = 0; unit < layer->units; unit++)
        y[unit] = total_input(c, layer, unit);
    if (layer->activation == KERNEL_SOFTMAX)
        bpi_kernel_portable.softmax(y, y, layer->units);
    else
        bpi_kernel_portable.activate(layer->activation, y, y, layer->units);
}

static void forward(const one_case *c, size_t number)
{
    const small_net *net = c->pass->net;
    for (size_t i = 0; i < net->layer_count; i++) {
        const small_layer *layer = &net->layers[i];
        const small_values *values = &c->pass->values[i];
        if (!layer->is_input)
            forward_layer(c, layer);
        for (size_t unit = 0; unit < layer->units; unit++) {
            bp_real *y = &c->y[layer->first + unit];
            if (layer->is_input)
                *y = values->inputs[c->index * values->stride + unit];
            else if (values->outputs != NULL)
                values->outputs[number * layer->units + unit] = *y;
        }
    }
}

/* --------------------------------------------------------------- error, backward */

/* [RHW86] eq. 3 and 4 */
static void add_error(const one_case *c, const small_layer *layer)
{
    small_pass *pass = c->pass;
    bp_real weight = pass->case_weights == NULL ? 1 : pass->case_weights[c->index];
    double sum = 0;
    for (size_t unit = 0; unit < layer->units; unit++) {
        bp_real y = c->y[layer->first + unit], target = c->target[layer->output_column + unit];
        bp_real distance = fabs(y - target);
        bool errs = !(distance <= pass->tolerance);
        double difference = errs ? (double)y - (double)target : 0;
        sum += difference * difference;
        c->delta[layer->first + unit] = errs ? (y - target) * weight : 0;
        pass->deviation = (double)distance > pass->deviation ? (double)distance : pass->deviation;
    }
    pass->error += 0.5 * sum * (double)weight;
}

/* [RHW86] eq. 7 */
static bp_real sent_back(const one_case *c, const small_layer *layer, size_t unit)
{
    bp_real sum = 0;
    for (size_t i = 0; i < layer->outgoing_count; i++) {
        const small_link *link = &layer->outgoing[i];
        const bp_real *w = c->pass->weights + link->offset + unit;
        for (size_t to = 0; to < link->units; to++)
            sum += w[to * layer->units] * c->delta[link->first + to];
    }
    return sum;
}

/* [RHW86] eq. 5; for softmax dE/dx_j = y_j (dE/dy_j - sum_k y_k dE/dy_k). */
static void apply_slope(const small_layer *layer, const bp_real *y, bp_real *delta)
{
    bp_real mean = 0;
    if (layer->activation != KERNEL_SOFTMAX) {
        bpi_kernel_portable.multiply_slope(layer->activation, y, delta, layer->units);
        return;
    }
    for (size_t unit = 0; unit < layer->units; unit++)
        mean += y[unit] * delta[unit];
    for (size_t unit = 0; unit < layer->units; unit++)
        delta[unit] = y[unit] * (delta[unit] - mean);
}

/* [RHW86] eq. 6 */
static void add_weight_derivatives(const one_case *c, const small_layer *layer)
{
    for (size_t i = 0; i < layer->sender_count; i++) {
        const small_sender *sender = &layer->senders[i];
        bp_real *to = c->pass->gradient + sender->offset;
        for (size_t unit = 0; unit < layer->units; unit++)
            to[unit * sender->stride] += c->delta[layer->first + unit] * c->y[sender->row];
    }
}

static void backward_layer(const one_case *c, const small_layer *layer)
{
    bp_real *delta = c->delta + layer->first;
    for (size_t unit = 0; unit < layer->units; unit++)
        delta[unit] = sent_back(c, layer, unit) + (layer->is_output ? delta[unit] : 0);
    if (!layer->is_input)
        apply_slope(layer, c->y + layer->first, delta);
    if (!layer->is_input && c->pass->gradient != NULL)
        add_weight_derivatives(c, layer);
}

static void backward(const one_case *c, size_t number)
{
    const small_pass *pass = c->pass;
    size_t column = pass->input_width;
    for (size_t i = 0; i < pass->net->layer_count; i++)
        if (pass->net->layers[i].is_output)
            add_error(c, &pass->net->layers[i]);
    if (pass->gradient == NULL && pass->input_gradient == NULL)
        return;
    for (size_t i = pass->net->layer_count; i-- > 0;) {
        const small_layer *layer = &pass->net->layers[i];
        if (!layer->is_input || pass->input_gradient != NULL)
            backward_layer(c, layer);
        if (!layer->is_input || pass->input_gradient == NULL)
            continue;
        column -= layer->units;
        for (size_t unit = 0; unit < layer->units; unit++)
            pass->input_gradient[number * pass->input_width + column + unit] = c->delta[layer->first + unit];
    }
}

/* ------------------------------------------------------------------------ whole */

static void clear_gradient(const small_pass *pass)
{
    for (size_t l = 0; l < pass->net->layer_count; l++)
        for (size_t i = 0; i < pass->net->layers[l].sender_count; i++) {
            const small_sender *sender = &pass->net->layers[l].senders[i];
            for (size_t unit = 0; unit < pass->net->layers[l].units; unit++)
                pass->gradient[sender->offset + unit * sender->stride] = 0;
        }
}

void bpi_portable_run_small(small_pass *pass)
{
    const size_t rows = pass->net->rows;
    one_case c = {.pass = pass, .y = pass->scratch, .delta = pass->scratch + rows + 1};
    c.y[rows] = 1;
    if (pass->gradient != NULL && !pass->accumulate)
        clear_gradient(pass);
    for (size_t number = 0; number < pass->count; number++) {
        c.index = pass->order == NULL ? pass->first + number : pass->order[number];
        forward(&c, number);
        if (pass->targets == NULL)
            continue;
        c.target = pass->targets + c.index * pass->target_stride;
        backward(&c, number);
    }
    if (isnan(pass->error))
        pass->deviation = pass->error;
}
