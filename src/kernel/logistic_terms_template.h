/* E of logistic units with cross-entropy, one in each lane. */
#ifndef BPI_KERNEL_LOGISTIC_TERMS_TEMPLATE_H
#define BPI_KERNEL_LOGISTIC_TERMS_TEMPLATE_H

#include "kernel/math_template.h"
#include "kernel/wide_log.h"

/* Adds ln(1 + e^x) - d x, computed as max(x, 0) - d x + ln(1 + e^-|x|), to each lane that is in error. */
BPI_INLINE void add_logistic_terms(mask_vec in_error, vec x, vec target, wide_sum *error)
{
    const vec positive = relu_of(x), e = exp_of_minus(x);
    BPI_UNROLL
    for (size_t part = 0; part < WIDE_PARTS; part++)
        error->part[part] +=
            wide_negated_multiply_add(widen(masked(in_error, target), part), widen(masked(in_error, x), part),
                                      widen(masked(in_error, positive), part)) +
            wide_log1p(widen(masked(in_error, e), part));
}

#endif
