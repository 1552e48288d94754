/* The value types of the header: 64 bytes that begin with their kind, created by constructor functions and
 * copied freely. Unused bytes are 0, so that a later version can use them. */
#ifndef BPI_BASE_VALUE_TYPE_H
#define BPI_BASE_VALUE_TYPE_H

#include <stdbool.h>
#include <string.h>

#include "backprop.h"

/*
 * ARGUMENT, in a message that begins with `where`, unless the kind is known and the reserve is 0: "invalid
 * optimizer kind 7; create it with a bp_optimizer_* function", where `what` is "optimizer" and `made_by`
 * "bp_optimizer_*". Inline where all is well, since every gradient checks its loss.
 */
#define BPI_CHECK_VALUE(where, what, made_by, value, is_known)                                               \
    ((is_known) && (value)->reserved_kind == 0 && bpi_is_zero((value)->reserved, sizeof(value)->reserved)    \
         ? BP_OK                                                                                             \
         : bpi_fail_value((where), (what), (made_by), (value)->kind, (is_known)))

/* count is a multiple of 8, as that of every reserve is. */
static inline bool bpi_is_zero(const unsigned char *bytes, size_t count)
{
    uint64_t any = 0;
    for (size_t i = 0; i < count; i += sizeof any) {
        uint64_t word;
        memcpy(&word, bytes + i, sizeof word);
        any |= word;
    }
    return any == 0;
}

/* The message, for a kind that is not known or a reserve that is not 0. */
bp_status bpi_fail_value(const char *where, const char *what, const char *made_by, int32_t kind,
                         bool is_known);

#endif
