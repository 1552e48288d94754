/*
 * Loads any bytes as a pair of .npy files: a byte with the number of classes, one with the kind of targets,
 * two (low, high) with the length of the inputs, the inputs, and then the targets, if anything is left.
 */
#include <stdint.h>

#include "data/npy.h"
#include "fuzz/dataset_checks.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const bp_target_kind kinds[] = {BP_TARGET_AUTO, BP_TARGET_CLASS, BP_TARGET_NUMERIC};
    if (size < 4)
        return 0;
    size_t left = size - 4, wanted = bytes[2] | (size_t)bytes[3] << 8;
    size_t inputs_size = wanted < left ? wanted : left, targets_size = left - inputs_size;
    uint8_t *copies[] = {copy_of(bytes + 4, inputs_size), copy_of(bytes + 4 + inputs_size, targets_size)};
    input_file inputs, targets;
    bpi_input_from_memory(&inputs, "fuzz-inputs", copies[0], inputs_size);
    bpi_input_from_memory(&targets, "fuzz-targets", copies[1], targets_size);
    bp_allocator allocator = counting_allocator();
    size_t classes = bytes[0] == 1 ? 0 : bytes[0]; /* 1 is refused before files are opened */
    bp_dataset *dataset = NULL;
    bp_status status = bpi_npy_read(&dataset, &inputs, targets_size > 0 ? &targets : NULL,
                                    kinds[bytes[1] % 3], classes, &allocator);
    bpi_input_close(&inputs);
    bpi_input_close(&targets);
    check_loaded(status, dataset, 1, 0);
    require_nothing_live();
    free(copies[0]);
    free(copies[1]);
    return 0;
}
