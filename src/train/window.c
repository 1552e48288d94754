#include "train/window.h"

#include <string.h>

#include "base/memory.h"
#include "base/numeric.h"
#include "base/status.h"
#include "engine/check_data.h"
#include "engine/class_weights.h"
#include "engine/loss_check.h"
#include "train/batch.h"
#include "train/first_pass.h"
#include "train/metrics.h"
#include "train/stream_use.h"

/* --------------------------------------------------------------------------- sizes */

/* What a window and its order take by default, and cases that a sample has at least, if so much memory holds
 * them. */
enum { WINDOW_BYTES = 1 << 26, SAMPLE_CASES = 2000 };

static size_t cases_in_memory(const bp_stream *stream)
{
    const size_t bytes = bpi_stream_case_bytes(stream);
    return bpi_max(WINDOW_BYTES / (bytes > WINDOW_BYTES ? WINDOW_BYTES : bytes + sizeof(size_t)), 1);
}

size_t bpi_window_size(const bp_trainer *trainer, const bp_stream *stream)
{
    const size_t given = trainer->options.stream_window, known = stream->source.cases;
    const size_t size = given == 0 ? cases_in_memory(stream) : bpi_min(given, SIZE_MAX - 1);
    return known == 0 ? size : bpi_min(size, known);
}

/* As many cases as a window has by default are made room for at once, more as they come. */
bp_status bpi_window_buffer_create(case_buffer *buffer, const stream_use *use, const bp_stream *stream,
                                   size_t cases)
{
    const bool is_known = stream->source.cases > 0;
    return bpi_case_buffer_create(buffer, use, stream,
                                  is_known ? cases : bpi_min(cases, cases_in_memory(stream) + 1));
}

bp_status bpi_window_buffer_fill(case_buffer *buffer, const stream_use *use, bp_stream *stream, size_t cases)
{
    while (buffer->count < cases && !stream->is_at_end) {
        if (buffer->count == buffer->capacity) {
            const size_t larger = buffer->capacity > cases / 2 ? cases : 2 * buffer->capacity;
            BPI_TRY(bpi_case_buffer_grow(buffer, use, stream, larger));
        }
        BPI_TRY(bpi_stream_fill(use, stream, buffer, bpi_min(cases, buffer->capacity) - buffer->count));
    }
    return BP_OK;
}

static bp_status check_batch(const bp_trainer *trainer, size_t window)
{
    const size_t wanted = bpi_wanted_batch(trainer);
    if (wanted == BP_BATCH_AUTO || (wanted > 0 && wanted <= window))
        return BP_OK;
    if (trainer->options.batch_size == BP_BATCH_AUTO)
        return bpi_fail(BP_ERROR_UNSUPPORTED,
                        "%s: the optimizer %s takes all cases in one batch, but the training stream has more "
                        "cases than the window, which is %zu; options.stream_window sets it",
                        RUN_FUNCTION, trainer->rule->name, window);
    return bpi_fail(
        BP_ERROR_UNSUPPORTED,
        "%s: options.batch_size is %zu%s, but the training stream has more cases than the window, which "
        "is %zu; options.stream_window sets it",
        RUN_FUNCTION, wanted, wanted == 0 ? " (all)" : "", window);
}

/* ------------------------------------------------------------------ opening, clearing */

void bpi_window_clear(case_window *window, const bp_trainer *trainer)
{
    if (window->stream == NULL)
        return;
    bpi_stream_detach_record(window->stream, &window->record);
    bpi_case_buffer_release(&window->buffer, window->stream);
    bpi_release(&trainer->allocator, window->inputs);
    bpi_release(&trainer->allocator, window->targets);
    bpi_release(&trainer->allocator, window->target_sums);
    *window = (case_window){0};
}

/* The buffer has room for one case more, to see whether that is all. */
bp_status bpi_window_open(case_window *window, training_run *run, bp_stream *stream, bool is_scaled_later,
                          bp_data *view)
{
    const bp_trainer *trainer = run->trainer;
    const size_t size = bpi_window_size(trainer, stream);
    const size_t sample = bpi_max(size, bpi_min(SAMPLE_CASES, cases_in_memory(stream)));
    *window = (case_window){.stream = stream};
    BPI_TRY(bpi_stream_check(&training_use, stream, trainer->network, true));
    BPI_TRY(bpi_window_buffer_create(&window->buffer, &training_use, stream, sample + 1));
    BPI_TRY(bpi_stream_rewind(&training_use, stream));
    window->batch = bpi_batch_cases(trainer, size);
    window->capacity = size - size % window->batch;
    bpi_stream_attach_record(stream, &window->record, window->capacity);
    BPI_TRY(bpi_window_buffer_fill(&window->buffer, &training_use, stream, size + 1));
    if (window->buffer.count > size) {
        BPI_TRY(check_batch(trainer, size));
        run->window = window;
        BPI_TRY(bpi_first_pass(window, run, sample, is_scaled_later));
    } else {
        bpi_stream_detach_record(stream, &window->record);
    }
    *view = bpi_case_buffer_view(&window->buffer, stream, 0, window->buffer.count);
    return BP_OK;
}

/* ------------------------------------------------------------------------- loading */

/* Reads a window and makes it the run's training cases. */
static bp_status load(training_run *run, size_t first, size_t count)
{
    case_window *window = run->window;
    const bp_trainer *trainer = run->trainer;
    window->is_loaded = false;
    BPI_TRY(bpi_stream_seek(&training_use, window->stream, &window->buffer, first));
    BPI_TRY(bpi_stream_fill(&training_use, window->stream, &window->buffer, count));
    const bp_data view = bpi_case_buffer_view(&window->buffer, window->stream, 0, count);
    bp_data checked;
    BPI_TRY(bpi_check_data_from(RUN_FUNCTION, training_use.name, trainer->workspace, &view,
                                DATA_BOTH | DATA_MAY_MISS, first, &checked));
    BPI_TRY(bpi_loss_check_targets_from(RUN_FUNCTION, training_use.name, &trainer->options.loss,
                                        trainer->network, &checked, first));
    BPI_TRY(bpi_check_case_classes(RUN_FUNCTION, training_use.name, trainer->workspace, &checked, first));
    run->training = checked;
    window->first = first;
    window->is_loaded = true;
    return BP_OK;
}

bp_status bpi_window_provide(training_run *run)
{
    case_window *window = run->window;
    bp_trainer *trainer = run->trainer;
    const size_t done = trainer->epoch.done, first = done - done % window->capacity;
    const size_t count = bpi_min(window->capacity, window->cases - first);
    if (done == window->cases) { /* empty batches may follow */
        run->first = done - run->training.cases;
        return BP_OK;
    }
    if (!window->is_loaded || window->first != first) {
        bp_status status = load(run, first, count);
        bpi_run_note_stream_status(run, status);
        BPI_TRY(status);
    }
    run->first = first;
    if (run->is_shuffled && (trainer->epoch.ordered <= first || trainer->order_cases != count)) {
        bpi_draw_order(trainer, count);
        trainer->epoch.ordered = first + count;
    }
    return BP_OK;
}

/* ------------------------------------------------------------- what the columns are */

static bool is_constant(const column_statistics *column)
{
    return column->min == column->max;
}

bool bpi_window_has_binary_targets(const case_window *window)
{
    for (size_t i = 0; i < window->stream->source.target_width; i++) {
        const column_statistics *column = &window->targets[i];
        const bool is_binary = column->is_two_valued || is_constant(column);
        if (!is_binary || (column->min != 0 && column->min != 1) || (column->max != 0 && column->max != 1))
            return false;
    }
    return true;
}

bool bpi_window_is_truth_table(const case_window *window)
{
    enum { MAX_INPUTS = 24 };
    const size_t inputs = window->stream->source.input_width;
    if (inputs > MAX_INPUTS || window->cases < (size_t)1 << inputs)
        return false;
    for (size_t i = 0; i < inputs; i++)
        if (!window->inputs[i].is_two_valued && !is_constant(&window->inputs[i]))
            return false;
    return true;
}
