/* Unrolling: what becomes of weights, states and scaling, and wrong calls. */
#include "network/recurrent_example.h"

#include <stdio.h>
#include <string.h>

#include "reference/random_recurrent.h"
#include "support/connect.h"
#include "support/support.h"

/* --------------------------------------------------------------- weights, values */

static void test_weights_move_either_way(void **state)
{
    recurrent_example *f = *state;
    assert_ok(bp_network_initialize(f->net, 5));
    bp_network *unrolled = unroll(f->net, 3, NULL, NULL);
    size_t count;
    const bp_real *weights = bp_network_weights(unrolled, &count);
    assert_memory_equal(weights, bp_network_weights(f->net, NULL), count * sizeof *weights);
    bp_real other[WEIGHTS];
    for (int i = 0; i < WEIGHTS; i++)
        other[i] = (bp_real)(i - 10) / 8;
    assert_ok(bp_network_set_weights(unrolled, other, WEIGHTS));
    assert_memory_not_equal(bp_network_weights(f->net, NULL), other, sizeof other);
    assert_ok(bp_network_set_weights(f->net, bp_network_weights(unrolled, NULL), WEIGHTS));
    assert_memory_equal(bp_network_weights(f->net, NULL), other, sizeof other);
    bp_network_destroy(unrolled);
}

static void test_weights_that_were_never_set(void **state)
{
    recurrent_example *f = *state;
    bp_network *unrolled = unroll(f->net, 2, NULL, NULL);
    bp_workspace *workspace = NULL;
    const bp_real inputs[4] = {0};
    bp_real outputs[4];
    bp_data data = bp_data_view(1, inputs, 4, NULL, 0);
    assert_ok(bp_workspace_create(&workspace, unrolled, 1));
    assert_fails(bp_network_predict(unrolled, workspace, &data, outputs), BP_ERROR_STATE, "never been set");
    bp_workspace_destroy(workspace);
    bp_network_destroy(unrolled);
}

/* The same rules, fans and draws as in the original, whichever layers are left out. */
static void test_initial_weights_are_those_of_the_original(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 50; seed++) {
        random_recurrent *random = random_recurrent_create(seed);
        bp_network *net = random->net, *unrolled = random->unrolled;
        size_t count;
        assert_ok(bp_network_initialize(net, seed + 100));
        assert_ok(bp_network_initialize(unrolled, seed + 100));
        const bp_real *weights = bp_network_weights(net, &count);
        assert_memory_equal(bp_network_weights(unrolled, NULL), weights, count * sizeof *weights);
        random_recurrent_destroy(random);
    }
}

static void test_rules_set_on_a_copy_are_rules_of_all(void **state)
{
    recurrent_example *f = *state;
    bp_network *unrolled = unroll(f->net, 2, NULL, NULL);
    bp_connection *late = bp_network_find_connection(unrolled, bp_network_find_layer(unrolled, "in@2"),
                                                     bp_network_find_layer(unrolled, "h@2"));
    bp_real biases[2];
    assert_ok(bp_network_set_weight_init(unrolled, bp_weight_init_constant(0.5)));
    assert_ok(bp_connection_set_weight_init(late, bp_weight_init_constant(0.25)));
    assert_ok(
        bp_layer_set_bias_init(bp_network_find_layer(unrolled, "out@1"), bp_weight_init_constant(0.125)));
    assert_ok(bp_network_initialize(unrolled, 1));
    const bp_real *weights = bp_network_weights(unrolled, NULL);
    assert_true(weights[0] == (bp_real)0.25 && weights[5] == (bp_real)0.25 && weights[6] == (bp_real)0.5);
    assert_ok(bp_layer_get_biases(bp_network_find_layer(unrolled, "out@2"), biases, 2));
    assert_true(biases[0] == (bp_real)0.125 && biases[1] == (bp_real)0.125);
    assert_memory_equal(weights + bp_layer_state_offset(f->h), h_state, sizeof h_state);
    bp_network_destroy(unrolled);
}

static void test_scaling_is_repeated(void **state)
{
    recurrent_example *f = *state;
    static const unsigned char outputs[] = {0, 1, 0};
    const bp_real offsets[] = {1, 2}, factors[] = {3, 4};
    assert_ok(bp_network_set_input_scaling(f->net, offsets, factors, 2));
    assert_ok(bp_network_set_target_scaling(f->net, factors, offsets, 2));
    bp_network *unrolled = unroll(f->net, 3, NULL, outputs);
    bp_real got_offsets[6], got_factors[6];
    assert_ok(bp_network_get_input_scaling(unrolled, got_offsets, got_factors, 6));
    for (int i = 0; i < 6; i++)
        assert_true(got_offsets[i] == offsets[i % 2] && got_factors[i] == factors[i % 2]);
    assert_ok(bp_network_get_target_scaling(unrolled, got_offsets, got_factors, 2));
    assert_true(got_offsets[1] == 4 && got_factors[1] == 2);
    bp_network_destroy(unrolled);
}

/* One step; out is only reached through h at the step before, so nothing but its biases and states is used.
 */
static void test_weights_that_no_copy_uses(void **state)
{
    (void)state;
    bp_network *net = NULL;
    bp_layer *in = NULL, *h = NULL, *out = NULL;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&in, net, "in", 1));
    assert_ok(bp_network_add_layer(&h, net, "h", 1, bp_activation_linear()));
    assert_ok(bp_network_add_layer(&out, net, "out", 1, bp_activation_linear()));
    assert_ok(bp_network_connect(NULL, net, in, h));
    assert_ok(connect_delayed(NULL, net, h, out));
    assert_ok(bp_layer_set_initial_state(h, (const bp_real[]){2}, 1));
    assert_ok(bp_network_finalize(net));
    assert_ok(bp_network_set_weights(net, (const bp_real[]){10, 20, 2, 3, 4}, 5));
    bp_network *unrolled = unroll(net, 1, NULL, NULL);
    bp_workspace *workspace = NULL;
    const bp_real input = 1, target = 9;
    bp_real gradient[5] = {7, 7, 7, 7, 7}, of_input = 7;
    bp_data data = bp_data_view(1, &input, 1, &target, 1);
    double error;
    assert_ok(bp_workspace_create(&workspace, unrolled, 1));
    assert_ok(bp_network_gradient(unrolled, workspace, &data, bp_loss_squared_error(), &error, gradient));
    assert_true(error == 0.5); /* 2 * 3 + 4 = 10 */
    assert_true(gradient[0] == 0 && gradient[1] == 0);
    assert_true(gradient[2] == 3 && gradient[3] == 2 && gradient[4] == 1);
    assert_ok(
        bp_network_input_gradient(unrolled, workspace, &data, bp_loss_squared_error(), &error, &of_input));
    assert_true(of_input == 0);
    assert_ok(bp_network_initialize(unrolled, 4));
    assert_ok(bp_network_initialize(net, 4));
    assert_memory_equal(bp_network_weights(unrolled, NULL), bp_network_weights(net, NULL),
                        5 * sizeof(bp_real));
    bp_workspace_destroy(workspace);
    bp_network_destroy(unrolled);
    bp_network_destroy(net);
}

static void assert_same_networks(const bp_network *a, const bp_network *b)
{
    assert_int_equal(bp_network_layer_count(a), bp_network_layer_count(b));
    for (size_t i = 0; i < bp_network_layer_count(a); i++) {
        const bp_layer *la = bp_network_layer(a, i), *lb = bp_network_layer(b, i);
        assert_string_equal(bp_layer_name(la), bp_layer_name(lb));
        assert_int_equal(bp_layer_bias_offset(la), bp_layer_bias_offset(lb));
        assert_int_equal(bp_layer_state_offset(la), bp_layer_state_offset(lb));
    }
    assert_int_equal(bp_network_connection_count(a), bp_network_connection_count(b));
    for (size_t i = 0; i < bp_network_connection_count(a); i++)
        assert_int_equal(bp_connection_offset(bp_network_connection(a, i)),
                         bp_connection_offset(bp_network_connection(b, i)));
    size_t count_a, count_b;
    const bp_real *wa = bp_network_weights(a, &count_a), *wb = bp_network_weights(b, &count_b);
    assert_int_equal(count_a, count_b);
    assert_memory_equal(wa, wb, count_a * sizeof *wa);
}

static void assert_same_gradients(const bp_network *a, const bp_network *b, const random_recurrent *random)
{
    const bp_network *nets[] = {a, b};
    double errors[2];
    bp_real gradients[2][4096];
    size_t count;
    bp_network_weights(a, &count);
    assert_in_range(count, 1, 4096);
    for (int i = 0; i < 2; i++) {
        bp_workspace *workspace = NULL;
        assert_ok(bp_workspace_create(&workspace, nets[i], 4));
        assert_ok(
            bp_network_gradient(nets[i], workspace, &random->data, random->loss, &errors[i], gradients[i]));
        bp_workspace_destroy(workspace);
    }
    assert_true(errors[0] == errors[1]);
    assert_memory_equal(gradients[0], gradients[1], count * sizeof gradients[0][0]);
}

/* Copies of the recurrent and of the unrolled network, which outlive what they were copied from. */
static void test_copies(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        random_recurrent *random = random_recurrent_create(seed), *same = random_recurrent_create(seed);
        bp_network *net = NULL, *unrolled = NULL, *again = NULL;
        assert_ok(bp_network_copy(&net, random->net));
        assert_ok(bp_network_copy(&unrolled, random->unrolled));
        bp_unroll_options options =
            unroll_options(same->times.steps, same->times.has_input, same->times.has_output);
        random_recurrent_destroy(random);
        assert_ok(bp_network_unroll(&again, net, &options));
        assert_same_networks(net, same->net);
        assert_same_networks(unrolled, same->unrolled);
        assert_same_networks(again, same->unrolled);
        assert_same_gradients(unrolled, same->unrolled, same);
        assert_same_gradients(again, same->unrolled, same);
        assert_ok(bp_network_initialize(unrolled, 77));
        assert_ok(bp_network_initialize(net, 77));
        size_t count;
        const bp_real *weights = bp_network_weights(net, &count);
        assert_memory_equal(bp_network_weights(unrolled, NULL), weights, count * sizeof *weights);
        bp_network_destroy(net);
        bp_network_destroy(unrolled);
        bp_network_destroy(again);
        random_recurrent_destroy(same);
    }
}

/* -------------------------------------------------------------------- wrong calls */

static void test_a_recurrent_network_must_be_unrolled(void **state)
{
    recurrent_example *f = *state;
    const char *message = "has delayed connections; unroll it first";
    assert_ok(bp_network_initialize(f->net, 1));
    bp_network *unrolled = unroll(f->net, 1, NULL, NULL);
    bp_workspace *workspace = NULL;
    bp_trainer *trainer = NULL;
    bp_evaluation evaluation;
    bp_evaluation_init(&evaluation, sizeof evaluation);
    bp_real numbers[WEIGHTS] = {0};
    double error;
    bp_data data = bp_data_view(1, numbers, 2, numbers, 2);
    bp_loss loss = bp_loss_squared_error();
    assert_fails(bp_workspace_create(&workspace, f->net, 1), BP_ERROR_STATE, message);
    assert_fails(bp_trainer_create(&trainer, f->net, NULL), BP_ERROR_STATE, message);
    assert_ok(bp_workspace_create(&workspace, unrolled, 1));
    assert_fails(bp_network_predict(f->net, workspace, &data, numbers), BP_ERROR_STATE, message);
    assert_fails(bp_network_evaluate(f->net, workspace, &data, loss, NULL, &evaluation), BP_ERROR_STATE,
                 message);
    assert_fails(bp_network_gradient(f->net, workspace, &data, loss, &error, numbers), BP_ERROR_STATE,
                 message);
    assert_fails(bp_network_input_gradient(f->net, workspace, &data, loss, &error, numbers), BP_ERROR_STATE,
                 message);
    bp_workspace_destroy(workspace);
    bp_network_destroy(unrolled);
}

static void test_wrong_options(void **state)
{
    recurrent_example *f = *state;
    static const unsigned char none[3] = {0, 0, 0};
    bp_network *unrolled = NULL, *open = NULL;
    bp_unroll_options options = unroll_options(3, NULL, NULL);
    assert_fails(bp_network_unroll(NULL, f->net, &options), BP_ERROR_ARGUMENT, "out is NULL");
    assert_fails(bp_network_unroll(&unrolled, NULL, &options), BP_ERROR_ARGUMENT, "net is NULL");
    assert_fails(bp_network_unroll(&unrolled, f->net, NULL), BP_ERROR_ARGUMENT, "options is NULL");
    options.size = 0;
    assert_fails(bp_network_unroll(&unrolled, f->net, &options), BP_ERROR_ARGUMENT, "bp_unroll_options");
    options.size = sizeof options - 1;
    assert_fails(bp_network_unroll(&unrolled, f->net, &options), BP_ERROR_VERSION, "bp_unroll_options.size");
    options = unroll_options(0, NULL, NULL);
    assert_fails(bp_network_unroll(&unrolled, f->net, &options), BP_ERROR_ARGUMENT, "options.steps is 0");
    options = unroll_options(3, none, NULL);
    assert_fails(bp_network_unroll(&unrolled, f->net, &options), BP_ERROR_ARGUMENT,
                 "options.input_steps selects none of the 3 steps");
    options = unroll_options(3, NULL, none);
    assert_fails(bp_network_unroll(&unrolled, f->net, &options), BP_ERROR_ARGUMENT,
                 "options.output_steps selects none of the 3 steps");
    options = unroll_options(SIZE_MAX, NULL, NULL);
    assert_fails(bp_network_unroll(&unrolled, f->net, &options), BP_ERROR_OVERFLOW, "at most 349524");
    options = unroll_options(349525, NULL, NULL);
    assert_fails(bp_network_unroll(&unrolled, f->net, &options), BP_ERROR_OVERFLOW, "steps is 349525");
    options = unroll_options(1, NULL, NULL);
    assert_ok(bp_network_create(&open, NULL));
    assert_fails(bp_network_unroll(&unrolled, open, &options), BP_ERROR_STATE, "not finalized");
    assert_null(unrolled);
    assert_ok(bp_network_unroll(&unrolled, f->net, &options));
    bp_network *twice = NULL;
    assert_fails(bp_network_unroll(&twice, unrolled, &options), BP_ERROR_STATE, "unrolled already");
    assert_null(twice);
    bp_network_destroy(open);
    bp_network_destroy(unrolled);
}

static void test_options_init(void **state)
{
    (void)state;
    bp_unroll_options options;
    memset(&options, 1, sizeof options);
    bp_unroll_options_init(&options, sizeof options);
    assert_int_equal(options.size, sizeof options);
    assert_int_equal(options.steps, 0);
    assert_null(options.input_steps);
    assert_null(options.output_steps);
    bp_unroll_options_init(NULL, sizeof options);
}

/* Two layers that act on each other over time, but on no output. */
static void test_a_cycle_that_leads_nowhere(void **state)
{
    (void)state;
    bp_network *net = NULL;
    bp_layer *in = NULL, *a = NULL, *b = NULL, *out = NULL;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&in, net, "in", 1));
    assert_ok(bp_network_add_layer(&a, net, "a", 1, bp_activation_tanh()));
    assert_ok(bp_network_add_layer(&b, net, "b", 1, bp_activation_tanh()));
    assert_ok(bp_network_add_layer(&out, net, "out", 1, bp_activation_tanh()));
    assert_ok(bp_network_connect(NULL, net, in, out));
    assert_ok(bp_network_connect(NULL, net, a, b));
    assert_ok(connect_delayed(NULL, net, b, a));
    assert_fails(bp_network_finalize(net), BP_ERROR_STRUCTURE, "layer 'a' does not lead to an output");
    assert_ok(connect_delayed(NULL, net, a, out));
    assert_ok(bp_network_finalize(net));
    bp_network_destroy(net);
}

static bp_status attempt(void *context, const bp_allocator *allocator)
{
    (void)context;
    recurrent_example f;
    bp_network *unrolled = NULL, *copy = NULL;
    const bp_real ones[2] = {1, 2};
    bp_unroll_options options = unroll_options(2, NULL, NULL);
    bp_status status = recurrent_example_create(&f, allocator);
    if (status == BP_OK)
        status = bp_network_set_input_scaling(f.net, ones, ones, 2);
    if (status == BP_OK)
        status = bp_network_unroll(&unrolled, f.net, &options);
    if (status == BP_OK)
        status = bp_network_copy(&copy, unrolled);
    assert_true(status == BP_OK || copy == NULL);
    bp_network_destroy(f.net);
    bp_network_destroy(unrolled);
    bp_network_destroy(copy);
    return status;
}

static void test_each_allocation(void **state)
{
    (void)state;
    test_each_allocation_fails(attempt, NULL);
}

#define WITH_NETWORK(test) cmocka_unit_test_setup_teardown(test, recurrent_setup, recurrent_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_NETWORK(test_weights_move_either_way),
        WITH_NETWORK(test_weights_that_were_never_set),
        cmocka_unit_test(test_initial_weights_are_those_of_the_original),
        WITH_NETWORK(test_rules_set_on_a_copy_are_rules_of_all),
        WITH_NETWORK(test_scaling_is_repeated),
        cmocka_unit_test(test_weights_that_no_copy_uses),
        cmocka_unit_test(test_copies),
        WITH_NETWORK(test_a_recurrent_network_must_be_unrolled),
        WITH_NETWORK(test_wrong_options),
        cmocka_unit_test(test_options_init),
        cmocka_unit_test(test_a_cycle_that_leads_nowhere),
        cmocka_unit_test(test_each_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
