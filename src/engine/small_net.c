#include "engine/small_net.h"

#include "base/memory.h"
#include "network/activation_kind.h"

/* The arrays of a description, one after another in one block; each pointer is at the next free entry. */
typedef struct small_parts {
    small_net *net;
    small_layer *layers;
    small_connection *connections;
    small_source *sources;
} small_parts;

static small_parts find_parts(small_net *small, const bp_network *net)
{
    small_parts parts = {.net = small};
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

static small_connection connection_with(const small_parts *parts, const bp_layer *other,
                                        const bp_connection *connection)
{
    const small_layer *layer = &parts->layers[other->index];
    return (small_connection){other->index, layer->first_row, layer->first_slot, layer->units,
                              connection->offset};
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
                          .bias_offset = layer->bias_offset};
        place_layer(parts->net, &parts->layers[i]);
    }
}

static void describe(small_net *small, const bp_network *net)
{
    small_parts parts = find_parts(small, net);
    *small = (small_net){.kernel = net->kernel,
                         .layers = parts.layers,
                         .layer_count = net->layer_count,
                         .weight_count = net->weight_count,
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
        if (!net->layers[i]->is_input)
            add_sources(&parts, net->layers[i], layer);
    }
}

small_net *bpi_small_create(const bp_network *net)
{
    size_t sources = net->layer_count; /* a bias for each */
    for (size_t i = 0; i < net->connection_count; i++)
        sources += net->connections[i]->from->units;
    size_t bytes = sizeof(small_net) + net->layer_count * sizeof(small_layer) +
                   2 * net->connection_count * sizeof(small_connection) + sources * sizeof(small_source);
    small_net *small = bpi_allocate_zeroed(&net->allocator, 1, bytes);
    if (small != NULL)
        describe(small, net);
    return small;
}
