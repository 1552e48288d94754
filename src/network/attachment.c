#include "network/attachment.h"

#include <string.h>

#include "base/memory.h"
#include "base/status.h"

static attachment *find(const bp_network *net, const char *name)
{
    attachment *entry = net->attachments;
    while (entry != NULL && strcmp(entry->name, name) != 0)
        entry = entry->next;
    return entry;
}

void *bpi_attached(const bp_network *net, const char *name)
{
    const attachment *entry = find(net, name);
    return entry == NULL ? NULL : entry->content;
}

bp_status bpi_attach(const char *function, bp_network *net, const char *name, void *content,
                     attachment_release release, attachment_copy copy)
{
    attachment *entry = find(net, name);
    if (entry != NULL) {
        entry->release(entry->content, &net->allocator);
    } else {
        entry = bpi_allocate(&net->allocator, 1, sizeof *entry);
        if (entry == NULL)
            return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for an attachment of the network", function);
        entry->next = net->attachments;
        net->attachments = entry;
    }
    entry->name = name;
    entry->content = content;
    entry->release = release;
    entry->copy = copy;
    return BP_OK;
}

void bpi_detach(bp_network *net, const char *name)
{
    attachment **link = &net->attachments;
    while (*link != NULL && strcmp((*link)->name, name) != 0)
        link = &(*link)->next;
    attachment *entry = *link;
    if (entry == NULL)
        return;
    *link = entry->next;
    entry->release(entry->content, &net->allocator);
    bpi_release(&net->allocator, entry);
}

bp_status bpi_attachments_copy(bp_network *to, const char *function, const bp_network *net)
{
    for (const attachment *entry = net->attachments; entry != NULL; entry = entry->next) {
        void *content;
        if (entry->copy == NULL)
            continue;
        BPI_TRY(entry->copy(&content, function, entry->content, &to->allocator));
        bp_status status = bpi_attach(function, to, entry->name, content, entry->release, entry->copy);
        if (status != BP_OK) {
            entry->release(content, &to->allocator);
            return status;
        }
    }
    return BP_OK;
}

void bpi_attachments_release(bp_network *net)
{
    while (net->attachments != NULL) {
        attachment *entry = net->attachments;
        net->attachments = entry->next;
        entry->release(entry->content, &net->allocator);
        bpi_release(&net->allocator, entry);
    }
}
