/* Loads any bytes as a training file of FANN. */
#include <stdint.h>

#include "data/fann_data.h"
#include "fuzz/dataset_checks.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = copy_of(bytes, size);
    input_file input;
    bpi_input_from_memory(&input, "fuzz", copy, size);
    bp_allocator allocator = counting_allocator();
    bp_dataset *dataset = NULL;
    bp_status status = bpi_fann_read(&dataset, &input, &allocator);
    bpi_input_close(&input);
    check_loaded(status, dataset, 1, 0);
    require_nothing_live();
    free(copy);
    return 0;
}
