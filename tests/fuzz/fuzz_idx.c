/*
 * Loads any bytes as a pair of IDX files, and reads them as a stream, which must give the same: a byte with
 * the number of classes, two (low, high) with the length of the inputs, the inputs, and then the labels, if
 * anything is left.
 */
#include <stdint.h>

#include "data/idx.h"
#include "fuzz/array_checks.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size < 3)
        return 0;
    size_t left = size - 3, wanted = bytes[1] | (size_t)bytes[2] << 8;
    size_t inputs_size = wanted < left ? wanted : left, labels_size = left - inputs_size;
    const size_t classes = bytes[0] == 1 ? 0 : bytes[0]; /* 1 is refused before files are opened */
    check_arrays(&(array_reading){bpi_idx_read_headers, BP_TARGET_CLASS, classes}, bytes + 3, inputs_size,
                 labels_size);
    return 0;
}
