#include "data/metadata.h"

#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "network/attachment.h"

static const char attachment_name[] = "metadata";

typedef struct metadata {
    metadata_entry *entries; /* in the order of their keys */
    size_t count, capacity;
} metadata;

static void release(void *content, const bp_allocator *allocator)
{
    metadata *all = content;
    for (size_t i = 0; i < all->count; i++) {
        bpi_release(allocator, all->entries[i].key);
        bpi_release(allocator, all->entries[i].text);
    }
    bpi_release(allocator, all->entries);
    bpi_release(allocator, all);
}

/* The place of a key, or where it would be. */
static size_t find(const metadata *all, const char *key)
{
    size_t first = 0, end = all == NULL ? 0 : all->count;
    while (first < end) {
        size_t middle = first + (end - first) / 2;
        if (strcmp(all->entries[middle].key, key) < 0)
            first = middle + 1;
        else
            end = middle;
    }
    return first;
}

static bool has(const metadata *all, size_t place, const char *key)
{
    return all != NULL && place < all->count && strcmp(all->entries[place].key, key) == 0;
}

/* Sets the text of a key, both of which are copied. */
static bp_status set(metadata *all, const char *function, const bp_allocator *allocator, const char *key,
                     const char *text)
{
    const size_t place = find(all, key);
    const bool is_new = !has(all, place, key);
    char *own_key = is_new ? bpi_copy_string(allocator, key) : NULL,
         *own_text = bpi_copy_string(allocator, text);
    if ((is_new && own_key == NULL) || own_text == NULL ||
        (is_new &&
         !bpi_grow(allocator, (void **)&all->entries, &all->capacity, all->count, sizeof *all->entries))) {
        bpi_release(allocator, own_key);
        bpi_release(allocator, own_text);
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for metadata", function);
    }
    metadata_entry *entry = &all->entries[place];
    if (is_new) {
        memmove(entry + 1, entry, (all->count - place) * sizeof *entry);
        *entry = (metadata_entry){.key = own_key};
        all->count++;
    }
    bpi_release(allocator, entry->text);
    entry->text = own_text;
    return BP_OK;
}

static bp_status copy(void **out, const char *function, const void *content, const bp_allocator *allocator)
{
    const metadata *from = content;
    metadata *to = bpi_allocate_zeroed(allocator, 1, sizeof *to);
    if (to == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for metadata", function);
    for (size_t i = 0; i < from->count; i++) {
        bp_status status = set(to, function, allocator, from->entries[i].key, from->entries[i].text);
        if (status != BP_OK) {
            release(to, allocator);
            return status;
        }
    }
    *out = to;
    return BP_OK;
}

static void erase(bp_network *net, metadata *all, const char *key)
{
    const size_t place = find(all, key);
    if (!has(all, place, key))
        return;
    metadata_entry *entry = &all->entries[place];
    bpi_release(&net->allocator, entry->key);
    bpi_release(&net->allocator, entry->text);
    memmove(entry, entry + 1, (all->count - place - 1) * sizeof *entry);
    all->count--;
}

bp_status bp_network_set_metadata(bp_network *net, const char *key, const char *text)
{
    BPI_REQUIRE(net);
    BPI_REQUIRE(key);
    if (*key == '\0')
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: key is empty", __func__);
    metadata *all = bpi_attached(net, attachment_name);
    if (text == NULL) {
        erase(net, all, key);
        return BP_OK;
    }
    if (all == NULL) {
        all = bpi_allocate_zeroed(&net->allocator, 1, sizeof *all);
        if (all == NULL)
            return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for metadata", __func__);
        bp_status status = bpi_attach(__func__, net, attachment_name, all, release, copy);
        if (status != BP_OK) {
            bpi_release(&net->allocator, all);
            return status;
        }
    }
    return set(all, __func__, &net->allocator, key, text);
}

const metadata_entry *bpi_metadata_entries(const bp_network *net, size_t *count)
{
    const metadata *all = bpi_attached(net, attachment_name);
    *count = all == NULL ? 0 : all->count;
    return all == NULL ? NULL : all->entries;
}

const char *bp_network_metadata(const bp_network *net, const char *key)
{
    if (net == NULL || key == NULL)
        return NULL;
    const metadata *all = bpi_attached(net, attachment_name);
    const size_t place = find(all, key);
    return has(all, place, key) ? all->entries[place].text : NULL;
}

const char *bp_network_metadata_key(const bp_network *net, size_t index)
{
    size_t count = 0;
    const metadata_entry *entries = net == NULL ? NULL : bpi_metadata_entries(net, &count);
    return index < count ? entries[index].key : NULL;
}
