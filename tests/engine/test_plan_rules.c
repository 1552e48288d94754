/* The path that each combination of facts leads to, by rules of its own. */
#include "engine/plan.h"

#include "engine/plan_example.h"

/* The rules, stated without the table. */

/* Small kernels neither drop units nor add noise. */
static bool is_small(unsigned facts)
{
    return holds(facts, FACT_SMALL | FACT_NO_NOISE);
}

/* A single case goes through a small network in scalars. Several cases use weights in the order in which
 * products read them, if there is a copy; else they go through a small network side by side, as long as
 * nobody needs the total inputs that this does not keep. */
static plan_path forward_path(unsigned facts)
{
    const bool several = holds(facts, FACT_SEVERAL_CASES);
    if (is_small(facts) && holds(facts, FACT_ONE_CASE))
        return PATH_SMALL_CASE;
    if (several && is_small(facts) && holds(facts, FACT_X_UNSEEN) && !holds(facts, FACT_PANELS_KEPT))
        return PATH_SMALL_BATCH;
    return several ? PATH_PANELS : PATH_GENERAL;
}

/* Where no backward pass follows, a single case takes the same way through larger networks. */
static plan_path predict_path(unsigned facts)
{
    const bool is_small_case = holds(facts, FACT_SMALL_CASE | FACT_ONE_CASE | FACT_NO_NOISE);
    return is_small_case ? PATH_SMALL_CASE : PATH_GENERAL;
}

/* Small kernels of several cases take all losses but the caller's, and cross-entropy where outputs lead
 * nowhere. */
static bool has_known_loss(unsigned facts)
{
    return holds(facts, FACT_NO_CROSS_ENTROPY) || holds(facts, FACT_KNOWN_LOSS | FACT_ENDS_IN_OUTPUTS);
}

static plan_path error_path(unsigned facts)
{
    const bool side_by_side = is_small(facts) && holds(facts, FACT_SEVERAL_CASES);
    return side_by_side && has_known_loss(facts) ? PATH_SMALL_BATCH : PATH_GENERAL;
}

/* The same, but only with cases enough is the sum of each weight's derivatives worth its time. */
static bool gradient_is_small(unsigned facts)
{
    return holds(facts, FACT_SMALL_PASS | FACT_NO_NOISE) && holds(facts, FACT_MANY_CASES) &&
           has_known_loss(facts);
}

static plan_path gradient_path(unsigned facts)
{
    return gradient_is_small(facts) ? PATH_SMALL_BATCH : PATH_GENERAL;
}

/* Small kernels of one case end where outputs do, and do not go on to the inputs. */
static plan_path backward_path(unsigned facts)
{
    const bool ends = holds(facts, FACT_ENDS_IN_OUTPUTS) && holds(facts, FACT_NO_INPUT_GRADIENT);
    return ends && is_small(facts) && holds(facts, FACT_ONE_CASE) ? PATH_SMALL_CASE : PATH_GENERAL;
}

/* Weights can be updated where their derivatives are made if these are whole there, and nobody sees them. A
 * gradient that a small kernel makes comes from one call. */
static plan_path update_path(unsigned facts)
{
    const bool is_whole = holds(facts, FACT_PLAIN_GRADIENT) && holds(facts, FACT_ONE_BLOCK);
    if (!is_whole || !holds(facts, FACT_GRADIENT_UNSEEN) || gradient_is_small(facts))
        return PATH_GENERAL;
    const bool stays_in_rows =
        holds(facts, FACT_SMALL | FACT_NO_NOISE); /* for the kernels of small networks */
    const bool in_panels = holds(facts, FACT_PANELS_FIT | FACT_PANEL_CASES | FACT_WEIGHTS_UNSEEN);
    return in_panels && !stays_in_rows ? PATH_FUSED_PANELS : PATH_FUSED;
}

/* Batches that fill the lanes of passes, with what passes take; a loss of the caller's might look at the
 * weights between two batches. */
static bool is_by_lanes(unsigned facts)
{
    return holds(facts, FACT_SMALL_PASS | FACT_LANE_CASES) &&
           holds(facts, FACT_TRAINED_ALIKE | FACT_NO_NOISE) && holds(facts, FACT_KNOWN_LOSS) &&
           has_known_loss(facts);
}

/* Single cases or batches of a few. Softmax outputs are trained by cross-entropy alone, and softmax hidden
 * units not at all. */
static plan_path online_path(unsigned facts)
{
    const bool is_known = holds(facts, FACT_NO_SOFTMAX | FACT_KNOWN_LOSS) ||
                          holds(facts, FACT_NO_HIDDEN_SOFTMAX | FACT_ONLY_CROSS_ENTROPY);
    const bool is_simple =
        holds(facts, FACT_FEW_CASES | FACT_ENDS_IN_OUTPUTS | FACT_TRAINED_ALIKE | FACT_RULE_FITS);
    const bool is_size = holds(facts, FACT_SMALL_ONLINE | FACT_NO_NOISE);
    if (is_by_lanes(facts))
        return PATH_SMALL_LANES;
    return is_known && is_simple && is_size ? PATH_SMALL_ONLINE : PATH_GENERAL;
}

static plan_path (*const rules[TASKS])(unsigned) = {
    [TASK_FORWARD] = forward_path,   [TASK_PREDICT] = predict_path,   [TASK_ERROR] = error_path,
    [TASK_GRADIENT] = gradient_path, [TASK_BACKWARD] = backward_path, [TASK_UPDATE] = update_path,
    [TASK_ONLINE] = online_path,
};

static void test_every_combination_of_facts(void **state)
{
    (void)state;
    for (unsigned task = 0; task < TASKS; task++)
        for (unsigned facts = 0; facts < 1u << FACT_COUNT; facts++) {
            const plan_path path = bpi_plan((plan_task)task, facts), wanted = rules[task](facts);
            if (path != wanted)
                fail_msg("task %u with facts %#x takes path %d instead of %d", task, facts, (int)path,
                         (int)wanted);
        }
}

/* The tasks of one call hand results to each other. */
static void test_paths_of_one_call_agree(void **state)
{
    (void)state;
    for (unsigned facts = 0; facts < 1u << FACT_COUNT; facts++) {
        const bool one = holds(facts, FACT_ONE_CASE), several = holds(facts, FACT_SEVERAL_CASES);
        if (one == several || (one && holds(facts, FACT_MANY_CASES)))
            continue; /* no number of cases is like that */
        /* The backward pass of one case in scalars starts from what the same kind of forward pass left. */
        if (bpi_plan(TASK_BACKWARD, facts) == PATH_SMALL_CASE)
            assert_int_equal(bpi_plan(TASK_FORWARD, facts), PATH_SMALL_CASE);
        /* A fused update starts from deltas that lie in the workspace. */
        const plan_path update = bpi_plan(TASK_UPDATE, facts);
        if (update == PATH_FUSED || update == PATH_FUSED_PANELS)
            assert_int_equal(bpi_plan(TASK_GRADIENT, facts), PATH_GENERAL);
        /* Weights in panels are read as panels. */
        if (update == PATH_FUSED_PANELS && several)
            assert_int_equal(bpi_plan(TASK_FORWARD, facts), PATH_PANELS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_combination_of_facts),
        cmocka_unit_test(test_paths_of_one_call_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
