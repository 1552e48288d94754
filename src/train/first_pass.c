#include "train/first_pass.h"

#include <math.h>

#include "base/memory.h"
#include "base/status.h"
#include "engine/check_data.h"
#include "engine/class_weights.h"
#include "engine/loss_check.h"
#include "engine/missing_targets.h"
#include "engine/stream_pass.h"
#include "train/case_hash.h"
#include "train/stream_use.h"

/* The pass, which is over when the last case is counted. */
typedef struct first_pass {
    case_window *window;
    const training_run *run;
    size_t sample;
    bool is_scaled_later; /* so that it is not known yet whether the values fit */
    size_t cases;         /* so far */
    bool *has_target;     /* for each column: was there one? */
    case_hash hash;
    column_statistics *inputs, *targets; /* of a part; NULL: not wanted */
    random_stream random;                /* of the sample */
} first_pass;

static bp_status check(const first_pass *pass, const bp_data *part, bp_data *checked)
{
    const bp_trainer *trainer = pass->run->trainer;
    const int need = DATA_BOTH | DATA_MAY_MISS | (pass->is_scaled_later ? DATA_UNSCALED : 0);
    BPI_TRY(bpi_check_data_from(RUN_FUNCTION, training_use.name, trainer->workspace, part, need, pass->cases,
                                checked));
    BPI_TRY(
        bpi_check_case_classes(RUN_FUNCTION, training_use.name, trainer->workspace, checked, pass->cases));
    if (pass->is_scaled_later)
        return BP_OK;
    return bpi_loss_check_targets_from(RUN_FUNCTION, training_use.name, &trainer->options.loss,
                                       trainer->network, checked, pass->cases);
}

/* ---------------------------------------------------------------------- statistics */

static bp_status allocate(first_pass *pass)
{
    case_window *window = pass->window;
    const bp_trainer *trainer = pass->run->trainer;
    const bp_allocator *allocator = &trainer->allocator;
    const size_t inputs = trainer->network->input_width, targets = trainer->network->output_width;
    window->target_sums = bpi_allocate_zeroed(allocator, targets, sizeof *window->target_sums);
    pass->has_target = bpi_allocate_zeroed(allocator, targets, sizeof *pass->has_target);
    bool has_memory = window->target_sums != NULL && pass->has_target != NULL;
    if (!trainer->is_prepared) {
        window->inputs = bpi_allocate(allocator, inputs, sizeof *window->inputs);
        window->targets = bpi_allocate(allocator, targets, sizeof *window->targets);
        pass->inputs = bpi_allocate(allocator, inputs, sizeof *pass->inputs);
        pass->targets = bpi_allocate(allocator, targets, sizeof *pass->targets);
        has_memory = has_memory && window->inputs != NULL && window->targets != NULL &&
                     pass->inputs != NULL && pass->targets != NULL;
    }
    return has_memory
               ? BP_OK
               : bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the statistics of the columns", RUN_FUNCTION);
}

static void join(const column_sample *sample, bool is_first, column_statistics *part,
                 column_statistics *whole)
{
    bpi_find_statistics(sample, part);
    for (size_t i = 0; i < sample->columns; i++)
        whole[i] = is_first ? part[i] : bpi_join_statistics(&whole[i], &part[i]);
}

static void add_statistics(first_pass *pass, const bp_data *part)
{
    const column_sample inputs = {.cases = part->cases,
                                  .columns = part->input_width,
                                  .values = part->inputs,
                                  .stride = part->input_stride};
    const column_sample targets = {.cases = part->cases,
                                   .columns = part->target_width,
                                   .values = part->targets,
                                   .stride = part->target_stride};
    join(&inputs, pass->cases == 0, pass->inputs, pass->window->inputs);
    join(&targets, pass->cases == 0, pass->targets, pass->window->targets);
}

static void add_target_sums(const first_pass *pass, const bp_data *part)
{
    for (size_t i = 0; i < part->cases; i++) {
        const double weight = part->case_weights == NULL ? 1 : (double)part->case_weights[i];
        const bp_real *targets = part->targets + i * part->target_stride;
        for (size_t j = 0; j < part->target_width; j++) {
            bpi_target_sums_add(&pass->window->target_sums[j], (double)targets[j], weight);
            pass->has_target[j] = pass->has_target[j] || !isnan(targets[j]);
        }
    }
}

/* The cases of a buffer from `first` on, which come next. */
static bp_status add_cases(first_pass *pass, const case_buffer *buffer, size_t first)
{
    const size_t count = buffer->count - first;
    if (count == 0)
        return BP_OK;
    const bp_data part = bpi_case_buffer_view(buffer, pass->window->stream, first, count);
    bp_data checked;
    BPI_TRY(check(pass, &part, &checked));
    if (pass->inputs != NULL)
        add_statistics(pass, &checked);
    add_target_sums(pass, &checked);
    bpi_case_hash_add(&pass->hash, &checked);
    pass->cases += count;
    return BP_OK;
}

/* -------------------------------------------------------------------------- sample */

/* [Vitter, "Random sampling with a reservoir", 1985], algorithm R: each case that comes takes the place of
 * one of the sample with the probability that it belongs to it. `number`: of the case. */
static void offer(first_pass *pass, const case_buffer *buffer, size_t index, uint64_t number)
{
    const uint64_t place = bpi_random_below(&pass->random, number + 1);
    if (place < pass->sample)
        bpi_case_buffer_copy(&pass->window->buffer, (size_t)place, buffer, index, pass->window->stream);
}

static void offer_all(first_pass *pass, const case_buffer *buffer, size_t first)
{
    for (size_t i = first; i < buffer->count; i++)
        offer(pass, buffer, i, pass->cases - buffer->count + i);
}

/* -------------------------------------------------------------------------- the pass */

/* Cases that make up the sample at first. */
static bp_status fill_sample(first_pass *pass)
{
    case_window *window = pass->window;
    case_buffer *buffer = &window->buffer;
    BPI_TRY(add_cases(pass, buffer, 0));
    if (buffer->count < pass->sample) {
        const size_t before = buffer->count;
        BPI_TRY(bpi_stream_fill(&training_use, window->stream, buffer, pass->sample - before));
        BPI_TRY(add_cases(pass, buffer, before));
    }
    if (buffer->count > pass->sample) {
        offer_all(pass, buffer, pass->sample);
        buffer->count = pass->sample;
    }
    return BP_OK;
}

static bp_status read_rest(first_pass *pass, case_buffer *part)
{
    bp_stream *stream = pass->window->stream;
    while (!stream->is_at_end) {
        part->count = 0;
        BPI_TRY(bpi_stream_fill(&training_use, stream, part, part->capacity));
        BPI_TRY(add_cases(pass, part, 0));
        offer_all(pass, part, 0);
    }
    return BP_OK;
}

static bool had_target(const void *pass, size_t column)
{
    return ((const first_pass *)pass)->has_target[column];
}

static bp_status run_pass(first_pass *pass, case_buffer *part)
{
    case_window *window = pass->window;
    BPI_TRY(allocate(pass));
    BPI_TRY(
        bpi_case_buffer_create(part, &training_use, window->stream, bpi_stream_part_cases(window->stream)));
    BPI_TRY(fill_sample(pass));
    BPI_TRY(read_rest(pass, part));
    BPI_TRY(bpi_require_targets(RUN_FUNCTION, training_use.name, pass->run->trainer->network, had_target,
                                pass, true));
    window->cases = pass->cases;
    window->hash = bpi_case_hash_value(&pass->hash);
    return BP_OK;
}

bp_status bpi_first_pass(case_window *window, const training_run *run, size_t sample, bool is_scaled_later)
{
    const bp_trainer *trainer = run->trainer;
    first_pass pass = {.window = window, .run = run, .sample = sample, .is_scaled_later = is_scaled_later};
    case_buffer part = {0};
    bpi_case_hash_begin(&pass.hash);
    bpi_random_seed(&pass.random, ~trainer->options.seed); /* not the numbers that shuffle */
    bp_status status = run_pass(&pass, &part);
    bpi_case_buffer_release(&part, window->stream);
    bpi_release(&trainer->allocator, pass.has_target);
    bpi_release(&trainer->allocator, pass.inputs);
    bpi_release(&trainer->allocator, pass.targets);
    return status;
}

/* ------------------------------------------------------------------ scaled targets */

/* The lowest and the highest target of each column, as two cases. */
static bool extremes_fit(const training_run *run, bp_real *rows)
{
    const bp_trainer *trainer = run->trainer;
    const size_t width = trainer->network->output_width;
    saved_message before;
    for (size_t i = 0; i < width; i++) {
        rows[i] = (bp_real)run->window->targets[i].min;
        rows[width + i] = (bp_real)run->window->targets[i].max;
    }
    const bp_data data = {.cases = 2, .targets = rows, .target_width = width, .target_stride = width};
    bpi_save_message(&before);
    const bool fit = bpi_loss_check_targets(RUN_FUNCTION, training_use.name, &trainer->options.loss,
                                            trainer->network, &data) == BP_OK;
    bpi_restore_message(&before);
    return fit;
}

/* Another pass finds the case. */
static bp_status find_unfit(const training_run *run)
{
    stream_pass pass = {.use = training_use,
                        .stream = run->window->stream,
                        .workspace = run->trainer->workspace,
                        .need = DATA_BOTH | DATA_MAY_MISS,
                        .loss = &run->trainer->options.loss};
    bool found = true;
    bp_status status = bpi_stream_pass_begin(&pass);
    while (status == BP_OK && found)
        status = bpi_stream_pass_next(&pass, &found);
    bpi_stream_pass_end(&pass);
    return status;
}

bp_status bpi_check_scaled_targets(const training_run *run)
{
    const bp_trainer *trainer = run->trainer;
    const size_t width = trainer->network->output_width;
    bp_real *rows = bpi_allocate(&trainer->allocator, width, 2 * sizeof *rows);
    if (rows == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for 2 cases of %zu targets", RUN_FUNCTION, width);
    const bool fit = extremes_fit(run, rows);
    bpi_release(&trainer->allocator, rows);
    return fit ? BP_OK : find_unfit(run);
}
