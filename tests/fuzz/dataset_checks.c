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
