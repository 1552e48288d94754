/* Which path a call takes: the facts of real networks and numbers of cases, and the paths that they lead to.
 */
#include "engine/plan.h"

#include "engine/loss.h"
#include "engine/plan_example.h"
#include "small/select.h"

/* ------------------------------------------------------------------- worked cases */

/*
 * A network, a number of cases and whether the loss is squared error; what the facts are, and the path of
 * each task where nobody wants to see total inputs, gradient or input gradient, and no weights are frozen.
 */
typedef struct worked_case {
    bp_network *(*make)(void);
    size_t cases;
    bool squared;
    unsigned facts;
    plan_path paths[TASKS]; /* forward, predict, error, gradient, backward, update, online */
} worked_case;

enum {
    PLAIN_NET =
        FACT_ENDS_IN_OUTPUTS | FACT_NO_SOFTMAX | FACT_NO_HIDDEN_SOFTMAX | FACT_PLAIN_GRADIENT | FACT_NO_NOISE,
    ONLINE_NET = PLAIN_NET | FACT_SMALL_ONLINE,
    CASE_NET = ONLINE_NET | FACT_SMALL_CASE,
    PASS_NET = CASE_NET | FACT_SMALL_PASS,
    SMALL_NET = PASS_NET | FACT_SMALL,
    SMALL_SOFTMAX = SMALL_NET & ~FACT_NO_SOFTMAX,
    SMALL_HIDDEN = SMALL_SOFTMAX & ~FACT_NO_HIDDEN_SOFTMAX,
    SMALL_LEADING = SMALL_NET & ~FACT_ENDS_IN_OUTPUTS,
    LARGE_SOFTMAX = PLAIN_NET & ~FACT_NO_SOFTMAX,
    OTHER_NET = PLAIN_NET & ~FACT_PLAIN_GRADIENT, /* weights shared or masked */
    UNROLLED = OTHER_NET & ~FACT_ENDS_IN_OUTPUTS, /* outputs of a step lead to the next */
    ONE = FACT_ONE_CASE | FACT_FEW_CASES | FACT_ONE_BLOCK,
    BLOCK = FACT_SEVERAL_CASES | FACT_ONE_BLOCK,
    SOME = BLOCK | FACT_PANEL_CASES, /* up to 64 */
    FEW = SOME | FACT_FEW_CASES,
    MANY = SOME | FACT_MANY_CASES,
    BOTH = MANY | FACT_FEW_CASES,
    MORE = FACT_SEVERAL_CASES | FACT_MANY_CASES, /* than a block */
    UNSEEN =
        FACT_X_UNSEEN | FACT_GRADIENT_UNSEEN | FACT_NO_INPUT_GRADIENT | FACT_TRAINED_ALIKE | FACT_RULE_FITS
};

#define GENERAL PATH_GENERAL
#define PANELS  PATH_PANELS
#define BATCH   PATH_SMALL_BATCH
#define CASE    PATH_SMALL_CASE
#define ONLINE  PATH_SMALL_ONLINE
#define FUSED   PATH_FUSED

/* clang-format off */
static const worked_case worked[] = {
    /* network, cases, squared error, facts;      forward, predict, error, gradient, backward, update, online */
    {net_2_2_1,             1, true,  SMALL_NET | ONE,     {CASE,    CASE,    GENERAL, GENERAL, CASE,    FUSED,   ONLINE}},
    {net_2_2_1,             2, true,  SMALL_NET | BOTH,    {BATCH,   GENERAL, BATCH,   BATCH,   GENERAL, GENERAL, ONLINE}},
    {net_2_2_1,           256, true,  SMALL_NET | BLOCK | FACT_MANY_CASES,    {BATCH,   GENERAL, BATCH,   BATCH,   GENERAL, GENERAL, GENERAL}},
    {net_2_2_1,           257, true,  SMALL_NET | MORE,    {BATCH,   GENERAL, BATCH,   BATCH,   GENERAL, GENERAL, GENERAL}},
    {net_2_2_1,             4, false, SMALL_NET | BOTH,    {BATCH,   GENERAL, BATCH,   BATCH,   GENERAL, GENERAL, ONLINE}},
    {net_of_512_weights,    8, true,  SMALL_NET | FEW,     {BATCH,   GENERAL, BATCH,   GENERAL, GENERAL, FUSED,   ONLINE}},
    {net_of_512_weights,   31, true,  SMALL_NET | SOME,    {BATCH,   GENERAL, BATCH,   GENERAL, GENERAL, FUSED,   GENERAL}},
    {net_of_512_weights,   32, true,  SMALL_NET | MANY,    {BATCH,   GENERAL, BATCH,   BATCH,   GENERAL, GENERAL, GENERAL}},
    {net_of_513_weights,  32, true,  PASS_NET | MANY,       {PANELS,  GENERAL, GENERAL, BATCH,   GENERAL, GENERAL, GENERAL}},
    {net_of_513_weights,  16, false, PASS_NET | MANY,       {PANELS,  GENERAL, GENERAL, BATCH,   GENERAL, GENERAL, GENERAL}},
    {net_of_513_weights,   8, true,  PASS_NET | FEW,        {PANELS,  GENERAL, GENERAL, GENERAL, GENERAL, FUSED,   ONLINE}},
    {net_48_83,           16, true,  PASS_NET | MANY,       {PANELS,  GENERAL, GENERAL, BATCH,   GENERAL, GENERAL, GENERAL}},
    {net_48_84,           16, true,  CASE_NET | BOTH,       {PANELS,  GENERAL, GENERAL, GENERAL, GENERAL, FUSED,   ONLINE}},
    {net_48_84,           32, true,  CASE_NET | MANY,       {PANELS,  GENERAL, GENERAL, GENERAL, GENERAL, FUSED,   GENERAL}},
    {net_49_20,           32, true,  CASE_NET | MANY,       {PANELS,  GENERAL, GENERAL, GENERAL, GENERAL, FUSED,   GENERAL}},
    {net_of_4096_weights,  8, false, CASE_NET | FEW,        {PANELS,  GENERAL, GENERAL, GENERAL, GENERAL, FUSED,   ONLINE}},
    {net_of_4096_weights, 32, false, CASE_NET | MANY,       {PANELS,  GENERAL, GENERAL, GENERAL, GENERAL, FUSED,   GENERAL}},
    {net_of_4096_weights,  1, false, CASE_NET | ONE,        {GENERAL, CASE,    GENERAL, GENERAL, GENERAL, FUSED,   ONLINE}},
    {net_of_8192_weights,  1, false, CASE_NET | ONE,        {GENERAL, CASE,    GENERAL, GENERAL, GENERAL, FUSED,   ONLINE}},
    {net_of_8193_weights,  1, true,  PLAIN_NET | ONE,       {GENERAL, GENERAL, GENERAL, GENERAL, GENERAL, FUSED,   GENERAL}},
    {net_128_7,            1, true,  CASE_NET | ONE,        {GENERAL, CASE,    GENERAL, GENERAL, GENERAL, FUSED,   ONLINE}},
    {net_200_2_1,          1, true,  SMALL_NET | ONE,       {CASE,    CASE,    GENERAL, GENERAL, CASE,    FUSED,   ONLINE}},
    {net_129_7,            1, true,  PLAIN_NET | FACT_SMALL_CASE | ONE, {GENERAL, CASE,    GENERAL, GENERAL, GENERAL, FUSED,   GENERAL}},
    {net_129_8,            1, true,  CASE_NET | ONE,        {GENERAL, CASE,    GENERAL, GENERAL, GENERAL, FUSED,   ONLINE}},
    {net_255_256,          4, true,  ONLINE_NET | FEW,      {PANELS,  GENERAL, GENERAL, GENERAL, GENERAL, FUSED,   ONLINE}},
    {net_255_256,          5, true,  ONLINE_NET | SOME,     {PANELS,  GENERAL, GENERAL, GENERAL, GENERAL, FUSED,   GENERAL}},
    {net_256_256,          1, true,  PLAIN_NET | ONE,       {GENERAL, GENERAL, GENERAL, GENERAL, GENERAL, FUSED,   GENERAL}},
    {net_1_127_128,        1, true,  ONLINE_NET | ONE,      {GENERAL, GENERAL, GENERAL, GENERAL, GENERAL, FUSED,   ONLINE}},
    {net_1_128_128,        1, true,  PLAIN_NET | ONE,       {GENERAL, GENERAL, GENERAL, GENERAL, GENERAL, FUSED,   GENERAL}},
    {net_of_16_layers,      1, true,  SMALL_NET | ONE,     {CASE,    CASE,    GENERAL, GENERAL, CASE,    FUSED,   ONLINE}},
    {net_of_17_layers,      1, true,  PLAIN_NET | ONE,     {GENERAL, GENERAL, GENERAL, GENERAL, GENERAL, FUSED,   GENERAL}},
    {skipping_connection,   1, true,  SMALL_NET | ONE,     {CASE,    CASE,    GENERAL, GENERAL, CASE,    FUSED,   ONLINE}},
    {softmax_outputs,       1, true,  SMALL_SOFTMAX | ONE, {CASE,    CASE,    GENERAL, GENERAL, CASE,    FUSED,   GENERAL}},
    {softmax_outputs,       1, false, SMALL_SOFTMAX | ONE, {CASE,    CASE,    GENERAL, GENERAL, CASE,    FUSED,   ONLINE}},
    {softmax_hidden,        2, true,  SMALL_HIDDEN | BOTH, {BATCH,   GENERAL, BATCH,   BATCH,   GENERAL, GENERAL, GENERAL}},
    {softmax_hidden,        1, false, SMALL_HIDDEN | ONE,  {CASE,    CASE,    GENERAL, GENERAL, CASE,    FUSED,   GENERAL}},
    {output_below_another_layer,  1, true,  SMALL_LEADING | ONE, {CASE,    CASE,    GENERAL, GENERAL, GENERAL, FUSED,   GENERAL}},
    {custom_activation,     1, true,  PLAIN_NET | ONE,     {GENERAL, GENERAL, GENERAL, GENERAL, GENERAL, FUSED,   GENERAL}},
    {shared_matrix,         1, true,  OTHER_NET | ONE,     {GENERAL, GENERAL, GENERAL, GENERAL, GENERAL, GENERAL, GENERAL}},
    {shared_biases,         1, true,  OTHER_NET | ONE,     {GENERAL, GENERAL, GENERAL, GENERAL, GENERAL, GENERAL, GENERAL}},
    {masked_connection,     4, true,  OTHER_NET | BOTH,    {PANELS,  GENERAL, GENERAL, GENERAL, GENERAL, GENERAL, GENERAL}},
    {convolution,           4, true,  OTHER_NET | BOTH,    {PANELS,  GENERAL, GENERAL, GENERAL, GENERAL, GENERAL, GENERAL}},
    {unrolled,              4, true,  UNROLLED | BOTH,     {PANELS,  GENERAL, GENERAL, GENERAL, GENERAL, GENERAL, GENERAL}},
    {net_784_128_10,        1, false, LARGE_SOFTMAX | ONE, {GENERAL, GENERAL, GENERAL, GENERAL, GENERAL, FUSED,   GENERAL}},
    {net_784_128_10,      256, true,  LARGE_SOFTMAX | BLOCK, {PANELS,  GENERAL, GENERAL, GENERAL, GENERAL, FUSED,   GENERAL}},
    {net_784_128_10,      257, true,  LARGE_SOFTMAX | FACT_SEVERAL_CASES,
                                                           {PANELS,  GENERAL, GENERAL, GENERAL, GENERAL, GENERAL, GENERAL}},
};
/* clang-format on */

enum { WORKED = sizeof worked / sizeof worked[0] };

/* Whether the cases fill lanes depends on the kernels: test_batches_that_fill_lanes. */
static unsigned facts_of(const worked_case *w)
{
    const bp_loss loss = w->squared ? bp_loss_squared_error() : bp_loss_cross_entropy();
    bp_network *net = w->make();
    const unsigned facts = bpi_network_facts(net) | bpi_case_facts(net, w->cases) | bpi_loss_facts(&loss);
    bp_network_destroy(net);
    return facts & ~(unsigned)FACT_LANE_CASES;
}

/* Without vectors, the kernels for single cases and online training take small networks alone. */
static void test_worked_cases(void **state)
{
    (void)state;
    bp_network *any = net_2_2_1();
    const bool has_small_vectors = bpi_small_select(any->kernel->name)->online->lanes > 1;
    bp_network_destroy(any);
    for (size_t i = 0; i < WORKED; i++) {
        const worked_case *w = &worked[i];
        const bool is_left_out = !has_small_vectors && !holds(w->facts, FACT_SMALL);
        const unsigned facts = facts_of(w),
                       loss =
                           FACT_KNOWN_LOSS | (w->squared ? FACT_NO_CROSS_ENTROPY : FACT_ONLY_CROSS_ENTROPY),
                       by_vectors = is_left_out ? FACT_SMALL_CASE | FACT_SMALL_ONLINE : 0,
                       wanted = (w->facts & ~by_vectors) | loss;
        if (facts != wanted)
            fail_msg("row %zu: the facts are %#x instead of %#x", i, facts, wanted);
        for (unsigned task = 0; task < TASKS; task++) {
            const plan_path path = bpi_plan((plan_task)task, facts | UNSEEN);
            plan_path expected = w->paths[task];
            if (is_left_out && (expected == PATH_SMALL_CASE || expected == PATH_SMALL_ONLINE))
                expected = PATH_GENERAL;
            if (path != expected)
                fail_msg("row %zu: task %u takes path %d instead of %d", i, task, (int)path, (int)expected);
        }
    }
}

/* A copy has the facts of its original; squared error with a tolerance is squared error. */
static void test_facts_stay(void **state)
{
    (void)state;
    for (size_t i = 0; i < WORKED; i++) {
        bp_network *net = worked[i].make(), *copy = NULL;
        assert_ok(bp_network_copy(&copy, net));
        assert_int_equal(bpi_network_facts(copy), bpi_network_facts(net));
        bp_network_destroy(copy);
        bp_network_destroy(net);
    }
    const bp_loss tolerant = bp_loss_with_tolerance(bp_loss_squared_error(), 0.1);
    assert_int_equal(bpi_loss_facts(&tolerant), FACT_KNOWN_LOSS | FACT_NO_CROSS_ENTROPY);
}

/* Of several outputs: the default may be cross-entropy or squared error. */
static void test_facts_of_losses_of_outputs(void **state)
{
    (void)state;
    const bp_loss squared = bp_loss_squared_error(), entropy = bp_loss_cross_entropy();
    const struct {
        bp_loss losses[2];
        unsigned facts;
    } rows[] = {
        {{squared, squared}, FACT_KNOWN_LOSS | FACT_NO_CROSS_ENTROPY},
        {{entropy, entropy}, FACT_KNOWN_LOSS | FACT_ONLY_CROSS_ENTROPY},
        {{entropy, squared}, FACT_KNOWN_LOSS},
        {{squared, bp_loss_default()}, FACT_KNOWN_LOSS},
        {{entropy, bp_loss_default()}, FACT_KNOWN_LOSS},
        {{squared, bp_loss_custom(NULL, NULL)}, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const bp_loss loss = bp_loss_of_outputs(rows[i].losses, NULL, 2);
        assert_int_equal(bpi_loss_facts(&loss), rows[i].facts);
    }
}

/* Every path that some combination of facts leads to is also one that a real call can take. */
static void test_every_path_is_taken_by_a_real_network(void **state)
{
    (void)state;
    const unsigned seen[] = {0, UNSEEN, UNSEEN | FACT_PANELS_FIT | FACT_WEIGHTS_UNSEEN,
                             UNSEEN | FACT_LANE_CASES};
    unsigned possible[TASKS] = {0}, taken[TASKS] = {0}; /* bits 1 << path */
    for (unsigned task = 0; task < TASKS; task++) {
        for (unsigned facts = 0; facts < 1u << FACT_COUNT; facts++)
            possible[task] |= 1u << bpi_plan((plan_task)task, facts);
        for (size_t i = 0; i < WORKED; i++)
            for (size_t j = 0; j < sizeof seen / sizeof seen[0]; j++) {
                const unsigned facts = facts_of(&worked[i]) | seen[j];
                taken[task] |= 1u << bpi_plan((plan_task)task, facts);
            }
        assert_int_equal(taken[task], possible[task]);
    }
    assert_int_equal(possible[TASK_FORWARD],
                     1u << PATH_GENERAL | 1u << PATH_PANELS | 1u << PATH_SMALL_BATCH | 1u << PATH_SMALL_CASE);
}

/* ------------------------------------------------------------------ numbers of cases */

static void test_panels_take_2_to_64_cases(void **state)
{
    (void)state;
    bp_network *net = net_784_128_10();
    for (size_t cases = 1; cases <= 70; cases++)
        assert_int_equal(holds(bpi_case_facts(net, cases), FACT_PANEL_CASES), cases >= 2 && cases <= 64);
    bp_network_destroy(net);
}

static void test_many_cases_are_one_for_16_weights(void **state)
{
    (void)state;
    bp_network *net = net_of_512_weights();
    for (size_t cases = 1; cases <= 40; cases++) {
        const unsigned facts = bpi_case_facts(net, cases);
        assert_int_equal(holds(facts, FACT_ONE_CASE), cases == 1);
        assert_int_equal(holds(facts, FACT_SEVERAL_CASES), cases > 1);
        assert_int_equal(holds(facts, FACT_MANY_CASES), cases >= 32);
        assert_int_equal(holds(facts, FACT_FEW_CASES), cases <= 16);
        assert_true(holds(facts, FACT_ONE_BLOCK));
    }
    bp_network_destroy(net);
}

/* Are at most a fifth of the lanes empty? */
static bool are_full(size_t lanes, size_t cases)
{
    const size_t empty = (lanes - cases % lanes) % lanes;
    return 5 * empty <= cases + empty;
}

/* Beyond 512 weights: no more cases than one thread would do, and not where many lanes of a pass are empty.
 */
static void test_many_cases_of_larger_networks(void **state)
{
    (void)state;
    bp_network *net = net_of_513_weights();
    for (size_t cases = 1; cases <= 600; cases++)
        assert_int_equal(holds(bpi_case_facts(net, cases), FACT_MANY_CASES),
                         cases >= 9 && cases <= 262144 / 513 && are_full(net->kernel->lanes, cases));
    bp_network_destroy(net);
}

static void assert_few(bp_network *net, size_t most)
{
    for (size_t cases = 1; cases <= 20; cases++)
        assert_int_equal(holds(bpi_case_facts(net, cases), FACT_FEW_CASES), cases <= most);
    bp_network_destroy(net);
}

/* More where no pass takes over, and a single case always, however many weights there are. */
static void test_few_cases(void **state)
{
    (void)state;
    assert_few(net_2_2_1(), 8);
    assert_few(net_7_8(), 8);
    assert_few(net_4_13(), 16);
    assert_few(net_of_512_weights(), 16);
    assert_few(net_48_83(), 15);
    assert_few(net_48_84(), 16);
    assert_few(net_of_8192_weights(), 16);
    assert_few(net_256_256(), 262144 / 65792);
    assert_few(net_784_128_10(), 262144 / 101770);
}

/* Up to 48 cases of networks with up to 2048 weights and 48 inputs, where vectors have 8 lanes or more: those
 * of a few cases that leave few lanes empty, and all beyond. */
static void test_batches_that_fill_lanes(void **state)
{
    (void)state;
    static const struct lane_size {
        bp_network *(*create)(void);
        bool fits;
    } rows[] = {{net_2_2_1, true},   {net_of_512_weights, true}, {net_of_513_weights, true},
                {net_48_83, false},  {net_49_20, false},         {net_of_4096_weights, false},
                {net_200_2_1, false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bp_network *net = rows[i].create();
        const size_t lanes = net->kernel->lanes;
        for (size_t cases = 1; cases <= 60; cases++) {
            const bool is_size = cases > 1 && cases <= 48 && (cases > 16 || are_full(lanes, cases));
            assert_int_equal(holds(bpi_case_facts(net, cases), FACT_LANE_CASES),
                             rows[i].fits && lanes >= 8 && is_size);
        }
        bp_network_destroy(net);
    }
}

/* Of other rules than momentum, by the number of weights and whether there are several cases. */
static void test_rules_that_fit(void **state)
{
    (void)state;
    static const struct rule_size {
        bp_network *(*create)(void);
        bool one, several;
    } rows[] = {{net_2_2_1, true, true},
                {net_of_4096_weights, true, true},
                {net_48_84, false, true},
                {net_1_127_128, false, false},
                {net_255_256, false, false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bp_network *net = rows[i].create();
        for (size_t cases = 1; cases <= 16; cases++) {
            assert_int_equal(holds(bpi_rule_facts(net, cases, false), FACT_RULE_FITS),
                             cases == 1 ? rows[i].one : rows[i].several);
            assert_true(holds(bpi_rule_facts(net, cases, true), FACT_RULE_FITS));
        }
        bp_network_destroy(net);
    }
}

static void test_a_block_is_what_the_network_says(void **state)
{
    (void)state;
    bp_network *net = net_784_128_10();
    assert_true(holds(bpi_case_facts(net, net->block_cases), FACT_ONE_BLOCK));
    assert_false(holds(bpi_case_facts(net, net->block_cases + 1), FACT_ONE_BLOCK));
    assert_false(holds(bpi_case_facts(net, SIZE_MAX), FACT_ONE_BLOCK));
    bp_network_destroy(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_worked_cases),
        cmocka_unit_test(test_facts_stay),
        cmocka_unit_test(test_facts_of_losses_of_outputs),
        cmocka_unit_test(test_every_path_is_taken_by_a_real_network),
        cmocka_unit_test(test_panels_take_2_to_64_cases),
        cmocka_unit_test(test_many_cases_are_one_for_16_weights),
        cmocka_unit_test(test_many_cases_of_larger_networks),
        cmocka_unit_test(test_few_cases),
        cmocka_unit_test(test_batches_that_fill_lanes),
        cmocka_unit_test(test_rules_that_fit),
        cmocka_unit_test(test_a_block_is_what_the_network_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
