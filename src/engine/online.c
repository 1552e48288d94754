#include "engine/online.h"

#include <math.h>
#include <string.h>

#include "base/status.h"
#include "engine/backward.h"
#include "engine/error.h"
#include "engine/forward.h"
#include "engine/fused_update.h"
#include "engine/gradient.h"
#include "engine/load.h"
#include "engine/loss.h"
#include "engine/plan.h"
#include "engine/small_online.h"

static plan_path online_path(const bp_workspace *workspace, const bp_data *data, size_t batch_cases,
                             const bp_loss *loss)
{
    if (workspace->online_use == ONLINE_NOT)
        return PATH_GENERAL;
    unsigned facts =
        workspace->facts | bpi_case_facts(workspace->network, batch_cases) |
        bpi_target_facts(loss, data->missing_targets == 1) |
        bpi_rule_facts(workspace->network, batch_cases, workspace->online_use == ONLINE_MOMENTUM);
    if (workspace->parts == NULL || workspace->parts->spares_biases)
        facts |= FACT_TRAINED_ALIKE;
    return bpi_plan(TASK_ONLINE, facts);
}

bool bpi_trains_in_kernel(const bp_workspace *workspace, const bp_data *data, size_t batch_cases,
                          const bp_loss *loss)
{
    return online_path(workspace, data, batch_cases, loss) != PATH_GENERAL;
}

void bpi_online_gradient(bp_workspace *workspace, size_t batch_cases, const batch *cases, const bp_loss *loss,
                         bp_real *gradient, batch_error *result)
{
    const bool by_lanes = online_path(workspace, cases->data, batch_cases, loss) == PATH_SMALL_LANES;
    bpi_small_online_gradient(workspace, by_lanes, cases, loss, gradient, result);
}

static batch case_at(const online_run *run, size_t number)
{
    batch one = *run->cases;
    if (one.order != NULL)
        one.order += number;
    else
        one.first += number;
    one.count = 1;
    return one;
}

static void update_max_squared_norm(const bp_workspace *workspace, online_run *run)
{
    double squares = bpi_case_gradient_squares(workspace);
    if (squares > run->max_squared_norm)
        run->max_squared_norm = squares;
}

static void take_snapshot(const bp_network *net, const online_run *run)
{
    if (run->done == 0 && run->weights_snapshot != NULL)
        memcpy(run->weights_snapshot, net->weights, net->weight_count * sizeof *run->weights_snapshot);
}

void bpi_flush_weights(const bp_workspace *workspace, online_run *run)
{
    if (run->weights_in_kernel)
        bpi_small_online_flush(workspace, run);
}

/* The inputs may have been loaded with the previous case. */
static void load_case(bp_workspace *workspace, const batch *one)
{
    if (workspace->next.is_loaded)
        bpi_use_next_case(workspace);
    else
        bpi_load_inputs(workspace, one, 0, 1);
    bpi_load_targets(workspace, one, 0, 1);
}

/* [RHW86] eq. 1 to 5 and 7 for a case: E, and the deltas in the workspace. */
static bp_status pass_case(const char *function, bp_workspace *workspace, const batch *one,
                           const bp_loss *loss, batch_error *error)
{
    bool keep_x = bpi_error_begin(workspace, loss);
    load_case(workspace, one);
    bpi_forward(workspace, 1, keep_x);
    backward_pass pass = {.function = function, .workspace = workspace, .loss = loss, .rows = 1};
    BPI_TRY(bpi_backward(&pass));
    *error = (batch_error){.error = bpi_error_sum(workspace), .max_abs_error = pass.deviation};
    return BP_OK;
}

/* [RHW86] eq. 6 and 9. With `prefetch` the weights from input layers are multiplied with the next case's
 * inputs while they are updated. */
static void update_by_case(bp_workspace *workspace, const online_run *run, bool prefetch)
{
    batch next = case_at(run, run->done + 1);
    if (run->done + 1 < run->cases->count && prefetch)
        bpi_load_next_case(workspace, &next);
    bpi_fused_update(workspace, 1, &run->update, run->gradient);
}

static bp_status train_by_cases(const char *function, bp_workspace *workspace, online_run *run)
{
    const bool prefetch = bpi_forward_path(workspace, 1, true) == PATH_GENERAL;
    for (; run->done < run->cases->count; run->done++) {
        batch one = case_at(run, run->done);
        batch_error error;
        BPI_TRY(pass_case(function, workspace, &one, run->loss, &error));
        if (!isfinite(error.error))
            return BP_OK;
        run->error.error += error.error;
        run->error.max_abs_error = fmax(run->error.max_abs_error, error.max_abs_error);
        take_snapshot(workspace->network, run);
        if (run->wants_squares)
            update_max_squared_norm(workspace, run);
        update_by_case(workspace, run, prefetch);
        workspace->noise.update++;
    }
    return BP_OK;
}

bp_status bpi_train_online(const char *function, bp_workspace *workspace, online_run *run)
{
    run->done = 0;
    const plan_path path = online_path(workspace, run->cases->data, run->batch_cases, run->loss);
    if (path == PATH_GENERAL)
        return train_by_cases(function, workspace, run);
    run->by_lanes = path == PATH_SMALL_LANES;
    bpi_small_online_train(workspace, run);
    return BP_OK;
}
