/* Softmax of several cases at once, a case in each lane. */
#ifndef BPI_KERNEL_SOFTMAX_TEMPLATE_H
#define BPI_KERNEL_SOFTMAX_TEMPLATE_H

#include "kernel/math_template.h"

/* y = e^(x - max x) / sum, in place, for each lane over the units; a unit's vector every `stride` values. */
static void softmax_per_lane(bp_real *y, size_t stride, size_t units)
{
    vec max = load(y), sum = {0};
    for (size_t j = 1; j < units; j++)
        max = larger(load(y + j * stride), max);
    for (size_t j = 0; j < units; j++) {
        vec e = exp_of_difference(load(y + j * stride), max);
        store(y + j * stride, e);
        sum += e;
    }
    for (size_t j = 0; j < units; j++)
        store(y + j * stride, load(y + j * stride) / sum);
}

#endif
