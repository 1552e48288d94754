/* L-BFGS: the strong Wolfe conditions at every step, and directions against the dense matrix. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "train/lbfgs.h"
#include "train/line_search.h"
#include "train/optimizer.h"
#include "train/whole_set_example.h"

enum { N = EXAMPLE_WEIGHTS, STEPS = 15 };

static void test_the_value_and_its_range(void **state)
{
    (void)state;
    bp_optimizer optimizer = bp_optimizer_lbfgs(10);
    assert_int_equal(optimizer.kind, OPTIMIZER_LBFGS);
    assert_ok(bpi_optimizer_check("here", &optimizer));
    optimizer = bp_optimizer_lbfgs(0);
    assert_fails(bpi_optimizer_check("here", &optimizer), BP_ERROR_ARGUMENT,
                 "here: memory is 0, it must be 1 to 64");
    optimizer = bp_optimizer_lbfgs(65);
    assert_fails(bpi_optimizer_check("here", &optimizer), BP_ERROR_ARGUMENT, "here: memory is 65");
    optimizer = bp_optimizer_lbfgs((size_t)-1);
    assert_fails(bpi_optimizer_check("here", &optimizer), BP_ERROR_ARGUMENT, "here: memory is ");
}

static double dot(const double *a, const double *b)
{
    double sum = 0;
    for (size_t i = 0; i < N; i++)
        sum += a[i] * b[i];
    return sum;
}

/* An iteration, seen by the oracle: step s, and F and its gradient before and after. */
typedef struct seen_step {
    double s[N], y[N], before[N], after[N];
    double value_before, value_after;
} seen_step;

static void see_step(side_by_side *both, seen_step *seen)
{
    double start[N];
    const bp_real *weights = bp_network_weights(both->ours.net, NULL);
    for (size_t i = 0; i < N; i++)
        start[i] = (double)weights[i];
    seen->value_before = value_of_ours(both, seen->before);
    next_iteration(both);
    seen->value_after = value_of_ours(both, seen->after);
    for (size_t i = 0; i < N; i++) {
        seen->s[i] = (double)weights[i] - start[i];
        seen->y[i] = seen->after[i] - seen->before[i];
    }
}

/* Nocedal & Wright, equations 3.7. The step is a multiple of the direction, and so are both sides. */
static void test_every_step_meets_the_strong_wolfe_conditions(void **state)
{
    (void)state;
    const double rounding = TOLERANCE(1e-6, 1e-14);
    for (uint64_t seed = 1; seed <= 30; seed++) {
        side_by_side both =
            begin_side_by_side(bp_optimizer_lbfgs(seed % 2 ? 5 : 20), seed,
                               seed % 4 < 2 ? BP_REDUCE_MEAN : BP_REDUCE_SUM, seed % 3 ? 0 : 1e-3);
        for (size_t i = 0; i < STEPS; i++) {
            seen_step seen;
            see_step(&both, &seen);
            const double slope_before = dot(seen.before, seen.s), slope_after = dot(seen.after, seen.s);
            assert_true(slope_before < 0);
            assert_true(seen.value_after <= seen.value_before + BPI_SUFFICIENT_DECREASE * slope_before +
                                                rounding * seen.value_before);
            assert_true(fabs(slope_after) <=
                        -BPI_CURVATURE * slope_before + rounding * (fabs(slope_before) + seen.value_before));
        }
        end_side_by_side(&both);
    }
}

/* H = V^T H V + rho s s^T with V = I - rho y s^T: Nocedal & Wright, equation 6.17. */
static void update(double *h, const double *s, const double *y)
{
    static double left[N * N];
    const double rho = 1 / dot(s, y);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++) {
            double sum = 0;
            for (size_t k = 0; k < N; k++)
                sum += ((i == k) - rho * s[i] * y[k]) * h[k * N + j];
            left[i * N + j] = sum;
        }
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++) {
            double sum = rho * s[i] * s[j];
            for (size_t k = 0; k < N; k++)
                sum += left[i * N + k] * ((k == j) - rho * y[k] * s[j]);
            h[i * N + j] = sum;
        }
}

/* The direction of the next step by the dense matrix of the last `pairs` of `count` steps, equation 7.20
 * first. */
static void find_direction(const seen_step *steps, size_t count, size_t pairs, const double *gradient,
                           double *d)
{
    static double h[N * N];
    const seen_step *last = &steps[count - 1];
    const double scale = dot(last->s, last->y) / dot(last->y, last->y);
    for (size_t i = 0; i < N * N; i++)
        h[i] = i / N == i % N ? scale : 0;
    for (size_t i = count - pairs; i < count; i++)
        update(h, steps[i].s, steps[i].y);
    for (size_t i = 0; i < N; i++)
        d[i] = -dot(h + i * N, gradient);
}

static void test_directions_are_those_of_the_dense_matrix(void **state)
{
    (void)state;
    const size_t memory = 4;
    static seen_step steps[STEPS];
    for (uint64_t seed = 1; seed <= 5; seed++) {
        side_by_side both = begin_side_by_side(bp_optimizer_lbfgs(memory), seed, BP_REDUCE_MEAN, 0);
        for (size_t i = 0; i < STEPS; i++) {
            double d[N], gradient[N];
            value_of_ours(&both, gradient);
            see_step(&both, &steps[i]);
            if (i == 0)
                continue;
            find_direction(steps, i, i < memory ? i : memory, gradient, d);
            const double cosine = dot(d, steps[i].s) / sqrt(dot(d, d) * dot(steps[i].s, steps[i].s));
            assert_true(1 - cosine <= TOLERANCE(1e-5, 1e-12));
        }
        end_side_by_side(&both);
    }
}

/*
 * One linear unit: F is a parabola over the weight, whose minimum at -4.5 the cubic through two points finds
 * exactly. The first step has the length 1. From 0.3 beyond the minimum it is too long: the next one is the
 * minimum. From 0.0515 beyond the minimum lies nearer than a tenth of the step, which is tried next, lowers
 * F, but has a slope of 0.0485, more than 0.9 times 0.0515; then comes the minimum.
 */
static void test_line_search_on_a_parabola(void **state)
{
    (void)state;
    static const struct {
        double start;
        uint64_t evaluations; /* that of the start counts, too */
    } wanted[] = {{0.3, 3}, {0.0515, 4}};
    const bp_data data = numbered_data();
    const bp_stop_rule rule = bp_stop_epochs(1);
    for (size_t i = 0; i < 2; i++) {
        bp_trainer_options options = whole_set_options(bp_optimizer_lbfgs(5), &rule);
        pair both = make_pair(numbered_network(), &options);
        assert_ok(bp_network_set_weights(both.net, &(bp_real){(bp_real)(wanted[i].start - 4.5)}, 1));
        const bp_result result = train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
        assert_int_equal(result.evaluations, wanted[i].evaluations);
        assert_true(fabs((double)*bp_network_weights(both.net, NULL) + 4.5) <= TOLERANCE(1e-5, 1e-12));
        end_pair(&both);
    }
}

/* The cubic with the values 1 and 0.99995 and the slopes -1 and 0 at 0 and 1, and its slope. */
static double hollow(double x)
{
    return (2 * x * x * x - 3 * x * x + 1) - (x * x * x - 2 * x * x + x) + 0.99995 * (3 - 2 * x) * x * x;
}

static double slope_of_hollow(double x)
{
    return (6 * x * x - 6 * x) - (3 * x * x - 4 * x + 1) + 0.99995 * (6 * x - 6 * x * x);
}

/* A unit whose E with the target 0 is that cubic. */
static void root_of_hollow(void *context, const bp_real *x, bp_real *y, size_t count)
{
    (void)context;
    for (size_t i = 0; i < count; i++)
        y[i] = (bp_real)sqrt(2 * fmax(hollow((double)x[i]), 0.1));
}

static void slope_of_root(void *context, const bp_real *x, const bp_real *y, bp_real *slope, size_t count)
{
    (void)context;
    for (size_t i = 0; i < count; i++)
        slope[i] = (bp_real)(slope_of_hollow((double)x[i]) / (double)y[i]);
}

/* The first step, of the length 1, leads to where F is lower and flat, but by less than 1e-4 of what the
 * slope promised: equation 3.7a refuses it, and the search goes on to the hollow between. */
static void test_line_search_wants_a_sufficient_decrease(void **state)
{
    (void)state;
    const bp_real input = 1, target = 0;
    const bp_data data = bp_data_view(1, &input, 1, &target, 1);
    const bp_stop_rule rule = bp_stop_epochs(1);
    const bp_trainer_options options = whole_set_options(bp_optimizer_lbfgs(5), &rule);
    bp_network *net = NULL;
    bp_layer *in = NULL, *out = NULL;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&in, net, NULL, 1));
    assert_ok(bp_network_add_layer(&out, net, NULL, 1,
                                   bp_activation_custom("hollow", root_of_hollow, slope_of_root, NULL)));
    assert_ok(bp_layer_enable_bias(out, 0));
    assert_ok(bp_network_connect(NULL, net, in, out));
    assert_ok(bp_network_finalize(net));
    assert_ok(bp_network_set_weights(net, &(bp_real){0}, 1));
    pair both = make_pair(net, &options);
    assert_true(train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS).error < 0.9);
    end_pair(&both);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_value_and_its_range),
        cmocka_unit_test(test_every_step_meets_the_strong_wolfe_conditions),
        cmocka_unit_test(test_directions_are_those_of_the_dense_matrix),
        cmocka_unit_test(test_line_search_on_a_parabola),
        cmocka_unit_test(test_line_search_wants_a_sufficient_decrease),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
