#include "train/validations.h"

#include "base/status.h"
#include "engine/check_data.h"
#include "engine/missing_targets.h"
#include "engine/stream_pass.h"
#include "train/case_hash.h"
#include "train/stream_use.h"
#include "train/window.h"

bp_status bpi_validations_open(validation_stream *validations, training_run *run, bp_stream *stream,
                               bp_data *view)
{
    const size_t size = bpi_window_size(run->trainer, stream);
    *validations = (validation_stream){.stream = stream};
    BPI_TRY(bpi_stream_check(&validation_use, stream, run->trainer->network, true));
    BPI_TRY(bpi_window_buffer_create(&validations->buffer, &validation_use, stream, size + 1));
    BPI_TRY(bpi_stream_rewind(&validation_use, stream));
    BPI_TRY(bpi_window_buffer_fill(&validations->buffer, &validation_use, stream, size + 1));
    if (validations->buffer.count > size) {
        run->validations = validations;
        bpi_case_buffer_release(&validations->buffer, stream);
        return BP_OK;
    }
    *view = bpi_case_buffer_view(&validations->buffer, stream, 0, validations->buffer.count);
    return BP_OK;
}

void bpi_validations_clear(validation_stream *validations)
{
    if (validations->stream == NULL)
        return;
    bpi_stream_detach_record(validations->stream, &validations->record);
    bpi_case_buffer_release(&validations->buffer, validations->stream);
    *validations = (validation_stream){0};
}

/* One hash for all cases, unless the stream is that of the training cases, too, which has a record already.
 */
static bp_status begin_pass(validation_stream *validations, stream_pass *pass)
{
    BPI_TRY(bpi_stream_pass_begin(pass));
    if (validations->stream->record == NULL)
        bpi_stream_attach_record(validations->stream, &validations->record, SIZE_MAX);
    return BP_OK;
}

static bool had_target(const void *has_target, size_t column)
{
    (void)column;
    return *(const bool *)has_target;
}

bp_status bpi_validations_check(training_run *run)
{
    validation_stream *validations = run->validations;
    stream_pass pass = {.use = validation_use,
                        .stream = validations->stream,
                        .workspace = run->trainer->workspace,
                        .need = DATA_BOTH | DATA_MAY_MISS,
                        .loss = &run->trainer->options.loss};
    bool found = true, has_target = false;
    case_hash hash;
    bpi_case_hash_begin(&hash);
    bp_status status = begin_pass(validations, &pass);
    while (status == BP_OK && found) {
        status = bpi_stream_pass_next(&pass, &found);
        if (status != BP_OK || !found)
            continue;
        bpi_case_hash_add(&hash, &pass.cases);
        for (size_t i = 0; i < pass.cases.target_width && !has_target; i++)
            has_target = bpi_data_has_target(&pass.cases, i);
    }
    if (status == BP_OK)
        status = bpi_require_targets(RUN_FUNCTION, validation_use.name, run->trainer->network, had_target,
                                     &has_target, false);
    bpi_stream_pass_end(&pass);
    if (status == BP_OK) {
        run->validation =
            (bp_data){.size = sizeof run->validation, .cases = validations->stream->record->cases};
        run->validation_hash = run->has_varying_validation ? 0 : bpi_case_hash_value(&hash);
    }
    return status;
}
