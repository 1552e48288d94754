#include "check/metric_rows.h"

#include <math.h>

#include "base/sized_struct.h"
#include "base/status.h"
#include "base/sum.h"
#include "engine/check_data.h"

static bp_status check_outputs(const char *function, const bp_real *outputs, const bp_data *data)
{
    const size_t width = data->target_width;
    for (size_t i = 0; i < data->cases * width; i++)
        if (!isfinite(outputs[i]))
            return bpi_fail(BP_ERROR_NOT_FINITE, "%s: outputs: case %zu, column %zu is %s", function,
                            i / width, i % width, bpi_format_real((double)outputs[i]).text);
    return BP_OK;
}

static double power_of_2_for(const bp_data *data)
{
    bp_real largest = 0;
    int exponent = 0;
    for (size_t i = 0; data->case_weights != NULL && i < data->cases; i++)
        if (data->case_weights[i] > largest)
            largest = data->case_weights[i];
    frexp((double)largest, &exponent);
    return data->case_weights == NULL ? 1 : ldexp(1, exponent < -1000 ? 1000 : -exponent);
}

static bp_status add_weights(const char *function, metric_rows *rows)
{
    long_sum sum = {0};
    rows->weight_factor = power_of_2_for(&rows->data);
    for (size_t i = 0; i < rows->count; i++)
        bpi_sum_add(&sum, weight_of(rows, i));
    rows->weight = bpi_sum_value(&sum);
    if (rows->weight == 0)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: data.case_weights: the weights of all %zu cases are 0",
                        function, rows->data.cases);
    if (!isfinite(rows->weight / rows->weight_factor))
        return bpi_fail(BP_ERROR_NOT_FINITE, "%s: data.case_weights: the sum of the weights is infinite",
                        function);
    return BP_OK;
}

bp_status bpi_metric_rows(const char *function, const bp_real *outputs, const bp_data *data, bool may_miss,
                          metric_rows *rows)
{
    bp_data given;
    metric_rows made = {.outputs = outputs};
    BPI_TRY(bpi_check_data_alone(function, "data", data, DATA_TARGETS | (may_miss ? DATA_MAY_MISS : 0),
                                 &made.data));
    BPI_TRY(bpi_read_struct(function, SIZED_DATA, data, &given));
    made.steps = given.steps;
    made.width = given.target_width;
    made.count = made.data.cases * made.steps;
    BPI_TRY(check_outputs(function, outputs, &made.data));
    BPI_TRY(add_weights(function, &made));
    *rows = made;
    return BP_OK;
}
