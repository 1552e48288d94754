#include "model/per_case.h"

#include <math.h>
#include <string.h>

#include "base/status.h"
#include "model/small.h"

static batch case_at(const case_run *run, size_t number)
{
    batch one = *run->cases;
    if (one.order != NULL)
        one.order += number;
    else
        one.first += number;
    one.count = 1;
    return one;
}

static void raise_squares(const bp_workspace *workspace, case_run *run)
{
    double squares = bpi_case_gradient_squares(workspace);
    if (squares > run->greatest_squares)
        run->greatest_squares = squares;
}

static void keep_weights(const bp_network *net, const case_run *run)
{
    if (run->done == 0 && run->keep != NULL)
        memcpy(run->keep, net->weights, net->weight_count * sizeof *run->keep);
}

void bpi_settle_weights(const bp_workspace *workspace, case_run *run)
{
    if (run->away)
        bpi_small_settle(workspace, run);
}

bp_status bpi_case_gradient(const char *function, bp_workspace *workspace, const batch *one,
                            const bp_loss *loss, bp_real *gradient, batch_error *result)
{
    if (!bpi_small_learns_cases(workspace->network, loss))
        return bpi_batch_gradient(function, workspace, one, loss, gradient, result);
    bpi_small_case_gradient(workspace, one, loss, gradient, result);
    return BP_OK;
}

/* [RHW86] eq. 1 to 5 and 7 for a case: E, and the deltas, which stay in the workspace. */
static bp_status pass_case(const char *function, bp_workspace *workspace, const batch *one,
                           const bp_loss *loss, batch_error *error)
{
    bool keep_x = bpi_error_begin(workspace, loss);
    bpi_workspace_load(workspace, one, 0, 1, true);
    bpi_forward(workspace, 1, keep_x);
    BPI_TRY(bpi_backward(function, workspace, 1, loss, NULL, &error->largest_deviation));
    error->error = bpi_error_sum(workspace);
    return BP_OK;
}

/* Eq. 6 and 9. Where the weights of the inputs are changed, the next case's sums are made with them. */
static void change_by_case(bp_workspace *workspace, const case_run *run)
{
    batch next = case_at(run, run->done + 1);
    if (run->done + 1 < run->cases->count && workspace->network->small == NULL)
        bpi_workspace_load_ahead(workspace, &next);
    bpi_batch_change(workspace, 1, &run->change, run->gradient);
}

bp_status bpi_learn_cases(const char *function, bp_workspace *workspace, case_run *run)
{
    run->done = 0;
    if (bpi_small_learns_cases(workspace->network, run->loss)) {
        bpi_small_learn_cases(workspace, run);
        return BP_OK;
    }
    for (; run->done < run->cases->count; run->done++) {
        batch one = case_at(run, run->done);
        batch_error error = {.largest_deviation = 0};
        BPI_TRY(pass_case(function, workspace, &one, run->loss, &error));
        if (!isfinite(error.error))
            return BP_OK;
        run->error.error += error.error;
        run->error.largest_deviation = fmax(run->error.largest_deviation, error.largest_deviation);
        keep_weights(workspace->network, run);
        if (run->wants_squares)
            raise_squares(workspace, run);
        change_by_case(workspace, run);
    }
    return BP_OK;
}
