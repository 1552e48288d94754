/* Values, slopes and curvatures of arrays, by the formulas of activation_rows.h. */
#ifndef BPI_KERNEL_PORTABLE_VALUES_H
#define BPI_KERNEL_PORTABLE_VALUES_H

#include "kernel/kernel.h"

/* f(x), f'(x) and f''(x) of arrays by a row's formulas, one value after the other, for every activation that
 * has them: find_values and multiply_slope_at of the portable table; y may be x. */
void bpi_portable_values(int32_t activation, const double *parameter, const bp_real *x, bp_real *y,
                         size_t count);
void bpi_portable_multiply_slope(int32_t activation, const double *parameter, const bp_real *x,
                                 bp_real *delta, size_t count);

/* change[i] += f''(x[i]) x_change[i] dy[i] */
void bpi_portable_add_curvature(int32_t activation, const double *parameter, const bp_real *x,
                                const bp_real *x_change, const bp_real *dy, bp_real *change, size_t count);

#endif
