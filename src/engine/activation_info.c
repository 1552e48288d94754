/* Public calls about activations by themselves: by name and number, what is known of them, their values; see
 * backprop.h. */
#include <math.h>
#include <string.h>

#include "base/numeric.h"
#include "base/sized_struct.h"
#include "base/status.h"
#include "engine/activation.h"
#include "kernel/select.h"
#include "network/activation_kind.h"

size_t bp_activation_count(void)
{
    size_t count;
    bpi_activation_rows(&count);
    return count;
}

bp_activation bp_activation_at(size_t index)
{
    size_t count;
    const activation_row *rows = bpi_activation_rows(&count);
    bp_activation found = {0};
    if (index < count)
        bpi_activation_by_name(&found, rows[index].name);
    return found;
}

bp_status bp_activation_by_name(bp_activation *out, const char *name, const double *parameters, size_t count)
{
    BPI_REQUIRE(out);
    BPI_REQUIRE(name);
    bp_activation found;
    if (!bpi_activation_by_name(&found, name))
        return bpi_fail(BP_ERROR_NAME, "%s: no built-in activation has the name '%.40s'", __func__, name);
    const size_t known = bpi_activation_parameters(&found);
    for (size_t i = 0; parameters != NULL && i < count; i++) {
        if (i >= known)
            return bpi_fail(BP_ERROR_ARGUMENT, "%s: activation '%s' has %zu parameters, not %zu", __func__,
                            name, known, count);
        found.parameter[i] = parameters[i];
    }
    BPI_TRY(bpi_check_activation_of(__func__, "parameters", &found));
    *out = found;
    return BP_OK;
}

void bp_activation_info_init(bp_activation_info *info, size_t size)
{
    bpi_init_struct(SIZED_ACTIVATION_INFO, info, size, NULL);
}

bp_status bp_activation_describe(const bp_activation *activation, bp_activation_info *info)
{
    BPI_REQUIRE(activation);
    BPI_REQUIRE(info);
    BPI_TRY(bpi_check_activation_of(__func__, "activation", activation));
    BPI_TRY(bpi_check_result_struct(__func__, SIZED_ACTIVATION_INFO, info));
    const activation_row *row = bpi_activation_row(activation->kind);
    bp_activation_info found = {
        .name = bp_activation_name(activation),
        .parameters = bpi_activation_parameters(activation),
        .low = NAN,
        .high = NAN,
        .is_unit_wise = activation->kind != ACTIVATION_SOFTMAX,
        .can_train = bpi_activation_has_slope(activation),
        .has_kinks = row != NULL && row->has_kinks,
    };
    for (size_t i = 0; i < found.parameters; i++) {
        found.parameter_name[i] = row->parameter[i].name;
        found.parameter[i] = activation->parameter[i];
        found.parameter_usual[i] = row->parameter[i].usual;
        found.parameter_low[i] = row->parameter[i].low;
        found.parameter_high[i] = row->parameter[i].high;
    }
    if (row != NULL)
        bpi_activation_range(activation, &found.low, &found.high);
    bpi_write_struct(SIZED_ACTIVATION_INFO, info, &found);
    return BP_OK;
}

enum { AT_ONCE = 256 };

bp_status bp_activation_evaluate(const bp_activation *activation, const bp_real *x, bp_real *y,
                                 bp_real *slope, size_t count)
{
    BPI_REQUIRE(activation);
    BPI_REQUIRE(x);
    BPI_TRY(bpi_check_activation_of(__func__, "activation", activation));
    if (y == NULL && slope == NULL)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: y and slope are both NULL", __func__);
    if (activation->kind == ACTIVATION_SOFTMAX)
        return bpi_fail(BP_ERROR_UNSUPPORTED, "%s: softmax is a function of a layer, not of a unit",
                        __func__);
    if (slope != NULL && !bpi_activation_has_slope(activation))
        return bpi_fail(BP_ERROR_UNSUPPORTED,
                        "%s: the slope of %s is 0 everywhere but at its jump; let slope be "
                        "NULL",
                        __func__, bp_activation_name(activation));
    const kernel_table *kernel;
    BPI_TRY(bpi_kernel_select(&kernel, __func__, NULL));
    for (size_t start = 0; start < count; start += AT_ONCE) {
        const size_t part = bpi_min(count - start, AT_ONCE);
        bp_real values[AT_ONCE], derivatives[AT_ONCE], unused[AT_ONCE];
        bpi_activation_forward(kernel, activation, 1, part, x + start, values);
        if (slope != NULL) {
            for (size_t i = 0; i < part; i++)
                derivatives[i] = 1;
            bpi_activation_backward(kernel, activation, 1, part, x + start, values, derivatives, unused);
            memcpy(slope + start, derivatives, part * sizeof *slope);
        }
        if (y != NULL)
            memcpy(y + start, values, part * sizeof *y);
    }
    return BP_OK;
}
