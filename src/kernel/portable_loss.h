/* find_loss and find_loss_by_unit of the portable kernel table (kernel.h). */
#ifndef BPI_KERNEL_PORTABLE_LOSS_H
#define BPI_KERNEL_PORTABLE_LOSS_H

#include "kernel/kernel.h"

double bpi_portable_find_loss(const output_loss *loss, double *errors);
double bpi_portable_find_loss_by_unit(const output_loss *loss, double *errors);

#endif
