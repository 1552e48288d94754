/* Softmax of several cases side by side, a case in each lane. */
#ifndef BPI_KERNEL_SOFTMAX_TEMPLATE_H
#define BPI_KERNEL_SOFTMAX_TEMPLATE_H

#include "kernel/math_template.h"

/* y = e^(x - greatest x) / sum, in place and down the units; `apart` from one to the next. */
static void softmax_down(bp_real *y, size_t apart, size_t units)
{
    vec greatest = load(y), sum = {0};
    for (size_t j = 1; j < units; j++) {
        vec x = load(y + j * apart);
        greatest = choose(x > greatest, x, greatest);
    }
    for (size_t j = 0; j < units; j++) {
        vec e = exp_of_difference(load(y + j * apart), greatest);
        store(y + j * apart, e);
        sum += e;
    }
    for (size_t j = 0; j < units; j++)
        store(y + j * apart, load(y + j * apart) / sum);
}

#endif
