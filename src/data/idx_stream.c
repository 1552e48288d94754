/* Streams over IDX files. */
#include <string.h>

#include "base/memory.h"
#include "base/numeric.h"
#include "base/status.h"
#include "data/idx.h"
#include "engine/stream.h"

typedef struct idx_stream {
    bp_allocator allocator;
    char *inputs_path, *labels_path;
    input_file inputs, labels; /* without a path if they are not open */
    idx_header header, label_header;
    size_t classes, next; /* next: the case that is read next */
} idx_stream;

static input_file *labels_of(idx_stream *stream)
{
    return stream->labels_path == NULL ? NULL : &stream->labels;
}

/* ------------------------------------------------------------------------- reading */

/* A label for each of some cases, as one-hot targets; NULL: only *largest is wanted. */
static bp_status read_labels(idx_stream *stream, size_t count, bp_real *targets, size_t *largest)
{
    enum { CHUNK = 1024 };
    uint32_t labels[CHUNK];
    for (size_t done = 0, some; done < count; done += some) {
        some = bpi_min(count - done, CHUNK);
        BPI_TRY(bpi_read_class_numbers(&stream->labels, stream->label_header.type, some, stream->classes,
                                       labels));
        for (size_t i = 0; i < some; i++) {
            *largest = bpi_max(*largest, labels[i]);
            if (targets != NULL)
                targets[(done + i) * stream->classes + labels[i]] = 1;
        }
    }
    return BP_OK;
}

static bp_status read_cases(void *context, size_t count, bp_real *inputs, bp_real *targets,
                            bp_real *case_weights, size_t *cases)
{
    idx_stream *stream = context;
    const size_t some = bpi_min(count, stream->header.cases - stream->next);
    size_t largest = 0;
    (void)case_weights;
    BPI_TRY(bpi_read_elements(&stream->inputs, stream->header.type, some * stream->header.width, inputs, 1));
    if (targets != NULL) {
        for (size_t i = 0; i < some * stream->classes; i++)
            targets[i] = 0;
        BPI_TRY(read_labels(stream, some, targets, &largest));
    }
    if (some == 0) {
        BPI_TRY(bpi_input_check_unchanged(&stream->inputs));
        if (targets != NULL)
            BPI_TRY(bpi_input_check_unchanged(&stream->labels));
    }
    stream->next += some;
    *cases = some;
    return BP_OK;
}

static bool is_same_type(element_type a, element_type b)
{
    return a.kind == b.kind && a.size == b.size;
}

static bp_status rewind_files(void *context)
{
    idx_stream *stream = context;
    stream->next = 0;
    BPI_TRY(bpi_input_rewind(&stream->inputs));
    if (labels_of(stream) != NULL)
        BPI_TRY(bpi_input_rewind(&stream->labels));
    idx_header header, label_header = stream->label_header;
    BPI_TRY(
        bpi_idx_read_headers(&header, &label_header, &stream->inputs, labels_of(stream), &stream->allocator));
    if (header.cases == stream->header.cases && header.width == stream->header.width &&
        is_same_type(header.type, stream->header.type) &&
        is_same_type(label_header.type, stream->label_header.type))
        return BP_OK;
    return bpi_fail(BP_ERROR_FILE, "%s: it was modified since it was opened", stream->inputs.path);
}

/* --------------------------------------------------------------- opening, releasing */

static void release(void *context)
{
    idx_stream *stream = context;
    const bp_allocator allocator = stream->allocator;
    if (stream->inputs.path != NULL)
        bpi_input_close(&stream->inputs);
    if (stream->labels.path != NULL)
        bpi_input_close(&stream->labels);
    bpi_release(&allocator, stream->inputs_path);
    bpi_release(&allocator, stream->labels_path);
    bpi_release(&allocator, stream);
}

static bp_status open_file(input_file *file, const char *path)
{
    bp_status status = bpi_input_open(file, path);
    if (status != BP_OK)
        file->path = NULL;
    return status;
}

static bp_status open_files(idx_stream *stream, const char *inputs_path, const char *labels_path)
{
    stream->inputs_path = bpi_copy_string(&stream->allocator, inputs_path);
    if (labels_path != NULL)
        stream->labels_path = bpi_copy_string(&stream->allocator, labels_path);
    if (stream->inputs_path == NULL || (labels_path != NULL && stream->labels_path == NULL))
        return bpi_fail(BP_ERROR_MEMORY, "bp_stream_open_idx: no memory for a path");
    BPI_TRY(open_file(&stream->inputs, stream->inputs_path));
    if (labels_path != NULL)
        BPI_TRY(open_file(&stream->labels, stream->labels_path));
    BPI_TRY(bpi_idx_read_headers(&stream->header, &stream->label_header, &stream->inputs, labels_of(stream),
                                 &stream->allocator));
    return BP_OK;
}

static bp_status find_classes(idx_stream *stream)
{
    size_t largest = 0;
    if (labels_of(stream) == NULL || stream->classes != 0)
        return BP_OK;
    BPI_TRY(read_labels(stream, stream->header.cases, NULL, &largest));
    if (largest == 0)
        return bpi_fail(BP_ERROR_FORMAT, "%s: every label is 0; there must be two classes or more",
                        stream->labels.path);
    stream->classes = largest + 1;
    return BP_OK;
}

static bp_status make_stream(bp_stream **out, idx_stream *context)
{
    const bp_stream_source source = {.size = sizeof source,
                                     .input_width = context->header.width,
                                     .target_width = labels_of(context) == NULL ? 0 : context->classes,
                                     .cases = context->header.cases,
                                     .read = read_cases,
                                     .rewind = rewind_files,
                                     .release = release,
                                     .context = context};
    bp_stream *stream;
    BPI_TRY(bpi_stream_new(&stream, "bp_stream_open_idx", &source, &context->allocator));
    stream->has_messages = true;
    *out = stream;
    return BP_OK;
}

bp_status bp_stream_open_idx(bp_stream **out, const char *inputs_path, const char *labels_path,
                             size_t classes, const bp_allocator *allocator)
{
    BPI_REQUIRE(out);
    BPI_REQUIRE(inputs_path);
    if (classes == 1)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: classes is 1, it must be 0 or at least 2", __func__);
    bp_allocator chosen;
    BPI_TRY(bpi_allocator_choose(&chosen, __func__, allocator));
    idx_stream *context = bpi_allocate_zeroed(&chosen, 1, sizeof *context);
    if (context == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for a stream", __func__);
    context->allocator = chosen;
    context->classes = classes;
    bp_status status = open_files(context, inputs_path, labels_path);
    if (status == BP_OK)
        status = find_classes(context);
    if (status == BP_OK)
        status = make_stream(out, context);
    if (status != BP_OK)
        release(context);
    return status;
}
