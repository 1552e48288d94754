/*
 * Loads any bytes as CSV text. The first two bytes choose the options: how the fields are delimited, whether
 * there is a header, what the target is and where.
 */
#include <stdint.h>

#include "backprop.h"
#include "fuzz/dataset_checks.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static bp_csv_options choose_options(uint8_t first, uint8_t second)
{
    bp_csv_options options;
    bp_csv_options_init(&options, sizeof options);
    options.allocator = counting_allocator();
    options.delimiter = ",; \t"[first & 3];
    options.header = (bp_csv_header)((first >> 2 & 3) % 3);
    options.skip_lines = first >> 4 & 1;
    options.target = first >> 5 & 1 ? BP_TARGET_NUMERIC : BP_TARGET_CLASS;
    if (options.target == BP_TARGET_NUMERIC)
        options.target_columns = 1 + (second >> 4 & 3);
    options.target_column = (int)(second & 15) - 8;
    return options;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size < 2)
        return 0;
    bp_csv_options options = choose_options(bytes[0], bytes[1]);
    bp_dataset *dataset = NULL;
    bp_status status =
        bp_dataset_load_csv_memory(&dataset, "fuzz.csv", (const char *)bytes + 2, size - 2, &options);
    check_loaded(status, dataset, options.class_on, options.class_off);
    require_nothing_live();
    return 0;
}
