#include "kernel/portable_values.h"

#include "kernel/activation_rows.h"

void bpi_portable_values(int32_t activation, const double *parameter, const bp_real *x, bp_real *y,
                         size_t count)
{
    const activation_formula value = bpi_activation_row(activation)->value;
    for (size_t i = 0; i < count; i++)
        y[i] = (bp_real)value(x[i], parameter);
}

void bpi_portable_multiply_slope(int32_t activation, const double *parameter, const bp_real *x,
                                 bp_real *delta, size_t count)
{
    const activation_formula slope = bpi_activation_row(activation)->slope;
    for (size_t i = 0; i < count; i++)
        delta[i] *= (bp_real)slope(x[i], parameter);
}

void bpi_portable_add_curvature(int32_t activation, const double *parameter, const bp_real *x,
                                const bp_real *x_change, const bp_real *dy, bp_real *change, size_t count)
{
    const activation_formula curvature = bpi_activation_row(activation)->curvature;
    for (size_t i = 0; i < count; i++)
        change[i] += (bp_real)curvature(x[i], parameter) * x_change[i] * dy[i];
}
