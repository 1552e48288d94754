#include "data/array_stream.h"

#include "base/memory.h"
#include "base/numeric.h"
#include "base/status.h"
#include "engine/stream.h"

typedef struct array_stream {
    bp_allocator allocator;
    char *inputs_path, *targets_path; /* NULL: borrowed, or none */
    array_pair pair;                  /* files without a path are not open */
    array_reading reading;            /* with the number of classes, once it is known */
    size_t next;                      /* the case that is read next */
} array_stream;

/* ------------------------------------------------------------------------- reading */

/* The numbers of the classes of some cases, as one-hot targets; NULL: only *largest is wanted. */
static bp_status read_classes(array_stream *stream, size_t count, bp_real *targets, size_t *largest)
{
    enum { CHUNK = 1024 };
    uint32_t numbers[CHUNK];
    const size_t classes = stream->reading.classes;
    for (size_t i = 0; targets != NULL && i < count * classes; i++)
        targets[i] = 0;
    for (size_t done = 0, some; done < count; done += some) {
        some = bpi_min(count - done, CHUNK);
        BPI_TRY(bpi_read_class_numbers(&stream->pair.targets, stream->pair.target_header.type, some, classes,
                                       numbers));
        for (size_t i = 0; i < some; i++) {
            *largest = bpi_max(*largest, numbers[i]);
            if (targets != NULL)
                targets[(done + i) * classes + numbers[i]] = 1;
        }
    }
    return BP_OK;
}

static bp_status read_targets(array_stream *stream, size_t count, bp_real *targets)
{
    array_pair *pair = &stream->pair;
    size_t largest = 0;
    if (pair->target_header.holds_classes)
        return read_classes(stream, count, targets, &largest);
    return bpi_array_read(&pair->targets, &pair->target_header, stream->next, count, targets);
}

static bp_status check_unchanged(array_pair *pair)
{
    BPI_TRY(bpi_input_check_unchanged(&pair->inputs));
    return bpi_array_targets(pair) == NULL ? BP_OK : bpi_input_check_unchanged(&pair->targets);
}

static bp_status read_cases(void *context, size_t count, bp_real *inputs, bp_real *targets,
                            bp_real *case_weights, size_t *cases)
{
    array_stream *stream = context;
    array_pair *pair = &stream->pair;
    const size_t some = bpi_min(count, pair->header.cases - stream->next);
    (void)case_weights;
    BPI_TRY(bpi_array_read(&pair->inputs, &pair->header, stream->next, some, inputs));
    if (targets != NULL)
        BPI_TRY(read_targets(stream, some, targets));
    stream->next += some;
    if (stream->next == pair->header.cases)
        BPI_TRY(check_unchanged(pair));
    *cases = some;
    return BP_OK;
}

/* ------------------------------------------------------------------------ rewinding */

static bool is_same(const array_header *a, const array_header *b)
{
    for (size_t i = 0; a->is_fortran && i < a->dimensions; i++)
        if (a->shape[i] != b->shape[i])
            return false;
    return a->type.kind == b->type.kind && a->type.size == b->type.size &&
           a->type.is_little_endian == b->type.is_little_endian && a->is_fortran == b->is_fortran &&
           a->dimensions == b->dimensions && a->cases == b->cases && a->width == b->width &&
           a->first == b->first && a->holds_classes == b->holds_classes;
}

/* The headers are read again: the sizes and times of the files do not tell every change. */
static bp_status rewind_files(void *context)
{
    array_stream *stream = context;
    array_pair *pair = &stream->pair, now = *pair;
    stream->next = 0;
    BPI_TRY(check_unchanged(pair));
    BPI_TRY(bpi_input_rewind(&now.inputs));
    if (bpi_array_targets(pair) != NULL)
        BPI_TRY(bpi_input_rewind(&now.targets));
    BPI_TRY(stream->reading.read_headers(&now, stream->reading.target));
    if (!is_same(&now.header, &pair->header))
        return bpi_fail_changed(pair->inputs.path);
    if (bpi_array_targets(pair) != NULL && !is_same(&now.target_header, &pair->target_header))
        return bpi_fail_changed(pair->targets.path);
    *pair = now;
    return BP_OK;
}

/* --------------------------------------------------------------- opening, releasing */

static void release(void *context)
{
    array_stream *stream = context;
    const bp_allocator allocator = stream->allocator;
    if (stream->pair.inputs.path != NULL)
        bpi_array_pair_close(&stream->pair);
    bpi_release(&allocator, stream->inputs_path);
    bpi_release(&allocator, stream->targets_path);
    bpi_release(&allocator, stream);
}

/* A packed file is only read from beginning to end, but a case in Fortran order is spread over all of it. */
static bp_status check_order(const input_file *file, const array_header *header)
{
    if (file->gzip == NULL || !header->is_fortran || header->width == 1)
        return BP_OK;
    return bpi_fail(BP_ERROR_UNSUPPORTED,
                    "%s: an array in Fortran order that gzip packed cannot be read case by case; decompress "
                    "it, or write it in C order (numpy.ascontiguousarray)",
                    file->path);
}

static bp_status find_classes(array_stream *stream)
{
    size_t largest = 0;
    array_pair *pair = &stream->pair;
    if (stream->reading.classes == 0)
        BPI_TRY(read_classes(stream, pair->header.cases, NULL, &largest));
    return bpi_count_classes(&pair->targets, largest, &stream->reading.classes);
}

/* The number of targets of each case; 0: none. */
static bp_status find_targets(array_stream *stream, size_t *width)
{
    array_pair *pair = &stream->pair;
    *width = 0;
    if (bpi_array_targets(pair) == NULL)
        return BP_OK;
    BPI_TRY(check_order(&pair->targets, &pair->target_header));
    if (pair->target_header.holds_classes)
        BPI_TRY(find_classes(stream));
    *width = pair->target_header.holds_classes ? stream->reading.classes : pair->target_header.width;
    return BP_OK;
}

static bp_status make_stream(bp_stream **out, const char *function, array_stream *context)
{
    const array_header *header = &context->pair.header;
    bp_stream_source source = {.size = sizeof source,
                               .read = read_cases,
                               .rewind = rewind_files,
                               .release = release,
                               .context = context};
    BPI_TRY(bpi_array_pair_begin(&context->pair, &context->reading, &context->allocator));
    BPI_TRY(check_order(&context->pair.inputs, header));
    BPI_TRY(find_targets(context, &source.target_width));
    source.input_width = header->width;
    source.cases = header->cases;
    bp_stream *stream;
    BPI_TRY(bpi_stream_new(&stream, function, &source, &context->allocator));
    stream->has_messages = true;
    *out = stream;
    return BP_OK;
}

static bp_status create_context(array_stream **out, const char *function, const array_reading *reading,
                                const bp_allocator *allocator)
{
    array_stream *stream = bpi_allocate_zeroed(allocator, 1, sizeof *stream);
    if (stream == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for a stream", function);
    stream->allocator = *allocator;
    stream->reading = *reading;
    *out = stream;
    return BP_OK;
}

bp_status bpi_array_stream_create(bp_stream **out, const char *function, const array_pair *pair,
                                  const array_reading *reading, const bp_allocator *allocator)
{
    array_stream *context = NULL;
    array_pair taken = *pair;
    bp_status status = create_context(&context, function, reading, allocator);
    if (status != BP_OK) {
        bpi_array_pair_close(&taken);
        return status;
    }
    context->pair = taken;
    status = make_stream(out, function, context);
    if (status != BP_OK)
        release(context);
    return status;
}

/* By names of its own, since files borrow theirs. */
static bp_status open_files(array_stream *stream, const char *function, const char *inputs_path,
                            const char *targets_path)
{
    stream->inputs_path = bpi_copy_string(&stream->allocator, inputs_path);
    if (targets_path != NULL)
        stream->targets_path = bpi_copy_string(&stream->allocator, targets_path);
    if (stream->inputs_path == NULL || (targets_path != NULL && stream->targets_path == NULL))
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for a path", function);
    bp_status status = bpi_array_pair_open(&stream->pair, stream->inputs_path, stream->targets_path);
    if (status != BP_OK)
        stream->pair.inputs.path = NULL;
    return status;
}

bp_status bpi_array_stream_open(bp_stream **out, const char *function, const char *inputs_path,
                                const char *targets_path, const array_reading *reading,
                                const bp_allocator *allocator)
{
    bp_allocator chosen;
    array_stream *context = NULL;
    BPI_TRY(bpi_allocator_choose(&chosen, function, allocator));
    BPI_TRY(create_context(&context, function, reading, &chosen));
    bp_status status = open_files(context, function, inputs_path, targets_path);
    if (status == BP_OK)
        status = make_stream(out, function, context);
    if (status != BP_OK)
        release(context);
    return status;
}
