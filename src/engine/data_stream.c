/* Streams over data in memory. */
#include <string.h>

#include "base/memory.h"
#include "base/numeric.h"
#include "base/rows.h"
#include "base/status.h"
#include "engine/check_data.h"
#include "engine/stream.h"

typedef struct data_stream {
    bp_allocator allocator;
    bp_data data; /* checked */
    size_t next;
} data_stream;

static bp_status read_cases(void *context, size_t count, bp_real *inputs, bp_real *targets,
                            bp_real *case_weights, size_t *cases)
{
    data_stream *stream = context;
    const bp_data *data = &stream->data;
    *cases = bpi_min(count, data->cases - stream->next);
    bpi_copy_rows(inputs, data->input_width, data->inputs + stream->next * data->input_stride,
                  data->input_stride, *cases, data->input_width);
    if (targets != NULL)
        bpi_copy_rows(targets, data->target_width, data->targets + stream->next * data->target_stride,
                      data->target_stride, *cases, data->target_width);
    if (case_weights != NULL)
        memcpy(case_weights, data->case_weights + stream->next, *cases * sizeof *case_weights);
    stream->next += *cases;
    return BP_OK;
}

static bp_status rewind_cases(void *context)
{
    ((data_stream *)context)->next = 0;
    return BP_OK;
}

static void release(void *context)
{
    data_stream *stream = context;
    const bp_allocator allocator = stream->allocator;
    bpi_release(&allocator, stream);
}

bp_status bp_stream_create_from_data(bp_stream **out, const bp_data *data, const bp_allocator *allocator)
{
    BPI_REQUIRE(out);
    BPI_REQUIRE(data);
    bp_data checked;
    BPI_TRY(bpi_check_data_alone(__func__, "data", data,
                                 data->targets != NULL ? DATA_BOTH | DATA_MAY_MISS : DATA_INPUTS, &checked));
    bp_allocator chosen;
    BPI_TRY(bpi_allocator_choose(&chosen, __func__, allocator));
    data_stream *context = bpi_allocate_zeroed(&chosen, 1, sizeof *context);
    if (context == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for a stream", __func__);
    *context = (data_stream){.allocator = chosen, .data = checked};
    const bp_stream_source source = {.size = sizeof source,
                                     .input_width = checked.input_width,
                                     .target_width = checked.targets == NULL ? 0 : checked.target_width,
                                     .cases = checked.cases,
                                     .has_case_weights = checked.case_weights != NULL,
                                     .missing_targets = checked.missing_targets,
                                     .read = read_cases,
                                     .rewind = rewind_cases,
                                     .release = release,
                                     .context = context};
    bp_status status = bpi_stream_new(out, __func__, &source, &chosen);
    if (status != BP_OK)
        release(context);
    return status;
}
