#include "format/metadata_section.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/metadata.h"
#include "format/model_reader.h"
#include "network/types.h"

void bpi_metadata_write(byte_sink *sink, const bp_network *net)
{
    const size_t count = bpi_metadata_count(net);
    bpi_sink_u64(sink, count);
    for (size_t i = 0; i < count; i++) {
        const char *key = bp_network_metadata_key(net, i);
        bpi_sink_text(sink, key);
        bpi_sink_text(sink, bp_network_metadata(net, key));
    }
}

/* An entry, and where it is in the file. */
typedef struct placed_entry {
    char *key, *text;
    size_t at;
} placed_entry;

static int compare(const void *left, const void *right)
{
    const placed_entry *a = left, *b = right;
    const int order = strcmp(a->key, b->key);
    return order != 0 ? order : (a->at > b->at) - (a->at < b->at);
}

static bp_status read_entries(section_cursor *cursor, const bp_allocator *allocator, placed_entry *entries,
                              size_t count)
{
    for (size_t i = 0; i < count; i++) {
        entries[i].at = cursor->at;
        BPI_TRY(bpi_cursor_text(cursor, allocator, &entries[i].key));
        BPI_TRY(bpi_cursor_text(cursor, allocator, &entries[i].text));
        if (*entries[i].key == '\0')
            return bpi_source_fail(cursor->source, entries[i].at, BP_ERROR_FORMAT,
                                   "the key of a text is empty");
    }
    return bpi_cursor_close(cursor);
}

/* In the order of their keys, so that equal ones are found. */
static bp_status give_entries(const section_cursor *cursor, bp_network *net, placed_entry *entries,
                              size_t count)
{
    qsort(entries, count, sizeof *entries, compare);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && strcmp(entries[i].key, entries[i - 1].key) == 0)
            return bpi_source_fail(cursor->source, entries[i].at, BP_ERROR_FORMAT,
                                   "the key of a text is there twice");
        BPI_TRY(bp_network_set_metadata(net, entries[i].key, entries[i].text));
    }
    return BP_OK;
}

bp_status bpi_metadata_read(const model_file *file, bp_network *net)
{
    if (!file->sections[SECTION_METADATA].present)
        return BP_OK;
    section_cursor cursor = bpi_model_cursor(file, SECTION_METADATA);
    size_t count;
    BPI_TRY(bpi_cursor_count(&cursor, 16, &count));
    placed_entry *entries = bpi_allocate_zeroed(&net->allocator, count, sizeof *entries);
    if (entries == NULL)
        return bpi_source_fail(cursor.source, cursor.at, BP_ERROR_MEMORY, "no memory for %zu texts", count);
    bp_status status = read_entries(&cursor, &net->allocator, entries, count);
    if (status == BP_OK)
        status = give_entries(&cursor, net, entries, count);
    for (size_t i = 0; i < count; i++) {
        bpi_release(&net->allocator, entries[i].key);
        bpi_release(&net->allocator, entries[i].text);
    }
    bpi_release(&net->allocator, entries);
    return status;
}
