#include "train/option.h"

#include <math.h>

#include "base/real.h"
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

bp_status bpi_check_learning_rate(const char *where, const char *name, double value)
{
    bool in_range = bpi_fits_real(value) && (bp_real)value > 0;
    return bpi_check_number(where, name, value, in_range, "> 0 and in the range of bp_real");
}

bp_status bpi_check_rate_or_auto(const char *where, const char *name, double value)
{
    return value == BP_RATE_AUTO ? BP_OK : bpi_check_learning_rate(where, name, value);
}

bp_status bpi_check_momentum(const char *where, const char *name, double value)
{
    bool in_range = value >= 0 && value < 1 && (bp_real)value < 1;
    return bpi_check_number(where, name, value, in_range, ">= 0 and < 1 (in bp_real)");
}

bp_status bpi_check_no_momentum(const char *where, const bp_optimizer *optimizer)
{
    return bpi_check_number(where, "momentum", optimizer->momentum, optimizer->momentum == 0,
                            "0, since the rule has none");
}
