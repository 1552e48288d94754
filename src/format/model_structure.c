/* The structure of a network from a model file, built by the functions behind the public calls, so that their
 * checks apply to files too. */
#include "format/model_structure.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "format/model_kinds.h"
#include "format/model_reader.h"
#include "network/activation_kind.h"
#include "network/connection.h"
#include "network/initial_state.h"
#include "network/layer.h"
#include "network/share.h"

static bool find_registered(const bp_network *net, const char *name, bp_activation *activation)
{
    for (size_t i = 0; i < net->registered_activation_count; i++) {
        if (strcmp(net->registered_activations[i].name, name) != 0)
            continue;
        *activation = net->registered_activations[i];
        return true;
    }
    return false;
}

static bp_status read_activation(section_cursor *cursor, const bp_network *net, const char *layer,
                                 bool custom, bp_activation *activation)
{
    size_t start = cursor->at;
    char name[CURSOR_NAME_CAPACITY];
    BPI_TRY(bpi_cursor_name(cursor, name));
    if (custom ? find_registered(net, name, activation) : bpi_activation_by_name(activation, name))
        return BP_OK;
    if (custom)
        return bpi_source_fail(
            cursor->source, start, BP_ERROR_NAME,
            "layer '%s' needs the activation '%s', which options.activations does not have", layer, name);
    return bpi_source_fail(cursor->source, start, BP_ERROR_VERSION,
                           "layer '%s' has the activation '%s', which this library does not know", layer,
                           name);
}

/* Those that the file does not have keep their defaults. */
static bp_status read_parameters(section_cursor *cursor, bp_activation *activation)
{
    const size_t start = cursor->at, known = bpi_activation_parameters(activation);
    uint32_t count;
    BPI_TRY(bpi_cursor_u32(cursor, &count));
    if (count > known)
        return bpi_source_fail(cursor->source, start, BP_ERROR_VERSION,
                               "the activation '%s' has %lu parameters, of which this library knows %zu",
                               bp_activation_name(activation), (unsigned long)count, known);
    for (size_t i = 0; i < count; i++)
        BPI_TRY(bpi_cursor_f64(cursor, &activation->parameter[i]));
    return BP_OK;
}

static bp_status check_flags(const section_cursor *cursor, size_t offset, uint32_t flags)
{
    if ((flags & ~(uint32_t)LAYER_FLAGS) != 0)
        return bpi_source_fail(cursor->source, offset, BP_ERROR_VERSION,
                               "the layer's flags are %#lx, of which this library knows %#x",
                               (unsigned long)flags, LAYER_FLAGS);
    if ((flags & LAYER_FLAG_INPUT) != 0 && flags != LAYER_FLAG_INPUT)
        return bpi_source_fail(cursor->source, offset, BP_ERROR_FORMAT,
                               "an input layer has neither biases nor an activation, but its flags are %#lx",
                               (unsigned long)flags);
    return BP_OK;
}

static bp_status read_layer(section_cursor *cursor, bp_network *net)
{
    size_t start = cursor->at, units;
    uint32_t flags;
    char name[CURSOR_NAME_CAPACITY];
    bp_activation activation;
    BPI_TRY(bpi_cursor_size(cursor, &units));
    BPI_TRY(bpi_cursor_u32(cursor, &flags));
    BPI_TRY(check_flags(cursor, start + 8, flags));
    BPI_TRY(bpi_cursor_name(cursor, name));
    bool is_input = (flags & LAYER_FLAG_INPUT) != 0;
    if (!is_input)
        BPI_TRY(read_activation(cursor, net, name, (flags & LAYER_FLAG_CUSTOM) != 0, &activation));
    if ((flags & LAYER_FLAG_PARAMETERS) != 0)
        BPI_TRY(read_parameters(cursor, &activation));
    bp_layer *layer;
    BPI_TRY(bpi_cursor_error_at(
        cursor, BPI_MODEL_BUILDING, start,
        bpi_add_layer(&layer, BPI_MODEL_BUILDING, net, name, units, is_input ? NULL : &activation)));
    layer->has_bias = (flags & LAYER_FLAG_BIAS) != 0;
    return BP_OK;
}

static bp_status read_layers(const model_file *file, bp_network *net)
{
    enum { MIN_ENTRY_BYTES = 8 + 4 + 1 + 1 }; /* an input with a name of one byte */
    section_cursor cursor = bpi_model_cursor(file, SECTION_LAYERS);
    size_t count;
    BPI_TRY(bpi_cursor_count(&cursor, MIN_ENTRY_BYTES, &count));
    for (size_t i = 0; i < count; i++)
        BPI_TRY(read_layer(&cursor, net));
    return bpi_cursor_close(&cursor);
}

static bp_status read_layer_index(section_cursor *cursor, const bp_network *net, bp_layer **layer)
{
    size_t start = cursor->at, index;
    BPI_TRY(bpi_cursor_size(cursor, &index));
    if (index >= net->layer_count)
        return bpi_source_fail(cursor->source, start, BP_ERROR_FORMAT,
                               "layer %zu does not exist, there are %zu", index, net->layer_count);
    *layer = net->layers[index];
    return BP_OK;
}

/* The ascending indices of delayed connections, read in step with the connections. */
typedef struct delayed_list {
    section_cursor cursor;
    size_t left;  /* unread indices */
    size_t next;  /* index of the next delayed connection; count: there is none */
    size_t count; /* of all connections */
} delayed_list;

static bp_status next_delayed(delayed_list *list)
{
    size_t last = list->next, start = list->cursor.at;
    list->next = list->count;
    if (list->left == 0)
        return BP_OK;
    list->left--;
    BPI_TRY(bpi_cursor_index(&list->cursor, "connection", list->count, &list->next));
    if (last != list->count && list->next <= last)
        return bpi_source_fail(list->cursor.source, start, BP_ERROR_FORMAT,
                               "delayed connection %zu follows %zu; they must ascend", list->next, last);
    return BP_OK;
}

static bp_status open_delayed(const model_file *file, size_t connections, delayed_list *list)
{
    *list = (delayed_list){.next = connections, .count = connections};
    if (!file->sections[SECTION_DELAYED].present)
        return BP_OK;
    list->cursor = bpi_model_cursor(file, SECTION_DELAYED);
    BPI_TRY(bpi_cursor_count(&list->cursor, 8, &list->left));
    size_t indices = list->left;
    BPI_TRY(next_delayed(list));
    section_cursor end = list->cursor;
    end.at = file->sections[SECTION_DELAYED].start + 8 + indices * 8;
    return bpi_cursor_close(&end);
}

static bp_status read_connections(const model_file *file, bp_network *net)
{
    section_cursor cursor = bpi_model_cursor(file, SECTION_CONNECTIONS);
    size_t count;
    delayed_list delayed;
    BPI_TRY(bpi_cursor_count(&cursor, 2 * 8, &count));
    BPI_TRY(open_delayed(file, count, &delayed));
    for (size_t i = 0; i < count; i++) {
        size_t start = cursor.at;
        bp_layer *from = NULL, *to = NULL;
        BPI_TRY(read_layer_index(&cursor, net, &from));
        BPI_TRY(read_layer_index(&cursor, net, &to));
        bp_connection plan = {.from = from, .to = to, .is_delayed = i == delayed.next};
        if (plan.is_delayed)
            BPI_TRY(next_delayed(&delayed));
        BPI_TRY(bpi_cursor_error_at(&cursor, BPI_MODEL_BUILDING, start,
                                    bpi_connect_as(NULL, BPI_MODEL_BUILDING, net, &plan)));
    }
    return bpi_cursor_close(&cursor);
}

static bp_status read_outputs(const model_file *file, bp_network *net)
{
    section_cursor cursor = bpi_model_cursor(file, SECTION_OUTPUTS);
    size_t count;
    BPI_TRY(bpi_cursor_count(&cursor, 8, &count));
    for (size_t i = 0; i < count; i++) {
        size_t start = cursor.at;
        bp_layer *layer = NULL;
        BPI_TRY(read_layer_index(&cursor, net, &layer));
        BPI_TRY(bpi_cursor_error_at(&cursor, BPI_MODEL_BUILDING, start,
                                    bpi_set_output(BPI_MODEL_BUILDING, layer)));
    }
    return bpi_cursor_close(&cursor);
}

/* -------------------------------------------------------- sharing, initial states */

static bp_status read_shared_matrices(section_cursor *cursor, bp_network *net)
{
    size_t count;
    BPI_TRY(bpi_cursor_count(cursor, 2 * 8, &count));
    for (size_t i = 0; i < count; i++) {
        size_t start = cursor->at, index, with;
        BPI_TRY(bpi_cursor_index(cursor, "connection", net->connection_count, &index));
        BPI_TRY(bpi_cursor_index(cursor, "connection", net->connection_count, &with));
        BPI_TRY(bpi_cursor_error_at(
            cursor, BPI_MODEL_BUILDING, start,
            bpi_share(BPI_MODEL_BUILDING, net->connections[index], net->connections[with])));
    }
    return BP_OK;
}

static bp_status read_shared_biases(section_cursor *cursor, bp_network *net)
{
    size_t count;
    BPI_TRY(bpi_cursor_count(cursor, 2 * 8, &count));
    for (size_t i = 0; i < count; i++) {
        size_t start = cursor->at;
        bp_layer *layer = NULL, *with = NULL;
        BPI_TRY(read_layer_index(cursor, net, &layer));
        BPI_TRY(read_layer_index(cursor, net, &with));
        BPI_TRY(bpi_cursor_error_at(cursor, BPI_MODEL_BUILDING, start,
                                    bpi_share_bias(BPI_MODEL_BUILDING, layer, with)));
    }
    return BP_OK;
}

static bp_status read_shared(const model_file *file, bp_network *net)
{
    if (!file->sections[SECTION_SHARED].present)
        return BP_OK;
    section_cursor cursor = bpi_model_cursor(file, SECTION_SHARED);
    BPI_TRY(read_shared_matrices(&cursor, net));
    BPI_TRY(read_shared_biases(&cursor, net));
    return bpi_cursor_close(&cursor);
}

/* A number for each unit of the layer; they must be there before memory is allocated. */
static bp_status read_state_values(section_cursor *cursor, bp_layer *layer, bool learned)
{
    const bp_allocator *allocator = &layer->network->allocator;
    if (layer->units > (cursor->end - cursor->at) / cursor->real_bytes)
        return bpi_source_fail(cursor->source, cursor->at, BP_ERROR_FORMAT,
                               "section %s is too short for the %zu units of layer '%s'", cursor->tag,
                               layer->units, layer->name);
    bp_real *values = bpi_allocate(allocator, layer->units, sizeof *values);
    if (values == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the initial state of layer '%s'",
                        cursor->source->name, layer->name);
    size_t good = bpi_cursor_reals(cursor, values, layer->units);
    char what[112];
    snprintf(what, sizeof what, "the initial state of unit %zu of layer '%s'", good, layer->name);
    bp_status status = good < layer->units
                           ? bpi_cursor_fail_number(cursor, good, what)
                           : bpi_set_initial_state(BPI_MODEL_BUILDING, layer, values, learned);
    bpi_release(allocator, values);
    cursor->at += layer->units * cursor->real_bytes;
    return status;
}

static bp_status read_state(section_cursor *cursor, bp_network *net)
{
    size_t start = cursor->at;
    bp_layer *layer = NULL;
    uint32_t flags;
    BPI_TRY(read_layer_index(cursor, net, &layer));
    BPI_TRY(bpi_cursor_u32(cursor, &flags));
    if ((flags & ~(uint32_t)STATE_FLAGS) != 0)
        return bpi_source_fail(cursor->source, start + 8, BP_ERROR_VERSION,
                               "the flags of an initial state are %#lx, of which this library knows %#x",
                               (unsigned long)flags, (unsigned)STATE_FLAGS);
    if (layer->has_initial_state)
        return bpi_source_fail(cursor->source, start, BP_ERROR_FORMAT, "layer '%s' has two initial states",
                               layer->name);
    return read_state_values(cursor, layer, (flags & STATE_FLAG_LEARNED) != 0);
}

static bp_status read_states(const model_file *file, bp_network *net)
{
    if (!file->sections[SECTION_STATES].present)
        return BP_OK;
    section_cursor cursor = bpi_model_cursor(file, SECTION_STATES);
    size_t count;
    BPI_TRY(bpi_cursor_count(&cursor, 8 + 4, &count));
    for (size_t i = 0; i < count; i++)
        BPI_TRY(read_state(&cursor, net));
    return bpi_cursor_close(&cursor);
}

bp_status bpi_model_build_structure(bp_network *net, const model_file *file)
{
    BPI_TRY(read_layers(file, net));
    BPI_TRY(read_connections(file, net));
    BPI_TRY(bpi_model_build_kinds(net, file));
    BPI_TRY(read_outputs(file, net));
    BPI_TRY(read_shared(file, net));
    return read_states(file, net);
}
