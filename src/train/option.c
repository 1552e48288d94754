#include "train/option.h"

#include <math.h>

#include "base/status.h"

bp_status bpi_check_number(const char *where, const char *name, double value, bool in_range,
                           const char *range)
{
    if (!isfinite(value))
        return bpi_fail(BP_ERROR_NOT_FINITE, "%s: %s is %s, it must be finite", where, name,
                        bpi_format_real(value).text);
    if (!in_range)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: %s is %s, it must be %s", where, name,
                        bpi_format_real(value).text, range);
    return BP_OK;
}
