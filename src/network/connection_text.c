#include "network/connection_text.h"

#include <stdio.h>

connection_text bpi_connection_text(const bp_connection *connection)
{
    connection_text name;
    snprintf(name.text, sizeof name.text, "'%s' -> '%s'%s", connection->from->name, connection->to->name,
             connection->is_delayed ? " (delayed)" : "");
    return name;
}
