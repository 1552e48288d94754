/*
 * Loads any bytes as a pair of IDX files: a byte with the number of classes, two (low, high) with the length
 * of the inputs, the inputs, and then the labels, if anything is left.
 */
#include <stdint.h>

#include "data/idx.h"
#include "fuzz/dataset_checks.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size < 3)
        return 0;
    size_t left = size - 3, wanted = bytes[1] | (size_t)bytes[2] << 8;
    size_t inputs_size = wanted < left ? wanted : left, labels_size = left - inputs_size;
    uint8_t *copies[] = {copy_of(bytes + 3, inputs_size), copy_of(bytes + 3 + inputs_size, labels_size)};
    input_file inputs, labels;
    bpi_input_from_memory(&inputs, "fuzz-inputs", copies[0], inputs_size);
    bpi_input_from_memory(&labels, "fuzz-labels", copies[1], labels_size);
    bp_allocator allocator = counting_allocator();
    size_t classes = bytes[0] == 1 ? 0 : bytes[0]; /* 1 is refused before files are opened */
    bp_dataset *dataset = NULL;
    bp_status status = bpi_idx_read(&dataset, &inputs, labels_size > 0 ? &labels : NULL, classes, &allocator);
    bpi_input_close(&inputs);
    bpi_input_close(&labels);
    check_loaded(status, dataset, 1, 0);
    require_nothing_live();
    free(copies[0]);
    free(copies[1]);
    return 0;
}
