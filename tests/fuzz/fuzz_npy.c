/*
 * Loads any bytes as a pair of .npy files, and reads them as a stream, which must give the same: a byte with
 * the number of classes, one with the kind of targets, two (low, high) with the length of the inputs, the
 * inputs, and then the targets, if anything is left.
 */
#include <stdint.h>

#include "data/npy.h"
#include "fuzz/array_checks.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const bp_target_kind kinds[] = {BP_TARGET_AUTO, BP_TARGET_CLASS, BP_TARGET_NUMERIC};
    if (size < 4)
        return 0;
    size_t left = size - 4, wanted = bytes[2] | (size_t)bytes[3] << 8;
    size_t inputs_size = wanted < left ? wanted : left, targets_size = left - inputs_size;
    const size_t classes = bytes[0] == 1 ? 0 : bytes[0]; /* 1 is refused before files are opened */
    check_arrays(&(array_reading){bpi_npy_read_headers, kinds[bytes[1] % 3], classes}, bytes + 4, inputs_size,
                 targets_size);
    return 0;
}
