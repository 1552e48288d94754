#include "engine/stream_pass.h"

#include "base/numeric.h"
#include "base/status.h"
#include "engine/check_data.h"
#include "engine/class_weights.h"
#include "engine/loss_check.h"

enum { PART_BYTES = 1 << 20, MIN_CASES = 16, MAX_CASES = 1 << 14 };

/* Cases that stay in the buffer, so that the last part is not a single one. */
enum { HELD_BACK = 2 };

size_t bpi_stream_part_cases(const bp_stream *stream)
{
    const size_t fitting = PART_BYTES / bpi_stream_case_bytes(stream);
    return bpi_min(bpi_max(fitting, MIN_CASES), MAX_CASES);
}

bp_status bpi_stream_pass_begin(stream_pass *pass)
{
    pass->used = 0;
    pass->first = 0;
    BPI_TRY(
        bpi_case_buffer_create(&pass->buffer, &pass->use, pass->stream, bpi_stream_part_cases(pass->stream)));
    return bpi_stream_rewind(&pass->use, pass->stream);
}

void bpi_stream_pass_end(stream_pass *pass)
{
    bpi_case_buffer_release(&pass->buffer, pass->stream);
}

static void drop_used(stream_pass *pass)
{
    case_buffer *buffer = &pass->buffer;
    for (size_t i = pass->used; i < buffer->count; i++)
        bpi_case_buffer_copy(buffer, i - pass->used, buffer, i, pass->stream);
    buffer->count -= pass->used;
    pass->first += pass->used;
    pass->used = 0;
}

bp_status bpi_stream_pass_next(stream_pass *pass, bool *found)
{
    case_buffer *buffer = &pass->buffer;
    drop_used(pass);
    BPI_TRY(bpi_stream_fill(&pass->use, pass->stream, buffer, buffer->capacity - buffer->count));
    pass->used = buffer->count - (pass->stream->is_at_end ? 0 : HELD_BACK);
    *found = pass->used > 0;
    if (!*found)
        return BP_OK;
    const bp_data part = bpi_case_buffer_view(buffer, pass->stream, 0, pass->used);
    BPI_TRY(bpi_check_data_from(pass->use.function, pass->use.name, pass->workspace, &part, pass->need,
                                pass->first, &pass->cases));
    if (pass->loss == NULL)
        return BP_OK;
    BPI_TRY(bpi_loss_check_targets_from(pass->use.function, pass->use.name, pass->loss,
                                        pass->workspace->network, &pass->cases, pass->first));
    return bpi_check_case_classes(pass->use.function, pass->use.name, pass->workspace, &pass->cases,
                                  pass->first);
}
