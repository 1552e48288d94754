/*
 * The value types of the header: 64 bytes that begin with their kind, are made by constructor functions and
 * copied freely. Bytes that no version has used yet are 0, so that a later version can tell whether they are
 * in use.
 */
#ifndef BPI_BASE_VALUE_TYPE_H
#define BPI_BASE_VALUE_TYPE_H

#include <stdbool.h>
#include <string.h>

#include "backprop.h"

/*
 * ARGUMENT, in a message that begins with `where`, unless the kind is known and the reserve 0: "invalid
 * optimizer kind 7; create it with a bp_optimizer_* function". `what` is "optimizer", `made_by`
 * "bp_optimizer_*". Inline where all is well, since every gradient looks at its loss.
 */
#define bpi_check_value(where, what, made_by, value, is_known)                                               \
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
