#include "data/fann_stream.h"

#include "base/memory.h"
#include "base/numeric.h"
#include "base/status.h"
#include "data/fann_data.h"
#include "engine/stream.h"

typedef struct fann_stream {
    bp_allocator allocator;
    char *path;       /* NULL: that of the input is borrowed */
    input_file input; /* without a path if it is not open */
    fann_source source;
    size_t next; /* the case that is read next */
} fann_stream;

/* ------------------------------------------------------------------- reading */

/* Numbers are read in the C locale. */
static bp_status enter_locale(const fann_stream *stream, c_locale *locale)
{
    if (bpi_c_locale_enter(locale))
        return BP_OK;
    return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the C locale", stream->input.path);
}

static bp_status read_cases(void *context, size_t count, bp_real *inputs, bp_real *targets,
                            bp_real *case_weights, size_t *cases)
{
    fann_stream *stream = context;
    const size_t some = bpi_min(count, stream->source.cases - stream->next);
    c_locale locale;
    (void)case_weights;
    BPI_TRY(enter_locale(stream, &locale));
    bp_status status = bpi_fann_read_cases(&stream->source, stream->next, some, inputs, targets);
    bpi_c_locale_leave(&locale);
    BPI_TRY(status);
    stream->next += some;
    if (stream->next == stream->source.cases)
        BPI_TRY(bpi_input_check_unchanged(&stream->input));
    *cases = some;
    return BP_OK;
}

static bp_status rewind_file(void *context)
{
    fann_stream *stream = context;
    c_locale locale;
    BPI_TRY(bpi_input_check_unchanged(&stream->input));
    BPI_TRY(enter_locale(stream, &locale));
    bp_status status = bpi_fann_rewind(&stream->source);
    bpi_c_locale_leave(&locale);
    stream->next = 0;
    return status;
}

/* ------------------------------------------------------------------- opening, releasing */

static void release(void *context)
{
    fann_stream *stream = context;
    const bp_allocator allocator = stream->allocator;
    bpi_fann_end(&stream->source);
    if (stream->input.path != NULL)
        bpi_input_close(&stream->input);
    bpi_release(&allocator, stream->path);
    bpi_release(&allocator, stream);
}

static bp_status begin(fann_stream *stream)
{
    c_locale locale;
    BPI_TRY(enter_locale(stream, &locale));
    bp_status status = bpi_fann_begin(&stream->source, &stream->input, &stream->allocator);
    bpi_c_locale_leave(&locale);
    return status;
}

static bp_status make_stream(bp_stream **out, const char *function, fann_stream *context)
{
    BPI_TRY(begin(context));
    const bp_stream_source source = {.size = sizeof source,
                                     .input_width = context->source.inputs,
                                     .target_width = context->source.outputs,
                                     .cases = context->source.cases,
                                     .read = read_cases,
                                     .rewind = rewind_file,
                                     .release = release,
                                     .context = context};
    bp_stream *stream;
    BPI_TRY(bpi_stream_new(&stream, function, &source, &context->allocator));
    stream->has_messages = true;
    *out = stream;
    return BP_OK;
}

static bp_status create_context(fann_stream **out, const char *function, const bp_allocator *allocator)
{
    fann_stream *stream = bpi_allocate_zeroed(allocator, 1, sizeof *stream);
    if (stream == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for a stream", function);
    stream->allocator = *allocator;
    *out = stream;
    return BP_OK;
}

bp_status bpi_fann_stream_create(bp_stream **out, const char *function, const input_file *input,
                                 const bp_allocator *allocator)
{
    fann_stream *context = NULL;
    input_file taken = *input;
    bp_status status = create_context(&context, function, allocator);
    if (status != BP_OK) {
        bpi_input_close(&taken);
        return status;
    }
    context->input = taken;
    status = make_stream(out, function, context);
    if (status != BP_OK)
        release(context);
    return status;
}

static bp_status open_file(fann_stream *stream, const char *function, const char *path)
{
    stream->path = bpi_copy_string(&stream->allocator, path);
    if (stream->path == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for a path", function);
    bp_status status = bpi_input_open_any(&stream->input, stream->path, &stream->allocator);
    if (status != BP_OK)
        stream->input.path = NULL;
    return status;
}

bp_status bp_stream_open_fann(bp_stream **out, const char *path, const bp_allocator *allocator)
{
    BPI_REQUIRE(out);
    BPI_REQUIRE(path);
    bp_allocator chosen;
    fann_stream *context = NULL;
    BPI_TRY(bpi_allocator_choose(&chosen, __func__, allocator));
    BPI_TRY(create_context(&context, __func__, &chosen));
    bp_status status = open_file(context, __func__, path);
    if (status == BP_OK)
        status = make_stream(out, __func__, context);
    if (status != BP_OK)
        release(context);
    return status;
}
