#include "model/per_case.h"

#include <math.h>
#include <string.h>

#include "base/status.h"
#include "model/small.h"

static batch one_case(const case_run *run)
{
    batch one = *run->cases;
    if (one.order != NULL)
        one.order += run->done;
    else
        one.first += run->done;
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

bp_status bpi_case_gradient(const char *function, bp_workspace *workspace, const batch *one,
                            const bp_loss *loss, bp_real *gradient, batch_error *result)
{
    if (!bpi_small_learns_cases(workspace->network, loss))
        return bpi_batch_gradient(function, workspace, one, loss, gradient, result);
    bpi_small_case_gradient(workspace, one, loss, gradient, result);
    return BP_OK;
}

bp_status bpi_learn_cases(const char *function, bp_workspace *workspace, case_run *run)
{
    run->done = 0;
    if (bpi_small_learns_cases(workspace->network, run->loss)) {
        bpi_small_learn_cases(workspace, run);
        return BP_OK;
    }
    for (; run->done < run->cases->count; run->done++) {
        batch one = one_case(run);
        batch_error error;
        BPI_TRY(bpi_batch_gradient(function, workspace, &one, run->loss, NULL, &error));
        if (!isfinite(error.error))
            return BP_OK;
        run->error.error += error.error;
        run->error.largest_deviation = fmax(run->error.largest_deviation, error.largest_deviation);
        keep_weights(workspace->network, run);
        if (run->wants_squares)
            raise_squares(workspace, run);
        bpi_batch_change(workspace, 1, &run->change, run->gradient);
    }
    return BP_OK;
}
