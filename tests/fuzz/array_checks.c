#include "fuzz/array_checks.h"

#include "data/array_stream.h"
#include "fuzz/dataset_checks.h"

void check_arrays(const array_reading *reading, const uint8_t *bytes, size_t inputs_size, size_t targets_size)
{
    uint8_t *copies[] = {copy_of(bytes, inputs_size), copy_of(bytes + inputs_size, targets_size)};
    array_pair pair = {.targets = {.path = NULL}}, of_stream;
    bpi_input_from_memory(&pair.inputs, "fuzz-inputs", copies[0], inputs_size);
    if (targets_size > 0)
        bpi_input_from_memory(&pair.targets, "fuzz-targets", copies[1], targets_size);
    of_stream = pair;
    bp_allocator allocator = counting_allocator();
    bp_dataset *dataset = NULL;
    bp_stream *stream = NULL;
    bp_status status = bpi_array_pair_load(&dataset, &pair, reading, &allocator);
    bpi_array_pair_close(&pair);
    bp_status opened = bpi_array_stream_create(&stream, "fuzz", &of_stream, reading, &allocator);
    if (opened != BP_ERROR_UNSUPPORTED)
        check_stream(status, dataset, opened, stream);
    check_loaded(status, dataset, 1, 0);
    require_nothing_live();
    free(copies[0]);
    free(copies[1]);
}
