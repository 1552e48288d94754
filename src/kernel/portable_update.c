#include "kernel/portable_update.h"

#include <math.h>

/* A weight, and what belongs to it of the rule's state: s and t of kernel.h. */
typedef struct rule_values {
    bp_real weight, s, t;
} rule_values;

/* Correctly rounded in either precision. */
static bp_real square_root(bp_real x)
{
    return (bp_real)sqrt((double)x);
}

static bp_real sign(bp_real x)
{
    return x > 0 ? 1 : x < 0 ? -1 : x; /* NaN stays NaN, so that divergence is detected */
}

/* value + share * (next - value) */
static bp_real moved_toward(bp_real value, bp_real next, bp_real share)
{
    value = bpi_normal(value);
    return value + share * (next - value);
}

static void general_momentum(const weight_update *u, rule_values *v, bp_real g)
{
    v->s = u->momentum * bpi_normal(v->s) - u->rate * g;
    v->weight += v->s;
}

static void nesterov(const weight_update *u, rule_values *v, bp_real g)
{
    v->s = u->momentum * bpi_normal(v->s) - u->rate * g;
    v->weight += u->momentum * v->s - u->rate * g;
}

static void adagrad(const weight_update *u, rule_values *v, bp_real g)
{
    v->s += g * g;
    v->weight -= u->rate * g / (square_root(v->s) + u->adaptive.epsilon);
}

static void rmsprop(const weight_update *u, rule_values *v, bp_real g)
{
    v->s = moved_toward(v->s, g * g, u->adaptive.square_share);
    v->weight -= u->rate * g / (square_root(v->s) + u->adaptive.epsilon);
}

static void adam(const weight_update *u, rule_values *v, bp_real g)
{
    v->s = moved_toward(v->s, g, u->adaptive.mean_share);
    v->t = moved_toward(v->t, g * g, u->adaptive.square_share);
    const bp_real root = u->adaptive.root_factor * square_root(v->t) + u->adaptive.epsilon;
    v->weight -= u->adaptive.shrink * v->weight;
    v->weight -= u->rate * v->s / root;
}

static void rprop(const weight_update *u, rule_values *v, bp_real g)
{
    const bp_real step = v->t == 0 ? u->rprop.first_step : v->t, last = v->s;
    v->s = g;
    if ((g > 0 && last > 0) || (g < 0 && last < 0)) {
        const bp_real grown = step + u->rprop.rise * step;
        v->t = grown < u->rprop.max_step ? grown : u->rprop.max_step;
    } else if ((g > 0 && last < 0) || (g < 0 && last > 0)) {
        v->t = step * u->rprop.fall > u->rprop.min_step ? step * u->rprop.fall : u->rprop.min_step;
        v->weight += u->rprop.undo * sign(last) * step;
        v->s = 0;
    } else {
        v->t = step;
    }
    v->weight -= sign(v->s) * v->t;
}

static void quickprop(const weight_update *u, rule_values *v, bp_real g)
{
    const bp_real last = v->s, limit = u->quickprop.limit_share * v->t;
    bp_real step = 0;
    if ((last < 0 && g >= limit) || (last > 0 && g <= limit))
        step = u->quickprop.max_growth * last;
    else if (last != 0)
        step = last * (g / (v->t - g));
    if (!(last < 0 && g <= 0) && !(last > 0 && g >= 0))
        step -= u->rate * g;
    v->s = step;
    v->t = g;
    v->weight += step;
}

static void update_weight(const weight_update *u, rule_values *v, bp_real g)
{
    switch (u->kind) {
    case KERNEL_GENERAL_MOMENTUM:
        general_momentum(u, v, g);
        return;
    case KERNEL_NESTEROV:
        nesterov(u, v, g);
        return;
    case KERNEL_ADAGRAD:
        adagrad(u, v, g);
        return;
    case KERNEL_RMSPROP:
        rmsprop(u, v, g);
        return;
    case KERNEL_ADAM:
        adam(u, v, g);
        return;
    case KERNEL_RPROP:
        rprop(u, v, g);
        return;
    default: /* KERNEL_QUICKPROP */
        quickprop(u, v, g);
    }
}

/* The nearest value to x in -limit ... limit; NaN stays NaN. */
static bp_real within(bp_real x, bp_real limit)
{
    return x > limit ? limit : x < -limit ? -limit : x;
}

static bool has_second_vector(int32_t kind)
{
    return kind >= KERNEL_ADAM;
}

void bpi_portable_rule_update(const weight_update *update, const bp_real *gradient, size_t count)
{
    bp_real *const second =
        has_second_vector(update->kind) ? update->last_update + update->state_stride : NULL;
    for (size_t i = 0; i < count; i++) {
        rule_values v = {update->weights[i], update->last_update[i], second == NULL ? 0 : second[i]};
        const bp_real g = update->limit == 0 ? gradient[i] : within(gradient[i], update->limit);
        update_weight(update, &v, g + update->penalty * v.weight);
        bp_real weight = v.weight * update->decay_factor;
        if (update->threshold != 0)
            weight -= within(weight, update->threshold);
        update->weights[i] = fabs((double)weight) < KERNEL_LEAST_WEIGHT ? 0 : weight;
        update->last_update[i] = v.s;
        if (second != NULL)
            second[i] = v.t;
    }
}
