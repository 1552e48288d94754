#include "fuzz/dataset_checks.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static size_t live;

static void require(bool condition)
{
    if (!condition)
        abort();
}

uint8_t *copy_of(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);
    require(copy != NULL);
    memcpy(copy, bytes, size);
    return copy;
}

static void *allocate(void *context, size_t size)
{
    (void)context;
    void *memory = malloc(size);
    live += memory != NULL;
    return memory;
}

static void release(void *context, void *memory)
{
    (void)context;
    live--;
    free(memory);
}

bp_allocator counting_allocator(void)
{
    return (bp_allocator){allocate, release, NULL};
}

void require_nothing_live(void)
{
    require(live == 0);
}

static bp_data part_of(const bp_dataset *dataset, bp_subset part)
{
    bp_data data;
    bp_data_init(&data, sizeof data);
    bp_status status = bp_dataset_subset(dataset, part, &data);
    require(status == BP_OK || (status == BP_ERROR_STATE && part != BP_SUBSET_ALL));
    return data;
}

static void check_values(const bp_data *data)
{
    require(data->cases >= 1 && data->input_width >= 1);
    for (size_t i = 0; i < data->cases * data->input_width; i++)
        require(isfinite(data->inputs[i]));
    require((data->targets == NULL) == (data->target_width == 0));
    for (size_t i = 0; i < data->cases * data->target_width; i++)
        require(isfinite(data->targets[i]));
}

static void check_classes(const bp_dataset *dataset, const bp_data *data, double on, double off)
{
    size_t classes = bp_dataset_class_count(dataset);
    if (classes == 0)
        return;
    require(classes >= 2 && (data->targets == NULL || classes == data->target_width));
    for (size_t i = 0; i < classes; i++)
        require(bp_dataset_class_name(dataset, i)[0] != '\0');
    for (size_t c = 0; data->targets != NULL && c < data->cases; c++) {
        size_t marked = 0;
        for (size_t i = 0; i < classes; i++) {
            bp_real target = data->targets[c * classes + i];
            require(target == (bp_real)on || target == (bp_real)off);
            marked += target == (bp_real)on;
        }
        require(marked == 1);
    }
}

static void check_split(bp_dataset *dataset)
{
    size_t cases = 0;
    require(bp_dataset_split(dataset, 0.5, 0.3, 1) == BP_OK);
    for (int part = BP_SUBSET_TRAINING; part <= BP_SUBSET_TEST; part++)
        cases += part_of(dataset, (bp_subset)part).cases;
    require(cases == bp_dataset_cases(dataset));
}

void check_loaded(bp_status status, bp_dataset *dataset, double on, double off)
{
    if (status != BP_OK) {
        require(dataset == NULL && bp_error_message()[0] != '\0');
        require(status == BP_ERROR_FORMAT || status == BP_ERROR_NOT_FINITE || status == BP_ERROR_ARGUMENT ||
                status == BP_ERROR_MEMORY || status == BP_ERROR_OVERFLOW);
        return;
    }
    bp_data data = part_of(dataset, BP_SUBSET_ALL);
    check_values(&data);
    check_classes(dataset, &data, on, off);
    check_split(dataset);
    data = part_of(dataset, BP_SUBSET_ALL);
    check_values(&data);
    check_classes(dataset, &data, on, off);
    bp_dataset_destroy(dataset);
}

/* ------------------------------------------------------------------------- streams */

/* A pass, `part` cases at a time. data may be NULL: the stream must fail. */
static bp_status read_pass(bp_stream *stream, const bp_data *data, size_t part)
{
    const size_t width = bp_stream_input_width(stream), targets = bp_stream_target_width(stream);
    bp_real *inputs = malloc(part * width * sizeof *inputs);
    bp_real *wanted = malloc((part * targets + 1) * sizeof *wanted);
    bp_status status = BP_OK;
    require(inputs != NULL && wanted != NULL && bp_stream_rewind(stream) == BP_OK);
    for (size_t done = 0, some = part; status == BP_OK && some == part; done += some) {
        status = bp_stream_read(stream, part, inputs, wanted, NULL, &some);
        if (status != BP_OK || data == NULL)
            continue;
        require(some <= data->cases - done && (some == part || done + some == data->cases));
        require(memcmp(inputs, data->inputs + done * width, some * width * sizeof *inputs) == 0);
        for (size_t i = 0; i < some * targets; i++)
            require(wanted[i] == data->targets[done * targets + i]);
    }
    free(inputs);
    free(wanted);
    return status;
}

static void check_same(const bp_dataset *dataset, bp_stream *stream)
{
    const bp_data data = part_of(dataset, BP_SUBSET_ALL);
    require(bp_stream_cases(stream) == data.cases && bp_stream_input_width(stream) == data.input_width);
    require(bp_stream_target_width(stream) == data.target_width);
    require(read_pass(stream, &data, 1 + data.cases / 3) == BP_OK);
    require(read_pass(stream, &data, data.cases) == BP_OK);
}

/* Memory may be enough for a stream where it is not for a dataset. */
void check_stream(bp_status loaded, const bp_dataset *dataset, bp_status opened, bp_stream *stream)
{
    require((stream != NULL) == (opened == BP_OK));
    if (loaded == BP_OK) {
        require(opened == BP_OK);
        check_same(dataset, stream);
    } else if (opened == BP_OK && loaded != BP_ERROR_MEMORY && loaded != BP_ERROR_OVERFLOW) {
        require(read_pass(stream, NULL, 7) != BP_OK && bp_error_message()[0] != '\0');
    }
    bp_stream_destroy(stream);
}
