#include "base/value_type.h"

#include "base/status.h"

#define CHECK_SIZES(type)                                                                                    \
    _Static_assert(sizeof(type) == 64, #type " must have 64 bytes in every version");                        \
    _Static_assert(sizeof(((type *)NULL)->reserved) % sizeof(uint64_t) == 0, "bpi_is_zero cannot read it")
CHECK_SIZES(bp_activation);
CHECK_SIZES(bp_loss);
CHECK_SIZES(bp_weight_init);
CHECK_SIZES(bp_scaling);
CHECK_SIZES(bp_optimizer);
CHECK_SIZES(bp_schedule);
CHECK_SIZES(bp_stop_rule);

bp_status bpi_fail_value(const char *where, const char *what, const char *made_by, int32_t kind,
                         bool is_known)
{
    if (!is_known)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: invalid %s kind %ld; create it with a %s function", where,
                        what, (long)kind, made_by);
    return bpi_fail(BP_ERROR_ARGUMENT,
                    "%s: invalid %s: reserved bytes are not 0; create it with a %s function", where, what,
                    made_by);
}
