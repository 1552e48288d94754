/* The value types of the header: 64 bytes that begin with their kind, created by constructor functions and
 * copied freely. Unused bytes are 0, so that a later version can use them. */
#ifndef BPI_BASE_VALUE_TYPE_H
#define BPI_BASE_VALUE_TYPE_H

#include <stdbool.h>

#include "backprop.h"

/*
 * ARGUMENT, in a message that begins with `where`, unless the kind is known and the reserve is 0: "invalid
 * optimizer kind 7; create it with a bp_optimizer_* function", where `what` is "optimizer" and `made_by`
 * "bp_optimizer_*".
 */
#define BPI_CHECK_VALUE(where, what, made_by, value, is_known)                                               \
    bpi_check_value_parts((where), (what), (made_by), (value)->kind, (is_known), (value)->reserved_kind,     \
                          (value)->reserved, sizeof(value)->reserved)

bp_status bpi_check_value_parts(const char *where, const char *what, const char *made_by, int32_t kind,
                                bool is_known, int32_t reserved_kind, const unsigned char *reserved,
                                size_t bytes);

#endif
