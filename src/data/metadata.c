#include "data/metadata.h"

#include <stdbool.h>

#include "base/memory.h"
#include "base/status.h"
#include "data/key_tree.h"
#include "network/attachment.h"

static const char attachment_name[] = "metadata";

typedef struct metadata {
    key_node *top;
} metadata;

static void release_node(key_node *node, const bp_allocator *allocator)
{
    bpi_release(allocator, node->key);
    bpi_release(allocator, node->text);
    bpi_release(allocator, node);
}

static void release_tree(key_node *top, const bp_allocator *allocator)
{
    if (top == NULL)
        return;
    release_tree(top->child[0], allocator);
    release_tree(top->child[1], allocator);
    release_node(top, allocator);
}

static void release(void *content, const bp_allocator *allocator)
{
    metadata *all = content;
    release_tree(all->top, allocator);
    bpi_release(allocator, all);
}

/* A node with copies of both texts, or NULL when there is no memory. */
static key_node *new_node(const bp_allocator *allocator, const char *key, const char *text)
{
    key_node *node = bpi_allocate_zeroed(allocator, 1, sizeof *node);
    if (node == NULL)
        return NULL;
    node->key = bpi_copy_string(allocator, key);
    node->text = bpi_copy_string(allocator, text);
    if (node->key != NULL && node->text != NULL)
        return node;
    release_node(node, allocator);
    return NULL;
}

/* Sets the text of a key; both are copied. False, with nothing changed, when there is no memory. */
static bool set(metadata *all, const bp_allocator *allocator, const char *key, const char *text)
{
    key_node *node = bpi_key_tree_find(all->top, key);
    if (node == NULL) {
        node = new_node(allocator, key, text);
        if (node != NULL)
            bpi_key_tree_add(&all->top, node);
        return node != NULL;
    }
    char *copy = bpi_copy_string(allocator, text);
    if (copy == NULL)
        return false;
    bpi_release(allocator, node->text);
    node->text = copy;
    return true;
}

static bp_status copy(void **out, const char *function, const void *content, const bp_allocator *allocator)
{
    const metadata *from = content;
    const size_t count = bpi_key_tree_count(from->top);
    metadata *to = bpi_allocate_zeroed(allocator, 1, sizeof *to);
    bool done = to != NULL;
    for (size_t i = 0; done && i < count; i++) {
        const key_node *node = bpi_key_tree_at(from->top, i);
        done = set(to, allocator, node->key, node->text);
    }
    if (!done) {
        if (to != NULL)
            release(to, allocator);
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for metadata", function);
    }
    *out = to;
    return BP_OK;
}

bp_status bp_network_set_metadata(bp_network *net, const char *key, const char *text)
{
    BPI_REQUIRE(net);
    BPI_REQUIRE(key);
    if (*key == '\0')
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: key is empty", __func__);
    metadata *all = bpi_attached(net, attachment_name);
    if (text == NULL) {
        if (all != NULL && bpi_key_tree_find(all->top, key) != NULL)
            release_node(bpi_key_tree_take(&all->top, key), &net->allocator);
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
    if (!set(all, &net->allocator, key, text))
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for metadata", __func__);
    return BP_OK;
}

static key_node *top_of(const bp_network *net)
{
    const metadata *all = net == NULL ? NULL : bpi_attached(net, attachment_name);
    return all == NULL ? NULL : all->top;
}

size_t bpi_metadata_count(const bp_network *net)
{
    return bpi_key_tree_count(top_of(net));
}

const char *bp_network_metadata(const bp_network *net, const char *key)
{
    const key_node *node = key == NULL ? NULL : bpi_key_tree_find(top_of(net), key);
    return node == NULL ? NULL : node->text;
}

const char *bp_network_metadata_key(const bp_network *net, size_t index)
{
    const key_node *node = bpi_key_tree_at(top_of(net), index);
    return node == NULL ? NULL : node->key;
}
