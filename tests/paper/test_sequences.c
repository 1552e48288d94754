/* The 25 sequences: the trained ones are learned, and the synchronous network generalizes to the others. */
#include "claims.h"
#include "sequences.h"

static paper_summary run(const sequences_setting *setting)
{
    return paper_run_seeds(sequences_run, setting, &hundred, NULL, NULL);
}

/* Runs with 4 or 5 of the 5 held-out sequences right. */
static size_t generalized(const paper_summary *summary)
{
    return summary->runs - paper_count_at_most(&summary->metric[SEQUENCES_HELD_OUT_RIGHT], 3);
}

/* 3,000 of 3,000 runs solved, median 326 sweeps (10th and 90th percentile 295 and 395); 2,949 have 4 or 5 of
 * the held-out sequences right. The chapter: 260 sweeps, 4 to 5 right. */
static void test_synchronous_network_generalizes(void **state)
{
    (void)state;
    paper_summary summary = run(&sequences_synchronous);
    assert_int_equal(summary.solved, 100);
    assert_measured(paper_quantile(&summary.sweeps, 0.5), 300, 355);
    assert_measured(generalized(&summary), 92, 100);
    paper_summary_free(&summary);
}

/* Derivatives averaged over the steps, as in the paper: 2,000 of 2,000 solved, median 280 sweeps (252 to
 * 335); 1,759 have 4 or 5 of the held-out sequences right. */
static void test_averaged_derivatives_learn_too(void **state)
{
    (void)state;
    paper_summary summary = run(&sequences_averaged);
    assert_int_equal(summary.solved, 100);
    assert_measured(paper_quantile(&summary.sweeps, 0.5), 262, 300);
    assert_measured(generalized(&summary), 75, 100);
    paper_summary_free(&summary);
}

/* Only connections between hidden units delayed: 3,000 of 3,000 solved, median 616 sweeps (520 to 760); 360
 * have 4 or 5 of the held-out sequences right. */
static void test_network_without_other_delays_seldom_generalizes(void **state)
{
    (void)state;
    paper_summary summary = run(&sequences_within_steps);
    assert_int_equal(summary.solved, 100);
    assert_measured(paper_quantile(&summary.sweeps, 0.5), 560, 680);
    assert_measured(generalized(&summary), 0, 25);
    paper_summary_free(&summary);
}

/* Right sequences have four right digits each, wrong ones three at most. */
static void test_digits_and_sequences_agree(void **state)
{
    (void)state;
    const paper_options ten = {.seeds = 10, .seed = 1, .svg = NULL};
    paper_summary summary = paper_run_seeds(sequences_run, &sequences_within_steps, &ten, NULL, NULL);
    const double *digits = summary.metric[SEQUENCES_DIGITS_RIGHT].values;
    const double *sequences = summary.metric[SEQUENCES_HELD_OUT_RIGHT].values;
    for (size_t i = 0; i < summary.runs; i++) {
        assert_true(digits[i] >= SEQUENCES_DIGITS * sequences[i]);
        assert_true(digits[i] <= 15 + sequences[i]);
    }
    paper_summary_free(&summary);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_synchronous_network_generalizes),
        cmocka_unit_test(test_averaged_derivatives_learn_too),
        cmocka_unit_test(test_network_without_other_delays_seldom_generalizes),
        cmocka_unit_test(test_digits_and_sequences_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
