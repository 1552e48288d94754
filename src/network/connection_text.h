/* The name of a connection in messages. */
#ifndef BPI_NETWORK_CONNECTION_TEXT_H
#define BPI_NETWORK_CONNECTION_TEXT_H

#include "network/types.h"

/* "'a' -> 'b'", with " (delayed)" after it for a delayed one. */
typedef struct connection_text {
    char text[208];
} connection_text;
connection_text bpi_connection_text(const bp_connection *connection);

#endif
