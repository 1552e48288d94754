/* Exclusive or: two hidden units often end in a local minimum; one with direct connections does not. */
#include "claims.h"
#include "xor.h"

/* 3,000 runs: 819 of 1,000 solved, median 159 sweeps; the others end at E = 0.25, with two outputs at 0.5. */
static void test_two_hidden_units_have_local_minima(void **state)
{
    (void)state;
    paper_task task = xor_task(2, 0, 0.5, 1);
    paper_summary s = paper_task_seeds(&task, &hundred);
    assert_measured(s.solved, 66, 95);
    assert_measured(paper_quantile(&s.sweeps, 0.5), 125, 200);
    assert_true(paper_quantile(&s.unsolved_error, 0.5) > 0.249 &&
                paper_quantile(&s.unsolved_error, 0.5) < 0.252);
    paper_summary_free(&s);
}

/* 3,000 runs: 999 of 1,000 solved, median 158 sweeps. */
static void test_direct_connections_have_none(void **state)
{
    (void)state;
    paper_task task = xor_task(1, 1, 0.5, 1);
    paper_summary s = paper_task_seeds(&task, &hundred);
    assert_measured(s.solved, 98, 100);
    assert_measured(paper_quantile(&s.sweeps, 0.5), 105, 215);
    paper_summary_free(&s);
}

/* 3,000 runs: 968 of 1,000 solved, median 506 sweeps. */
static void test_small_initial_weights_have_few(void **state)
{
    (void)state;
    paper_task task = xor_task(2, 0, 0.5, 0.3);
    paper_summary s = paper_task_seeds(&task, &hundred);
    assert_measured(s.solved, 89, 100);
    assert_measured(paper_quantile(&s.sweeps, 0.5), 350, 710);
    paper_summary_free(&s);
}

/* The chapter: 33 presentations fewer for each doubling. 3,000 runs, medians: 472, 417, 378, 347, 317. */
static void test_more_hidden_units_are_faster(void **state)
{
    (void)state;
    double last = 0, first = 0;
    for (size_t hidden = 2; hidden <= 32; hidden *= 2) {
        paper_task task = xor_task(hidden, 0, 0.25, 0.3);
        task.batch = 1;
        paper_summary s = paper_task_seeds(&task, &hundred);
        double median = paper_quantile(&s.sweeps, 0.5);
        assert_measured(s.solved, hidden == 2 ? 75 : 99, 100);
        assert_true(hidden == 2 || median < last);
        first = hidden == 2 ? median : first;
        last = median;
        paper_summary_free(&s);
    }
    assert_measured((first - last) / 4, 25, 55);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_hidden_units_have_local_minima),
        cmocka_unit_test(test_direct_connections_have_none),
        cmocka_unit_test(test_small_initial_weights_have_few),
        cmocka_unit_test(test_more_hidden_units_are_faster),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
