/* Loads any bytes as a training file of FANN, and reads them as a stream, which must give the same. */
#include <stdint.h>

#include "data/fann_data.h"
#include "data/fann_stream.h"
#include "fuzz/dataset_checks.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = copy_of(bytes, size);
    input_file input;
    bpi_input_from_memory(&input, "fuzz", copy, size);
    bp_allocator allocator = counting_allocator();
    bp_dataset *dataset = NULL;
    bp_stream *stream = NULL;
    bp_status status = bpi_fann_read(&dataset, &input, &allocator);
    bpi_input_close(&input);
    bpi_input_from_memory(&input, "fuzz", copy, size);
    bp_status opened = bpi_fann_stream_create(&stream, "fuzz", &input, &allocator);
    check_stream(status, dataset, opened, stream);
    check_loaded(status, dataset, 1, 0);
    require_nothing_live();
    free(copy);
    return 0;
}
