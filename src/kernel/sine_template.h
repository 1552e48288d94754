/*
 * Sines and cosines of z = s x, and their slopes, of floats (KERNEL_SINE_LIST), computed in double. Where z
 * is large, infinite or NaN, the formulas of activation_rows.c are called. In double, z would need two
 * doubles: there they are called for all.
 */
#ifndef BPI_KERNEL_SINE_TEMPLATE_H
#define BPI_KERNEL_SINE_TEMPLATE_H

#include "kernel/formula_template.h"
#include "kernel/wide_circle.h"

/* start + share sin(s x + quarters pi / 2) */
typedef struct turned_sine {
    double start, share;
    uint64_t quarters;
} turned_sine;

/* Below it the distance of z from the nearest multiple of pi / 2 is found by two products. */
static const double greatest_angle = 0x1p20;

/*
 * z = high + rest = q pi / 2 + t with |t| <= pi / 4 or hardly more. The upper 33 bits of pi / 2 times q, and
 * the difference to `high`, are exact. With k = q + quarters, the sine is sin t, 1 + (cos t - 1), -sin t, -1
 * - (cos t
 * - 1) for k = 0, 1, 2, 3: where start + share sin is near 0, no digits are lost.
 */
BPI_NOINLINE wide sine_of_turn(wide high, wide rest, const turned_sine *f)
{
    const uint64_t one = 0x3ff0000000000000;
    const wide shifted = wide_line(high, 0x1.45f306dc9c883p-1, 0x1.8p52), q = shifted - 0x1.8p52;
    wide t = wide_negated_multiply_add(q, wide_splat(0x1.921fb544p+0), high);
    t += wide_negated_multiply_add(q, wide_splat(0x1.0b4611a626331p-34), rest);
    const wide square = t * t;
    const wide sine = t * taylor_series(square, sine_terms + 2, SINE_TERMS - 2);
    const wide cosine_less_1 = square * taylor_series(square, cosine_terms + 2, COSINE_TERMS - 3);
    const wide_bits k = (wide_bits)shifted + f->quarters, odd = -(k & 1), sign = (k >> 1 & 1) << 63;
    const wide whole = (wide)((odd & one) ^ sign);
    const wide part = (wide)((((wide_bits)cosine_less_1 & odd) | ((wide_bits)sine & ~odd)) ^ sign);
    return (f->start + f->share * whole) + f->share * part;
}

/* f(x), or f'(x) */
BPI_INLINE turned_sine find_turn(int32_t activation, double steepness, bool is_slope)
{
    switch (activation) {
#define BPI_TURN(name, value, q, a)                                                                          \
    case KERNEL_##name:                                                                                      \
        return is_slope ? (turned_sine){0, (a)*steepness, (q) + 1} : (turned_sine){1 - (a), a, q};
        KERNEL_SINE_LIST(BPI_TURN)
#undef BPI_TURN
    default:
        return (turned_sine){0};
    }
}

BPI_NOINLINE vec sines(vec x, const double *p, int32_t activation, bool is_slope)
{
    const turned_sine turn = find_turn(activation, p[0], is_slope);
    const mask_vec is_large = ~(mask_vec)(absolute(x) < (bp_real)(greatest_angle / p[0]));
    const vec base = masked(~is_large, x);
    const double upper = (double)(bp_real)p[0], lower = p[0] - upper; /* upper * x is exact */
    wide_sum sum;
    BPI_UNROLL
    for (size_t part = 0; part < WIDE_PARTS; part++) {
        const wide own = widen(base, part);
        sum.part[part] = sine_of_turn(upper * own, lower * own, &turn);
    }
    const vec y = narrowed(&sum);
    return any_lane(is_large) ? plain_formula(activation, p, is_slope, x, y, is_large) : y;
}

BPI_NOINLINE vec call_sine(vec x, const double *p, int32_t activation)
{
    return sines(x, p, activation, false);
}

BPI_NOINLINE vec call_sine_slope(vec x, const double *p, int32_t activation)
{
    return sines(x, p, activation, true);
}

#endif
