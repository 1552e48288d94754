#include "engine/evaluate_stream.h"

#include "base/sized_struct.h"
#include "base/status.h"
#include "engine/check_data.h"
#include "engine/check_results.h"
#include "engine/error.h"
#include "engine/evaluate.h"
#include "engine/loss_check.h"
#include "engine/stream_pass.h"
#include "engine/workspace.h"

static stream_pass pass_with_targets(const stream_use *use, const bp_workspace *workspace, bp_stream *stream,
                                     const bp_loss *loss)
{
    return (stream_pass){.use = *use,
                         .stream = stream,
                         .workspace = workspace,
                         .need = DATA_BOTH | DATA_MAY_MISS,
                         .loss = loss};
}

static bp_status evaluate(stream_pass *pass, running_evaluation *running)
{
    bool found = true;
    BPI_TRY(bpi_stream_pass_begin(pass));
    while (found) {
        BPI_TRY(bpi_stream_pass_next(pass, &found));
        if (found)
            bpi_evaluation_add(running, &pass->cases);
    }
    return BP_OK;
}

bp_status bpi_evaluate_stream(const stream_use *use, bp_workspace *workspace, bp_stream *stream,
                              const bp_loss *loss, size_t *confusion, bp_evaluation *result)
{
    stream_pass pass = pass_with_targets(use, workspace, stream, loss);
    running_evaluation running;
    bpi_evaluation_begin(&running, workspace, loss, confusion);
    bp_status status = evaluate(&pass, &running);
    bpi_stream_pass_end(&pass);
    if (status == BP_OK)
        bpi_evaluation_end(&running, result);
    return status;
}

static bp_status add_errors(stream_pass *pass, bp_workspace *workspace, double *deviation)
{
    const bool keep_x = bpi_error_begin(workspace, pass->loss);
    bool found = true;
    BPI_TRY(bpi_stream_pass_begin(pass));
    while (found) {
        BPI_TRY(bpi_stream_pass_next(pass, &found));
        const batch part = {.data = &pass->cases, .count = found ? pass->cases.cases : 0};
        bpi_error_add_cases(workspace, &part, pass->loss, keep_x, deviation);
    }
    return BP_OK;
}

bp_status bpi_stream_error(const stream_use *use, bp_workspace *workspace, bp_stream *stream,
                           const bp_loss *loss, batch_error *result)
{
    stream_pass pass = pass_with_targets(use, workspace, stream, loss);
    double deviation = 0;
    bp_status status = add_errors(&pass, workspace, &deviation);
    bpi_stream_pass_end(&pass);
    if (status == BP_OK)
        *result = (batch_error){.error = bpi_error_sum(workspace), .max_abs_error = deviation};
    return status;
}

bp_status bp_network_evaluate_stream(const bp_network *net, bp_workspace *workspace, bp_stream *stream,
                                     bp_loss loss, size_t *confusion, bp_evaluation *result)
{
    const stream_use use = {__func__, "stream"};
    BPI_REQUIRE(net);
    BPI_REQUIRE(workspace);
    BPI_REQUIRE(stream);
    BPI_REQUIRE(result);
    BPI_TRY(bpi_check_result_struct(__func__, SIZED_EVALUATION, result));
    BPI_TRY(bpi_workspace_check(__func__, net, workspace));
    BPI_TRY(bpi_loss_check(__func__, &loss, net));
    BPI_TRY(bpi_stream_check(&use, stream, net, true));
    bp_evaluation found;
    bpi_workspace_record_call(workspace, SIZE_MAX);
    BPI_TRY(bpi_evaluate_stream(&use, workspace, stream, &loss, confusion, &found));
    BPI_TRY(bpi_check_error(__func__, workspace, found.max_abs_error));
    bpi_write_struct(SIZED_EVALUATION, result, &found);
    return BP_OK;
}
