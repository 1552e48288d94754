/* Weights that the data do not determine have no standard errors, and outputs no intervals. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check/uncertainty_example.h"
#include "support/arrays.h"

enum { CASES = 50, HIDDEN = 3, WEIGHTS = 2 * HIDDEN + HIDDEN + HIDDEN + 1 };

/* 2 inputs, 3 tanh units, one output, with weights from a seed. */
static bp_network *three_units(void)
{
    bp_network *net = NULL;
    const size_t units[] = {2, HIDDEN, 1};
    assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_linear()));
    assert_ok(bp_network_initialize(net, 3));
    return net;
}

typedef struct noise {
    bp_real inputs[2 * CASES], targets[CASES];
    bp_data data;
} noise;

static void make_noise(noise *n)
{
    uint64_t seed = 5;
    for (size_t i = 0; i < 2 * CASES; i++)
        n->inputs[i] = (bp_real)test_uniform(&seed, -2, 2);
    for (size_t i = 0; i < CASES; i++)
        n->targets[i] = (bp_real)test_uniform(&seed, -1, 1);
    n->data = bp_data_view(CASES, n->inputs, 2, n->targets, 1);
}

/* Nothing gives a number; the message counts the directions. */
static void assert_not_identified(const bp_network *net, const bp_data *data, size_t directions,
                                  const char *message, const unsigned char *wanted)
{
    bp_workspace *workspace = NULL;
    bp_uncertainty *u = NULL;
    double errors[WEIGHTS];
    bp_real low[CASES], high[CASES];
    unsigned char identified[WEIGHTS];
    assert_ok(bp_workspace_create(&workspace, net, CASES));
    assert_ok(bp_uncertainty_create(&u, net, workspace, data, NULL));
    const bp_uncertainty_summary summary = summary_of(u);
    assert_int_equal(summary.unidentified, directions);
    assert_true(summary.variance == 0);
    assert_fails(bp_uncertainty_standard_errors(u, errors), BP_ERROR_NOT_IDENTIFIED, message);
    assert_fails(bp_uncertainty_intervals(u, workspace, data, BP_INTERVAL_OF_MEAN, 0.95, low, high),
                 BP_ERROR_NOT_IDENTIFIED, message);
    assert_ok(bp_uncertainty_identified(u, identified));
    for (size_t i = 0; i < WEIGHTS && wanted != NULL; i++)
        assert_int_equal(identified[i], wanted[i]);
    if (directions > 0)
        assert_int_equal(identified[summary.first_unidentified], 0);
    bp_uncertainty_destroy(u);
    /* Weight decay determines all directions. */
    const bp_uncertainty_options options = decay_of(0.1, 0);
    assert_ok(bp_uncertainty_create(&u, net, workspace, data, &options));
    assert_int_equal(summary_of(u).unidentified, 0);
    assert_ok(bp_uncertainty_standard_errors(u, errors));
    bp_uncertainty_destroy(u);
    bp_workspace_destroy(workspace);
}

static size_t weight_into_hidden(const bp_network *net, size_t unit, size_t input)
{
    return bp_connection_offset(bp_network_connection(net, 0)) + 2 * unit + input;
}

static size_t weight_out_of_hidden(const bp_network *net, size_t unit)
{
    return bp_connection_offset(bp_network_connection(net, 1)) + unit;
}

static size_t bias_of_hidden(const bp_network *net, size_t unit)
{
    return bp_layer_bias_offset(bp_network_layer(net, 1)) + unit;
}

/* Two hidden units with the same incoming weights: what they share can be divided as one likes, in the
 * weights out of them and, since tanh is smooth, in those into them, two inputs and a bias. */
static void test_equal_units(void **state)
{
    (void)state;
    noise n;
    make_noise(&n);
    bp_network *net = three_units();
    bp_real weights[WEIGHTS];
    unsigned char wanted[WEIGHTS];
    memcpy(weights, bp_network_weights(net, NULL), sizeof weights);
    memset(wanted, 1, sizeof wanted);
    for (size_t input = 0; input < 2; input++)
        weights[weight_into_hidden(net, 2, input)] = weights[weight_into_hidden(net, 0, input)];
    weights[bias_of_hidden(net, 2)] = weights[bias_of_hidden(net, 0)];
    for (size_t unit = 0; unit < HIDDEN; unit += 2) {
        wanted[weight_into_hidden(net, unit, 0)] = wanted[weight_into_hidden(net, unit, 1)] = 0;
        wanted[bias_of_hidden(net, unit)] = wanted[weight_out_of_hidden(net, unit)] = 0;
    }
    assert_ok(bp_network_set_weights(net, weights, WEIGHTS));
    assert_not_identified(net, &n.data, 4, "4 of 13 directions leave all outputs as they are, and weight 0",
                          wanted);
    bp_network_destroy(net);
}

/* A unit whose weight to the output is 0: nothing is known of those into it. */
static void test_unit_without_effect(void **state)
{
    (void)state;
    noise n;
    make_noise(&n);
    bp_network *net = three_units();
    bp_real weights[WEIGHTS];
    unsigned char wanted[WEIGHTS];
    memcpy(weights, bp_network_weights(net, NULL), sizeof weights);
    memset(wanted, 1, sizeof wanted);
    weights[weight_out_of_hidden(net, 1)] = 0;
    wanted[weight_into_hidden(net, 1, 0)] = wanted[weight_into_hidden(net, 1, 1)] = 0;
    wanted[bias_of_hidden(net, 1)] = 0;
    assert_ok(bp_network_set_weights(net, weights, WEIGHTS));
    assert_not_identified(net, &n.data, 3, "3 of 13 directions", wanted);
    bp_network_destroy(net);
}

static void test_too_few_cases(void **state)
{
    (void)state;
    noise n;
    make_noise(&n);
    bp_network *net = three_units();
    bp_data data = n.data;
    data.cases = 8;
    assert_not_identified(net, &data, WEIGHTS - 8, "5 of 13 directions", NULL);
    data.cases = WEIGHTS; /* as many as weights: each can be fitted, but nothing is left for the noise */
    assert_not_identified(net, &data, 0, "13 targets leave nothing over for 13 weights", NULL);
    bp_network_destroy(net);
}

/* The weights of a direction that is not identified, frozen: the others are as they would be without them. */
static void test_frozen_direction(void **state)
{
    (void)state;
    noise n;
    make_noise(&n);
    bp_network *net = three_units();
    bp_workspace *workspace = NULL;
    bp_uncertainty *u = NULL;
    bp_real weights[WEIGHTS];
    double errors[WEIGHTS];
    unsigned char identified[WEIGHTS];
    memcpy(weights, bp_network_weights(net, NULL), sizeof weights);
    for (size_t unit = 0; unit < HIDDEN; unit++)
        weights[weight_out_of_hidden(net, unit)] = 0;
    assert_ok(bp_network_set_weights(net, weights, WEIGHTS));
    assert_ok(bp_workspace_create(&workspace, net, CASES));
    assert_ok(bp_uncertainty_create(&u, net, workspace, &n.data, NULL));
    assert_int_equal(summary_of(u).unidentified, 3 * HIDDEN);
    assert_int_equal(summary_of(u).weights, WEIGHTS);
    bp_uncertainty_destroy(u);
    assert_ok(bp_layer_set_trainable(bp_network_layer(net, 1), 0));
    assert_ok(bp_uncertainty_create(&u, net, workspace, &n.data, NULL));
    assert_int_equal(summary_of(u).unidentified, 0);
    assert_int_equal(summary_of(u).weights, HIDDEN + 1);
    assert_true(summary_of(u).degrees_of_freedom == CASES - HIDDEN - 1);
    assert_ok(bp_uncertainty_standard_errors(u, errors));
    assert_ok(bp_uncertainty_identified(u, identified));
    for (size_t i = 0; i < WEIGHTS; i++)
        assert_int_equal(identified[i], 1);
    for (size_t unit = 0; unit < HIDDEN; unit++)
        assert_true(errors[bias_of_hidden(net, unit)] == 0 && errors[weight_out_of_hidden(net, unit)] > 0);
    bp_uncertainty_destroy(u);
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
}

/* A trained weight that is not identified is named by its place among all weights. */
static void test_first_unidentified(void **state)
{
    (void)state;
    noise n;
    make_noise(&n);
    bp_network *net = three_units();
    bp_workspace *workspace = NULL;
    bp_uncertainty *u = NULL;
    bp_real weights[WEIGHTS];
    double errors[WEIGHTS];
    unsigned char identified[WEIGHTS];
    memcpy(weights, bp_network_weights(net, NULL), sizeof weights);
    weights[weight_out_of_hidden(net, 1)] = 0;
    assert_ok(bp_network_set_weights(net, weights, WEIGHTS));
    assert_ok(bp_connection_set_trainable(bp_network_connection(net, 0), 0)); /* all but a bias of the unit */
    assert_ok(bp_workspace_create(&workspace, net, CASES));
    assert_ok(bp_uncertainty_create(&u, net, workspace, &n.data, NULL));
    assert_int_equal(summary_of(u).unidentified, 1);
    assert_int_equal(summary_of(u).first_unidentified, bias_of_hidden(net, 1));
    assert_fails(bp_uncertainty_standard_errors(u, errors), BP_ERROR_NOT_IDENTIFIED, "1 of 7 directions");
    assert_ok(bp_uncertainty_identified(u, identified));
    for (size_t i = 0; i < WEIGHTS; i++)
        assert_int_equal(identified[i], i != bias_of_hidden(net, 1));
    bp_uncertainty_destroy(u);
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
}

/* A case more than weights gives numbers. */
static void test_enough_cases(void **state)
{
    (void)state;
    noise n;
    make_noise(&n);
    bp_network *net = three_units();
    bp_workspace *workspace = NULL;
    bp_uncertainty *u = NULL;
    double errors[WEIGHTS];
    assert_ok(bp_workspace_create(&workspace, net, CASES));
    assert_ok(bp_uncertainty_create(&u, net, workspace, &n.data, NULL));
    assert_int_equal(summary_of(u).unidentified, 0);
    assert_ok(bp_uncertainty_standard_errors(u, errors));
    for (size_t i = 0; i < WEIGHTS; i++)
        assert_true(errors[i] > 0 && isfinite(errors[i]));
    bp_uncertainty_destroy(u);
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
}

static bp_status try_all(void *context, const bp_allocator *allocator)
{
    noise *n = context;
    double errors[WEIGHTS];
    bp_real low[CASES], high[CASES];
    bp_network *net = NULL;
    bp_workspace *workspace = NULL;
    bp_uncertainty *u = NULL;
    bp_status status = test_layer_create(&net, allocator, 2, 1);
    if (status == BP_OK)
        status = bp_network_initialize(net, 1);
    if (status == BP_OK)
        status = bp_workspace_create(&workspace, net, 2);
    if (status == BP_OK)
        status = bp_uncertainty_create(&u, net, workspace, &n->data, NULL);
    if (status == BP_OK)
        status = bp_uncertainty_standard_errors(u, errors);
    if (status == BP_OK)
        status = bp_uncertainty_intervals(u, workspace, &n->data, BP_INTERVAL_OF_MEAN, 0.9, low, high);
    bp_uncertainty_destroy(u);
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
    return status;
}

static void test_each_allocation(void **state)
{
    (void)state;
    noise n;
    make_noise(&n);
    test_each_allocation_fails(try_all, &n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal_units),      cmocka_unit_test(test_unit_without_effect),
        cmocka_unit_test(test_too_few_cases),    cmocka_unit_test(test_enough_cases),
        cmocka_unit_test(test_frozen_direction), cmocka_unit_test(test_first_unidentified),
        cmocka_unit_test(test_each_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
