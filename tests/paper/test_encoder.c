/* The encoder 8-3-8: always solved; its codes use intermediate values, and about half of them are binary when
 * rounded. */
#include "claims.h"
#include "encoder.h"

/* 1,500 runs: all solved, median 762 sweeps; 521 of 1,000 binary; median share of hidden outputs between 0.2
 * and 0.8: 0.21. */
static void test_eight_through_three(void **state)
{
    (void)state;
    paper_task task = encoder_task(8, 3, 0.1);
    paper_summary s = paper_run_seeds(encoder_run, &task, &hundred, NULL, NULL);
    assert_measured(s.solved, 97, 100);
    assert_measured(paper_quantile(&s.sweeps, 0.5), 640, 890);
    assert_measured(paper_count_ones(&s.metric[ENCODER_BINARY]), 32, 72);
    assert_measured(100 * paper_quantile(&s.metric[ENCODER_INTERMEDIATE], 0.5), 12, 26);
    paper_summary_free(&s);
}

/* 1,500 runs: all solved, median 149 sweeps. */
static void test_four_through_two(void **state)
{
    (void)state;
    paper_task task = encoder_task(4, 2, 0.25);
    paper_summary s = paper_task_seeds(&task, &hundred);
    assert_measured(s.solved, 97, 100);
    assert_measured(paper_quantile(&s.sweeps, 0.5), 120, 180);
    paper_summary_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_eight_through_three),
        cmocka_unit_test(test_four_through_two),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
