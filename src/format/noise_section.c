#include "format/noise_section.h"

#include "base/status.h"
#include "format/model_reader.h"
#include "network/unit_noise.h"

void bpi_noise_write(byte_sink *sink, const bp_network *net)
{
    bpi_sink_u64(sink, bpi_layers_with_noise(net));
    for (size_t i = 0; i < net->layer_count; i++) {
        const bp_layer *layer = net->layers[i];
        if (!bpi_has_noise(layer))
            continue;
        bpi_sink_u64(sink, i);
        bpi_sink_f64(sink, layer->dropout);
        bpi_sink_f64(sink, layer->noise);
    }
}

static bp_status check_entry(const section_cursor *cursor, size_t start, const bp_layer *layer,
                             double dropout, double noise)
{
    if (!bpi_is_dropout(dropout) || !bpi_is_deviation(noise))
        return bpi_source_fail(cursor->source, start + 8, BP_ERROR_FORMAT,
                               "layer '%s' has a dropout of %s, which must be >= 0 and < 1, and noise of %s, "
                               "which must be finite and >= 0",
                               layer->name, bpi_format_real(dropout).text, bpi_format_real(noise).text);
    if ((layer->is_output && dropout > 0) || (!layer->is_input && noise > 0))
        return bpi_source_fail(cursor->source, start, BP_ERROR_FORMAT,
                               "layer '%s' has %s, which only %s can have", layer->name,
                               layer->is_output && dropout > 0 ? "dropout" : "noise",
                               layer->is_output && dropout > 0 ? "inputs and hidden layers" : "inputs");
    return BP_OK;
}

static bp_status read_entry(section_cursor *cursor, bp_network *net, size_t *next)
{
    const size_t start = cursor->at;
    size_t index;
    double dropout, noise;
    BPI_TRY(bpi_cursor_index(cursor, "layer", net->layer_count, &index));
    if (index < *next)
        return bpi_source_fail(cursor->source, start, BP_ERROR_FORMAT,
                               "layer %zu follows %zu; they must ascend", index, *next - 1);
    *next = index + 1;
    BPI_TRY(bpi_cursor_f64(cursor, &dropout));
    BPI_TRY(bpi_cursor_f64(cursor, &noise));
    BPI_TRY(check_entry(cursor, start, net->layers[index], dropout, noise));
    bpi_set_noise(net->layers[index], dropout, noise);
    return BP_OK;
}

bp_status bpi_noise_read(const model_file *file, bp_network *net)
{
    enum { ENTRY_BYTES = 8 + 2 * 8 };
    if (!file->sections[SECTION_NOISE].present)
        return BP_OK;
    section_cursor cursor = bpi_model_cursor(file, SECTION_NOISE);
    size_t count, next = 0;
    BPI_TRY(bpi_cursor_count(&cursor, ENTRY_BYTES, &count));
    for (size_t i = 0; i < count; i++)
        BPI_TRY(read_entry(&cursor, net, &next));
    return bpi_cursor_close(&cursor);
}
