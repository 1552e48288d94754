/* [RHW86] figure 1 with the paper's numbers: most runs solve it, and the solutions are like the paper's. */
#include "claims.h"
#include "symmetry.h"

static paper_summary summary;

static int run(void **state)
{
    (void)state;
    paper_task task = symmetry_task(20000);
    summary = paper_run_seeds(symmetry_run, &task, &hundred, NULL, NULL);
    return 0;
}

static int release(void **state)
{
    (void)state;
    paper_summary_free(&summary);
    return 0;
}

/* 3,000 runs: 311 of 1,000 solved within the paper's 1,425 sweeps, 633 within 5,000, 928 within 20,000. */
static void test_most_runs_solve_it(void **state)
{
    (void)state;
    assert_measured(paper_count_at_most(&summary.sweeps, 5000), 44, 82);
    assert_measured(summary.solved, 82, 100);
    assert_measured(paper_count_at_most(&summary.sweeps, 1425), 12, 50);
}

/* At least `percent` % of the solved runs have the property. */
static void assert_share(int metric, size_t percent)
{
    const paper_sample *sample = &summary.metric[metric];
    assert_true(summary.solved > 0);
    assert_int_equal(sample->count, summary.solved);
    assert_measured(100 * paper_count_ones(sample), percent * summary.solved, 100 * summary.solved);
}

/* 2,783 of 2,783 solved runs */
static void test_weights_are_equal_and_opposite_about_the_middle(void **state)
{
    (void)state;
    assert_share(SYMMETRY_MIRRORED, 100);
}

/* 2,751 of 2,783 solved runs */
static void test_hidden_units_have_the_same_weights_with_opposite_signs(void **state)
{
    (void)state;
    assert_share(SYMMETRY_OPPOSITE, 94);
}

/* 2,781 of 2,783 solved runs */
static void test_biases_turn_hidden_units_off_and_the_output_on(void **state)
{
    (void)state;
    assert_share(SYMMETRY_BIASES, 97);
    assert_share(SYMMETRY_OFF, 97);
}

/* 2,029 and 753 of 2,783 solved runs */
static void test_each_side_has_the_ratio_1_2_4_or_one_other(void **state)
{
    (void)state;
    assert_share(SYMMETRY_RATIO, 55);
    assert_share(SYMMETRY_OTHER_RATIO, 9);
    assert_measured(paper_count_ones(&summary.metric[SYMMETRY_RATIO]) +
                        paper_count_ones(&summary.metric[SYMMETRY_OTHER_RATIO]),
                    summary.solved - 3, summary.solved);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_most_runs_solve_it),
        cmocka_unit_test(test_weights_are_equal_and_opposite_about_the_middle),
        cmocka_unit_test(test_hidden_units_have_the_same_weights_with_opposite_signs),
        cmocka_unit_test(test_biases_turn_hidden_units_off_and_the_output_on),
        cmocka_unit_test(test_each_side_has_the_ratio_1_2_4_or_one_other),
    };
    return cmocka_run_group_tests(tests, run, release);
}
