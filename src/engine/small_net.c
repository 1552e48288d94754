#include "engine/small_net.h"

#include "base/memory.h"

/* The arrays of a description, one after another in one block; each pointer is at the next free entry. */
typedef struct small_parts {
    small_net *net;
    small_layer *layers;
    small_link *links;
    small_sender *senders;
} small_parts;

static small_parts find_parts(small_net *small, const bp_network *net)
{
    small_parts parts = {.net = small};
    parts.layers = (small_layer *)(void *)(parts.net + 1);
    parts.links = (small_link *)(void *)(parts.layers + net->layer_count);
    parts.senders = (small_sender *)(void *)(parts.links + 2 * net->connection_count);
    return parts;
}

static void add_senders(small_parts *parts, const bp_layer *layer, small_layer *made)
{
    made->senders = parts->senders;
    if (layer->has_bias)
        *parts->senders++ = (small_sender){
            .row = parts->net->rows, .place = parts->net->one, .offset = layer->bias_offset, .stride = 1};
    for (size_t i = 0; i < layer->incoming_count; i++) {
        const bp_connection *connection = layer->incoming[i];
        const small_layer *from = &parts->layers[connection->from->index];
        for (size_t unit = 0; unit < from->units; unit++)
            *parts->senders++ = (small_sender){.row = from->first + unit,
                                               .place = from->place + unit,
                                               .offset = connection->offset + unit,
                                               .stride = from->units};
    }
    made->sender_count = (size_t)(parts->senders - made->senders);
}

static small_link link_with(const small_parts *parts, const bp_layer *other, const bp_connection *connection)
{
    const small_layer *layer = &parts->layers[other->index];
    return (small_link){other->index, layer->first, layer->place, layer->units, connection->offset};
}

static void add_links(small_parts *parts, const bp_layer *layer, small_layer *made)
{
    made->incoming = parts->links;
    made->incoming_count = layer->incoming_count;
    for (size_t i = 0; i < layer->incoming_count; i++)
        *parts->links++ = link_with(parts, layer->incoming[i]->from, layer->incoming[i]);
    made->outgoing = parts->links;
    made->outgoing_count = layer->outgoing_count;
    for (size_t i = 0; i < layer->outgoing_count; i++)
        *parts->links++ = link_with(parts, layer->outgoing[i]->to, layer->outgoing[i]);
}

/* Rows are consecutive; places are padded to SMALL_ALIGN. */
static void place_layer(small_net *net, small_layer *layer)
{
    layer->first = net->rows;
    layer->place = net->places;
    net->rows += layer->units;
    net->places += (layer->units + SMALL_ALIGN - 1) / SMALL_ALIGN * SMALL_ALIGN;
}

/* Adds the layers, without links, which need the rows and places of all layers. */
static void add_layers(const small_parts *parts, const bp_network *net)
{
    for (size_t i = 0; i < net->layer_count; i++) {
        const bp_layer *layer = net->layers[i];
        parts->layers[i] = (small_layer){.units = layer->units,
                                         .activation = layer->activation.kind,
                                         .is_input = layer->is_input,
                                         .is_output = layer->is_output,
                                         .has_bias = layer->has_bias,
                                         .column = layer->column,
                                         .output_column = layer->output_column,
                                         .bias = layer->bias_offset};
        place_layer(parts->net, &parts->layers[i]);
    }
}

static void describe(small_net *small, const bp_network *net)
{
    small_parts parts = find_parts(small, net);
    *small = (small_net){.layers = parts.layers,
                         .layer_count = net->layer_count,
                         .weight_count = net->weight_count,
                         .output_width = net->output_width};
    add_layers(&parts, net);
    small->one = small->places;
    small->places += SMALL_ALIGN;
    for (size_t i = 0; i < net->layer_count; i++) {
        small_layer *layer = &parts.layers[i];
        add_links(&parts, net->layers[i], layer);
        layer->has_few_terms = layer->incoming_count == 1 && layer->incoming[0].units <= SMALL_FEW &&
                               layer->activation != KERNEL_SOFTMAX;
        if (!net->layers[i]->is_input)
            add_senders(&parts, net->layers[i], layer);
    }
}

small_net *bpi_small_create(const bp_network *net)
{
    size_t senders = net->layer_count; /* a bias for each */
    for (size_t i = 0; i < net->connection_count; i++)
        senders += net->connections[i]->from->units;
    size_t bytes = sizeof(small_net) + net->layer_count * sizeof(small_layer) +
                   2 * net->connection_count * sizeof(small_link) + senders * sizeof(small_sender);
    small_net *small = bpi_allocate_zeroed(&net->allocator, 1, bytes);
    if (small != NULL)
        describe(small, net);
    return small;
}
