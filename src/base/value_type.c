#include "base/value_type.h"

#include "base/status.h"

#define HAS_64_BYTES(type) _Static_assert(sizeof(type) == 64, #type " must have 64 bytes in every version")
HAS_64_BYTES(bp_activation);
HAS_64_BYTES(bp_loss);
HAS_64_BYTES(bp_weight_init);
HAS_64_BYTES(bp_scaling);
HAS_64_BYTES(bp_optimizer);
HAS_64_BYTES(bp_schedule);
HAS_64_BYTES(bp_stop_rule);

static bool is_zero(const unsigned char *bytes, size_t count)
{
    unsigned char any = 0;
    for (size_t i = 0; i < count; i++)
        any |= bytes[i];
    return any == 0;
}

bp_status bpi_check_value_parts(const char *where, const char *what, const char *made_by, int32_t kind,
                                bool is_known, int32_t reserved_kind, const unsigned char *reserved,
                                size_t bytes)
{
    if (!is_known)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: invalid %s kind %ld; create it with a %s function", where,
                        what, (long)kind, made_by);
    if (reserved_kind != 0 || !is_zero(reserved, bytes))
        return bpi_fail(BP_ERROR_ARGUMENT,
                        "%s: invalid %s: reserved bytes are not 0; create it with a %s function", where, what,
                        made_by);
    return BP_OK;
}
