#include "data/windows_example.h"

bp_window_options window_options(size_t width, size_t gap, size_t horizon, size_t step)
{
    bp_window_options options;
    bp_window_options_init(&options, sizeof options);
    options.width = width;
    options.gap = gap;
    options.horizon = horizon;
    options.step = step;
    return options;
}

bp_data empty_view(void)
{
    bp_data data;
    bp_data_init(&data, sizeof data);
    return data;
}

bp_dataset *numbered_rows(size_t count, size_t inputs, size_t targets)
{
    static bp_real x[MAX_ROWS * 5], d[MAX_ROWS * 5];
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < inputs; k++)
            x[i * inputs + k] = (bp_real)(100 * i + k);
        for (size_t k = 0; k < targets; k++)
            d[i * targets + k] = (bp_real)(100 * i + inputs + k);
    }
    bp_data data = bp_data_view(count, x, inputs, targets == 0 ? NULL : d, targets);
    bp_dataset *rows = NULL;
    assert_ok(bp_dataset_create(&rows, &data, NULL));
    return rows;
}
