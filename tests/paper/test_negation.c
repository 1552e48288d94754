/* Negation: 4-3-3 learns it with direct connections from inputs to outputs and never without; 4-6-3 does not
 * need them. */
#include "claims.h"
#include "negation.h"

/* 1,500 runs: 912 of 1,000 solved, median 309 sweeps; in 903 of 1,000 of these each hidden unit computes the
 * exclusive or of one bit. */
static void test_direct_connections(void **state)
{
    (void)state;
    paper_task task = negation_task(3, 1, 0.3);
    paper_summary s = paper_run_seeds(negation_run, &task, &hundred, NULL, NULL);
    assert_measured(s.solved, 80, 100);
    assert_measured(paper_quantile(&s.sweeps, 0.5), 265, 355);
    assert_int_equal(s.metric[NEGATION_THREE_XORS].count, s.solved);
    assert_measured(100 * paper_count_ones(&s.metric[NEGATION_THREE_XORS]), 77 * s.solved, 100 * s.solved);
    paper_summary_free(&s);
}

/* 1,500 runs: 979 of 1,000 solved, median 134 sweeps. */
static void test_larger_initial_weights(void **state)
{
    (void)state;
    paper_task task = negation_task(3, 1, 1);
    paper_summary s = paper_task_seeds(&task, &hundred);
    assert_measured(s.solved, 92, 100);
    assert_measured(paper_quantile(&s.sweeps, 0.5), 110, 158);
    paper_summary_free(&s);
}

/* 1,500 runs: none solved. */
static void test_no_run_without_direct_connections(void **state)
{
    (void)state;
    paper_task task = negation_task(3, 0, 1);
    paper_summary s = paper_task_seeds(&task, &hundred);
    assert_int_equal(s.solved, 0);
    assert_true(paper_quantile(&s.unsolved_error, 0) > 1.5);
    paper_summary_free(&s);
}

/* 1,500 runs: 811 of 1,000 solved. */
static void test_six_hidden_units_do_not_need_them(void **state)
{
    (void)state;
    paper_task task = negation_task(6, 0, 1);
    paper_summary s = paper_task_seeds(&task, &hundred);
    assert_measured(s.solved, 65, 97);
    paper_summary_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_direct_connections),
        cmocka_unit_test(test_larger_initial_weights),
        cmocka_unit_test(test_no_run_without_direct_connections),
        cmocka_unit_test(test_six_hidden_units_do_not_need_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
