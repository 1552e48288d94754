/* Attachments: data of higher floors that a network owns, a pointer under a name. Only the floor that
 * attaches it knows its type. */
#ifndef BPI_NETWORK_ATTACHMENT_H
#define BPI_NETWORK_ATTACHMENT_H

#include "network/types.h"

typedef void (*attachment_release)(void *content, const bp_allocator *allocator);
/* *out = a copy of content. On failure, with the function's name in the message, *out is untouched. */
typedef bp_status (*attachment_copy)(void **out, const char *function, const void *content,
                                     const bp_allocator *allocator);

/* The attachment of this name, or NULL. */
void *bpi_attached(const bp_network *net, const char *name);

/*
 * Attaches content, which the network then owns, and releases the previous attachment of this name, which
 * must be another one. `name` must live as long as the network, as a string literal does. `release` is called
 * with the network's allocator, and `copy` with that of the network's copy; NULL: a copy does not have it.
 * MEMORY, with the function's name: nothing has changed, and the caller still
 * owns content.
 */
bp_status bpi_attach(const char *function, bp_network *net, const char *name, void *content,
                     attachment_release release, attachment_copy copy);

/* Removes and releases the attachment of this name, if there is one. */
void bpi_detach(bp_network *net, const char *name);

/* Copies the attachments of net to its copy, which has none. As their `copy`; MEMORY. */
bp_status bpi_attachments_copy(bp_network *to, const char *function, const bp_network *net);

/* Releases all attachments, the newest first. */
void bpi_attachments_release(bp_network *net);

#endif
