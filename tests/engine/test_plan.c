/* Which path a call takes: the facts of real networks, and the path that each combination of facts leads to.
 */
#include "engine/plan.h"

#include "engine/loss.h"
#include "reference/random_network.h"
#include "support/connect.h"
#include "support/support.h"

/* ------------------------------------------------------------------ real networks */

/* A network of one's own. Layer 0 is the input. */
typedef struct example {
    bp_network *net;
    bp_layer *layers[4];
    size_t count;
} example;

static example begin(size_t inputs)
{
    example e = {.count = 1};
    assert_ok(bp_network_create(&e.net, NULL));
    assert_ok(bp_network_add_input(&e.layers[0], e.net, NULL, inputs));
    return e;
}

static void add_layer(example *e, size_t units)
{
    assert_ok(bp_network_add_layer(&e->layers[e->count++], e->net, NULL, units, bp_activation_logistic()));
}

static bp_connection *connect(const example *e, size_t from, size_t to)
{
    bp_connection *connection = NULL;
    assert_ok(bp_network_connect(&connection, e->net, e->layers[from], e->layers[to]));
    return connection;
}

static bp_network *finalize(const example *e)
{
    assert_ok(bp_network_finalize(e->net));
    return e->net;
}

static bp_network *layered(const size_t *units, size_t layers, bp_activation hidden, bp_activation output)
{
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, layers, hidden, output));
    return net;
}

static bp_network *net_2_2_1(void)
{
    const size_t units[] = {2, 2, 1};
    return layered(units, 3, bp_activation_logistic(), bp_activation_logistic());
}

static bp_network *net_784_128_10(void)
{
    const size_t units[] = {784, 128, 10};
    return layered(units, 3, bp_activation_relu(), bp_activation_softmax());
}

/* (31 + 1) 16 weights, the most that a small network has; and (26 + 1) 19, one more. */
static bp_network *net_of_512_weights(void)
{
    const size_t units[] = {31, 16};
    return layered(units, 2, bp_activation_tanh(), bp_activation_tanh());
}

static bp_network *net_of_513_weights(void)
{
    const size_t units[] = {26, 19};
    return layered(units, 2, bp_activation_tanh(), bp_activation_tanh());
}

static bp_network *net_of_4096_weights(void)
{
    const size_t units[] = {63, 64};
    return layered(units, 2, bp_activation_tanh(), bp_activation_logistic());
}

static bp_network *net_of_4097_weights(void)
{
    const size_t units[] = {128, 1, 1984};
    return layered(units, 3, bp_activation_tanh(), bp_activation_tanh());
}

static bp_network *net_of_129_inputs(void)
{
    const size_t units[] = {129, 10};
    return layered(units, 2, bp_activation_tanh(), bp_activation_tanh());
}

static bp_network *net_of_layers(size_t layers)
{
    size_t units[17];
    for (size_t i = 0; i < layers; i++)
        units[i] = 1;
    return layered(units, layers, bp_activation_relu(), bp_activation_linear());
}

static bp_network *net_of_16_layers(void)
{
    return net_of_layers(16);
}

static bp_network *net_of_17_layers(void)
{
    return net_of_layers(17);
}

static bp_network *softmax_outputs(void)
{
    const size_t units[] = {2, 2, 3};
    return layered(units, 3, bp_activation_logistic(), bp_activation_softmax());
}

static bp_network *softmax_hidden(void)
{
    const size_t units[] = {2, 2, 3};
    return layered(units, 3, bp_activation_softmax(), bp_activation_logistic());
}

static bp_network *custom_activation(void)
{
    const size_t units[] = {2, 2, 1};
    return layered(units, 3, random_custom_activation(), bp_activation_logistic());
}

/* 2-2-1 with a connection from the inputs to the output. */
static bp_network *skipping_connection(void)
{
    example e = begin(2);
    add_layer(&e, 2);
    add_layer(&e, 1);
    connect(&e, 0, 1);
    connect(&e, 1, 2);
    connect(&e, 0, 2);
    return finalize(&e);
}

/* 2-2-1 whose hidden layer is an output too. */
static bp_network *output_below_another_layer(void)
{
    example e = begin(2);
    add_layer(&e, 2);
    add_layer(&e, 1);
    connect(&e, 0, 1);
    connect(&e, 1, 2);
    assert_ok(bp_layer_set_output(e.layers[1]));
    assert_ok(bp_layer_set_output(e.layers[2]));
    return finalize(&e);
}

/* 2-2-2 with one matrix for both connections. */
static bp_network *shared_matrix(void)
{
    example e = begin(2);
    add_layer(&e, 2);
    add_layer(&e, 2);
    assert_ok(bp_connection_share(connect(&e, 0, 1), connect(&e, 1, 2)));
    return finalize(&e);
}

/* 2-2-2 with the same biases in both layers. */
static bp_network *shared_biases(void)
{
    example e = begin(2);
    add_layer(&e, 2);
    add_layer(&e, 2);
    connect(&e, 0, 1);
    connect(&e, 1, 2);
    assert_ok(bp_layer_share_bias(e.layers[2], e.layers[1]));
    return finalize(&e);
}

/* 2-2 in which each unit receives from one. */
static bp_network *masked_connection(void)
{
    const unsigned char diagonal[] = {1, 0, 0, 1};
    example e = begin(2);
    add_layer(&e, 2);
    assert_ok(connect_masked(NULL, e.net, e.layers[0], e.layers[1], diagonal, 4));
    return finalize(&e);
}

/* One kernel of 1 x 2 on a row of 4 inputs: 3 units. */
static bp_network *convolution(void)
{
    bp_convolution kernel;
    bp_convolution_init(&kernel, sizeof kernel);
    kernel.height = kernel.kernel_height = 1;
    kernel.width = 4;
    kernel.kernel_width = 2;
    example e = begin(4);
    add_layer(&e, 3);
    assert_ok(connect_convolution(NULL, e.net, e.layers[0], e.layers[1], &kernel));
    return finalize(&e);
}

/* A layer of one unit that receives from itself, over 3 steps. Each step has outputs, which lead to the next.
 */
static bp_network *unrolled(void)
{
    example e = begin(1);
    add_layer(&e, 1);
    connect(&e, 0, 1);
    assert_ok(connect_delayed(NULL, e.net, e.layers[1], e.layers[1]));
    bp_network *recurrent = finalize(&e), *net = NULL;
    bp_unroll_options options;
    bp_unroll_options_init(&options, sizeof options);
    options.steps = 3;
    assert_ok(bp_network_unroll(&net, recurrent, &options));
    bp_network_destroy(recurrent);
    return net;
}

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
    plan_path paths[TASKS]; /* forward, error, gradient, backward, update, online */
} worked_case;

enum {
    PLAIN_NET = FACT_ENDS_IN_OUTPUTS | FACT_NO_SOFTMAX | FACT_NO_HIDDEN_SOFTMAX | FACT_PLAIN_GRADIENT,
    SMALL_NET = PLAIN_NET | FACT_SMALL | FACT_SMALL_ONLINE,
    ONLINE_NET = PLAIN_NET | FACT_SMALL_ONLINE,
    SMALL_SOFTMAX = SMALL_NET & ~FACT_NO_SOFTMAX,
    SMALL_HIDDEN = SMALL_SOFTMAX & ~FACT_NO_HIDDEN_SOFTMAX,
    SMALL_LEADING = SMALL_NET & ~FACT_ENDS_IN_OUTPUTS,
    LARGE_SOFTMAX = PLAIN_NET & ~FACT_NO_SOFTMAX,
    OTHER_NET = PLAIN_NET & ~FACT_PLAIN_GRADIENT, /* weights shared or masked */
    UNROLLED = OTHER_NET & ~FACT_ENDS_IN_OUTPUTS, /* outputs of a step lead to the next */
    ONE = FACT_ONE_CASE | FACT_FEW_CASES | FACT_ONE_BLOCK,
    SOME = FACT_SEVERAL_CASES | FACT_ONE_BLOCK,
    FEW = SOME | FACT_FEW_CASES,
    MANY = SOME | FACT_MANY_CASES,
    BOTH = MANY | FACT_FEW_CASES,
    MORE = FACT_SEVERAL_CASES | FACT_MANY_CASES, /* than a block */
    UNSEEN = FACT_X_UNSEEN | FACT_GRADIENT_UNSEEN | FACT_NO_INPUT_GRADIENT | FACT_TRAINED_ALIKE
};

#define GENERAL PATH_GENERAL
#define PANELS  PATH_PANELS
#define BATCH   PATH_SMALL_BATCH
#define CASE    PATH_SMALL_CASE
#define ONLINE  PATH_SMALL_ONLINE
#define FUSED   PATH_FUSED

/* clang-format off */
static const worked_case worked[] = {
    /* network, cases, squared error, facts;      forward, error, gradient, backward, update, online */
    {net_2_2_1,             1, true,  SMALL_NET | ONE,     {CASE,    GENERAL, GENERAL, CASE,    FUSED,   ONLINE}},
    {net_2_2_1,             2, true,  SMALL_NET | BOTH,    {BATCH,   BATCH,   BATCH,   GENERAL, GENERAL, ONLINE}},
    {net_2_2_1,           256, true,  SMALL_NET | MANY,    {BATCH,   BATCH,   BATCH,   GENERAL, GENERAL, GENERAL}},
    {net_2_2_1,           257, true,  SMALL_NET | MORE,    {BATCH,   BATCH,   BATCH,   GENERAL, GENERAL, GENERAL}},
    {net_2_2_1,             4, false, SMALL_NET | BOTH,    {BATCH,   BATCH,   BATCH,   GENERAL, GENERAL, ONLINE}},
    {net_of_512_weights,    8, true,  SMALL_NET | FEW,     {BATCH,   BATCH,   GENERAL, GENERAL, FUSED,   ONLINE}},
    {net_of_512_weights,   31, true,  SMALL_NET | SOME,    {BATCH,   BATCH,   GENERAL, GENERAL, FUSED,   GENERAL}},
    {net_of_512_weights,   32, true,  SMALL_NET | MANY,    {BATCH,   BATCH,   BATCH,   GENERAL, GENERAL, GENERAL}},
    {net_of_513_weights,   32, true,  ONLINE_NET | MANY,   {PANELS,  GENERAL, GENERAL, GENERAL, FUSED,   GENERAL}},
    {net_of_513_weights,    8, true,  ONLINE_NET | FEW,    {PANELS,  GENERAL, GENERAL, GENERAL, FUSED,   ONLINE}},
    {net_of_4096_weights,   4, false, ONLINE_NET | FEW,    {PANELS,  GENERAL, GENERAL, GENERAL, FUSED,   ONLINE}},
    {net_of_4096_weights,   5, false, ONLINE_NET | SOME,   {PANELS,  GENERAL, GENERAL, GENERAL, FUSED,   GENERAL}},
    {net_of_4096_weights,   1, false, ONLINE_NET | ONE,    {GENERAL, GENERAL, GENERAL, GENERAL, FUSED,   ONLINE}},
    {net_of_4097_weights,   1, true,  PLAIN_NET | ONE,     {GENERAL, GENERAL, GENERAL, GENERAL, FUSED,   GENERAL}},
    {net_of_129_inputs,     1, true,  PLAIN_NET | ONE,     {GENERAL, GENERAL, GENERAL, GENERAL, FUSED,   GENERAL}},
    {net_of_16_layers,      1, true,  SMALL_NET | ONE,     {CASE,    GENERAL, GENERAL, CASE,    FUSED,   ONLINE}},
    {net_of_17_layers,      1, true,  PLAIN_NET | ONE,     {GENERAL, GENERAL, GENERAL, GENERAL, FUSED,   GENERAL}},
    {skipping_connection,   1, true,  SMALL_NET | ONE,     {CASE,    GENERAL, GENERAL, CASE,    FUSED,   ONLINE}},
    {softmax_outputs,       1, true,  SMALL_SOFTMAX | ONE, {CASE,    GENERAL, GENERAL, CASE,    FUSED,   GENERAL}},
    {softmax_outputs,       1, false, SMALL_SOFTMAX | ONE, {CASE,    GENERAL, GENERAL, CASE,    FUSED,   ONLINE}},
    {softmax_hidden,        2, true,  SMALL_HIDDEN | BOTH, {BATCH,   BATCH,   BATCH,   GENERAL, GENERAL, GENERAL}},
    {softmax_hidden,        1, false, SMALL_HIDDEN | ONE,  {CASE,    GENERAL, GENERAL, CASE,    FUSED,   GENERAL}},
    {output_below_another_layer,  1, true,  SMALL_LEADING | ONE, {CASE,    GENERAL, GENERAL, GENERAL, FUSED,   GENERAL}},
    {custom_activation,     1, true,  PLAIN_NET | ONE,     {GENERAL, GENERAL, GENERAL, GENERAL, FUSED,   GENERAL}},
    {shared_matrix,         1, true,  OTHER_NET | ONE,     {GENERAL, GENERAL, GENERAL, GENERAL, GENERAL, GENERAL}},
    {shared_biases,         1, true,  OTHER_NET | ONE,     {GENERAL, GENERAL, GENERAL, GENERAL, GENERAL, GENERAL}},
    {masked_connection,     4, true,  OTHER_NET | BOTH,    {PANELS,  GENERAL, GENERAL, GENERAL, GENERAL, GENERAL}},
    {convolution,           4, true,  OTHER_NET | BOTH,    {PANELS,  GENERAL, GENERAL, GENERAL, GENERAL, GENERAL}},
    {unrolled,              4, true,  UNROLLED | BOTH,     {PANELS,  GENERAL, GENERAL, GENERAL, GENERAL, GENERAL}},
    {net_784_128_10,        1, false, LARGE_SOFTMAX | ONE, {GENERAL, GENERAL, GENERAL, GENERAL, FUSED,   GENERAL}},
    {net_784_128_10,      256, true,  LARGE_SOFTMAX | SOME, {PANELS,  GENERAL, GENERAL, GENERAL, FUSED,   GENERAL}},
    {net_784_128_10,      257, true,  LARGE_SOFTMAX | FACT_SEVERAL_CASES,
                                                           {PANELS,  GENERAL, GENERAL, GENERAL, GENERAL, GENERAL}},
};
/* clang-format on */

enum { WORKED = sizeof worked / sizeof worked[0] };

static unsigned facts_of(const worked_case *w)
{
    const bp_loss loss = w->squared ? bp_loss_squared_error() : bp_loss_cross_entropy();
    bp_network *net = w->make();
    const unsigned facts = bpi_network_facts(net) | bpi_case_facts(net, w->cases) | bpi_loss_facts(&loss);
    bp_network_destroy(net);
    return facts;
}

static void test_worked_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < WORKED; i++) {
        const worked_case *w = &worked[i];
        const unsigned facts = facts_of(w), loss = w->squared ? FACT_SQUARED_ERROR : FACT_CROSS_ENTROPY,
                       wanted = w->facts | loss;
        if (facts != wanted)
            fail_msg("row %zu: the facts are %#x instead of %#x", i, facts, wanted);
        for (unsigned task = 0; task < TASKS; task++) {
            const plan_path path = bpi_plan((plan_task)task, facts | UNSEEN);
            if (path != w->paths[task])
                fail_msg("row %zu: task %u takes path %d instead of %d", i, task, (int)path,
                         (int)w->paths[task]);
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
    assert_int_equal(bpi_loss_facts(&tolerant), FACT_SQUARED_ERROR);
}

/* ------------------------------------------------------- every combination of facts */

/* The rules, stated without the table. */

static bool holds(unsigned facts, unsigned all)
{
    return (facts & all) == all;
}

/* A single case goes through a small network in scalars, several side by side, as long as nobody needs the
 * total inputs that this does not keep. Several cases can use weights in the order in which products read
 * them. */
static plan_path forward_path(unsigned facts)
{
    const bool several = holds(facts, FACT_SEVERAL_CASES);
    if (holds(facts, FACT_SMALL | FACT_ONE_CASE))
        return PATH_SMALL_CASE;
    if (several && holds(facts, FACT_SMALL | FACT_X_UNSEEN))
        return PATH_SMALL_BATCH;
    return several ? PATH_PANELS : PATH_GENERAL;
}

/* Small kernels of several cases know squared error, and the cross-entropy of outputs that lead nowhere. */
static bool has_known_loss(unsigned facts)
{
    return holds(facts, FACT_SQUARED_ERROR) || holds(facts, FACT_CROSS_ENTROPY | FACT_ENDS_IN_OUTPUTS);
}

static plan_path error_path(unsigned facts)
{
    const bool side_by_side = holds(facts, FACT_SMALL) && holds(facts, FACT_SEVERAL_CASES);
    return side_by_side && has_known_loss(facts) ? PATH_SMALL_BATCH : PATH_GENERAL;
}

/* The same, but only with cases enough is the sum of each weight's derivatives worth its time. */
static bool gradient_is_small(unsigned facts)
{
    return holds(facts, FACT_SMALL) && holds(facts, FACT_MANY_CASES) && has_known_loss(facts);
}

static plan_path gradient_path(unsigned facts)
{
    return gradient_is_small(facts) ? PATH_SMALL_BATCH : PATH_GENERAL;
}

/* Small kernels of one case end where outputs do, and do not go on to the inputs. */
static plan_path backward_path(unsigned facts)
{
    const bool ends = holds(facts, FACT_ENDS_IN_OUTPUTS) && holds(facts, FACT_NO_INPUT_GRADIENT);
    return ends && holds(facts, FACT_SMALL) && holds(facts, FACT_ONE_CASE) ? PATH_SMALL_CASE : PATH_GENERAL;
}

/* Weights can be updated where their derivatives are made if these are whole there, and nobody sees them. A
 * gradient that a small kernel makes comes from one call. */
static plan_path update_path(unsigned facts)
{
    const bool is_whole = holds(facts, FACT_PLAIN_GRADIENT) && holds(facts, FACT_ONE_BLOCK);
    if (!is_whole || !holds(facts, FACT_GRADIENT_UNSEEN) || gradient_is_small(facts))
        return PATH_GENERAL;
    return PATH_FUSED;
}

/* Single cases or batches of a few. Softmax outputs are trained by cross-entropy alone, and softmax hidden
 * units not at all. */
static plan_path online_path(unsigned facts)
{
    const bool is_known = holds(facts, FACT_NO_SOFTMAX | FACT_SQUARED_ERROR) ||
                          holds(facts, FACT_NO_HIDDEN_SOFTMAX | FACT_CROSS_ENTROPY);
    const bool is_simple = holds(facts, FACT_FEW_CASES | FACT_ENDS_IN_OUTPUTS | FACT_TRAINED_ALIKE);
    return is_known && is_simple && holds(facts, FACT_SMALL_ONLINE) ? PATH_SMALL_ONLINE : PATH_GENERAL;
}

static plan_path (*const rules[TASKS])(unsigned) = {
    [TASK_FORWARD] = forward_path,   [TASK_ERROR] = error_path,   [TASK_GRADIENT] = gradient_path,
    [TASK_BACKWARD] = backward_path, [TASK_UPDATE] = update_path, [TASK_ONLINE] = online_path,
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

/* Every path that some combination of facts leads to is also one that a real call can take. */
static void test_every_path_is_taken_by_a_real_network(void **state)
{
    (void)state;
    unsigned possible[TASKS] = {0}, taken[TASKS] = {0}; /* bits 1 << path */
    for (unsigned task = 0; task < TASKS; task++) {
        for (unsigned facts = 0; facts < 1u << FACT_COUNT; facts++)
            possible[task] |= 1u << bpi_plan((plan_task)task, facts);
        for (size_t i = 0; i < WORKED; i++)
            for (unsigned seen = 0; seen < 2; seen++) {
                const unsigned facts = facts_of(&worked[i]) | (seen ? 0 : UNSEEN);
                taken[task] |= 1u << bpi_plan((plan_task)task, facts);
            }
        assert_int_equal(taken[task], possible[task]);
    }
    assert_int_equal(possible[TASK_FORWARD],
                     1u << PATH_GENERAL | 1u << PATH_PANELS | 1u << PATH_SMALL_BATCH | 1u << PATH_SMALL_CASE);
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
        if (bpi_plan(TASK_UPDATE, facts) == PATH_FUSED)
            assert_int_equal(bpi_plan(TASK_GRADIENT, facts), PATH_GENERAL);
    }
}

/* ------------------------------------------------------------------ numbers of cases */

static void test_many_cases_are_one_for_16_weights(void **state)
{
    (void)state;
    bp_network *net = net_of_512_weights();
    for (size_t cases = 1; cases <= 40; cases++) {
        const unsigned facts = bpi_case_facts(net, cases);
        assert_int_equal(holds(facts, FACT_ONE_CASE), cases == 1);
        assert_int_equal(holds(facts, FACT_SEVERAL_CASES), cases > 1);
        assert_int_equal(holds(facts, FACT_MANY_CASES), cases >= 32);
        assert_int_equal(holds(facts, FACT_FEW_CASES), cases <= 8);
        assert_true(holds(facts, FACT_ONE_BLOCK));
    }
    bp_network_destroy(net);
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
        cmocka_unit_test(test_every_combination_of_facts),
        cmocka_unit_test(test_every_path_is_taken_by_a_real_network),
        cmocka_unit_test(test_paths_of_one_call_agree),
        cmocka_unit_test(test_many_cases_are_one_for_16_weights),
        cmocka_unit_test(test_a_block_is_what_the_network_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
