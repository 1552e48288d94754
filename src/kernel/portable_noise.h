/* drop_units and add_noise of the portable kernel table (kernel.h). */
#ifndef BPI_KERNEL_PORTABLE_NOISE_H
#define BPI_KERNEL_PORTABLE_NOISE_H

#include "kernel/kernel.h"

void bpi_portable_drop_units(const random_row *row, uint32_t threshold, bp_real kept, const bp_real *y,
                             bp_real *out, bp_real *factors, size_t count);
void bpi_portable_add_noise(const random_row *row, double deviation, bp_real *y, size_t count);

#endif
