/* Pruning: which weights are taken out, that the outputs are those with these weights 0, and what goes on
 * from there. */
#include "support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reference/random_network.h"

/* in (3) -> h (2) -> o (1): 6 and 2 weights, a bias each. */
static bp_network *small_network(void)
{
    /* h: rows, biases; o: row, bias */
    const bp_real weights[] = {1, -2, 3, (bp_real)-0.5, 0, 4, (bp_real)0.125, (bp_real)0.25, 1, -3, 0};
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, (size_t[]){3, 2, 1}, 3, bp_activation_tanh(),
                                        bp_activation_linear()));
    assert_ok(bp_network_set_weights(net, weights, 11));
    return net;
}

static void assert_weights(const bp_network *net, const double *wanted, size_t wanted_count)
{
    size_t count = 0;
    const bp_real *weights = bp_network_weights(net, &count);
    assert_int_equal(count, wanted_count);
    for (size_t i = 0; i < count; i++)
        assert_true((double)weights[i] == wanted[i]);
}

static void test_which_weights_are_taken_out(void **state)
{
    (void)state;
    const struct {
        bp_prune_rule rule;
        double amount;
        size_t count;
        double left[11];
    } rows[] = {
        {BP_PRUNE_UP_TO, 0, 10, {1, -2, 3, -0.5, 4, 0.125, 0.25, 1, -3, 0}},
        {BP_PRUNE_UP_TO, 0.9, 9, {1, -2, 3, 4, 0.125, 0.25, 1, -3, 0}},
        {BP_PRUNE_UP_TO, 1, 7, {-2, 3, 4, 0.125, 0.25, -3, 0}},
        {BP_PRUNE_SHARE_OF_EACH, 0, 11, {1, -2, 3, -0.5, 0, 4, 0.125, 0.25, 1, -3, 0}},
        {BP_PRUNE_SHARE_OF_EACH, 0.5, 7, {-2, 3, 4, 0.125, 0.25, -3, 0}},
        {BP_PRUNE_SHARE_OF_EACH, 0.99, 5, {4, 0.125, 0.25, -3, 0}},
        {BP_PRUNE_SHARE_OF_ALL, 0.375, 8, {-2, 3, 4, 0.125, 0.25, 1, -3, 0}}, /* of equal ones the first */
        {BP_PRUNE_SHARE_OF_ALL, 0.5, 7, {-2, 3, 4, 0.125, 0.25, -3, 0}},
        {BP_PRUNE_SHARE_OF_ALL, 0.75, 5, {4, 0.125, 0.25, -3, 0}}, /* -3 stays: the later of two equal */
    };
    bp_network *net = small_network();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bp_network *pruned = NULL;
        assert_ok(bp_network_prune(&pruned, net, rows[i].rule, rows[i].amount));
        assert_weights(pruned, rows[i].left, rows[i].count);
        bp_network_destroy(pruned);
    }
    bp_network_destroy(net);
}

static void test_the_mask(void **state)
{
    (void)state;
    bp_network *net = small_network(), *pruned = NULL, *again = NULL;
    unsigned char mask[6];
    const unsigned char wanted[] = {0, 1, 1, 0, 0, 1}, later[] = {0, 0, 1, 0, 0, 1};
    assert_ok(bp_network_prune(&pruned, net, BP_PRUNE_UP_TO, 1));
    assert_ok(bp_connection_get_mask(bp_network_connection(pruned, 0), mask, 6));
    assert_memory_equal(mask, wanted, 6);
    assert_ok(bp_network_prune(&again, pruned, BP_PRUNE_UP_TO, 2));
    assert_ok(bp_connection_get_mask(bp_network_connection(again, 0), mask, 6));
    assert_memory_equal(mask, later, 6);
    bp_network_destroy(net);
    bp_network_destroy(pruned);
    bp_network_destroy(again);
}

static void test_connections_that_lose_nothing(void **state)
{
    (void)state;
    bp_network *net = small_network(), *pruned = NULL;
    assert_ok(bp_network_prune(&pruned, net, BP_PRUNE_UP_TO, 0.9));
    assert_int_equal(bp_connection_get_kind(bp_network_connection(pruned, 0)), BP_CONNECTION_MASKED);
    assert_int_equal(bp_connection_get_kind(bp_network_connection(pruned, 1)), BP_CONNECTION_DENSE);
    bp_network_destroy(net);
    bp_network_destroy(pruned);
}

/* ------------------------------------------------------------------------ outputs */

/* The weights of dense and masked connections with |w| <= limit become 0. */
static void set_to_zero(bp_network *net, double limit)
{
    for (size_t i = 0; i < bp_network_connection_count(net); i++) {
        bp_connection *connection = bp_network_connection(net, i);
        const size_t count = bp_connection_weight_count(connection);
        bp_real *weights = malloc(count * sizeof *weights);
        assert_ok(bp_connection_get_weights(connection, weights, count));
        for (size_t j = 0; j < count; j++)
            if (fabs((double)weights[j]) <= limit)
                weights[j] = 0;
        if (bp_connection_get_kind(connection) != BP_CONNECTION_CONVOLUTION)
            assert_ok(bp_connection_set_weights(connection, weights, count));
        free(weights);
    }
}

static void predict(const bp_network *net, const bp_data *data, bp_real *outputs)
{
    bp_workspace *workspace = NULL;
    assert_ok(bp_workspace_create(&workspace, net, data->cases));
    assert_ok(bp_network_predict(net, workspace, data, outputs));
    bp_workspace_destroy(workspace);
}

/* Outputs of random networks: skips, masks, convolutions, shared matrices. */
static void test_outputs_are_those_with_zeros(void **state)
{
    (void)state;
    size_t pruned_count = 0;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        random_network *random = random_network_create(seed);
        bp_network *pruned = NULL;
        const bp_status status = bp_network_prune(&pruned, random->net, BP_PRUNE_UP_TO, 0.1);
        assert_true(status == BP_OK || status == BP_ERROR_STRUCTURE);
        if (status == BP_OK) {
            size_t before = 0, after = 0;
            const size_t values = random->data.cases * random->data.steps * bp_network_output_width(pruned);
            bp_real *got = malloc(values * sizeof *got), *wanted = malloc(values * sizeof *wanted);
            predict(pruned, &random->data, got);
            set_to_zero(random->net, 0.1);
            predict(random->net, &random->data, wanted);
            for (size_t i = 0; i < values; i++)
                assert_true(fabs((double)(got[i] - wanted[i])) <=
                            TOLERANCE(1e-5, 1e-13) * fmax(1, fabs((double)wanted[i])));
            bp_network_weights(random->net, &before);
            bp_network_weights(pruned, &after);
            pruned_count += after < before;
            free(got);
            free(wanted);
        }
        bp_network_destroy(pruned);
        random_network_destroy(random);
    }
    assert_true(pruned_count > 40);
}

/* -------------------------------------------------------------------- what follows */

static void test_training_settings_and_scaling_go_with_it(void **state)
{
    (void)state;
    bp_network *net = small_network(), *pruned = NULL;
    const bp_real offset[] = {1, 2, 3}, factor[] = {2, 2, 2};
    bp_real offsets[3], factors[3];
    assert_ok(bp_network_set_input_scaling(net, offset, factor, 3));
    assert_ok(bp_connection_set_trainable(bp_network_connection(net, 1), 0));
    assert_ok(bp_connection_set_rate_factor(bp_network_connection(net, 0), 0.5));
    assert_ok(bp_network_prune(&pruned, net, BP_PRUNE_SHARE_OF_EACH, 0.5));
    assert_int_equal(bp_connection_is_trainable(bp_network_connection(pruned, 1)), 0);
    assert_true(bp_connection_rate_factor(bp_network_connection(pruned, 0)) == 0.5);
    assert_ok(bp_network_get_input_scaling(pruned, offsets, factors, 3));
    assert_memory_equal(offsets, offset, sizeof offset);
    bp_network_destroy(net);
    bp_network_destroy(pruned);
}

static double error_of(const bp_network *net, const bp_data *data)
{
    bp_workspace *workspace = NULL;
    bp_evaluation found = {.size = sizeof found};
    assert_ok(bp_workspace_create(&workspace, net, data->cases));
    assert_ok(bp_network_evaluate(net, workspace, data, bp_loss_squared_error(), NULL, &found));
    bp_workspace_destroy(workspace);
    return found.error;
}

/* Pruned weights do not come back; the file has the smaller network. */
static void test_training_goes_on(void **state)
{
    (void)state;
    const bp_real x[] = {1, 0, 1, 0, 1, 1, -1, 1, 0}, d[] = {1, -1, 2};
    const bp_data data = bp_data_view(3, x, 3, d, 1);
    bp_network *net = small_network(), *pruned = NULL, *loaded = NULL;
    bp_trainer *trainer = NULL;
    bp_trainer_options options;
    const bp_stop_rule rule = bp_stop_epochs(300);
    assert_ok(bp_network_prune(&pruned, net, BP_PRUNE_SHARE_OF_ALL, 0.5));
    bp_trainer_options_1986(&options, sizeof options);
    options.optimizer = bp_optimizer_momentum(0.05, 0.5);
    options.stop_rules = &rule;
    options.stop_rule_count = 1;
    assert_ok(bp_trainer_create(&trainer, pruned, &options));
    const double error = error_of(pruned, &data);
    assert_ok(bp_trainer_run(trainer, &data, NULL, NULL));
    assert_true(error_of(pruned, &data) < 0.5 * error);
    size_t size = 0, count = 0, loaded_count = 0;
    unsigned char *bytes = test_save(pruned, &size);
    assert_ok(bp_network_load_memory(&loaded, bytes, size, NULL));
    const bp_real *weights = bp_network_weights(pruned, &count);
    assert_int_equal(count, 7);
    assert_memory_equal(weights, bp_network_weights(loaded, &loaded_count), count * sizeof *weights);
    assert_int_equal(loaded_count, count);
    free(bytes);
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
    bp_network_destroy(pruned);
    bp_network_destroy(loaded);
}

/* A recurrent network, unrolled: the outputs are those with zeros. */
static void test_unrolled_networks(void **state)
{
    (void)state;
    bp_network *net = NULL, *unrolled = NULL, *pruned = NULL;
    bp_layer *in = NULL, *h = NULL;
    bp_connect_options delayed;
    bp_unroll_options unroll;
    bp_connect_options_init(&delayed, sizeof delayed);
    bp_unroll_options_init(&unroll, sizeof unroll);
    delayed.delayed = 1;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&in, net, "in", 3));
    assert_ok(bp_network_add_layer(&h, net, "h", 4, bp_activation_tanh()));
    assert_ok(bp_network_connect(NULL, net, in, h));
    assert_ok(bp_network_connect_with(NULL, net, h, h, &delayed));
    assert_ok(bp_layer_set_output(h));
    assert_ok(bp_network_finalize(net));
    unroll.steps = 3;
    assert_ok(bp_network_unroll(&unrolled, net, &unroll));
    assert_ok(bp_network_initialize(unrolled, 3));
    assert_ok(bp_network_prune(&pruned, unrolled, BP_PRUNE_UP_TO, 0.3));
    size_t before = 0, after = 0;
    bp_network_weights(unrolled, &before);
    bp_network_weights(pruned, &after);
    assert_true(after < before);
    bp_real x[9], got[12], wanted[12];
    uint64_t seed = 4;
    for (size_t i = 0; i < 9; i++)
        x[i] = (bp_real)test_uniform(&seed, -1, 1);
    bp_data data = bp_data_view(1, x, 3, NULL, 0);
    data.steps = 3;
    predict(pruned, &data, got);
    set_to_zero(unrolled, 0.3);
    predict(unrolled, &data, wanted);
    for (size_t i = 0; i < 12; i++)
        assert_true(fabs((double)(got[i] - wanted[i])) < TOLERANCE(1e-6, 1e-14));
    bp_network_destroy(net);
    bp_network_destroy(unrolled);
    bp_network_destroy(pruned);
}

/* ------------------------------------------------------------------------- faults */

static void test_what_is_refused(void **state)
{
    (void)state;
    bp_network *net = small_network(), *pruned = NULL, *fresh = NULL;
    assert_fails(bp_network_prune(NULL, net, BP_PRUNE_UP_TO, 0), BP_ERROR_ARGUMENT, "out is NULL");
    assert_fails(bp_network_prune(&pruned, NULL, BP_PRUNE_UP_TO, 0), BP_ERROR_ARGUMENT, "net is NULL");
    assert_fails(bp_network_prune(&pruned, net, (bp_prune_rule)3, 0), BP_ERROR_ARGUMENT, "rule is 3");
    assert_fails(bp_network_prune(&pruned, net, BP_PRUNE_UP_TO, -1), BP_ERROR_ARGUMENT, "amount is -1");
    assert_fails(bp_network_prune(&pruned, net, BP_PRUNE_UP_TO, NAN), BP_ERROR_NOT_FINITE, "amount is nan");
    assert_fails(bp_network_prune(&pruned, net, BP_PRUNE_SHARE_OF_ALL, 1), BP_ERROR_ARGUMENT, "amount is 1");
    assert_fails(bp_network_prune(&pruned, net, BP_PRUNE_UP_TO, 3), BP_ERROR_STRUCTURE,
                 "would lose all its weights");
    assert_ok(
        bp_network_create_layered(&fresh, (size_t[]){1, 1}, 2, bp_activation_tanh(), bp_activation_tanh()));
    assert_fails(bp_network_prune(&pruned, fresh, BP_PRUNE_UP_TO, 0), BP_ERROR_STATE, "never been set");
    assert_null(pruned);
    bp_network_destroy(net);
    bp_network_destroy(fresh);
}

static bp_status attempt(void *context, const bp_allocator *allocator)
{
    (void)context;
    bp_network *net = NULL, *pruned = NULL;
    bp_status status = test_layer_create(&net, allocator, 3, 2);
    if (status == BP_OK)
        status = bp_network_initialize(net, 1);
    if (status == BP_OK)
        status = bp_network_prune(&pruned, net, BP_PRUNE_SHARE_OF_ALL, 0.5);
    bp_network_destroy(pruned);
    bp_network_destroy(net);
    return status;
}

static void test_each_allocation_may_fail(void **state)
{
    (void)state;
    test_each_allocation_fails(attempt, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_which_weights_are_taken_out),
        cmocka_unit_test(test_the_mask),
        cmocka_unit_test(test_connections_that_lose_nothing),
        cmocka_unit_test(test_outputs_are_those_with_zeros),
        cmocka_unit_test(test_training_settings_and_scaling_go_with_it),
        cmocka_unit_test(test_training_goes_on),
        cmocka_unit_test(test_unrolled_networks),
        cmocka_unit_test(test_what_is_refused),
        cmocka_unit_test(test_each_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
