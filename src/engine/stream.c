#include "engine/stream.h"

#include <string.h>

#include "base/memory.h"
#include "base/numeric.h"
#include "base/rows.h"
#include "base/sized_struct.h"
#include "base/status.h"
#include "engine/check_data.h"

void bp_stream_source_init(bp_stream_source *source, size_t size)
{
    bpi_init_struct(SIZED_STREAM_SOURCE, source, size, NULL);
}

/* --------------------------------------------------------- creating, destroying */

bp_status bpi_stream_new(bp_stream **out, const char *function, const bp_stream_source *source,
                         const bp_allocator *allocator)
{
    bp_stream *stream = bpi_allocate_zeroed(allocator, 1, sizeof *stream);
    if (stream == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for a stream", function);
    stream->allocator = *allocator;
    stream->source = *source;
    stream->is_lost = true; /* wherever the source may be */
    *out = stream;
    return BP_OK;
}

static bp_status check_source(const char *function, const bp_stream_source *source)
{
    if (source->read == NULL || source->rewind == NULL)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: source.%s is NULL", function,
                        source->read == NULL ? "read" : "rewind");
    if (source->input_width == 0)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: source.input_width is 0", function);
    if ((source->has_case_weights != 0 && source->has_case_weights != 1) ||
        (source->varies != 0 && source->varies != 1))
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: source.%s is neither 0 nor 1", function,
                        source->varies != 0 && source->varies != 1 ? "varies" : "has_case_weights");
    if (source->missing_targets > 1)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: source.missing_targets is %zu, it must be 0 or 1", function,
                        source->missing_targets);
    return BP_OK;
}

bp_status bp_stream_create(bp_stream **out, const bp_stream_source *source, const bp_allocator *allocator)
{
    BPI_REQUIRE(out);
    BPI_REQUIRE(source);
    bp_stream_source checked;
    BPI_TRY(bpi_read_struct(__func__, SIZED_STREAM_SOURCE, source, &checked));
    BPI_TRY(check_source(__func__, &checked));
    bp_allocator chosen;
    BPI_TRY(bpi_allocator_choose(&chosen, __func__, allocator));
    return bpi_stream_new(out, __func__, &checked, &chosen);
}

void bp_stream_destroy(bp_stream *stream)
{
    if (stream == NULL)
        return;
    const bp_allocator allocator = stream->allocator;
    if (stream->source.release != NULL)
        stream->source.release(stream->source.context);
    bpi_release(&allocator, stream);
}

/* ------------------------------------------------------------------------- looking */

size_t bp_stream_cases(const bp_stream *stream)
{
    return stream == NULL ? 0 : stream->source.cases;
}

size_t bp_stream_input_width(const bp_stream *stream)
{
    return stream == NULL ? 0 : stream->source.input_width;
}

size_t bp_stream_target_width(const bp_stream *stream)
{
    return stream == NULL ? 0 : stream->source.target_width;
}

const bp_schema *bp_stream_schema(const bp_stream *stream)
{
    return stream == NULL ? NULL : stream->schema;
}

static stream_counts counts_of(const bp_stream *stream)
{
    return stream == NULL || stream->counts == NULL ? (stream_counts){0} : *stream->counts;
}

size_t bp_stream_skipped_rows(const bp_stream *stream)
{
    return counts_of(stream).skipped_rows;
}

size_t bp_stream_missing_cells(const bp_stream *stream)
{
    return counts_of(stream).missing_cells;
}

size_t bp_stream_unknown_cells(const bp_stream *stream)
{
    return counts_of(stream).unknown_cells;
}

static bp_status check_width(const stream_use *use, const char *part, size_t width, size_t wanted)
{
    if (width == wanted)
        return BP_OK;
    return bpi_fail(BP_ERROR_SIZE, "%s: %s has %zu %ss per case, but the network has %zu", use->function,
                    use->name, width, part, wanted);
}

bp_status bpi_stream_check(const stream_use *use, const bp_stream *stream, const bp_network *net,
                           bool needs_targets)
{
    BPI_TRY(check_width(use, "input", stream->source.input_width, net->input_width));
    if (needs_targets && stream->source.target_width == 0)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: %s has no targets", use->function, use->name);
    if (needs_targets)
        BPI_TRY(check_width(use, "target", stream->source.target_width, net->output_width));
    return stream->schema == NULL ? BP_OK : stream->check_schema(use, stream->schema, net, needs_targets);
}

/* ------------------------------------------------------------------------- buffers */

static size_t values_of_case(const bp_stream *stream)
{
    const bp_stream_source *source = &stream->source;
    size_t values;
    if (!bpi_add(source->input_width, source->target_width, &values) ||
        !bpi_add(values, source->has_case_weights != 0, &values))
        return SIZE_MAX;
    return values;
}

size_t bpi_stream_case_bytes(const bp_stream *stream)
{
    size_t bytes;
    return bpi_multiply(values_of_case(stream), sizeof(bp_real), &bytes) ? bytes : SIZE_MAX;
}

/* One block: the inputs, the targets, the weights. */
bp_status bpi_case_buffer_create(case_buffer *buffer, const stream_use *use, const bp_stream *stream,
                                 size_t capacity)
{
    const bp_stream_source *source = &stream->source;
    size_t bytes;
    *buffer = (case_buffer){.capacity = capacity};
    if (!bpi_multiply(bpi_stream_case_bytes(stream), capacity, &bytes))
        return bpi_fail(BP_ERROR_OVERFLOW, "%s: %s: %zu cases of %zu values are more than a size can count",
                        use->function, use->name, capacity, values_of_case(stream));
    buffer->inputs = bpi_allocate(&stream->allocator, bytes, 1);
    if (buffer->inputs == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: %s: no memory for %zu cases of %zu values", use->function,
                        use->name, capacity, values_of_case(stream));
    bp_real *next = buffer->inputs + capacity * source->input_width;
    buffer->targets = source->target_width == 0 ? NULL : next;
    next += capacity * source->target_width;
    buffer->case_weights = source->has_case_weights ? next : NULL;
    return BP_OK;
}

bp_status bpi_case_buffer_grow(case_buffer *buffer, const stream_use *use, const bp_stream *stream,
                               size_t capacity)
{
    const bp_stream_source *source = &stream->source;
    const size_t count = buffer->count;
    case_buffer larger;
    BPI_TRY(bpi_case_buffer_create(&larger, use, stream, capacity));
    memcpy(larger.inputs, buffer->inputs, count * source->input_width * sizeof *larger.inputs);
    if (larger.targets != NULL)
        memcpy(larger.targets, buffer->targets, count * source->target_width * sizeof *larger.targets);
    if (larger.case_weights != NULL)
        memcpy(larger.case_weights, buffer->case_weights, count * sizeof *larger.case_weights);
    larger.count = count;
    bpi_case_buffer_release(buffer, stream);
    *buffer = larger;
    return BP_OK;
}

void bpi_case_buffer_release(case_buffer *buffer, const bp_stream *stream)
{
    bpi_release(&stream->allocator, buffer->inputs);
    *buffer = (case_buffer){0};
}

bp_data bpi_case_buffer_view(const case_buffer *buffer, const bp_stream *stream, size_t first, size_t count)
{
    const bp_stream_source *source = &stream->source;
    bp_data view = bp_data_view(count, buffer->inputs + first * source->input_width, source->input_width,
                                NULL, source->target_width);
    if (buffer->targets != NULL)
        view.targets = buffer->targets + first * source->target_width;
    if (buffer->case_weights != NULL)
        view.case_weights = buffer->case_weights + first;
    view.missing_targets = source->missing_targets;
    return view;
}

void bpi_case_buffer_copy(const case_buffer *to_buffer, size_t to, const case_buffer *from_buffer,
                          size_t from, const bp_stream *stream)
{
    const size_t inputs = stream->source.input_width, targets = stream->source.target_width;
    memmove(to_buffer->inputs + to * inputs, from_buffer->inputs + from * inputs,
            inputs * sizeof *to_buffer->inputs);
    if (targets > 0)
        memmove(to_buffer->targets + to * targets, from_buffer->targets + from * targets,
                targets * sizeof *to_buffer->targets);
    if (to_buffer->case_weights != NULL)
        to_buffer->case_weights[to] = from_buffer->case_weights[from];
}

/* ---------------------------------------------------------------- comparing passes */

void bpi_stream_attach_record(bp_stream *stream, stream_record *record, size_t segment)
{
    *record = (stream_record){.segment = segment};
    stream->record = record;
    stream->hash = bpi_row_hash_begin();
}

void bpi_stream_detach_record(bp_stream *stream, stream_record *record)
{
    if (stream->record == record)
        stream->record = NULL;
    bpi_release(&stream->allocator, record->hashes);
    *record = (stream_record){0};
}

static void add_to_hash(bp_stream *stream, const case_buffer *buffer, size_t first, size_t count)
{
    const bp_stream_source *source = &stream->source;
    for (size_t i = first; i < first + count; i++) {
        bpi_row_hash_add(&stream->hash, buffer->inputs + i * source->input_width, source->input_width);
        if (source->target_width > 0)
            bpi_row_hash_add(&stream->hash, buffer->targets + i * source->target_width, source->target_width);
        if (source->has_case_weights)
            bpi_row_hash_add(&stream->hash, buffer->case_weights + i, 1);
    }
}

static bp_status note_hash(const stream_use *use, const bp_stream *stream, stream_record *record)
{
    if (!bpi_grow(&stream->allocator, (void **)&record->hashes, &record->capacity, record->count,
                  sizeof *record->hashes))
        return bpi_fail(BP_ERROR_MEMORY, "%s: %s: no memory for %zu hashes of its cases", use->function,
                        use->name, record->count + 1);
    record->hashes[record->count++] = bpi_row_hash_value(&stream->hash);
    return BP_OK;
}

/* A case that is not finite is more than a change: it is named. The buffer has the stream's last `cases`. */
static bp_status fail_changed(const stream_use *use, const bp_stream *stream, const case_buffer *buffer,
                              size_t cases, size_t segment)
{
    const size_t length = stream->record->segment, last = stream->position - 1;
    const bp_data data = bpi_case_buffer_view(buffer, stream, 0, cases);
    bp_data checked;
    BPI_TRY(bpi_check_data_alone_from(use->function, use->name, &data,
                                      data.targets == NULL ? DATA_INPUTS : DATA_BOTH | DATA_MAY_MISS,
                                      stream->position - cases, &checked));
    return bpi_fail(
        BP_ERROR_STATE,
        "%s: %s: cases %zu to %zu are not those that the first pass found there; if they are meant to "
        "vary, set source.varies",
        use->function, use->name, segment * length, last);
}

/* At the end of a segment, with the stream's last `cases` in the buffer. */
static bp_status compare(const stream_use *use, const bp_stream *stream, const case_buffer *buffer,
                         size_t cases)
{
    stream_record *record = stream->record;
    if (stream->source.varies)
        return BP_OK;
    if (!record->is_complete)
        return note_hash(use, stream, record);
    const size_t segment = (stream->position - 1) / record->segment;
    return record->hashes[segment] == bpi_row_hash_value(&stream->hash)
               ? BP_OK
               : fail_changed(use, stream, buffer, cases, segment);
}

static bp_status end_pass(const stream_use *use, bp_stream *stream)
{
    stream_record *record = stream->record;
    const size_t known = record != NULL && record->is_complete ? record->cases : stream->source.cases;
    stream->is_at_end = true;
    if (known != 0 && stream->position != known)
        return bpi_fail(BP_ERROR_STATE, "%s: %s: the stream ended after %zu cases, but it has %zu%s",
                        use->function, use->name, stream->position, known,
                        record != NULL && record->is_complete ? " by the first pass" : " by source.cases");
    if (stream->position == 0)
        return bpi_fail(BP_ERROR_STATE, "%s: %s: the stream has no cases", use->function, use->name);
    if (record == NULL || record->is_complete)
        return BP_OK;
    if (stream->position % record->segment > 0 && !stream->source.varies)
        BPI_TRY(note_hash(use, stream, record));
    record->cases = stream->position;
    record->is_complete = true;
    return BP_OK;
}

/* After `count` more cases, which lie within a segment. */
static bp_status add_to_pass(const stream_use *use, bp_stream *stream, const case_buffer *buffer,
                             size_t count)
{
    const stream_record *record = stream->record;
    const size_t known = record != NULL && record->is_complete ? record->cases : stream->source.cases;
    if (count > SIZE_MAX - stream->position)
        return bpi_fail(BP_ERROR_OVERFLOW, "%s: %s: more cases than a size can count", use->function,
                        use->name);
    stream->position += count;
    if (known != 0 && stream->position > known)
        return bpi_fail(BP_ERROR_STATE, "%s: %s: the stream goes on after case %zu, its last%s",
                        use->function, use->name, known - 1,
                        record != NULL && record->is_complete ? " in the first pass" : " by source.cases");
    if (record == NULL)
        return BP_OK;
    if (!stream->source.varies)
        add_to_hash(stream, buffer, buffer->count, count);
    const bool is_whole = stream->position % record->segment == 0;
    const bool is_last = record->is_complete && stream->position == record->cases;
    return is_whole || is_last ? compare(use, stream, buffer, buffer->count + count) : BP_OK;
}

/* ------------------------------------------------------------------------- reading */

/* A failure of the source's function. Divergence is the library's to find. */
static bp_status fail_source(const stream_use *use, bp_stream *stream, const char *what, bp_status status)
{
    stream->is_lost = true;
    if (stream->has_messages)
        return status;
    return bpi_fail(status == BP_DIVERGED ? BP_ERROR_CALLBACK : status,
                    "%s: %s: the stream's %s returned '%s' after %zu cases", use->function, use->name, what,
                    bp_status_string(status), stream->position);
}

bp_status bpi_stream_rewind(const stream_use *use, bp_stream *stream)
{
    if (stream->position == 0 && !stream->is_lost && !stream->is_at_end)
        return BP_OK;
    bp_status status = stream->source.rewind(stream->source.context);
    if (status != BP_OK)
        return fail_source(use, stream, "rewind", status);
    stream->position = 0;
    stream->is_at_end = false;
    stream->is_lost = false;
    stream->hash = bpi_row_hash_begin();
    return BP_OK;
}

/* One call of the source's function. */
static bp_status read_some(const stream_use *use, bp_stream *stream, const case_buffer *buffer, size_t wanted,
                           size_t *got)
{
    const bp_data to = bpi_case_buffer_view(buffer, stream, buffer->count, wanted);
    *got = 0;
    bp_status status = stream->source.read(stream->source.context, wanted, (bp_real *)to.inputs,
                                           (bp_real *)to.targets, (bp_real *)to.case_weights, got);
    if (status != BP_OK)
        return fail_source(use, stream, "read", status);
    if (*got <= wanted)
        return BP_OK;
    stream->is_lost = true;
    return bpi_fail(BP_ERROR_CALLBACK,
                    "%s: %s: after %zu cases the stream's read delivered %zu where %zu were asked for",
                    use->function, use->name, stream->position, *got, wanted);
}

/* Up to the end of a segment, so that it is compared before more is read. */
static size_t cases_of_segment(const bp_stream *stream, size_t count)
{
    const stream_record *record = stream->record;
    return record == NULL ? count : bpi_min(count, record->segment - stream->position % record->segment);
}

bp_status bpi_stream_fill(const stream_use *use, bp_stream *stream, case_buffer *buffer, size_t count)
{
    if (stream->is_lost)
        BPI_TRY(bpi_stream_rewind(use, stream));
    for (size_t got; count > 0 && !stream->is_at_end; count -= got) {
        BPI_TRY(read_some(use, stream, buffer, cases_of_segment(stream, count), &got));
        bp_status status = got == 0 ? end_pass(use, stream) : add_to_pass(use, stream, buffer, got);
        if (status != BP_OK) {
            stream->is_lost = true;
            return status;
        }
        buffer->count += got;
    }
    return BP_OK;
}

bp_status bpi_stream_seek(const stream_use *use, bp_stream *stream, case_buffer *buffer, size_t position)
{
    if (stream->is_lost || stream->position > position)
        BPI_TRY(bpi_stream_rewind(use, stream));
    buffer->count = 0;
    while (stream->position < position && !stream->is_at_end) {
        BPI_TRY(bpi_stream_fill(use, stream, buffer, bpi_min(buffer->capacity, position - stream->position)));
        buffer->count = 0;
    }
    return BP_OK;
}

/* -------------------------------------------------------------------- public calls */

bp_status bp_stream_rewind(bp_stream *stream)
{
    BPI_REQUIRE(stream);
    return bpi_stream_rewind(&(stream_use){__func__, "stream"}, stream);
}

bp_status bp_stream_read(bp_stream *stream, size_t count, bp_real *inputs, bp_real *targets,
                         bp_real *case_weights, size_t *cases)
{
    BPI_REQUIRE(stream);
    BPI_REQUIRE(inputs);
    BPI_REQUIRE(cases);
    if (targets == NULL && stream->source.target_width > 0)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: targets is NULL, but the stream has %zu per case", __func__,
                        stream->source.target_width);
    if (case_weights == NULL && stream->source.has_case_weights)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: case_weights is NULL, but the stream has them", __func__);
    case_buffer to = {.inputs = inputs,
                      .targets = stream->source.target_width > 0 ? targets : NULL,
                      .case_weights = stream->source.has_case_weights ? case_weights : NULL,
                      .capacity = count};
    BPI_TRY(bpi_stream_fill(&(stream_use){__func__, "stream"}, stream, &to, count));
    *cases = to.count;
    return BP_OK;
}
