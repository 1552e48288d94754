/* The updates of weights other than KERNEL_MOMENTUM, vector by vector: see weight_update. */
#ifndef BPI_KERNEL_RULE_TEMPLATE_H
#define BPI_KERNEL_RULE_TEMPLATE_H

#include "kernel/math_template.h"

/* A vector of weights, and what belongs to them of the rule's state: s and t of kernel.h. */
typedef struct rule_values {
    vec weight, s, t;
} rule_values;

/* value + share * (next - value) */
BPI_INLINE vec moved_toward(vec value, vec next, bp_real share)
{
    value = normal_lanes(value);
    return multiply_add(splat(share), next - value, value);
}

/* The last step of the rules with a denominator; none of these is 0 or negative. */
BPI_INLINE vec divided_step(const weight_update *u, vec weight, vec numerator, vec root)
{
    return negated_multiply_add(splat(u->rate), numerator / (root + u->adaptive.epsilon), weight);
}

BPI_INLINE rule_values general_momentum(const weight_update *u, rule_values v, vec g)
{
    const vec update = negated_multiply_add(splat(u->rate), g, multiply_normal(v.s, u->momentum));
    return (rule_values){v.weight + update, update, v.t};
}

BPI_INLINE rule_values nesterov(const weight_update *u, rule_values v, vec g)
{
    const vec update = negated_multiply_add(splat(u->rate), g, multiply_normal(v.s, u->momentum));
    const vec step = negated_multiply_add(splat(u->rate), g, u->momentum * update);
    return (rule_values){v.weight + step, update, v.t};
}

BPI_INLINE rule_values adagrad(const weight_update *u, rule_values v, vec g)
{
    const vec sum = multiply_add(g, g, v.s);
    return (rule_values){divided_step(u, v.weight, g, square_root(sum)), sum, v.t};
}

BPI_INLINE rule_values rmsprop(const weight_update *u, rule_values v, vec g)
{
    const vec square = moved_toward(v.s, g * g, u->adaptive.square_share);
    return (rule_values){divided_step(u, v.weight, g, square_root(square)), square, v.t};
}

BPI_INLINE rule_values adam(const weight_update *u, rule_values v, vec g)
{
    const vec mean = moved_toward(v.s, g, u->adaptive.mean_share);
    const vec square = moved_toward(v.t, g * g, u->adaptive.square_share);
    const vec root = u->adaptive.root_factor * square_root(square);
    const vec shrunk = negated_multiply_add(splat(u->adaptive.shrink), v.weight, v.weight);
    return (rule_values){divided_step(u, shrunk, mean, root), mean, square};
}

/* `size` with the sign of x; x itself where it is 0 or NaN, so that divergence is detected. */
BPI_INLINE vec toward(vec x, vec size)
{
    return choose(x > 0, size, choose(x < 0, -size, x));
}

BPI_INLINE rule_values rprop(const weight_update *u, rule_values v, vec g)
{
    const mask_vec same = ((g > 0) & (v.s > 0)) | ((g < 0) & (v.s < 0));
    const mask_vec opposite = ((g > 0) & (v.s < 0)) | ((g < 0) & (v.s > 0));
    const vec size = choose(v.t == 0, splat(u->rprop.first_step), v.t);
    const vec grown = smaller(multiply_add(splat(u->rprop.rise), size, size), splat(u->rprop.max_step));
    const vec shrunk = larger(size * u->rprop.fall, splat(u->rprop.min_step));
    const vec next = choose(same, grown, choose(opposite, shrunk, size));
    const vec undone = v.weight + u->rprop.undo * toward(v.s, size);
    return (rule_values){choose(opposite, undone, v.weight - toward(g, next)), (vec)(~opposite & (mask_vec)g),
                         next};
}

/* t - g is not 0 where it divides: the last step had the sign of -t (or there was none), and g is nearer to
 * the other side of 0 than limit is, which is nearer to it than t. */
BPI_INLINE rule_values quickprop(const weight_update *u, rule_values v, vec g)
{
    const vec limit = u->quickprop.limit_share * v.t;
    const mask_vec down = v.s<0, up = v.s> 0;
    const mask_vec grows = (down & (g >= limit)) | (up & (g <= limit));
    const mask_vec is_secant = (down | up) & ~grows;
    const mask_vec has_gradient = ~((down & (g <= 0)) | (up & (g >= 0)));
    const vec secant = v.s * (g / choose(is_secant, v.t - g, splat(1)));
    const vec jump = choose(grows, u->quickprop.max_growth * v.s, masked(is_secant, secant));
    const vec step = negated_multiply_add(splat(u->rate), masked(has_gradient, g), jump);
    return (rule_values){v.weight + step, step, g};
}

/* 0 for weights below KERNEL_LEAST_WEIGHT: of their exponents no bits but the five lowest are set. */
BPI_INLINE vec without_least_weights(vec weight)
{
    return lanes_with_bits(weight, BPI_EXPONENT_BITS - ((lane_bits)31 << MANTISSA_BITS));
}

/* The nearest value to x in -limit ... limit; NaN stays NaN. */
BPI_INLINE vec within(vec x, bp_real limit)
{
    return larger(splat(-limit), smaller(splat(limit), x));
}

/* `kind` is a constant once this is inlined, here and below. */
BPI_INLINE rule_values next_by_rule(int32_t kind, const weight_update *u, rule_values now, vec gradient)
{
    const vec limited = u->limit == 0 ? gradient : within(gradient, u->limit);
    const vec g = multiply_add(splat(u->penalty), now.weight, limited);
    rule_values next = kind == KERNEL_GENERAL_MOMENTUM ? general_momentum(u, now, g)
                       : kind == KERNEL_NESTEROV       ? nesterov(u, now, g)
                       : kind == KERNEL_ADAGRAD        ? adagrad(u, now, g)
                       : kind == KERNEL_RMSPROP        ? rmsprop(u, now, g)
                       : kind == KERNEL_ADAM           ? adam(u, now, g)
                       : kind == KERNEL_RPROP          ? rprop(u, now, g)
                                                       : quickprop(u, now, g);
    next.weight *= u->decay_factor;
    if (u->threshold != 0)
        next.weight -= within(next.weight, u->threshold);
    next.weight = without_least_weights(next.weight);
    return next;
}

/* Does the state have a second vector? */
BPI_INLINE bool has_t(int32_t kind)
{
    return kind >= KERNEL_ADAM;
}

/* Calls function(kind, ...) with the kind as a constant. */
#define BPI_BY_RULE(kind, function, ...)                                                                     \
    switch (kind) {                                                                                          \
    case KERNEL_GENERAL_MOMENTUM:                                                                            \
        function(KERNEL_GENERAL_MOMENTUM, __VA_ARGS__);                                                      \
        break;                                                                                               \
    case KERNEL_NESTEROV:                                                                                    \
        function(KERNEL_NESTEROV, __VA_ARGS__);                                                              \
        break;                                                                                               \
    case KERNEL_ADAGRAD:                                                                                     \
        function(KERNEL_ADAGRAD, __VA_ARGS__);                                                               \
        break;                                                                                               \
    case KERNEL_RMSPROP:                                                                                     \
        function(KERNEL_RMSPROP, __VA_ARGS__);                                                               \
        break;                                                                                               \
    case KERNEL_ADAM:                                                                                        \
        function(KERNEL_ADAM, __VA_ARGS__);                                                                  \
        break;                                                                                               \
    case KERNEL_RPROP:                                                                                       \
        function(KERNEL_RPROP, __VA_ARGS__);                                                                 \
        break;                                                                                               \
    default: /* KERNEL_QUICKPROP */                                                                          \
        function(KERNEL_QUICKPROP, __VA_ARGS__);                                                             \
    }

#endif
