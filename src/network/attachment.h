/*
 * What higher floors hang on a network: a pointer under a name, which is released with the network. The floor
 * that attaches it alone knows what it is. A copy of a network has no attachments of its own accord.
 */
#ifndef BPI_NETWORK_ATTACHMENT_H
#define BPI_NETWORK_ATTACHMENT_H

#include "network/types.h"

typedef void (*attachment_release)(void *content, const bp_allocator *allocator);

/* What is attached under a name; NULL: nothing. */
void *bpi_attached(const bp_network *net, const char *name);

/*
 * Attaches content, which the network then owns, in place of what had this name. `name` must live as long as
 * the network, as a string constant does; release is called with the network's allocator. MEMORY, with the
 * function's name: nothing has changed, and content stays the caller's.
 */
bp_status bpi_attach(const char *function, bp_network *net, const char *name, void *content,
                     attachment_release release);

/* Releases all attachments, the newest first. */
void bpi_attachments_release(bp_network *net);

#endif
