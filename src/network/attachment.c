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
                     attachment_release release)
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
