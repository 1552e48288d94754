#include "train/run_stream.h"

#include "base/status.h"
#include "train/run.h"
#include "train/stream_use.h"
#include "train/trainer.h"
#include "train/validations.h"
#include "train/window.h"

/* What a run on streams holds beside what every run does. */
typedef struct stream_run {
    case_window window;
    validation_stream validations;
    saved_message message;
} stream_run;

static bp_status prepare(stream_run *streams, training_run *run, bp_stream *training, bp_stream *validation,
                         const bp_result *result)
{
    bp_data training_view, validation_view = {0};
    run->stream_message = &streams->message;
    BPI_TRY(bpi_run_check_call(run->trainer, result));
    BPI_TRY(bpi_window_open(&streams->window, run, training, bpi_may_scale(run->trainer), &training_view));
    run->has_varying_training = training->source.varies != 0;
    run->has_varying_validation = validation != NULL && validation->source.varies != 0;
    if (validation != NULL)
        BPI_TRY(bpi_validations_open(&streams->validations, run, validation, &validation_view));
    return bpi_run_prepare(run, &training_view, validation_view.cases > 0 ? &validation_view : NULL, result);
}

bp_status bpi_run_stream(bp_trainer *trainer, bp_stream *training, bp_stream *validation, bp_result *result)
{
    stream_run streams = {0};
    training_run run;
    BPI_TRY(bpi_run_open(&run, RUN_FUNCTION, trainer));
    bp_status status = bpi_run_complete(&run, prepare(&streams, &run, training, validation, result), result);
    bpi_window_clear(&streams.window, trainer);
    bpi_validations_clear(&streams.validations);
    return bpi_run_name_function(RUN_FUNCTION, status);
}
