#include "engine/small_net.h"

#include "base/memory.h"
#include "base/numeric.h"
#include "network/activation_kind.h"

/* The arrays of a description, one after another in one block; each pointer is at the next free entry. */
typedef struct small_parts {
    small_net *net;
    small_layer *layers;
    small_connection *connections;
    small_source *sources;
    const bp_network *of;
    size_t lanes; /* of the vectors that padded rows of weights consist of; 0: weights are not padded */
} small_parts;

static small_parts find_parts(small_net *small, const bp_network *net, size_t lanes)
{
    small_parts parts = {.net = small, .of = net, .lanes = lanes};
    parts.layers = (small_layer *)(void *)(parts.net + 1);
    parts.connections = (small_connection *)(void *)(parts.layers + net->layer_count);
    parts.sources = (small_source *)(void *)(parts.connections + 2 * net->connection_count);
    return parts;
}

static void add_sources(small_parts *parts, const bp_layer *layer, small_layer *made)
{
    made->sources = parts->sources;
    if (layer->has_bias)
        *parts->sources++ =
            (small_source){.slot = parts->net->one_slot, .offset = layer->bias_offset, .stride = 1};
    for (size_t i = 0; i < layer->incoming_count; i++) {
        const bp_connection *connection = layer->incoming[i];
        const small_layer *from = &parts->layers[connection->from->index];
        for (size_t unit = 0; unit < from->units; unit++)
            *parts->sources++ = (small_source){
                .slot = from->first_slot + unit, .offset = connection->offset + unit, .stride = from->units};
    }
    made->source_count = (size_t)(parts->sources - made->sources);
}

/* ------------------------------------------------------------------------ weights */

static size_t whole_vectors(size_t units, size_t lanes)
{
    return (units + lanes - 1) / lanes * lanes;
}

/* Where in a padded row the weights of a connection begin; for NULL, the end of those of all connections. */
static size_t padded_column(const bp_layer *layer, const bp_connection *connection, size_t lanes)
{
    size_t column = 0;
    for (size_t i = 0; i < layer->incoming_count && layer->incoming[i] != connection; i++)
        column += whole_vectors(layer->incoming[i]->from->units, lanes);
    return column;
}

/* Where in a padded row the bias is. */
static size_t bias_column(const bp_layer *layer, size_t lanes)
{
    const size_t units = layer->incoming[0]->from->units;
    return units % lanes != 0 ? units : padded_column(layer, NULL, lanes);
}

static size_t padded_row(const bp_layer *layer, size_t lanes)
{
    const size_t weights = padded_column(layer, NULL, lanes);
    return layer->has_bias ? bpi_max(weights, whole_vectors(bias_column(layer, lanes) + 1, lanes)) : weights;
}

/* Where the padded rows of a layer begin; for the number of layers, the end of all rows. */
static size_t first_padded_row(const bp_network *net, size_t index, size_t lanes)
{
    size_t values = 0;
    for (size_t i = 0; i < index; i++)
        if (!net->layers[i]->is_input)
            values += net->layers[i]->units * padded_row(net->layers[i], lanes);
    return values;
}

/* The weights of a network that is described with padded rows. */
static void pad_biases(const small_parts *parts, const bp_layer *layer, small_layer *made)
{
    made->bias_offset =
        first_padded_row(parts->of, layer->index, parts->lanes) + bias_column(layer, parts->lanes);
    made->bias_stride = padded_row(layer, parts->lanes);
    parts->net->has_bias_vectors |= bias_column(layer, parts->lanes) % parts->lanes == 0;
}

static void pad_connection(const small_parts *parts, const bp_connection *connection, small_connection *made)
{
    const bp_layer *to = connection->to;
    made->offset =
        first_padded_row(parts->of, to->index, parts->lanes) + padded_column(to, connection, parts->lanes);
    made->stride = padded_row(to, parts->lanes);
}

/* --------------------------------------------------------------------- description */

static small_connection connection_with(const small_parts *parts, const bp_layer *other,
                                        const bp_connection *connection)
{
    const small_layer *layer = &parts->layers[other->index];
    small_connection made = {.layer = other->index,
                             .first_row = layer->first_row,
                             .first_slot = layer->first_slot,
                             .units = layer->units,
                             .offset = connection->offset,
                             .stride = connection->from->units};
    if (parts->lanes > 0)
        pad_connection(parts, connection, &made);
    return made;
}

static void add_connections(small_parts *parts, const bp_layer *layer, small_layer *made)
{
    made->incoming = parts->connections;
    made->incoming_count = layer->incoming_count;
    for (size_t i = 0; i < layer->incoming_count; i++)
        *parts->connections++ = connection_with(parts, layer->incoming[i]->from, layer->incoming[i]);
    made->outgoing = parts->connections;
    made->outgoing_count = layer->outgoing_count;
    for (size_t i = 0; i < layer->outgoing_count; i++)
        *parts->connections++ = connection_with(parts, layer->outgoing[i]->to, layer->outgoing[i]);
}

/* Rows are consecutive; slots are padded to SMALL_ALIGN. */
static void place_layer(small_net *net, small_layer *layer)
{
    layer->first_row = net->rows;
    layer->first_slot = net->slots;
    layer->first_x_row = net->x_rows;
    net->rows += layer->units;
    net->x_rows += layer->needs_x ? layer->units : 0;
    net->slots += (layer->units + SMALL_ALIGN - 1) / SMALL_ALIGN * SMALL_ALIGN;
}

/* Adds the layers, without connections, which need the rows and slots of all layers. */
static void add_layers(const small_parts *parts, const bp_network *net)
{
    for (size_t i = 0; i < net->layer_count; i++) {
        const bp_layer *layer = net->layers[i];
        parts->layers[i] =
            (small_layer){.units = layer->units,
                          .activation = layer->activation.kind,
                          .parameter = layer->activation.parameter,
                          .needs_x = !layer->is_input && bpi_activation_needs_x(&layer->activation),
                          .is_input = layer->is_input,
                          .is_output = layer->is_output,
                          .has_bias = layer->has_bias,
                          .input_column = layer->column,
                          .output_column = layer->output_column,
                          .bias_offset = layer->bias_offset,
                          .bias_stride = 1};
        place_layer(parts->net, &parts->layers[i]);
    }
}

static void describe(small_net *small, const bp_network *net, size_t lanes)
{
    small_parts parts = find_parts(small, net, lanes);
    *small = (small_net){.kernel = net->kernel,
                         .layers = parts.layers,
                         .layer_count = net->layer_count,
                         .weight_count =
                             lanes == 0 ? net->weight_count : first_padded_row(net, net->layer_count, lanes),
                         .sums_over_cases = lanes > 0 || net->weight_count > SMALL_LANE_WEIGHTS,
                         .is_padded = lanes > 0,
                         .output_width = net->output_width};
    add_layers(&parts, net);
    small->one_slot = small->slots;
    small->slots += SMALL_ALIGN;
    for (size_t i = 0; i < net->layer_count; i++) {
        small_layer *layer = &parts.layers[i];
        add_connections(&parts, net->layers[i], layer);
        layer->has_few_terms = layer->incoming_count == 1 && layer->incoming[0].units <= SMALL_FEW &&
                               layer->activation != KERNEL_SOFTMAX && !layer->needs_x;
        layer->has_only_few_terms = true;
        for (size_t c = 0; c < layer->incoming_count; c++)
            layer->has_only_few_terms &= layer->incoming[c].units <= SMALL_FEW;
        if (lanes > 0 && layer->has_bias)
            pad_biases(&parts, net->layers[i], layer);
        if (lanes == 0 && !layer->is_input)
            add_sources(&parts, net->layers[i], layer);
    }
}

small_net *bpi_small_create(const bp_network *net, size_t lanes)
{
    size_t sources = net->layer_count; /* a bias for each */
    for (size_t i = 0; i < net->connection_count; i++)
        sources += net->connections[i]->from->units;
    size_t bytes = sizeof(small_net) + net->layer_count * sizeof(small_layer) +
                   2 * net->connection_count * sizeof(small_connection) + sources * sizeof(small_source);
    small_net *small = bpi_allocate_zeroed(&net->allocator, 1, bytes);
    if (small != NULL)
        describe(small, net, lanes);
    return small;
}
