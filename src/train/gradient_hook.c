#include "train/gradient_hook.h"

#include <math.h>
#include <string.h>

#include "base/status.h"
#include "train/metrics.h"

static bp_gradient_batch describe(const bp_trainer *trainer)
{
    return (bp_gradient_batch){
        .size = sizeof(bp_gradient_batch),
        .epoch = trainer->epochs + 1,
        .update = trainer->updates + 1,
        .gradient = trainer->gradient,
        .count = trainer->network->weight_count,
        .reason = BP_STOP_NONE,
        .status = BP_OK,
    };
}

/* What the hook decided. */
static bp_status take_reply(training_run *run, bp_status status, const bp_gradient_reply *reply)
{
    bp_trainer *trainer = run->trainer;
    run->hook_error = reply->mean_error;
    run->ended_by_hook = status != BP_OK || reply->stop;
    if (status != BP_OK)
        return bpi_fail(status, "bp_trainer_run: on_gradient returned '%s' in epoch %zu",
                        bp_status_string(status), trainer->epochs + 1);
    if (reply->stop)
        run->reason = BP_STOP_HOOK;
    else
        trainer->epoch.more_batches = reply->more_batches;
    return BP_OK;
}

/* In a search, where divergence is expected, all machines learn of it by the same call. */
static bp_status check_search(const training_run *run)
{
    const bp_trainer *trainer = run->trainer;
    const bp_network *net = trainer->network;
    bool is_finite =
        isfinite(run->hook_error) && net->kernel->all_finite(trainer->gradient, net->weight_count);
    return is_finite ? BP_OK : BP_DIVERGED;
}

/* The gradient is checked before and after, so that an error of the hook is told from divergence. */
bp_status bpi_call_hook(training_run *run, const batch *cases, double error)
{
    bp_trainer *trainer = run->trainer;
    const bp_network *net = trainer->network;
    if (trainer->options.on_gradient == NULL)
        return BP_OK;
    if (!run->is_search && !net->kernel->all_finite(trainer->gradient, net->weight_count))
        return bpi_run_diverged(run, "a derivative");
    bp_gradient_batch info = describe(trainer);
    info.cases = cases->count;
    info.cases_left = trainer->epoch.cases - trainer->epoch.done - cases->count;
    info.error = error;
    info.is_search = run->is_search;
    bp_gradient_reply reply = {.size = sizeof reply};
    reply.mean_error = cases->count == 0 ? 0 : error / (double)cases->count;
    bp_status status = trainer->options.on_gradient(trainer->options.on_gradient_context, &info, &reply);
    BPI_TRY(bpi_require_in_progress(run));
    BPI_TRY(take_reply(run, status, &reply));
    if (run->is_search)
        return check_search(run);
    if (!net->kernel->all_finite(trainer->gradient, net->weight_count))
        return bpi_fail(BP_ERROR_NOT_FINITE,
                        "bp_trainer_run: on_gradient left a derivative that is NaN or infinite in epoch %zu",
                        trainer->epochs + 1);
    return BP_OK;
}

void bpi_announce_end(training_run *run, bp_status status)
{
    bp_trainer *trainer = run->trainer;
    if (trainer->options.on_gradient == NULL || run->ended_by_hook)
        return;
    memset(trainer->gradient, 0, trainer->network->weight_count * sizeof *trainer->gradient);
    bp_gradient_batch info = describe(trainer);
    info.reason = run->reason;
    info.status = status;
    bp_gradient_reply reply = {.size = sizeof reply};
    trainer->options.on_gradient(trainer->options.on_gradient_context, &info, &reply);
}
