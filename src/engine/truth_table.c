#include "engine/truth_table.h"

/* Does a column of inputs hold two different values at most? */
static bool is_two_valued(const bp_data *data, size_t column)
{
    const bp_real *values = data->inputs + column;
    bp_real other = values[0];
    for (size_t i = 1; i < data->cases; i++) {
        bp_real value = values[i * data->input_stride];
        if (value == values[0] || value == other)
            continue;
        if (other != values[0])
            return false;
        other = value;
    }
    return true;
}

bool bpi_is_truth_table(const bp_data *data)
{
    enum { MAX_INPUTS = 24 };
    if (data->input_width > MAX_INPUTS || data->cases < (size_t)1 << data->input_width)
        return false;
    for (size_t i = 0; i < data->input_width; i++)
        if (!is_two_valued(data, i))
            return false;
    return true;
}
