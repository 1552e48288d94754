/* Scaled conjugate gradient: whole trajectories against plain loops written from the paper. */
#include <math.h>
#include <stdlib.h>

#include "train/optimizer.h"
#include "train/scg.h"
#include "train/types.h"
#include "train/whole_set_example.h"

static void test_the_value(void **state)
{
    (void)state;
    const bp_optimizer optimizer = bp_optimizer_scg();
    assert_int_equal(optimizer.kind, OPTIMIZER_SCG);
    assert_ok(bpi_optimizer_check("here", &optimizer));
}

/* The paper's loops, and the same loops from weights with other last digits. */
typedef struct oracle_run {
    reference_objective objective;
    reference_scg scg;
    double direction[EXAMPLE_WEIGHTS], residual[EXAMPLE_WEIGHTS];
} oracle_run;

static void begin_oracle(oracle_run *run, const side_by_side *s, reference *ref)
{
    run->objective = s->oracle;
    run->objective.ref = ref;
    run->objective.data = &s->data;
    run->scg = (reference_scg){.direction = run->direction, .residual = run->residual};
}

static double distance(const oracle_run *a, const oracle_run *b)
{
    double greatest = 0;
    for (size_t i = 0; i < EXAMPLE_WEIGHTS; i++)
        greatest = test_larger(greatest, fabs(a->objective.ref->weights[i] - b->objective.ref->weights[i]));
    return greatest;
}

static void set_weights(side_by_side *s, uint64_t seed, double size)
{
    bp_real weights[EXAMPLE_WEIGHTS];
    for (size_t i = 0; i < EXAMPLE_WEIGHTS; i++)
        s->oracle.ref->weights[i] = (double)(weights[i] = (bp_real)test_uniform(&seed, -size, size));
    assert_ok(bp_network_set_weights(s->ours.net, weights, EXAMPLE_WEIGHTS));
}

/* From weights of this size; 0: the example's. How many iterations, at most 40 and each from where the last
 * one led, end at the oracle's weights. Those count after which a start with other last digits still leads
 * the oracle to the same place: trajectories part sooner or later. In single precision the curvature, a
 * difference of gradients, is rounded to a few digits, and they part soon. */
static size_t follow_trajectory(uint64_t seed, double size)
{
    const bool is_double = sizeof(bp_real) == sizeof(double);
    const size_t iterations = is_double ? 40 : 2;
    const double rounding = 1e-15, sigma = is_double ? 1e-4 : 1e-3, tolerance = is_double ? 1e-9 : 1e-2;
    side_by_side s = begin_side_by_side(bp_optimizer_scg(), seed, seed % 2 ? BP_REDUCE_MEAN : BP_REDUCE_SUM,
                                        seed % 3 ? 0 : 1e-3);
    if (size > 0)
        set_weights(&s, seed, size);
    reference *rounded = reference_create(s.ours.net, NULL, 0, NULL);
    for (size_t i = 0; i < EXAMPLE_WEIGHTS; i++)
        rounded->weights[i] *= i % 2 ? 1 + rounding : 1 - rounding;
    oracle_run oracle, other;
    begin_oracle(&oracle, &s, s.oracle.ref);
    begin_oracle(&other, &s, rounded);
    size_t followed = 0;
    for (; followed < iterations; followed++) {
        next_iteration(&s);
        reference_scg_step(&oracle.scg, &oracle.objective, sigma);
        reference_scg_step(&other.scg, &other.objective, sigma);
        if (distance(&oracle, &other) > tolerance / (size > 0 ? 200 : 20))
            break;
        assert_true(distance_to_oracle(&s) <= tolerance);
    }
    reference_destroy(rounded);
    end_side_by_side(&s);
    return followed;
}

static void test_trajectories_are_those_of_the_paper(void **state)
{
    (void)state;
    size_t followed = 0;
    for (uint64_t seed = 1; seed <= 10; seed++)
        followed += follow_trajectory(seed, 0);
    assert_true(followed >= (sizeof(bp_real) == sizeof(double) ? 100u : 20u));
}

/* Large weights, where the curvature along p is negative at times: step 4 makes it positive. In single
 * precision it may be rounding alone there. */
static void test_negative_curvature(void **state)
{
    (void)state;
    size_t followed = 0;
    for (uint64_t seed = 1; seed <= 20 && sizeof(bp_real) == sizeof(double); seed++)
        followed += follow_trajectory(seed, 4);
    assert_true(followed >= 30 || sizeof(bp_real) == sizeof(float));
}

/* After as many iterations as there are weights, and only then, p is the negative gradient. */
static void test_restarts(void **state)
{
    (void)state;
    side_by_side s = begin_side_by_side(bp_optimizer_scg(), 1, BP_REDUCE_MEAN, 0);
    const bp_trainer *trainer = s.ours.trainer;
    for (size_t i = 1; i <= EXAMPLE_WEIGHTS + 2; i++) {
        next_iteration(&s);
        size_t equal = 0;
        for (size_t k = 0; k < EXAMPLE_WEIGHTS; k++)
            equal += trainer->state.vectors[k] == -trainer->gradient[k];
        assert_true(i == EXAMPLE_WEIGHTS ? equal == EXAMPLE_WEIGHTS : equal < EXAMPLE_WEIGHTS);
    }
    end_side_by_side(&s);
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
        cmocka_unit_test(test_negative_curvature),
        cmocka_unit_test(test_restarts),
        cmocka_unit_test(test_error_falls_and_evaluations_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
