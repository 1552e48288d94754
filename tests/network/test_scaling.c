/* Scaling of columns: setting and reading it. */
#include "network/scaling_example.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "network/scaling.h"

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

/* Each allocation fails in turn: scaling stays as it was, nothing is lost. */
static void test_setting_survives_each_failing_allocation(void **state)
{
    (void)state;
    const bp_real offsets[] = {7, 8}, factors[] = {9, 10};
    test_memory memory;
    bp_allocator allocator = test_allocator(&memory, SIZE_MAX);
    bp_network *net = scaling_network(&allocator);
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

#define WITH_NETWORK(test) cmocka_unit_test_setup_teardown(test, scaling_setup, scaling_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_NETWORK(test_set_and_get),
        WITH_NETWORK(test_a_scaling_that_changes_nothing_is_none),
        WITH_NETWORK(test_set_and_get_refuse_bad_arguments),
        cmocka_unit_test(test_setting_survives_each_failing_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
