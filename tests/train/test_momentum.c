/* [RHW86] eq. 9 by hand, and against plain loops in double precision. */
#include "support/support.h"

#include <math.h>

#include "kernel/select.h"
#include "train/momentum.h"

static const kernel_table *kernel(void)
{
    const kernel_table *table = NULL;
    assert_ok(bpi_kernel_select(&table, "here", NULL));
    return table;
}

static void test_constructors(void **state)
{
    (void)state;
    bp_optimizer momentum = bp_optimizer_momentum(0.25, 0.75);
    assert_int_equal(momentum.kind, OPTIMIZER_MOMENTUM);
    assert_true(momentum.learning_rate == 0.25 && momentum.momentum == 0.75);
    /* eq. 8 is eq. 9 with momentum 0 */
    bp_optimizer descent = bp_optimizer_gradient_descent(0.25);
    assert_int_equal(descent.kind, OPTIMIZER_MOMENTUM);
    assert_true(descent.learning_rate == 0.25 && descent.momentum == 0);
}

static void test_check_names_the_parameter(void **state)
{
    (void)state;
    bp_optimizer optimizer = bp_optimizer_momentum(0, 0.9);
    assert_fails(bpi_momentum_rule.check("here", &optimizer), BP_ERROR_ARGUMENT, "here: learning_rate is 0");
    optimizer = bp_optimizer_momentum(0.1, 1);
    assert_fails(bpi_momentum_rule.check("here", &optimizer), BP_ERROR_ARGUMENT, "here: momentum is 1");
    optimizer = bp_optimizer_momentum(0.1, NAN);
    assert_fails(bpi_momentum_rule.check("here", &optimizer), BP_ERROR_NOT_FINITE, "here: momentum is ");
    optimizer = bp_optimizer_gradient_descent(INFINITY);
    assert_fails(bpi_momentum_rule.check("here", &optimizer), BP_ERROR_NOT_FINITE, "learning_rate is inf");
}

static void make_step(const optimizer_step *step)
{
    weight_update update;
    bpi_momentum_rule.make_update(step, &update);
    step->kernel->rule_update(&update, step->gradient, step->count);
}

/* A step of one weight. */
static optimizer_step one_weight(bp_real *weight, const bp_real *gradient, bp_real *last_update)
{
    return (optimizer_step){.kernel = kernel(),
                            .weights = weight,
                            .gradient = gradient,
                            .state = last_update,
                            .state_stride = 1,
                            .count = 1,
                            .learning_rate = 1};
}

/* All numbers are powers of two, so every step is exact in both precisions. */
static void test_three_updates_by_hand(void **state)
{
    (void)state;
    bp_real weight = 1, gradient = 2, last_update = 0;
    optimizer_step step = one_weight(&weight, &gradient, &last_update);
    step.learning_rate = 0.5;
    step.momentum = 0.5;
    make_step(&step); /* last_update = -0.5 * 2 + 0.5 * 0 */
    assert_true(last_update == -1 && weight == 0);
    gradient = -4;
    make_step(&step); /* last_update = -0.5 * -4 + 0.5 * -1 */
    assert_true(last_update == (bp_real)1.5 && weight == (bp_real)1.5);
    gradient = 0;
    make_step(&step); /* momentum alone: last_update = 0.5 * 1.5 */
    assert_true(last_update == (bp_real)0.75 && weight == (bp_real)2.25);
}

/* The form that keeps the learning rate out of the state would give another weight here. */
static void test_a_new_learning_rate_does_not_rescale_the_last_update(void **state)
{
    (void)state;
    bp_real weight = 0, gradient = 1, last_update = 0;
    optimizer_step step = one_weight(&weight, &gradient, &last_update);
    step.momentum = 0.5;
    make_step(&step);
    step.learning_rate = 0.125;
    make_step(&step); /* last_update = -0.125 * 1 + 0.5 * -1 */
    assert_true(last_update == (bp_real)-0.625 && weight == (bp_real)-1.625);
}

static void test_decay_shrinks_the_weight_but_not_the_last_update(void **state)
{
    (void)state;
    bp_real weight = 3, gradient = -1, last_update = 0;
    optimizer_step step = one_weight(&weight, &gradient, &last_update);
    step.decay = 0.25;
    make_step(&step); /* (3 + 1) * (1 - 0.25) */
    assert_true(last_update == 1 && weight == 3);
}

/* Counts around the widths of vectors, and a long one. */
static void test_many_updates_against_plain_loops(void **state)
{
    (void)state;
    enum { MOST = 1003, UPDATES = 60 };
    static bp_real weights[MOST], gradient[MOST], last_update[MOST];
    static double wanted_weights[MOST], wanted_update[MOST];
    const size_t counts[] = {1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 64, 100, MOST};
    uint64_t random = 9;
    for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++) {
        for (size_t i = 0; i < counts[c]; i++) {
            weights[i] = (bp_real)test_uniform(&random, 1, 2);
            wanted_weights[i] = (double)weights[i];
            last_update[i] = 0;
            wanted_update[i] = 0;
        }
        const double rate = (double)(bp_real)0.01, momentum = (double)(bp_real)0.9, decay = 0.001;
        for (size_t n = 0; n < UPDATES; n++) {
            for (size_t i = 0; i < counts[c]; i++) {
                gradient[i] = (bp_real)test_uniform(&random, -1, 0);
                wanted_update[i] = -rate * (double)gradient[i] + momentum * wanted_update[i];
                wanted_weights[i] = (wanted_weights[i] + wanted_update[i]) * (1 - decay);
            }
            optimizer_step step = {.kernel = kernel(),
                                   .weights = weights,
                                   .gradient = gradient,
                                   .state = last_update,
                                   .state_stride = counts[c],
                                   .count = counts[c],
                                   .learning_rate = rate,
                                   .momentum = momentum,
                                   .decay = decay};
            make_step(&step);
        }
        for (size_t i = 0; i < counts[c]; i++) {
            assert_close(weights[i], wanted_weights[i], TOLERANCE(5e-6, 1e-14));
            assert_close(last_update[i], wanted_update[i], TOLERANCE(1e-6, 1e-14));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_constructors),
        cmocka_unit_test(test_check_names_the_parameter),
        cmocka_unit_test(test_three_updates_by_hand),
        cmocka_unit_test(test_a_new_learning_rate_does_not_rescale_the_last_update),
        cmocka_unit_test(test_decay_shrinks_the_weight_but_not_the_last_update),
        cmocka_unit_test(test_many_updates_against_plain_loops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
