/*
 * The family trees: not learned with the paper's numbers as printed; learned with larger learning rates and
 * less decay. Measured over 600 runs (seeds 1 to 300, 1001 to 1100, 2001 to 2100, 3001 to 3100).
 */
#include "claims.h"
#include "family_cases.h"
#include "family_trees.h"

static paper_summary run(const family_setting *setting, size_t seeds)
{
    const paper_options options = {.seeds = seeds, .seed = 1, .svg = NULL};
    return paper_run_seeds(family_trees_run, setting, &options, NULL, NULL);
}

static double median(const paper_summary *summary, int metric)
{
    return paper_quantile(&summary->metric[metric], 0.5);
}

/* What the paper's figure 2 implies: 104 cases, 112 relations between persons, two isomorphic trees. */
static void test_italian_tree_is_the_english_one_with_other_names(void **state)
{
    (void)state;
    const family_cases *cases = family_cases_get();
    size_t facts = 0;
    for (size_t c = 0; c < FAMILY_CASES / 2; c++) {
        const size_t twin = c + FAMILY_CASES / 2;
        for (size_t j = 0; j < FAMILY_PLACES; j++) {
            assert_true(cases->inputs[c][j] == cases->inputs[twin][j + FAMILY_PLACES]);
            assert_true(cases->targets[c][j] == cases->targets[twin][j + FAMILY_PLACES]);
            assert_true(cases->inputs[c][j + FAMILY_PLACES] == 0 && cases->inputs[twin][j] == 0);
            assert_true(cases->targets[c][j + FAMILY_PLACES] == 0 && cases->targets[twin][j] == 0);
            facts += cases->targets[c][j] > 0;
        }
        for (size_t r = FAMILY_PERSONS; r < FAMILY_INPUTS; r++)
            assert_true(cases->inputs[c][r] == cases->inputs[twin][r]);
    }
    assert_int_equal(2 * facts, 112);
}

static void test_every_case_asks_one_person_for_one_relation(void **state)
{
    (void)state;
    const family_cases *cases = family_cases_get();
    for (size_t c = 0; c < FAMILY_CASES; c++) {
        bp_real persons = 0, relations = 0, answers = 0;
        for (size_t j = 0; j < FAMILY_PERSONS; j++) {
            persons += cases->inputs[c][j];
            answers += cases->targets[c][j];
        }
        for (size_t r = FAMILY_PERSONS; r < FAMILY_INPUTS; r++)
            relations += cases->inputs[c][r];
        assert_true(persons == 1 && relations == 1 && answers >= 1 && answers <= 2);
    }
}

/* No case is right in nine of ten runs, and not all cases in any of 600. The median of E at the end is near
 * 43, 10th and 90th percentile 37.6 and 50.5. */
static void test_printed_settings_do_not_learn(void **state)
{
    (void)state;
    paper_summary summary = run(&family_as_printed, 100);
    assert_true(paper_quantile(&summary.metric[FAMILY_TRAINED_RIGHT], 0.9) <= 2);
    assert_true(paper_quantile(&summary.error, 0.5) > 40 && paper_quantile(&summary.error, 0.5) < 47);
    assert_int_equal(summary.solved, 0);
    assert_true(median(&summary, FAMILY_GENERATION_SHARE) < 0.35);
    paper_summary_free(&summary);
}

/* 99 cases right in the median of every hundred runs, 94 to 96 at the 10th percentile. */
static void test_larger_rates_and_little_decay_learn(void **state)
{
    (void)state;
    paper_summary summary = run(&family_little_decay, 100);
    assert_true(median(&summary, FAMILY_TRAINED_RIGHT) >= 98);
    assert_true(paper_quantile(&summary.metric[FAMILY_TRAINED_RIGHT], 0.1) >= 91);
    assert_true(median(&summary, FAMILY_HELD_OUT_RIGHT) >= 1);
    paper_summary_free(&summary);
}

/*
 * All 100 cases are right in the median of every hundred runs, 98 or 99 at the 10th percentile. Of the four
 * held-out cases 2 are right in the median, and all in 88 of 600 runs. A unit separates the nationalities in
 * 392 of 600. The largest between-group shares of a unit's variance are 0.69 (generation) and 0.67 (branch);
 * with the settings as printed, which do not learn, 0.25 and 0.13. The bounds are for 40 runs: each takes
 * four times as long as those of the other tests.
 */
static void test_long_training_finds_what_the_paper_shows(void **state)
{
    (void)state;
    paper_summary summary = run(&family_long, 40);
    size_t all_held_out = summary.runs - paper_count_at_most(&summary.metric[FAMILY_HELD_OUT_RIGHT], 3);
    size_t nationality = summary.runs - paper_count_at_most(&summary.metric[FAMILY_NATIONALITY_UNITS], 0);
    print_message(
        "all 4 held-out cases right in %zu of %zu runs, a unit separates the nationalities in %zu\n",
        all_held_out, summary.runs, nationality);
    assert_true(median(&summary, FAMILY_TRAINED_RIGHT) >= 99);
    assert_true(paper_quantile(&summary.metric[FAMILY_TRAINED_RIGHT], 0.1) >= 94);
    assert_measured(all_held_out, 1, 15);
    assert_measured(nationality, 14, 38);
    assert_true(median(&summary, FAMILY_GENERATION_SHARE) > 0.55);
    assert_true(median(&summary, FAMILY_BRANCH_SHARE) > 0.45);
    paper_summary_free(&summary);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_italian_tree_is_the_english_one_with_other_names),
        cmocka_unit_test(test_every_case_asks_one_person_for_one_relation),
        cmocka_unit_test(test_printed_settings_do_not_learn),
        cmocka_unit_test(test_larger_rates_and_little_decay_learn),
        cmocka_unit_test(test_long_training_finds_what_the_paper_shows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
