/* Outputs of a stream. */
#include "base/memory.h"
#include "base/status.h"
#include "engine/check_data.h"
#include "engine/check_results.h"
#include "engine/predict.h"
#include "engine/stream_pass.h"
#include "engine/workspace.h"

/* Where the outputs go. */
typedef struct output_receiver {
    bp_outputs_callback on_outputs;
    void *context;
    bp_real *outputs; /* of a part */
} output_receiver;

static bp_status predict_part(const stream_pass *pass, bp_workspace *workspace,
                              const output_receiver *receiver)
{
    const bp_network *net = workspace->network;
    if (!bpi_predict(workspace, &pass->cases, receiver->outputs))
        return bpi_fail_outputs(pass->use.function, net, receiver->outputs, pass->first);
    const bp_data part = bpi_case_buffer_view(&pass->buffer, pass->stream, 0, pass->used);
    bp_status status = receiver->on_outputs(receiver->context, pass->first, &part, receiver->outputs);
    if (status == BP_OK)
        return BP_OK;
    return bpi_fail(status, "%s: on_outputs returned '%s' after case %zu", pass->use.function,
                    bp_status_string(status), pass->first + pass->used - 1);
}

static bp_status predict(stream_pass *pass, bp_workspace *workspace, output_receiver *receiver)
{
    const size_t width = workspace->network->output_width;
    bool found = true;
    BPI_TRY(bpi_stream_pass_begin(pass));
    receiver->outputs =
        bpi_allocate(&pass->stream->allocator, pass->buffer.capacity, width * sizeof(bp_real));
    if (receiver->outputs == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the outputs of %zu cases", pass->use.function,
                        pass->buffer.capacity);
    while (found) {
        BPI_TRY(bpi_stream_pass_next(pass, &found));
        if (found)
            BPI_TRY(predict_part(pass, workspace, receiver));
    }
    return BP_OK;
}

bp_status bp_network_predict_stream(const bp_network *net, bp_workspace *workspace, bp_stream *stream,
                                    bp_outputs_callback on_outputs, void *context)
{
    BPI_REQUIRE(net);
    BPI_REQUIRE(workspace);
    BPI_REQUIRE(stream);
    BPI_REQUIRE(on_outputs);
    BPI_TRY(bpi_workspace_check(__func__, net, workspace));
    stream_pass pass = {
        .use = {__func__, "stream"}, .stream = stream, .workspace = workspace, .need = DATA_INPUTS};
    BPI_TRY(bpi_stream_check(&pass.use, stream, net, false));
    output_receiver receiver = {on_outputs, context, NULL};
    bpi_workspace_record_call(workspace, SIZE_MAX);
    bp_status status = predict(&pass, workspace, &receiver);
    bpi_release(&stream->allocator, receiver.outputs);
    bpi_stream_pass_end(&pass);
    return status;
}
