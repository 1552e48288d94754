/* The shift register: mostly learned, and with three units in fewer than 200 sweeps. */
#include "claims.h"
#include "shift_register.h"

static paper_summary run(size_t units)
{
    return paper_run_seeds(shift_register_run, &units, &hundred, NULL, NULL);
}

/* 1,000 of 1,000 runs solved in fewer than 200 sweeps, median 68. */
static void test_three_units_learn_in_fewer_than_200_sweeps(void **state)
{
    (void)state;
    paper_summary summary = run(3);
    assert_measured(paper_count_at_most(&summary.sweeps, 199), 99, 100);
    assert_measured(paper_quantile(&summary.sweeps, 0.5), 60, 77);
    paper_summary_free(&summary);
}

/* 841 of 1,000 runs solved, 621 in fewer than 200 sweeps. */
static void test_five_units_mostly_learn(void **state)
{
    (void)state;
    paper_summary summary = run(5);
    assert_measured(summary.solved, 70, 97);
    assert_measured(paper_count_at_most(&summary.sweeps, 199), 43, 81);
    paper_summary_free(&summary);
}

/* Of 1,000 solved runs, 293 rotate the pattern by one place at each step, 305 also invert it at each step;
 * the others have another code after the first step. */
static void test_two_steps_have_several_solutions(void **state)
{
    (void)state;
    paper_summary summary = run(3);
    size_t shifted = paper_count_ones(&summary.metric[SHIFT_REGISTER_SHIFTED]);
    size_t inverted = paper_count_ones(&summary.metric[SHIFT_REGISTER_INVERTED]);
    assert_measured(shifted, 11, 48);
    assert_measured(inverted, 12, 49);
    assert_true(shifted + inverted <= summary.solved);
    paper_summary_free(&summary);
}

/* Both steps share one matrix and one bias vector. */
static void test_weights_are_shared_over_time(void **state)
{
    (void)state;
    const size_t units = 3;
    paper_outcome outcome = {0};
    bp_network *net = NULL;
    size_t count = 0;
    shift_register_run(&units, 1, &outcome, NULL, &net);
    bp_network_weights(net, &count);
    assert_int_equal(count, units * units + units);
    bp_network_destroy(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_three_units_learn_in_fewer_than_200_sweeps),
        cmocka_unit_test(test_five_units_mostly_learn),
        cmocka_unit_test(test_two_steps_have_several_solutions),
        cmocka_unit_test(test_weights_are_shared_over_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
