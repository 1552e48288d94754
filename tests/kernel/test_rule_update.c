/* The rules of updates (weight_update), by every table: a step by hand, then against loops in double. */
#include "kernel/table_checks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const int32_t kinds[] = {KERNEL_MOMENTUM, KERNEL_GENERAL_MOMENTUM, KERNEL_NESTEROV,
                                KERNEL_ADAGRAD,  KERNEL_RMSPROP,          KERNEL_ADAM,
                                KERNEL_RPROP,    KERNEL_QUICKPROP};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

/* ---------------------------------------------------------------- in double */

typedef struct exact {
    double weight, s, t;
} exact;

static double sign(double x)
{
    return (x > 0) - (x < 0);
}

static exact after_rprop(const weight_update *u, exact v, double g)
{
    const double size = v.t == 0 ? (double)u->rprop.first_step : v.t;
    if (g * v.s < 0)
        return (exact){v.weight + (double)u->rprop.undo * sign(v.s) * size, 0,
                       fmax(size * (double)u->rprop.fall, (double)u->rprop.min_step)};
    const double next =
        g * v.s > 0 ? fmin(size * (1 + (double)u->rprop.rise), (double)u->rprop.max_step) : size;
    return (exact){v.weight - sign(g) * next, g, next};
}

static exact after_quickprop(const weight_update *u, exact v, double g)
{
    const double growth = (double)u->quickprop.max_growth, limit = v.t * growth / (1 + growth);
    const bool beyond = v.s < 0 ? g >= limit : g <= limit;
    double step = 0;
    if (v.s != 0)
        step = beyond ? growth * v.s : g / (v.t - g) * v.s;
    if (v.s * g < 0 || v.s == 0)
        step -= (double)u->rate * g;
    return (exact){v.weight + step, step, g};
}

static exact after_step(const weight_update *u, exact v, double g)
{
    const double rate = (double)u->rate, momentum = (double)u->momentum,
                 epsilon = (double)u->adaptive.epsilon, share = (double)u->adaptive.square_share,
                 mean_share = (double)u->adaptive.mean_share;
    switch (u->kind) {
    case KERNEL_MOMENTUM:
    case KERNEL_GENERAL_MOMENTUM:
        v.s = momentum * v.s - rate * g;
        return (exact){v.weight + v.s, v.s, v.t};
    case KERNEL_NESTEROV:
        v.s = momentum * v.s - rate * g;
        return (exact){v.weight + momentum * v.s - rate * g, v.s, v.t};
    case KERNEL_ADAGRAD:
        v.s += g * g;
        return (exact){v.weight - rate * g / (sqrt(v.s) + epsilon), v.s, v.t};
    case KERNEL_RMSPROP:
        v.s = (1 - share) * v.s + share * g * g;
        return (exact){v.weight - rate * g / (sqrt(v.s) + epsilon), v.s, v.t};
    case KERNEL_ADAM:
        v.s = (1 - mean_share) * v.s + mean_share * g;
        v.t = (1 - share) * v.t + share * g * g;
        v.weight -= (double)u->adaptive.shrink * v.weight;
        return (exact){v.weight - rate * v.s / ((double)u->adaptive.root_factor * sqrt(v.t) + epsilon), v.s,
                       v.t};
    case KERNEL_RPROP:
        return after_rprop(u, v, g);
    default:
        return after_quickprop(u, v, g);
    }
}

static double within(double x, double limit)
{
    return fmin(fmax(x, -limit), limit);
}

static exact after_update(const weight_update *u, exact v, double gradient)
{
    const bool is_general = u->kind != KERNEL_MOMENTUM;
    double g = gradient;
    if (is_general && u->limit != 0)
        g = within(g, (double)u->limit);
    if (is_general)
        g += (double)u->penalty * v.weight;
    exact next = after_step(u, v, g);
    next.weight *= (double)u->decay_factor;
    if (is_general)
        next.weight -= within(next.weight, (double)u->threshold);
    return next;
}

/* ------------------------------------------------------------------- arrays */

static weight_update update_of(int32_t kind)
{
    weight_update u = {.gradient_factor = 1, .rate = (bp_real)0.1, .momentum = (bp_real)0.9, .kind = kind};
    u.decay_factor = (bp_real)0.998;
    u.penalty = (bp_real)0.03125;
    if (kind == KERNEL_RPROP) {
        u.rprop.first_step = (bp_real)0.125;
        u.rprop.rise = (bp_real)0.2;
        u.rprop.fall = (bp_real)0.5;
        u.rprop.min_step = (bp_real)0.1;
        u.rprop.max_step = (bp_real)0.9;
        u.rprop.undo = 1;
    } else if (kind == KERNEL_QUICKPROP) {
        u.quickprop.max_growth = (bp_real)1.75;
        u.quickprop.limit_share = (bp_real)(1.75 / 2.75);
    } else {
        u.adaptive.mean_share = (bp_real)0.1;
        u.adaptive.square_share = (bp_real)0.01;
        u.adaptive.root_factor = (bp_real)1.5;
        u.adaptive.epsilon = (bp_real)0.01;
        u.adaptive.shrink = (bp_real)0.01;
    }
    return u;
}

/* The vectors of an update, each with gaps around it that nobody may touch. */
typedef struct update_arrays {
    matrix weights, state, gradient; /* state: two rows */
} update_arrays;

/* State as it may be after some updates: squares and sizes are positive, some are still 0, and the last step
 * of quickprop is opposed to its gradient. */
static void make_possible(int32_t kind, matrix *state)
{
    for (size_t i = 0; i < state->columns; i++) {
        bp_real *s = test_at(state, 0, i), *t = test_at(state, 1, i);
        const bool is_first = test_below(&test_stream, 8) == 0;
        if (kind == KERNEL_ADAGRAD || kind == KERNEL_RMSPROP)
            *s = is_first ? 0 : *s * *s;
        if (kind == KERNEL_ADAM || kind == KERNEL_RPROP)
            *t = is_first ? 0 : (bp_real)fabs((double)*t);
        if (kind == KERNEL_RPROP && is_first)
            *s = 0;
        if (kind == KERNEL_QUICKPROP)
            *s = (bp_real)(is_first ? 0 : -fabs((double)*s) * sign((double)*t));
    }
}

static update_arrays random_arrays(int32_t kind, size_t count)
{
    update_arrays a = {test_random_matrix(1, count), test_random_matrix(2, count),
                       test_random_matrix(1, count)};
    make_possible(kind, &a.state);
    for (size_t i = 0; i < count; i++)
        if (test_below(&test_stream, 10) == 0)
            a.gradient.values[i] = 0;
    return a;
}

static update_arrays copy_of(const update_arrays *a)
{
    return (update_arrays){test_part_of(&a->weights, 0, 1), test_part_of(&a->state, 0, 2),
                           test_part_of(&a->gradient, 0, 1)};
}

static void free_arrays(update_arrays *a)
{
    free(a->weights.memory);
    free(a->state.memory);
    free(a->gradient.memory);
}

/* Updates `count` weights from `first` on. */
static void update_some(weight_update u, const update_arrays *a, size_t first, size_t count)
{
    u.weights = a->weights.values + first;
    u.last_update = a->state.values + first;
    u.state_stride = a->state.stride;
    test_kernel->rule_update(&u, a->gradient.values + first, count);
}

/* ------------------------------------------------------------------- checks */

/* By hand: the weight 1, the gradient 0.5 and empty state, then once more with the gradient -0.25. */
static void check_two_steps(void)
{
    static const struct by_hand {
        int32_t kind;
        double first, second;
    } rows[] = {
        {KERNEL_MOMENTUM, 0.95, 0.95 - 0.045 + 0.025},
        {KERNEL_GENERAL_MOMENTUM, 0.95, 0.95 - 0.045 + 0.025},
        {KERNEL_NESTEROV, 1 - 0.045 - 0.05, 0.905 - 0.018 + 0.025}, /* s = -0.05, then -0.02 */
        {KERNEL_ADAGRAD, 0.9, 0.9 + 0.025 / 0.5590169943749475},    /* s = 0.25, then 0.3125 */
        {KERNEL_RMSPROP, 0, 0.025 / 0.05567764362830022},           /* s = 0.0025, then 0.0031 */
        {KERNEL_ADAM, 0.9, 0.9 - 0.1 * 0.02 / 0.05567764362830022}, /* s = 0.05, then 0.02; t as above */
        {KERNEL_RPROP, 0.875, 0.875},                               /* the sign changes */
        {KERNEL_QUICKPROP, 0.95, 0.95 + 0.05 / 3},                  /* s = -0.05; a = s * -0.25 / 0.75 */
    };
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        weight_update u = update_of(rows[row].kind);
        bp_real weight = 1, state[2] = {0}, gradients[] = {(bp_real)0.5, (bp_real)-0.25};
        u.penalty = 0;
        u.decay_factor = 1;
        u.weights = &weight;
        u.last_update = state;
        u.state_stride = 1;
        if (u.kind == KERNEL_RPROP)
            u.rprop.undo = 0;
        else if (u.kind != KERNEL_QUICKPROP)
            u.adaptive.epsilon = (bp_real)1e-30;
        if (u.kind == KERNEL_ADAM) {
            u.adaptive.root_factor = 1;
            u.adaptive.shrink = 0;
        }
        test_kernel->rule_update(&u, &gradients[0], 1);
        assert_near(weight, rows[row].first, 8 * TEST_EPSILON);
        test_kernel->rule_update(&u, &gradients[1], 1);
        assert_near(weight, rows[row].second, 8 * TEST_EPSILON);
    }
}

static void check_rules(bp_real limit, bp_real threshold)
{
    for (size_t k = 0; k < KINDS; k++)
        for (size_t count = 1; count < 70; count++) {
            weight_update u = update_of(kinds[k]);
            u.limit = limit;
            u.threshold = threshold;
            update_arrays a = random_arrays(kinds[k], count), before = copy_of(&a);
            const bool has_t = kinds[k] >= KERNEL_ADAM;
            update_some(u, &a, 0, count);
            for (size_t i = 0; i < count; i++) {
                const exact start = {(double)before.weights.values[i], (double)*test_at(&before.state, 0, i),
                                     (double)*test_at(&before.state, 1, i)};
                const exact next = after_update(&u, start, (double)before.gradient.values[i]);
                assert_near(a.weights.values[i], next.weight, 8 * TEST_EPSILON * (1 + fabs(next.weight)));
                assert_near(*test_at(&a.state, 0, i), next.s, 8 * TEST_EPSILON * (1 + fabs(next.s)));
                assert_near(*test_at(&a.state, 1, i), has_t ? next.t : start.t, 4 * TEST_EPSILON);
            }
            test_assert_gaps_untouched(&a.weights);
            test_assert_gaps_untouched(&a.state);
            test_assert_gaps_untouched(&a.gradient);
            free_arrays(&a);
            free_arrays(&before);
        }
}

static void check_against_double(void)
{
    check_rules(0, 0);
    check_rules((bp_real)0.5, 0);
    check_rules(0, (bp_real)0.25);
    check_rules((bp_real)0.5, (bp_real)0.25);
}

/* Gradients beyond the limit, and weights within the threshold, to the bit. */
static void check_limit_and_threshold(void)
{
    enum { COUNT = 70 };
    const bp_real gradients[] = {(bp_real)INFINITY, -2, (bp_real)-0.25, 0, -(bp_real)INFINITY, 1};
    const double wanted[] = {-0.5, 0.5, 0, 0, 0.5, -0.5}; /* -g within 1, less the threshold of 0.5 */
    bp_real weights[COUNT] = {0}, state[COUNT] = {0}, gradient[COUNT];
    weight_update u = {.gradient_factor = 1,
                       .rate = 1,
                       .decay_factor = 1,
                       .limit = 1,
                       .threshold = (bp_real)0.5,
                       .kind = KERNEL_GENERAL_MOMENTUM,
                       .weights = weights,
                       .last_update = state};
    for (size_t i = 0; i < COUNT; i++)
        gradient[i] = gradients[i % 6];
    test_kernel->rule_update(&u, gradient, COUNT);
    for (size_t i = 0; i < COUNT; i++)
        assert_true((double)weights[i] == wanted[i % 6]);
}

/* The weights have the same bits in one call and in two. */
static void check_places_do_not_matter(void)
{
    for (size_t k = 0; k < KINDS; k++)
        for (size_t count = 2; count < 70; count++) {
            const weight_update u = update_of(kinds[k]);
            update_arrays a = random_arrays(kinds[k], count), parts = copy_of(&a);
            const size_t first = 1 + test_below(&test_stream, count - 1);
            update_some(u, &a, 0, count);
            update_some(u, &parts, 0, first);
            update_some(u, &parts, first, count - first);
            assert_memory_equal(a.weights.values, parts.weights.values, count * sizeof(bp_real));
            for (size_t row = 0; row < 2; row++)
                assert_memory_equal(test_at(&a.state, row, 0), test_at(&parts.state, row, 0),
                                    count * sizeof(bp_real));
            free_arrays(&a);
            free_arrays(&parts);
        }
}

/* A gradient that is NaN makes the weight NaN, so that divergence is seen. */
static void check_nan(void)
{
    for (size_t k = 0; k < KINDS; k++) {
        update_arrays a = random_arrays(kinds[k], 33);
        weight_update u = update_of(kinds[k]);
        u.limit = u.threshold = (bp_real)0.125;
        for (size_t i = 0; i < 33; i += 4)
            a.gradient.values[i] = (bp_real)NAN;
        update_some(u, &a, 0, 33);
        for (size_t i = 0; i < 33; i++)
            assert_int_equal(isnan(a.weights.values[i]) != 0, i % 4 == 0);
        free_arrays(&a);
    }
}

/* Without a gradient, and without state: weights below KERNEL_LEAST_WEIGHT become 0, and no others. */
static void check_least_weights(void)
{
    const bp_real least = (bp_real)KERNEL_LEAST_WEIGHT;
    const bp_real given[] = {least, -least, 1, least / 2, least * (bp_real)-0.99, 0};
    enum { GIVEN = sizeof given / sizeof given[0], KEPT = 3, COUNT = 9 * GIVEN };
    for (int32_t kind = KERNEL_GENERAL_MOMENTUM; kind <= KERNEL_QUICKPROP; kind++) {
        bp_real weights[COUNT], state[2 * COUNT] = {0}, gradient[COUNT] = {0};
        weight_update u = update_of(kind);
        u.penalty = 0;
        u.decay_factor = 1;
        if (kind == KERNEL_ADAM)
            u.adaptive.shrink = 0;
        for (size_t count = 1; count <= COUNT; count++) {
            for (size_t i = 0; i < count; i++)
                weights[i] = given[i % GIVEN];
            u.weights = weights;
            u.last_update = state;
            u.state_stride = COUNT;
            test_kernel->rule_update(&u, gradient, count);
            for (size_t i = 0; i < count; i++)
                assert_true(weights[i] == (i % GIVEN < KEPT ? given[i % GIVEN] : 0));
        }
    }
}

/* Denormal numbers in the state count as 0, in the rules whose state shrinks by itself. */
static void check_denormal_state(void)
{
    static const int32_t shrinking[] = {KERNEL_MOMENTUM, KERNEL_GENERAL_MOMENTUM, KERNEL_NESTEROV,
                                        KERNEL_RMSPROP, KERNEL_ADAM};
    enum { COUNT = 70 };
    const bp_real denormal = (bp_real)(TEST_LEAST_NORMAL / 2);
    for (size_t k = 0; k < sizeof shrinking / sizeof shrinking[0]; k++) {
        bp_real weights[COUNT], state[2 * COUNT], gradient[COUNT] = {0};
        weight_update u = update_of(shrinking[k]);
        for (size_t i = 0; i < COUNT; i++) {
            weights[i] = 0;
            state[i] = i % 3 == 0 ? denormal : i % 3 == 1 ? -denormal : 1;
            state[COUNT + i] = denormal;
        }
        u.weights = weights;
        u.last_update = state;
        u.state_stride = COUNT;
        test_kernel->rule_update(&u, gradient, COUNT);
        for (size_t i = 0; i < COUNT; i++) {
            assert_true((state[i] == 0) == (i % 3 != 2));
            assert_true(shrinking[k] != KERNEL_ADAM || state[COUNT + i] == 0);
        }
    }
}

/* NaN and infinity are no denormal numbers: they stay, and show in the weights. */
static void check_state_is_not_finite(void)
{
    static const int32_t shrinking[] = {KERNEL_MOMENTUM, KERNEL_GENERAL_MOMENTUM, KERNEL_NESTEROV,
                                        KERNEL_RMSPROP, KERNEL_ADAM};
    const bp_real bad[] = {(bp_real)NAN, (bp_real)INFINITY, -(bp_real)INFINITY};
    enum { COUNT = 70 };
    for (size_t k = 0; k < sizeof shrinking / sizeof shrinking[0]; k++)
        for (size_t vector = 0; vector < (shrinking[k] == KERNEL_ADAM ? 2u : 1u); vector++) {
            bp_real weights[COUNT] = {0}, state[2 * COUNT], gradient[COUNT] = {0};
            weight_update u = update_of(shrinking[k]);
            for (size_t i = 0; i < 2 * COUNT; i++)
                state[i] = i / COUNT == vector ? bad[i % 3] : 1;
            u.weights = weights;
            u.last_update = state;
            u.state_stride = COUNT;
            test_kernel->rule_update(&u, gradient, COUNT);
            for (size_t i = 0; i < COUNT; i++)
                assert_true(!isfinite(state[vector * COUNT + i]));
        }
}

/* ---------------------------------------------------------------------- on request */

static bp_real timed_weights[1024], timed_state[2 * 1024], timed_gradient[1024];

static void time_rule(const kernel_table *table, int32_t kind)
{
    weight_update u = update_of(kind);
    u.weights = timed_weights;
    u.last_update = timed_state;
    u.state_stride = 1024;
    table->rule_update(&u, timed_gradient, 1024);
}

#define TIMED_RULES(X)                                                                                       \
    X(MOMENTUM)                                                                                              \
    X(GENERAL_MOMENTUM) X(NESTEROV) X(ADAGRAD) X(RMSPROP) X(ADAM) X(RPROP) X(QUICKPROP)
#define TIMED_FUNCTION(name)                                                                                 \
    static void time_##name(const kernel_table *table)                                                       \
    {                                                                                                        \
        time_rule(table, KERNEL_##name);                                                                     \
    }
TIMED_RULES(TIMED_FUNCTION)
#define TIMED_ROW(name) {"rule_update 1024 " #name, time_##name},
static const timed_row timed_rows[] = {TIMED_RULES(TIMED_ROW)};

TEST_OF_TABLES(two_steps)
TEST_OF_TABLES(against_double)
TEST_OF_TABLES(limit_and_threshold)
TEST_OF_TABLES(places_do_not_matter)
TEST_OF_TABLES(nan)
TEST_OF_TABLES(least_weights)
TEST_OF_TABLES(denormal_state)
TEST_OF_TABLES(state_is_not_finite)

int main(int argc, char **argv)
{
    for (size_t i = 0; i < 1024; i++) {
        timed_gradient[i] = (bp_real)(i % 7) - 3;
        timed_state[i] = timed_state[1024 + i] = 1;
    }
    if (test_time_if_asked(argc, argv, timed_rows, sizeof timed_rows / sizeof timed_rows[0]))
        return 0;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_steps),
        cmocka_unit_test(test_against_double),
        cmocka_unit_test(test_limit_and_threshold),
        cmocka_unit_test(test_places_do_not_matter),
        cmocka_unit_test(test_nan),
        cmocka_unit_test(test_least_weights),
        cmocka_unit_test(test_denormal_state),
        cmocka_unit_test(test_state_is_not_finite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
