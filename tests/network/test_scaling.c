/* Scaling of columns: setting and reading it. */
#include "support/support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "network/scaling.h"

/* Two inputs, one output. */
static int setup(void **state)
{
    const size_t units[] = {2, 1};
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 2, bp_activation_tanh(), bp_activation_linear()));
    *state = net;
    return 0;
}

static int teardown(void **state)
{
    bp_network_destroy(*state);
    return 0;
}

static void get_inputs(const bp_network *net, bp_real offsets[2], bp_real factors[2])
{
    assert_ok(bp_network_get_input_scaling(net, offsets, factors, 2));
}

static void test_set_and_get(void **state)
{
    bp_network *net = *state;
    const bp_real offsets[] = {1, -2}, factors[] = {3, -4};
    bp_real got_offsets[2], got_factors[2];
    get_inputs(net, got_offsets, got_factors);
    assert_true(got_offsets[0] == 0 && got_offsets[1] == 0 && got_factors[0] == 1 && got_factors[1] == 1);
    assert_ok(bp_network_set_input_scaling(net, offsets, factors, 2));
    get_inputs(net, got_offsets, got_factors);
    assert_memory_equal(got_offsets, offsets, sizeof offsets);
    assert_memory_equal(got_factors, factors, sizeof factors);
    assert_ok(bp_network_get_target_scaling(net, got_offsets, got_factors, 1));
    assert_true(got_offsets[0] == 0 && got_factors[0] == 1);
    assert_ok(bp_network_set_target_scaling(net, offsets + 1, factors + 1, 1));
    assert_ok(bp_network_get_target_scaling(net, got_offsets, got_factors, 1));
    assert_true(got_offsets[0] == -2 && got_factors[0] == -4);
}

static void test_a_scaling_that_changes_nothing_is_none(void **state)
{
    bp_network *net = *state;
    const bp_real offsets[] = {0, 0}, factors[] = {1, 1}, others[] = {1, 2};
    assert_ok(bp_network_set_input_scaling(net, offsets, others, 2));
    assert_true(bpi_scaling_is_set(&net->input_scaling));
    assert_ok(bp_network_set_input_scaling(net, offsets, factors, 2));
    assert_false(bpi_scaling_is_set(&net->input_scaling));
}

/* The bytes of a saved network; the caller frees them. */
static unsigned char *save(const bp_network *net, size_t *size)
{
    assert_ok(bp_network_save_memory(net, NULL, 0, size));
    unsigned char *bytes = malloc(*size);
    assert_non_null(bytes);
    assert_ok(bp_network_save_memory(net, bytes, *size, NULL));
    return bytes;
}

static void assert_saved_alike(const bp_network *a, const bp_network *b)
{
    size_t size_a, size_b;
    unsigned char *bytes_a = save(a, &size_a), *bytes_b = save(b, &size_b);
    assert_int_equal(size_a, size_b);
    assert_memory_equal(bytes_a, bytes_b, size_a);
    free(bytes_a);
    free(bytes_b);
}

/* Inputs and targets that are scaled already: as if nothing had been fitted, also in copies and files. */
static void test_a_fit_that_changes_nothing_is_none(void **state)
{
    bp_network *net = *state, *plain = NULL, *copy = NULL, *loaded = NULL;
    assert_ok(bp_network_initialize(net, 1));
    assert_ok(bp_network_copy(&plain, net));
    const bp_real inputs[] = {-1, 1, 1, -1}, targets[] = {0, 0};
    bp_data data = bp_data_view(2, inputs, 2, targets, 1);
    assert_ok(bp_network_fit_scaling(net, &data, bp_scaling_standard(), bp_scaling_min_max(0, 1)));
    assert_false(bpi_scaling_is_set(&net->input_scaling) || bpi_scaling_is_set(&net->target_scaling));
    size_t size;
    unsigned char *bytes = save(net, &size);
    assert_ok(bp_network_load_memory(&loaded, bytes, size, NULL));
    assert_ok(bp_network_copy(&copy, net));
    assert_saved_alike(net, plain);
    assert_saved_alike(net, copy);
    assert_saved_alike(net, loaded);
    free(bytes);
    bp_network_destroy(plain);
    bp_network_destroy(copy);
    bp_network_destroy(loaded);
}

typedef bp_status (*set_function)(bp_network *, const bp_real *, const bp_real *, size_t);
typedef bp_status (*get_function)(const bp_network *, bp_real *, bp_real *, size_t);

static void test_set_and_get_refuse_bad_arguments(void **state)
{
    const set_function setters[] = {bp_network_set_input_scaling, bp_network_set_target_scaling};
    const get_function getters[] = {bp_network_get_input_scaling, bp_network_get_target_scaling};
    bp_network *net = *state, *open = NULL;
    assert_ok(bp_network_create(&open, NULL));
    for (size_t i = 0; i < 2; i++) {
        const size_t width = 2 - i;
        bp_real a[] = {2, 2}, b[] = {2, 2};
        assert_fails(setters[i](NULL, a, b, width), BP_ERROR_ARGUMENT, "net is NULL");
        assert_fails(setters[i](net, NULL, b, width), BP_ERROR_ARGUMENT, "offsets is NULL");
        assert_fails(setters[i](net, a, NULL, width), BP_ERROR_ARGUMENT, "factors is NULL");
        assert_fails(setters[i](net, a, b, width + 1), BP_ERROR_SIZE, "count is");
        assert_fails(setters[i](open, a, b, 0), BP_ERROR_STATE, "not finalized");
        assert_fails(getters[i](NULL, a, b, width), BP_ERROR_ARGUMENT, "net is NULL");
        assert_fails(getters[i](net, NULL, b, width), BP_ERROR_ARGUMENT, "offsets is NULL");
        assert_fails(getters[i](net, a, NULL, width), BP_ERROR_ARGUMENT, "factors is NULL");
        assert_fails(getters[i](net, a, b, width - 1), BP_ERROR_SIZE, "count is");
        assert_fails(getters[i](open, a, b, 0), BP_ERROR_STATE, "not finalized");
        assert_true(a[0] == 2 && b[0] == 2);
        b[width - 1] = 0;
        assert_fails(setters[i](net, a, b, width), BP_ERROR_ARGUMENT, i == 0 ? "column 1" : "column 0");
        b[width - 1] = (bp_real)NAN;
        assert_fails(setters[i](net, a, b, width), BP_ERROR_NOT_FINITE, "has the factor nan");
        a[0] = (bp_real)INFINITY;
        assert_fails(setters[i](net, a, b, width), BP_ERROR_NOT_FINITE, "column 0 has the offset inf");
    }
    assert_false(bpi_scaling_is_set(&net->input_scaling) || bpi_scaling_is_set(&net->target_scaling));
    bp_network_destroy(open);
}
static bp_status build(bp_network **out, const bp_allocator *allocator)
{
    bp_layer *i = NULL, *o = NULL;
    assert_ok(test_network_create(out, allocator));
    assert_ok(bp_network_add_input(&i, *out, NULL, 2));
    assert_ok(bp_network_add_layer(&o, *out, NULL, 1, bp_activation_linear()));
    assert_ok(bp_network_connect(NULL, *out, i, o));
    return bp_network_finalize(*out);
}

/* Each allocation fails in turn: scaling stays as it was, nothing is lost. */
static void test_setting_survives_each_failing_allocation(void **state)
{
    (void)state;
    const bp_real offsets[] = {7, 8}, factors[] = {9, 10};
    test_memory memory;
    bp_allocator allocator = test_allocator(&memory, SIZE_MAX);
    bp_network *net = NULL;
    assert_ok(build(&net, &allocator));
    assert_ok(bp_network_set_input_scaling(net, offsets, factors, 2));
    const size_t live = memory.live;
    for (size_t failing = 0; failing < 2; failing++) {
        memory.calls = 0;
        memory.fail_at = failing;
        assert_fails(bp_network_set_input_scaling(net, factors, offsets, 2), BP_ERROR_MEMORY,
                     "bp_network_set_input_scaling");
        assert_int_equal(memory.live, live);
        bp_real got_offsets[2], got_factors[2];
        get_inputs(net, got_offsets, got_factors);
        assert_memory_equal(got_offsets, offsets, sizeof offsets);
        assert_memory_equal(got_factors, factors, sizeof factors);
    }
    memory.calls = 0;
    memory.fail_at = 2;
    assert_ok(bp_network_set_input_scaling(net, factors, offsets, 2));
    assert_int_equal(memory.live, live);
    bp_network_destroy(net);
    assert_int_equal(memory.live, 0);
}

#define WITH_NETWORK(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_NETWORK(test_set_and_get),
        WITH_NETWORK(test_a_scaling_that_changes_nothing_is_none),
        WITH_NETWORK(test_a_fit_that_changes_nothing_is_none),
        WITH_NETWORK(test_set_and_get_refuse_bad_arguments),
        cmocka_unit_test(test_setting_survives_each_failing_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
