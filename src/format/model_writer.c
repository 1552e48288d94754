#include "format/model_writer.h"

#include "base/byte_sink.h"
#include "data/metadata.h"
#include "format/metadata_section.h"
#include "format/model_format.h"
#include "format/model_kinds.h"
#include "format/model_reader.h"
#include "format/noise_section.h"
#include "format/schema_section.h"
#include "format/training_section.h"
#include "network/activation_kind.h"
#include "network/scaling.h"
#include "network/unit_noise.h"

static size_t begin_section(byte_sink *sink, enum model_section section)
{
    return bpi_section_begin(sink, &bpi_model_format, section);
}

static uint32_t layer_flags(const bp_layer *layer)
{
    if (layer->is_input)
        return LAYER_FLAG_INPUT;
    uint32_t flags = layer->has_bias ? LAYER_FLAG_BIAS : 0;
    if (layer->activation.kind == ACTIVATION_CUSTOM)
        flags |= LAYER_FLAG_CUSTOM;
    if (bpi_activation_parameters(&layer->activation) > 0)
        flags |= LAYER_FLAG_PARAMETERS;
    return flags;
}

static void put_layers(byte_sink *sink, const bp_network *net)
{
    size_t start = begin_section(sink, SECTION_LAYERS);
    bpi_sink_u64(sink, net->layer_count);
    for (size_t i = 0; i < net->layer_count; i++) {
        const bp_layer *layer = net->layers[i];
        bpi_sink_u64(sink, layer->units);
        bpi_sink_u32(sink, layer_flags(layer));
        bpi_sink_name(sink, layer->name);
        if (layer->is_input)
            continue;
        bpi_sink_name(sink, bp_activation_name(&layer->activation));
        const size_t parameters = bpi_activation_parameters(&layer->activation);
        if (parameters > 0)
            bpi_sink_u32(sink, (uint32_t)parameters);
        for (size_t j = 0; j < parameters; j++)
            bpi_sink_f64(sink, layer->activation.parameter[j]);
    }
    bpi_section_end(sink, start);
}

static void put_connections(byte_sink *sink, const bp_network *net)
{
    size_t start = begin_section(sink, SECTION_CONNECTIONS);
    bpi_sink_u64(sink, net->connection_count);
    for (size_t i = 0; i < net->connection_count; i++) {
        bpi_sink_u64(sink, net->connections[i]->from->index);
        bpi_sink_u64(sink, net->connections[i]->to->index);
    }
    bpi_section_end(sink, start);
}

static void put_delayed(byte_sink *sink, const bp_network *net)
{
    if (net->delayed_count == 0)
        return;
    size_t start = begin_section(sink, SECTION_DELAYED);
    bpi_sink_u64(sink, net->delayed_count);
    for (size_t i = 0; i < net->connection_count; i++)
        if (net->connections[i]->is_delayed)
            bpi_sink_u64(sink, i);
    bpi_section_end(sink, start);
}

static void put_kinds(byte_sink *sink, const bp_network *net)
{
    size_t count = 0;
    for (size_t i = 0; i < net->connection_count; i++)
        count += net->connections[i]->shape.kind != BP_CONNECTION_DENSE;
    if (count == 0)
        return;
    size_t start = begin_section(sink, SECTION_KINDS);
    bpi_sink_u64(sink, count);
    for (size_t i = 0; i < net->connection_count; i++) {
        const bp_connection *connection = net->connections[i];
        if (connection->shape.kind == BP_CONNECTION_DENSE)
            continue;
        bpi_sink_u64(sink, i);
        bpi_sink_u32(sink, connection->shape.kind);
        bpi_model_write_shape(sink, connection);
    }
    bpi_section_end(sink, start);
}

static void put_outputs(byte_sink *sink, const bp_network *net)
{
    size_t start = begin_section(sink, SECTION_OUTPUTS);
    bpi_sink_u64(sink, net->output_count);
    for (size_t i = 0; i < net->output_count; i++)
        bpi_sink_u64(sink, net->outputs[i]->index);
    bpi_section_end(sink, start);
}

/* Puts, for each connection that is not the first to use its slice, its index and that of the first. Returns
 * the number of these pairs; sink NULL: only counts them. */
static size_t put_matrix_pairs(byte_sink *sink, const bp_network *net)
{
    size_t count = 0;
    for (size_t i = 0; i < net->connection_count; i++) {
        size_t first = net->slices[net->connections[i]->slice].first;
        if (first == i)
            continue;
        count++;
        if (sink != NULL) {
            bpi_sink_u64(sink, i);
            bpi_sink_u64(sink, first);
        }
    }
    return count;
}

static size_t put_bias_pairs(byte_sink *sink, const bp_network *net)
{
    size_t count = 0;
    for (size_t i = 0; i < net->layer_count; i++) {
        const bp_layer *layer = net->layers[i];
        if (!layer->has_bias || net->slices[layer->bias_slice].first == i)
            continue;
        count++;
        if (sink != NULL) {
            bpi_sink_u64(sink, i);
            bpi_sink_u64(sink, net->slices[layer->bias_slice].first);
        }
    }
    return count;
}

static void put_shared(byte_sink *sink, const bp_network *net)
{
    size_t matrices = put_matrix_pairs(NULL, net), biases = put_bias_pairs(NULL, net);
    if (matrices + biases == 0)
        return;
    size_t start = begin_section(sink, SECTION_SHARED);
    bpi_sink_u64(sink, matrices);
    put_matrix_pairs(sink, net);
    bpi_sink_u64(sink, biases);
    put_bias_pairs(sink, net);
    bpi_section_end(sink, start);
}

static void put_state(byte_sink *sink, const bp_layer *layer)
{
    bpi_sink_u64(sink, layer->index);
    bpi_sink_u32(sink, layer->learns_state ? STATE_FLAG_LEARNED : 0);
    const bp_real zero = 0;
    for (size_t i = 0; i < layer->units; i++)
        bpi_sink_reals(sink, layer->initial_state == NULL ? &zero : layer->initial_state + i, 1);
}

static void put_states(byte_sink *sink, const bp_network *net)
{
    size_t count = 0;
    for (size_t i = 0; i < net->layer_count; i++)
        count += net->layers[i]->has_initial_state;
    if (count == 0)
        return;
    size_t start = begin_section(sink, SECTION_STATES);
    bpi_sink_u64(sink, count);
    for (size_t i = 0; i < net->layer_count; i++)
        if (net->layers[i]->has_initial_state)
            put_state(sink, net->layers[i]);
    bpi_section_end(sink, start);
}

static void put_steps(byte_sink *sink, const bp_network *net)
{
    if (net->original == NULL)
        return;
    size_t start = begin_section(sink, SECTION_UNROLLED);
    bpi_sink_u64(sink, net->steps);
    bpi_sink_bytes(sink, net->step_flags, net->steps);
    bpi_section_end(sink, start);
}

static void put_scaling(byte_sink *sink, enum model_section section, const column_scaling *scaling,
                        size_t columns)
{
    if (!bpi_scaling_is_set(scaling))
        return;
    size_t start = begin_section(sink, section);
    bpi_sink_u64(sink, columns);
    bpi_sink_reals(sink, scaling->offset, columns);
    bpi_sink_reals(sink, scaling->factor, columns);
    bpi_section_end(sink, start);
}

static void put_weights(byte_sink *sink, const bp_network *net)
{
    size_t start = begin_section(sink, SECTION_WEIGHTS);
    bpi_sink_u64(sink, net->weight_count);
    bpi_sink_reals(sink, net->weights, net->weight_count);
    bpi_section_end(sink, start);
}

static void put_training(byte_sink *sink, const bp_network *net)
{
    if (bpi_training_entries(net) == 0)
        return;
    size_t start = begin_section(sink, SECTION_TRAINING);
    bpi_training_write(sink, net);
    bpi_section_end(sink, start);
}

static void put_noise(byte_sink *sink, const bp_network *net)
{
    if (bpi_layers_with_noise(net) == 0)
        return;
    size_t start = begin_section(sink, SECTION_NOISE);
    bpi_noise_write(sink, net);
    bpi_section_end(sink, start);
}

static void put_schema(byte_sink *sink, const bp_network *net)
{
    const bp_schema *schema = bp_network_schema(net);
    if (schema == NULL)
        return;
    size_t start = begin_section(sink, SECTION_SCHEMA);
    bpi_schema_write(sink, schema);
    bpi_section_end(sink, start);
    if (schema->markers == NULL)
        return;
    start = begin_section(sink, SECTION_MARKERS);
    bpi_markers_write(sink, schema);
    bpi_section_end(sink, start);
}

static void put_metadata(byte_sink *sink, const bp_network *net)
{
    if (bpi_metadata_count(net) == 0)
        return;
    size_t start = begin_section(sink, SECTION_METADATA);
    bpi_metadata_write(sink, net);
    bpi_section_end(sink, start);
}

size_t bpi_model_write(const bp_network *net, unsigned char *bytes)
{
    const bp_network *structure = net->original == NULL ? net : net->original;
    byte_sink sink = {bytes, 0};
    bpi_section_file_begin(&sink, &bpi_model_format);
    put_layers(&sink, structure);
    put_connections(&sink, structure);
    put_delayed(&sink, structure);
    put_kinds(&sink, structure);
    put_outputs(&sink, structure);
    put_shared(&sink, structure);
    put_states(&sink, structure);
    put_steps(&sink, net);
    put_scaling(&sink, SECTION_INPUT_SCALING, &net->input_scaling, net->input_width);
    put_scaling(&sink, SECTION_TARGET_SCALING, &net->target_scaling, net->output_width);
    put_weights(&sink, net);
    put_training(&sink, net);
    put_noise(&sink, structure);
    put_schema(&sink, net);
    put_metadata(&sink, net);
    bpi_section_end(&sink, begin_section(&sink, SECTION_END));
    return sink.used;
}
