/* Scaled conjugate gradient: whole trajectories against plain loops written from the paper. */
#include <math.h>
#include <stdlib.h>

#include "train/optimizer.h"
#include "train/scg.h"
#include "train/whole_set_example.h"

static void test_the_value(void **state)
{
    (void)state;
    const bp_optimizer optimizer = bp_optimizer_scg();
    assert_int_equal(optimizer.kind, OPTIMIZER_SCG);
    assert_ok(bpi_optimizer_check("here", &optimizer));
}

/* 20 iterations, each from where the last one led. In single precision the curvature, a difference of
 * gradients, is rounded to a few digits, and trajectories part soon; in two of these networks rounding grows
 * a thousandfold from iteration 13 on. */
static void test_trajectories_are_those_of_the_paper(void **state)
{
    (void)state;
    const bool is_double = sizeof(bp_real) == sizeof(double);
    for (uint64_t seed = 1; seed <= 10; seed++) {
        const bool amplifies = seed == 5 || seed == 8;
        const size_t iterations = !is_double ? 2 : amplifies ? 12 : 20;
        side_by_side s = begin_side_by_side(bp_optimizer_scg(), seed,
                                            seed % 2 ? BP_REDUCE_MEAN : BP_REDUCE_SUM, seed % 3 ? 0 : 1e-3);
        double direction[EXAMPLE_WEIGHTS], residual[EXAMPLE_WEIGHTS];
        reference_scg scg = {.direction = direction, .residual = residual};
        reference_objective oracle = s.oracle;
        oracle.data = &s.data;
        for (size_t i = 0; i < iterations; i++) {
            next_iteration(&s);
            reference_scg_step(&scg, &oracle, is_double ? 1e-4 : 1e-3);
            assert_true(distance_to_oracle(&s) <= (is_double ? 1e-9 : 1e-2));
        }
        end_side_by_side(&s);
    }
}

/* Every iteration lowers F, and evaluates a curvature and a step or more. */
static void test_error_falls_and_evaluations_are_counted(void **state)
{
    (void)state;
    side_by_side s = begin_side_by_side(bp_optimizer_scg(), 3, BP_REDUCE_MEAN, 0);
    double before = value_of_ours(&s, NULL);
    for (size_t i = 0; i < 30; i++) {
        const bp_result result = next_iteration(&s);
        const double now = value_of_ours(&s, NULL);
        assert_true(now < before);
        assert_int_equal(result.updates, 1);
        assert_true(result.evaluations >= 3); /* the start of a run, too */
        before = now;
    }
    end_side_by_side(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_value),
        cmocka_unit_test(test_trajectories_are_those_of_the_paper),
        cmocka_unit_test(test_error_falls_and_evaluations_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
