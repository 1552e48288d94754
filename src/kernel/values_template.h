/* The activations that are functions of x, and their slopes, of arrays. The partial vector at the end of an
 * array gets the same arithmetic in its first lanes. */
#ifndef BPI_KERNEL_VALUES_TEMPLATE_H
#define BPI_KERNEL_VALUES_TEMPLATE_H

#include "kernel/steep_template.h"
#ifndef BP_DOUBLE
#include "kernel/sine_template.h"
#endif

/* f or f' of a vector, as functions that are called: loops of their own would take several times the code. */
typedef vec vector_formula(vec x, const double *p, int32_t activation);

#define BPI_CALLED(name, function, value)                                                                    \
    BPI_NOINLINE vec call_##function(vec x, const double *p, int32_t activation)                             \
    {                                                                                                        \
        (void)activation;                                                                                    \
        return function##_of(x, p);                                                                          \
    }                                                                                                        \
    BPI_NOINLINE vec call_##function##_slope(vec x, const double *p, int32_t activation)                     \
    {                                                                                                        \
        (void)activation;                                                                                    \
        return function##_slope_of(x, p);                                                                    \
    }
KERNEL_FORMULA_LIST(BPI_CALLED)
#undef BPI_CALLED

/* NULL: there is none. */
BPI_NOINLINE vector_formula *find_formula(int32_t activation, bool is_slope)
{
    switch (activation) {
#define BPI_FORMULA(name, function, value)                                                                   \
    case KERNEL_##name:                                                                                      \
        return is_slope ? call_##function##_slope : call_##function;
        KERNEL_FORMULA_LIST(BPI_FORMULA)
#undef BPI_FORMULA
#ifndef BP_DOUBLE
#define BPI_SINE(name, value, quarters, share) case KERNEL_##name:
        KERNEL_SINE_LIST(BPI_SINE)
        return is_slope ? call_sine_slope : call_sine;
#undef BPI_SINE
#endif
    default:
        return NULL;
    }
}

static void find_values(int32_t activation, const double *p, const bp_real *x, bp_real *y, size_t count)
{
    vector_formula *const formula = find_formula(activation, false);
    if (formula == NULL) {
        bpi_portable_values(activation, p, x, y, count);
        return;
    }
    for (size_t i = 0; i < count; i += BPI_LANES) {
        const size_t lanes = count - i < BPI_LANES ? count - i : BPI_LANES;
        store_lanes(y + i, formula(load_lanes(x + i, lanes), p, activation), lanes);
    }
}

static void multiply_slope_at(int32_t activation, const double *p, const bp_real *x, bp_real *delta,
                              size_t count)
{
    vector_formula *const formula = find_formula(activation, true);
    if (formula == NULL) {
        bpi_portable_multiply_slope(activation, p, x, delta, count);
        return;
    }
    for (size_t i = 0; i < count; i += BPI_LANES) {
        const size_t lanes = count - i < BPI_LANES ? count - i : BPI_LANES;
        const vec slope = formula(load_lanes(x + i, lanes), p, activation);
        store_lanes(delta + i, load_lanes(delta + i, lanes) * slope, lanes);
    }
}

#endif
