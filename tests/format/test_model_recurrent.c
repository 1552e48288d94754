/* Model files of networks with shared weights, delayed connections and initial states, and of unrolled ones.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "format/model_bytes.h"
#include "format/model_example.h"
#include "reference/random_network.h"
#include "reference/random_recurrent.h"

/* ---------------------------------------------------------------- round trips */

static void assert_same_gradient(const bp_network *a, const bp_network *b, const random_recurrent *random)
{
    const bp_network *nets[] = {a, b};
    bp_real *gradients[2];
    double errors[2];
    size_t count;
    bp_network_weights(a, &count);
    for (int i = 0; i < 2; i++) {
        bp_workspace *workspace = NULL;
        gradients[i] = calloc(count, sizeof(bp_real));
        assert_non_null(gradients[i]);
        assert_ok(bp_workspace_create(&workspace, nets[i], 4));
        assert_ok(
            bp_network_gradient(nets[i], workspace, &random->data, random->loss, &errors[i], gradients[i]));
        bp_workspace_destroy(workspace);
    }
    assert_true(errors[0] == errors[1]);
    assert_memory_equal(gradients[0], gradients[1], count * sizeof(bp_real));
    free(gradients[0]);
    free(gradients[1]);
}

static bp_network_options options_with(const bp_activation *activation)
{
    bp_network_options options;
    bp_network_options_init(&options, sizeof options);
    options.activations = activation;
    options.activation_count = 1;
    return options;
}

static void check_round_trip(uint64_t seed, const bp_network_options *options)
{
    random_recurrent *random = random_recurrent_create(seed);
    size_t size, unrolled_size;
    unsigned char *bytes = test_save(random->net, &size);
    unsigned char *unrolled_bytes = test_save(random->unrolled, &unrolled_size);
    bp_network *net = model_load(bytes, size, options);
    bp_network *unrolled = model_load(unrolled_bytes, unrolled_size, options), *again = NULL;
    bp_unroll_options steps;
    bp_unroll_options_init(&steps, sizeof steps);
    steps.steps = random->times.steps;
    steps.input_steps = random->times.has_input;
    steps.output_steps = random->times.has_output;
    assert_ok(bp_network_unroll(&again, net, &steps));
    model_assert_saves_alike(net, bytes, size);
    model_assert_saves_alike(unrolled, unrolled_bytes, unrolled_size);
    assert_same_gradient(unrolled, random->unrolled, random);
    assert_same_gradient(again, random->unrolled, random);
    bp_network_destroy(net);
    bp_network_destroy(unrolled);
    bp_network_destroy(again);
    free(bytes);
    free(unrolled_bytes);
    random_recurrent_destroy(random);
}

static void test_random_networks_come_back(void **state)
{
    (void)state;
    bp_activation custom = random_custom_activation();
    bp_network_options options = options_with(&custom);
    for (uint64_t seed = 1; seed <= 150; seed++)
        check_round_trip(seed, &options);
}

/* The start values of learned states are part of the file; the rules of the other weights are not. */
static void test_learned_states_start_alike(void **state)
{
    (void)state;
    bp_network *net = NULL;
    assert_ok(example_recurrent_create(&net, NULL));
    size_t size;
    unsigned char *bytes = test_save(net, &size);
    bp_network *loaded = model_load(bytes, size, NULL);
    bp_real now[2], start[2];
    bp_layer *h = bp_network_find_layer(loaded, "h");
    assert_ok(bp_layer_get_initial_state(h, now, 2));
    assert_memory_equal(now, bp_network_weights(net, NULL) + bp_layer_state_offset(h), sizeof now);
    assert_ok(bp_network_initialize(loaded, 1));
    assert_ok(bp_layer_get_initial_state(h, start, 2));
    assert_true(start[0] == (bp_real)0.5 && start[1] == (bp_real)-0.25);
    bp_network_destroy(net);
    bp_network_destroy(loaded);
    free(bytes);
}

static void test_scaling_of_an_unrolled_network_is_its_own(void **state)
{
    (void)state;
    const bp_real offsets[] = {1, 2, 3, 4}, factors[] = {5, 6, 7, 8};
    bp_real got_offsets[4], got_factors[4];
    bp_network *net = NULL;
    assert_ok(example_unrolled_create(&net, NULL));
    assert_ok(bp_network_set_input_scaling(net, offsets, factors, 4));
    size_t size;
    unsigned char *bytes = test_save(net, &size);
    bp_network *loaded = model_load(bytes, size, NULL);
    assert_ok(bp_network_get_input_scaling(loaded, got_offsets, got_factors, 4));
    assert_memory_equal(got_offsets, offsets, sizeof offsets);
    assert_memory_equal(got_factors, factors, sizeof factors);
    bp_network_destroy(net);
    bp_network_destroy(loaded);
    free(bytes);
}

/* ------------------------------------------------------------------ kept files */

static void check_files_of_version_1(const char *recurrent_path, const char *unrolled_path)
{
    bp_network *net = NULL, *unrolled = NULL;
    assert_ok(bp_network_load(&net, recurrent_path, NULL));
    assert_ok(bp_network_load(&unrolled, unrolled_path, NULL));
    size_t count, unrolled_count;
    const bp_real *weights = bp_network_weights(net, &count);
    assert_memory_equal(bp_network_weights(unrolled, &unrolled_count), weights, count * sizeof *weights);
    assert_int_equal(count, RECURRENT_WEIGHTS);
    assert_int_equal(unrolled_count, RECURRENT_WEIGHTS);

    const bp_real inputs[] = {1, 2, -3, 4, (bp_real)0.5, 6, 7, -8}, targets[4] = {0};
    bp_data data = bp_data_view(2, inputs, 4, targets, 2);
    bp_workspace *workspace = NULL;
    bp_real outputs[4];
    double wanted[4];
    assert_ok(bp_workspace_create(&workspace, unrolled, 2));
    assert_ok(bp_network_predict(unrolled, workspace, &data, outputs));
    bp_workspace_destroy(workspace);
    recurrent_times times = {.steps = RECURRENT_EXAMPLE_STEPS};
    memcpy(times.has_input, example_input_steps, sizeof example_input_steps);
    memcpy(times.has_output, example_output_steps, sizeof example_output_steps);
    reference *ref = reference_create(net, NULL, 0, NULL);
    recurrent_run(ref, &times, &data, REFERENCE_SQUARED_ERROR, &(reference_result){.outputs = wanted});
    reference_destroy(ref);
    for (int i = 0; i < 4; i++)
        assert_close(outputs[i], wanted[i], TOLERANCE(1e-6, 1e-13));
    bp_network_destroy(net);
    bp_network_destroy(unrolled);
}

static void test_files_of_version_1_in_float(void **state)
{
    (void)state;
    check_files_of_version_1("data/model-v1-recurrent-float.bp", "data/model-v1-unrolled-float.bp");
}

static void test_files_of_version_1_in_double(void **state)
{
    (void)state;
    check_files_of_version_1("data/model-v1-recurrent-double.bp", "data/model-v1-unrolled-double.bp");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_networks_come_back),
        cmocka_unit_test(test_learned_states_start_alike),
        cmocka_unit_test(test_scaling_of_an_unrolled_network_is_its_own),
        cmocka_unit_test(test_files_of_version_1_in_float),
        cmocka_unit_test(test_files_of_version_1_in_double),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
