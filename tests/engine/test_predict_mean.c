/* The mean of the outputs of several networks. */
#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "support/arrays.h"
#include "support/support.h"

enum { INPUTS = 3, OUTPUTS = 4, CASES = 50, NETWORKS = 5 };

static bp_network *make_network(const bp_allocator *allocator, size_t hidden, bp_activation output,
                                uint64_t seed)
{
    bp_network *net = NULL;
    bp_layer *layers[3];
    assert_ok(test_network_create(&net, allocator));
    assert_ok(bp_network_add_input(&layers[0], net, NULL, INPUTS));
    assert_ok(bp_network_add_layer(&layers[1], net, NULL, hidden, bp_activation_tanh()));
    assert_ok(bp_network_add_layer(&layers[2], net, NULL, OUTPUTS, output));
    assert_ok(bp_network_connect(NULL, net, layers[0], layers[1]));
    assert_ok(bp_network_connect(NULL, net, layers[1], layers[2]));
    assert_ok(bp_network_finalize(net));
    assert_ok(bp_network_initialize(net, seed));
    return net;
}

static void destroy_all(bp_network **networks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        bp_network_destroy(networks[i]);
}

/* y = w x with w = 1, 2 and 6, of x = 1 and 2. */
static void test_worked_case(void **state)
{
    (void)state;
    bp_network *networks[3];
    const bp_real weights[] = {1, 2, 6}, inputs[] = {1, 2};
    const size_t units[] = {1, 1};
    for (size_t i = 0; i < 3; i++) {
        networks[i] = NULL;
        assert_ok(bp_network_create_layered(&networks[i], units, 2, bp_activation_linear(),
                                            bp_activation_linear()));
        assert_ok(bp_network_set_weights(networks[i], (const bp_real[]){weights[i], 0}, 2));
    }
    const bp_data data = bp_data_view(2, inputs, 1, NULL, 0);
    bp_real outputs[2];
    assert_ok(bp_networks_predict(networks, 3, &data, outputs));
    assert_true(outputs[0] == 3 && outputs[1] == 6);
    assert_ok(bp_networks_predict(networks + 1, 1, &data, outputs));
    assert_true(outputs[0] == 2 && outputs[1] == 4);
    destroy_all(networks, 3);
}

/* Networks with hidden layers and scalings of their own, against the mean of what each predicts. */
static void test_mean_in_raw_units(void **state)
{
    (void)state;
    uint64_t stream = 1;
    bp_network *networks[NETWORKS];
    bp_real *inputs = random_reals(&stream, CASES * INPUTS, -1, 1);
    const bp_data data = bp_data_view(CASES, inputs, INPUTS, NULL, 0);
    double wanted[CASES * OUTPUTS] = {0};
    bp_real outputs[CASES * OUTPUTS];
    for (size_t i = 0; i < NETWORKS; i++) {
        networks[i] = make_network(NULL, 2 + i, bp_activation_linear(), i);
        bp_real *offsets = random_reals(&stream, OUTPUTS, 5, 10);
        bp_real *factors = random_reals(&stream, OUTPUTS, 0.5, 2);
        assert_ok(bp_network_set_target_scaling(networks[i], offsets, factors, OUTPUTS));
        free(offsets);
        free(factors);
        bp_workspace *workspace = NULL;
        assert_ok(bp_workspace_create(&workspace, networks[i], CASES));
        assert_ok(bp_network_predict(networks[i], workspace, &data, outputs));
        bp_workspace_destroy(workspace);
        for (size_t j = 0; j < CASES * OUTPUTS; j++)
            wanted[j] += (double)outputs[j] / NETWORKS;
    }
    assert_ok(bp_networks_predict(networks, NETWORKS, &data, outputs));
    assert_all_close(outputs, wanted, CASES * OUTPUTS, TOLERANCE(1e-7, 1e-15), "output");
    destroy_all(networks, NETWORKS);
    free(inputs);
}

static void test_probabilities_stay_probabilities(void **state)
{
    (void)state;
    uint64_t stream = 2;
    bp_network *networks[NETWORKS];
    bp_real *inputs = random_reals(&stream, CASES * INPUTS, -3, 3);
    const bp_data data = bp_data_view(CASES, inputs, INPUTS, NULL, 0);
    bp_real outputs[CASES * OUTPUTS];
    for (size_t i = 0; i < NETWORKS; i++)
        networks[i] = make_network(NULL, 6, bp_activation_softmax(), i);
    assert_ok(bp_networks_predict(networks, NETWORKS, &data, outputs));
    for (size_t i = 0; i < CASES; i++) {
        double sum = 0;
        for (size_t j = 0; j < OUTPUTS; j++)
            sum += (double)outputs[i * OUTPUTS + j];
        assert_close(sum, 1, TOLERANCE(1e-6, 1e-14));
    }
    destroy_all(networks, NETWORKS);
    free(inputs);
}

/* ----------------------------------------------------------------------- failures */

static void test_failures_leave_the_outputs(void **state)
{
    (void)state;
    const bp_real inputs[] = {1, 2, 3, 4};
    bp_real outputs[OUTPUTS] = {7, 7, 7, 7};
    const bp_data data = bp_data_view(1, inputs, INPUTS, NULL, 0), wide = bp_data_view(1, inputs, 4, NULL, 0);
    const size_t units[] = {INPUTS, 1};
    bp_network *nets[2] = {make_network(NULL, 2, bp_activation_linear(), 1), NULL};
    assert_fails(bp_networks_predict(NULL, 1, &data, outputs), BP_ERROR_ARGUMENT, "networks");
    assert_fails(bp_networks_predict(nets, 1, NULL, outputs), BP_ERROR_ARGUMENT, "data");
    assert_fails(bp_networks_predict(nets, 1, &data, NULL), BP_ERROR_ARGUMENT, "outputs");
    assert_fails(bp_networks_predict(nets, 0, &data, outputs), BP_ERROR_ARGUMENT, "count is 0");
    assert_fails(bp_networks_predict(nets, 2, &data, outputs), BP_ERROR_ARGUMENT, "networks[1] is NULL");
    assert_fails(bp_networks_predict(nets, 1, &wide, outputs), BP_ERROR_SIZE, "input");
    assert_ok(bp_network_create_layered(&nets[1], units, 2, bp_activation_linear(), bp_activation_linear()));
    assert_fails(bp_networks_predict(nets, 2, &data, outputs), BP_ERROR_SIZE,
                 "networks[1] has 3 inputs and 1 outputs, but networks[0] has 3 and 4");
    assert_fails(bp_networks_predict(nets + 1, 1, &data, outputs), BP_ERROR_STATE, "networks[0]: ");
    bp_network_destroy(nets[1]);
    nets[1] = make_network(NULL, 2, bp_activation_linear(), 1);
    const bp_real huge = (bp_real)(sizeof(bp_real) == sizeof(float) ? (double)FLT_MAX : DBL_MAX);
    assert_ok(
        bp_layer_set_biases(bp_network_layer(nets[1], 2), (const bp_real[]){huge, huge, 0, 0}, OUTPUTS));
    assert_ok(bp_network_set_target_scaling(nets[1], (const bp_real[]){huge, 0, 0, 0},
                                            (const bp_real[]){1, 1, 1, 1}, OUTPUTS));
    assert_fails(bp_networks_predict(nets, 2, &data, outputs), BP_ERROR_NOT_FINITE, "networks[1]: ");
    for (size_t i = 0; i < OUTPUTS; i++)
        assert_true(outputs[i] == 7);
    destroy_all(nets, 2);
}

static bp_status attempt_predict(void *context, const bp_allocator *allocator)
{
    (void)context;
    const bp_real inputs[] = {1, 2, 3};
    const bp_data data = bp_data_view(1, inputs, INPUTS, NULL, 0);
    test_memory *memory = allocator->context;
    const size_t fail_at = memory->fail_at;
    memory->fail_at = SIZE_MAX;
    bp_network *nets[2];
    for (size_t i = 0; i < 2; i++)
        nets[i] = make_network(allocator, 2, bp_activation_linear(), i);
    memory->calls = 0;
    memory->fail_at = fail_at;
    bp_real outputs[OUTPUTS];
    bp_status status = bp_networks_predict(nets, 2, &data, outputs);
    destroy_all(nets, 2);
    return status;
}

static void test_each_allocation_that_fails(void **state)
{
    (void)state;
    test_each_allocation_fails(attempt_predict, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_worked_case),
        cmocka_unit_test(test_mean_in_raw_units),
        cmocka_unit_test(test_probabilities_stay_probabilities),
        cmocka_unit_test(test_failures_leave_the_outputs),
        cmocka_unit_test(test_each_allocation_that_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
