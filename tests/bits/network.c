#include "bits/network.h"

#include <math.h>
#include <stdlib.h>

#include "bits/must.h"

/* ----------------------------------------------- functions of the caller's */

/* y = x / (1 + |x|): operations that are rounded in one way only. */
static void softsign(void *context, const bp_real *x, bp_real *y, size_t count)
{
    (void)context;
    for (size_t i = 0; i < count; i++)
        y[i] = x[i] / (1 + (bp_real)fabs((double)x[i]));
}

static void softsign_slope(void *context, const bp_real *x, const bp_real *y, bp_real *slope, size_t count)
{
    (void)context;
    (void)y;
    for (size_t i = 0; i < count; i++) {
        bp_real divisor = 1 + (bp_real)fabs((double)x[i]);
        slope[i] = 1 / (divisor * divisor);
    }
}

/* Huber's loss with threshold 1: squared where |y - d| is small, linear elsewhere. */
static double huber(void *context, const bp_real *y, const bp_real *d, bp_real *derivative, size_t units)
{
    (void)context;
    double sum = 0;
    for (size_t i = 0; i < units; i++) {
        double difference = (double)y[i] - (double)d[i], distance = fabs(difference);
        sum += distance <= 1 ? difference * difference / 2 : distance - 0.5;
        if (derivative != NULL)
            derivative[i] = (bp_real)(distance <= 1 ? difference : difference / distance);
    }
    return sum;
}

/* --------------------------------------------------------------- building */

typedef struct builder {
    draw_stream *stream;
    const network_group *group;
    bp_network *net;
    size_t inputs, count;
    bp_layer *layers[GROUP_MOST_LAYERS + 4];
    int reaches_output[GROUP_MOST_LAYERS + 4];
    int sends_delayed[GROUP_MOST_LAYERS + 4];
    size_t outputs[GROUP_MOST_LAYERS + 4], output_count;
    int is_probability; /* outputs are logistic or softmax */
} builder;

static size_t draw_units(builder *b)
{
    return draw_between(b->stream, 1, draw_one_in(b->stream, 8) ? b->group->wide : b->group->units);
}

/* An output layer of one softmax unit could not be trained. */
static bp_activation draw_activation(builder *b, int is_output, size_t units)
{
    int may_be_softmax = !is_output || units > 1;
    if (is_output && b->is_probability)
        return draw_one_in(b->stream, 2) && may_be_softmax ? bp_activation_softmax()
                                                           : bp_activation_logistic();
    if (draw_one_in(b->stream, b->group->functions))
        return draw_one_in(b->stream, 2) && may_be_softmax
                   ? bp_activation_softmax()
                   : bp_activation_custom("softsign", softsign, softsign_slope, NULL);
    switch (draw_below(b->stream, 5)) {
    case 0:
        return bp_activation_tanh();
    case 1:
        return bp_activation_linear();
    case 2:
        return bp_activation_relu();
    default:
        return bp_activation_logistic();
    }
}

/* ------------------------------------------------------------ connections */

static size_t draw_divisor(draw_stream *stream, size_t number)
{
    size_t divisor = draw_between(stream, 1, number);
    while (number % divisor != 0)
        divisor--;
    return divisor;
}

static size_t positions_of(const bp_convolution *field)
{
    return ((field->height - field->kernel_height) / field->stride_y + 1) *
           ((field->width - field->kernel_width) / field->stride_x + 1);
}

/* Kernels over a layer of `from` units that give `to` units, or as many as they will if that is 0. Are there
 * such? */
static int draw_convolution(draw_stream *stream, size_t from, size_t to, bp_convolution *field)
{
    for (int attempt = 0; attempt < 20; attempt++) {
        bp_convolution_init(field, sizeof *field);
        field->channels = draw_divisor(stream, from);
        field->height = draw_divisor(stream, from / field->channels);
        field->width = from / field->channels / field->height;
        field->kernel_height = draw_between(stream, 1, field->height);
        field->kernel_width = draw_between(stream, 1, field->width);
        field->stride_y = draw_between(stream, 1, 2);
        field->stride_x = draw_between(stream, 1, 3);
        size_t positions = positions_of(field);
        field->kernels = to == 0 ? draw_between(stream, 1, 6) : to / positions;
        if (positions > 1 && positions * field->kernels <= 400 &&
            (to == 0 || (field->kernels > 0 && field->kernels * positions == to)))
            return 1;
    }
    return 0;
}

/* Few masks for layers of given sizes, so that those of two connections may be the same. */
static unsigned char *draw_mask(draw_stream *stream, size_t rows, size_t columns)
{
    unsigned char *mask = must_allocate(rows * columns, 1);
    size_t step = draw_between(stream, 2, 4), whole_rows = draw_below(stream, 2);
    for (size_t j = 0; j < rows; j++)
        for (size_t i = 0; i < columns; i++)
            mask[j * columns + i] = (i * j + i + 2 * j) % step == 0 && (whole_rows || j % 5 != 3);
    mask[0] = 1;
    return mask;
}

static bp_connect_options connect_options(int is_delayed)
{
    bp_connect_options options;
    bp_connect_options_init(&options, sizeof options);
    options.delayed = is_delayed;
    return options;
}

static void connect_plain(builder *b, size_t from, size_t to, int is_delayed)
{
    bp_connect_options options = connect_options(is_delayed);
    MUST(bp_network_connect_with(NULL, b->net, b->layers[from], b->layers[to], &options));
}

static void connect_masked(builder *b, size_t from, size_t to, int is_delayed)
{
    size_t rows = bp_layer_units(b->layers[to]), columns = bp_layer_units(b->layers[from]);
    unsigned char *mask = draw_mask(b->stream, rows, columns);
    bp_connect_options options = connect_options(is_delayed);
    options.mask = mask;
    options.mask_count = rows * columns;
    MUST(bp_network_connect_with(NULL, b->net, b->layers[from], b->layers[to], &options));
    free(mask);
}

static bp_status connect_convolution(builder *b, size_t from, size_t to, int is_delayed,
                                     const bp_convolution *field)
{
    bp_connect_options options = connect_options(is_delayed);
    options.convolution = field;
    return bp_network_connect_with(NULL, b->net, b->layers[from], b->layers[to], &options);
}

/* Kernels that share biases where those of another connection do not are refused: then another kind it is. */
static void connect(builder *b, size_t from, size_t to, int is_delayed)
{
    bp_convolution field;
    if (draw_one_in(b->stream, b->group->convolution) &&
        draw_convolution(b->stream, bp_layer_units(b->layers[from]), bp_layer_units(b->layers[to]), &field) &&
        connect_convolution(b, from, to, is_delayed, &field) == BP_OK)
        return;
    if (draw_one_in(b->stream, b->group->masked))
        connect_masked(b, from, to, is_delayed);
    else
        connect_plain(b, from, to, is_delayed);
}

/* ----------------------------------------------------------------- layers */

static void add_inputs(builder *b)
{
    b->inputs = draw_between(b->stream, 1, b->group->inputs);
    for (; b->count < b->inputs; b->count++)
        MUST(bp_network_add_input(&b->layers[b->count], b->net, NULL, draw_units(b)));
}

/* Which of the earlier layers a new one receives from: at least one. The last receives from all that would
 * lead nowhere otherwise. Gives the first. */
static size_t draw_sources(builder *b, int is_last, int receives[])
{
    for (size_t from = 0; from < b->count; from++)
        receives[from] = draw_one_in(b->stream, b->group->skips) || (is_last && !b->reaches_output[from]);
    if (b->group->skips > 0)
        receives[draw_below(b->stream, b->count)] = 1;
    else if (b->count == b->inputs)
        for (size_t from = 0; from < b->inputs; from++)
            receives[from] = 1;
    else
        receives[b->count - 1] = 1;
    size_t first = 0;
    while (!receives[first])
        first++;
    return first;
}

static void add_layer(builder *b, int is_last)
{
    int receives[GROUP_MOST_LAYERS + 4];
    size_t to = b->count, first = draw_sources(b, is_last, receives), units = draw_units(b);
    bp_convolution field;
    int is_convolution = draw_one_in(b->stream, b->group->convolution) &&
                         draw_convolution(b->stream, bp_layer_units(b->layers[first]), 0, &field);
    if (is_convolution) {
        field.shared_bias = !draw_one_in(b->stream, 3);
        units = field.kernels * positions_of(&field);
    }
    int is_output = is_last || draw_one_in(b->stream, b->group->outputs);
    MUST(bp_network_add_layer(&b->layers[to], b->net, NULL, units, draw_activation(b, is_output, units)));
    MUST(bp_layer_enable_bias(b->layers[to], !draw_one_in(b->stream, 5)));
    if (is_output)
        b->outputs[b->output_count++] = to;
    b->count++;
    for (size_t from = 0; from < to; from++) {
        if (!receives[from])
            continue;
        int is_delayed = b->group->delayed > 0 && !is_last && draw_one_in(b->stream, 8);
        if (from == first && is_convolution)
            MUST(connect_convolution(b, from, to, is_delayed, &field));
        else
            connect(b, from, to, is_delayed);
        b->reaches_output[from] = 1;
        b->sends_delayed[from] |= is_delayed;
    }
}

static void add_random_layers(builder *b)
{
    add_inputs(b);
    size_t layers = draw_between(b->stream, b->group->min_layers, b->group->max_layers);
    for (size_t i = 1; i <= layers; i++)
        add_layer(b, i == layers);
}

/* Layers of given sizes, one after the other. */
static void add_layers_of(builder *b, const size_t *sizes)
{
    MUST(bp_network_add_input(&b->layers[0], b->net, NULL, sizes[0]));
    int few_activations = draw_one_in(b->stream, 2); /* as most networks have: all layers alike */
    bp_activation activation = draw_activation(b, 0, 0);
    for (b->count = 1; b->count < GROUP_SIZES && sizes[b->count] > 0; b->count++) {
        if (!few_activations)
            activation = draw_activation(b, 0, 0);
        MUST(bp_network_add_layer(&b->layers[b->count], b->net, NULL, sizes[b->count], activation));
        MUST(bp_layer_enable_bias(b->layers[b->count], !draw_one_in(b->stream, 6)));
        connect_plain(b, b->count - 1, b->count, 0);
    }
    b->inputs = 1;
    b->outputs[b->output_count++] = b->count - 1;
}

/* ------------------------------------------------ outputs, sharing, time */

/* In either order: that is the order of the columns. */
static void mark_outputs(builder *b)
{
    int backwards = draw_one_in(b->stream, 2);
    for (size_t i = 0; i < b->output_count; i++)
        MUST(bp_layer_set_output(b->layers[b->outputs[backwards ? b->output_count - 1 - i : i]]));
}

static void connect_in_time(builder *b)
{
    for (size_t to = b->inputs; to < b->count; to++)
        for (size_t from = 0; from < b->count; from++) {
            int wanted = draw_one_in(b->stream, b->group->delayed) || (to == b->inputs && from == to);
            if (!wanted || bp_network_find_delayed_connection(b->net, b->layers[from], b->layers[to]) != NULL)
                continue;
            connect(b, from, to, 1);
            b->sends_delayed[from] = 1;
        }
}

static void draw_states(builder *b)
{
    for (size_t i = 0; i < b->count; i++) {
        if (!b->sends_delayed[i] || draw_one_in(b->stream, 3))
            continue;
        size_t units = bp_layer_units(b->layers[i]);
        bp_real *values = must_allocate(units, sizeof *values);
        for (size_t j = 0; j < units; j++)
            values[j] = (bp_real)draw_real(b->stream, -0.5, 0.5);
        MUST(bp_layer_set_initial_state(b->layers[i], values, draw_one_in(b->stream, 2)));
        free(values);
    }
}

/* Shares where the library finds that shapes fit. */
static void share_matrices(builder *b)
{
    size_t count = bp_network_connection_count(b->net);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++) {
            bp_connection *one = bp_network_connection(b->net, i), *other = bp_network_connection(b->net, j);
            if (!draw_one_in(b->stream, b->group->shared))
                continue;
            bp_status status = bp_connection_share(one, other);
            if (status != BP_ERROR_STRUCTURE)
                MUST(status);
        }
}

/* Is there a bias for each unit? With kernels there may be fewer. */
static int has_plain_biases(const builder *b, const bp_layer *layer)
{
    if (!bp_layer_has_bias(layer))
        return 0;
    for (size_t i = 0; i < bp_network_connection_count(b->net); i++) {
        const bp_connection *connection = bp_network_connection(b->net, i);
        if (bp_connection_to(connection) == layer &&
            bp_connection_get_kind(connection) == BP_CONNECTION_CONVOLUTION)
            return 0;
    }
    return 1;
}

static void share_biases(builder *b)
{
    for (size_t i = b->inputs; i < b->count; i++)
        for (size_t j = b->inputs; j < i; j++) {
            bp_layer *one = b->layers[i], *other = b->layers[j];
            if (draw_one_in(b->stream, b->group->shared) && has_plain_biases(b, one) &&
                has_plain_biases(b, other) && bp_layer_units(one) == bp_layer_units(other))
                MUST(bp_layer_share_bias(one, other));
        }
}

static void unroll(random_net *made, draw_stream *stream)
{
    enum { MOST_STEPS = 6 };
    unsigned char inputs[MOST_STEPS], outputs[MOST_STEPS];
    bp_unroll_options options;
    bp_unroll_options_init(&options, sizeof options);
    options.steps = draw_between(stream, 1, MOST_STEPS);
    int is_every_step = draw_one_in(stream, 3);
    for (size_t t = 0; t < options.steps; t++) {
        inputs[t] = is_every_step || !draw_one_in(stream, 3);
        outputs[t] = is_every_step || !draw_one_in(stream, 3);
    }
    inputs[draw_below(stream, options.steps)] = 1;
    outputs[draw_below(stream, options.steps)] = 1;
    options.input_steps = inputs;
    options.output_steps = outputs;
    bp_network *recurrent = made->net;
    MUST(bp_network_unroll(&made->net, recurrent, &options));
    bp_network_destroy(recurrent);
    made->steps = is_every_step ? options.steps : 1;
}

/* ------------------------------------------------------------- the whole */

static bp_weight_init draw_init(draw_stream *stream)
{
    switch (draw_below(stream, 5)) {
    case 0:
        return bp_weight_init_uniform(-0.3, 0.3);
    case 1:
        return bp_weight_init_he();
    case 2:
        return bp_weight_init_lecun();
    case 3:
        return bp_weight_init_uniform(-2, 2);
    default:
        return bp_weight_init_default();
    }
}

static void draw_loss(random_net *made, const network_group *group, draw_stream *stream)
{
    made->loss = bp_loss_squared_error();
    int is_custom = 0;
    if (draw_one_in(stream, group->losses)) {
        is_custom = draw_one_in(stream, 4);
        made->is_probability = !is_custom;
        made->loss = is_custom ? bp_loss_custom(huber, NULL) : bp_loss_cross_entropy();
    }
    if (!is_custom && draw_one_in(stream, 3))
        made->loss = bp_loss_with_tolerance(made->loss, draw_real(stream, 0.05, 0.5));
}

static void build(builder *b, size_t number)
{
    const network_group *group = b->group;
    if (group->sizes != NULL)
        add_layers_of(b, group->sizes[number % group->size_count]);
    else
        add_random_layers(b);
    mark_outputs(b);
    if (group->delayed > 0) {
        connect_in_time(b);
        draw_states(b);
    }
    if (group->shared > 0) {
        share_matrices(b);
        share_biases(b);
    }
    MUST(bp_network_set_weight_init(b->net, draw_init(b->stream)));
    for (size_t i = b->inputs; i < b->count; i++)
        MUST(bp_layer_set_bias_init(b->layers[i], bp_weight_init_uniform(-0.5, 0.5)));
    MUST(bp_network_finalize(b->net));
}

random_net random_net_create(const network_group *group, size_t number, const char *isa, draw_stream *stream)
{
    random_net made = {.steps = 1};
    draw_loss(&made, group, stream);
    bp_network_options options;
    bp_network_options_init(&options, sizeof options);
    options.isa = isa;
    MUST(bp_network_create(&made.net, &options));
    builder b = {.stream = stream, .group = group, .net = made.net, .is_probability = made.is_probability};
    build(&b, number);
    if (group->delayed > 0)
        unroll(&made, stream);
    MUST(bp_network_initialize(made.net, draw_below(stream, 1000)));
    return made;
}

void random_net_destroy(random_net *made)
{
    bp_network_destroy(made->net);
}
