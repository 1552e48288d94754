#include "format/metadata_section.h"

#include "base/memory.h"
#include "data/metadata.h"
#include "format/model_reader.h"
#include "network/types.h"

void bpi_metadata_write(byte_sink *sink, const bp_network *net)
{
    size_t count;
    const metadata_entry *entries = bpi_metadata_entries(net, &count);
    bpi_sink_u64(sink, count);
    for (size_t i = 0; i < count; i++) {
        bpi_sink_text(sink, entries[i].key);
        bpi_sink_text(sink, entries[i].text);
    }
}

static bp_status read_entry(section_cursor *cursor, bp_network *net)
{
    const size_t start = cursor->at;
    char *key = NULL, *text = NULL;
    bp_status status = bpi_cursor_text(cursor, &net->allocator, &key);
    if (status == BP_OK)
        status = bpi_cursor_text(cursor, &net->allocator, &text);
    if (status == BP_OK && (*key == '\0' || bp_network_metadata(net, key) != NULL))
        status = bpi_source_fail(cursor->source, start, BP_ERROR_FORMAT, "the key of a text is %s",
                                 *key == '\0' ? "empty" : "there twice");
    if (status == BP_OK)
        status = bp_network_set_metadata(net, key, text);
    bpi_release(&net->allocator, key);
    bpi_release(&net->allocator, text);
    return status;
}

bp_status bpi_metadata_read(const model_file *file, bp_network *net)
{
    if (!file->sections[SECTION_METADATA].present)
        return BP_OK;
    section_cursor cursor = bpi_model_cursor(file, SECTION_METADATA);
    size_t count;
    BPI_TRY(bpi_cursor_count(&cursor, 16, &count));
    for (size_t i = 0; i < count; i++)
        BPI_TRY(read_entry(&cursor, net));
    return bpi_cursor_close(&cursor);
}
