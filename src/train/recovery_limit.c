#include "train/recovery_limit.h"

#include "train/rates.h"

/* By default, where the library chose the rate. Machines that train together must not do so one by one. */
static int recovery_limit(const bp_trainer *trainer)
{
    enum { AUTOMATIC_RECOVERIES = 5 };
    if (trainer->options.recoveries != BP_RECOVERIES_AUTO)
        return trainer->options.recoveries;
    return bpi_uses_found_rate(trainer) && trainer->options.on_gradient == NULL ? AUTOMATIC_RECOVERIES : 0;
}

bool bpi_may_recover(const training_run *run)
{
    return run->trainer->recoveries < recovery_limit(run->trainer);
}
