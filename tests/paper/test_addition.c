/* Addition: two hidden units, in a chain or side by side, mostly end in a local minimum; three seldom do. */
#include "addition.h"
#include "claims.h"

static size_t solved(addition_net kind, size_t limit)
{
    paper_task task = addition_task(kind);
    task.limit = limit;
    paper_summary s = paper_task_seeds(&task, &hundred);
    size_t count = s.solved;
    paper_summary_free(&s);
    return count;
}

/* 600 runs of 2,000 sweeps: 118 of 1,000 solved in a chain (after about 1,000 sweeps), 190 side by side. */
static void test_two_hidden_units_seldom_solve_it(void **state)
{
    (void)state;
    assert_measured(solved(ADDITION_CHAIN, 2000), 1, 25);
    assert_measured(solved(ADDITION_TWO, 2000), 4, 35);
}

/* 600 runs of 5,000 sweeps: 607 of 1,000 solved. */
static void test_three_mostly_solve_it(void **state)
{
    (void)state;
    assert_measured(solved(ADDITION_THREE, 5000), 41, 80);
}

/* 600 runs of 2,000 sweeps: none solved. */
static void test_direct_connections_are_needed(void **state)
{
    (void)state;
    assert_measured(solved(ADDITION_PLAIN, 2000), 0, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_hidden_units_seldom_solve_it),
        cmocka_unit_test(test_three_mostly_solve_it),
        cmocka_unit_test(test_direct_connections_are_needed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
