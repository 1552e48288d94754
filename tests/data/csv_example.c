#include "data/csv_example.h"

#include <string.h>

bp_csv_options csv_defaults(void)
{
    bp_csv_options options;
    bp_csv_options_init(&options, sizeof options);
    return options;
}

bp_csv_options csv_numeric(int column, size_t columns)
{
    bp_csv_options options = csv_defaults();
    options.target = BP_TARGET_NUMERIC;
    options.target_column = column;
    options.target_columns = columns;
    return options;
}

bp_status csv_load(bp_dataset **out, const char *text, bp_csv_options options)
{
    const char *path = test_path(test_directory, "f.csv");
    test_write_file(path, text, strlen(text));
    if (out != NULL)
        return bp_dataset_load_csv(out, path, &options);
    test_memory memory;
    options.allocator = test_allocator(&memory, SIZE_MAX);
    bp_dataset *dataset = NULL;
    bp_status status = bp_dataset_load_csv(&dataset, path, &options);
    assert_true((dataset != NULL) == (status == BP_OK));
    bp_dataset_destroy(dataset);
    assert_int_equal(memory.live, 0);
    return status;
}
