/* Scaling learned from data. */
#include "network/scaling_example.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/scale.h"
#include "network/scaling.h"

static const double most = TOLERANCE((double)FLT_MAX, DBL_MAX);
static const double close = TOLERANCE(1e-6, 1e-14);

/* Fits one column given `count` values (the other is 0, 1, 2, ...) and gives back its offset and factor. */
static bp_status fit_column(bp_network *net, const bp_real *values, size_t count, bp_scaling rule,
                            bp_real *offset, bp_real *factor)
{
    bp_real inputs[32], offsets[2], factors[2];
    for (size_t i = 0; i < count; i++) {
        inputs[2 * i] = (bp_real)i;
        inputs[2 * i + 1] = values[i];
    }
    bp_data data = bp_data_view(count, inputs, 2, NULL, 0);
    bp_status status = bp_network_fit_scaling(net, &data, rule, bp_scaling_none());
    get_inputs(net, offsets, factors);
    *offset = offsets[1];
    *factor = factors[1];
    return status;
}

static bp_real scale_one(const bp_network *net, size_t column, bp_real value)
{
    bp_real result = 0;
    bpi_scale(net->kernel, &net->input_scaling, column,
              &(scaled_rows){.rows = 1, .columns = 1, .from = &value, .to = &result});
    return result;
}

/* ------------------------------------------------------------- the rules */

static void test_standard(void **state)
{
    const bp_real values[] = {1, 2, 3, 4};
    bp_real offset, factor;
    assert_ok(fit_column(*state, values, 4, bp_scaling_standard(), &offset, &factor));
    assert_close(offset, 2.5, close);
    assert_close(factor, 1 / sqrt(1.25), close); /* of n: (2.25 + .25 + .25 + 2.25) / 4 */
    assert_close(scale_one(*state, 1, 4), 1.5 / sqrt(1.25), close);
}

static void test_min_max(void **state)
{
    const bp_real values[] = {30, 10, 20, 15};
    bp_real offset, factor;
    assert_ok(fit_column(*state, values, 4, bp_scaling_min_max(0, 1), &offset, &factor));
    assert_true(offset == 10);
    assert_close(factor, 0.05, close);
    assert_true(scale_one(*state, 1, 10) == 0);
    assert_close(scale_one(*state, 1, 30), 1, close);
    assert_ok(fit_column(*state, values, 4, bp_scaling_min_max(-1, 1), &offset, &factor));
    assert_close(scale_one(*state, 1, 10), -1, close);
    assert_close(scale_one(*state, 1, 30), 1, close);
    assert_close(scale_one(*state, 1, 15), -0.5, close);
    assert_ok(fit_column(*state, values, 4, bp_scaling_min_max(0.1, 0.9), &offset, &factor));
    assert_close(scale_one(*state, 1, 10), 0.1, 10 * close);
    assert_close(scale_one(*state, 1, 30), 0.9, close);
}

static void test_constant_columns_have_factor_1(void **state)
{
    const bp_real values[] = {7, 7, 7};
    bp_real offset, factor;
    assert_ok(fit_column(*state, values, 3, bp_scaling_standard(), &offset, &factor));
    assert_true(offset == 7 && factor == 1);
    assert_ok(fit_column(*state, values, 3, bp_scaling_min_max(-1, 1), &offset, &factor));
    assert_true(factor == 1);
    assert_true(scale_one(*state, 1, 7) == -1);
    assert_ok(fit_column(*state, values, 1, bp_scaling_min_max(2, 3), &offset, &factor));
    assert_true(factor == 1);
    assert_true(scale_one(*state, 1, 7) == 2);
}

/* Constants that no sum of three holds exactly: still no deviation, not a tiny one. */
static void test_constant_columns_are_found_despite_rounding(void **state)
{
    const bp_real values[] = {(bp_real)0.1, (bp_real)0.1, (bp_real)0.1};
    bp_real offset, factor;
    assert_ok(fit_column(*state, values, 3, bp_scaling_standard(), &offset, &factor));
    assert_true(offset == values[0] && factor == 1);
}

static void test_each_column_has_its_own(void **state)
{
    bp_network *net = *state;
    const bp_real inputs[] = {0, 100, 10, 300}, targets[] = {-4, 4};
    bp_real offsets[2], factors[2];
    bp_data data = bp_data_view(2, inputs, 2, targets, 1);
    assert_ok(bp_network_fit_scaling(net, &data, bp_scaling_min_max(0, 1), bp_scaling_standard()));
    get_inputs(net, offsets, factors);
    assert_true(offsets[0] == 0 && offsets[1] == 100);
    assert_close(factors[0], 0.1, close);
    assert_close(factors[1], 0.005, close);
    assert_ok(bp_network_get_target_scaling(net, offsets, factors, 1));
    assert_true(offsets[0] == 0);
    assert_close(factors[0], 0.25, close);
}

static void test_strides_are_followed_and_case_weights_are_not(void **state)
{
    bp_network *net = *state;
    const bp_real inputs[] = {0, 1, 99, 2, 3, 99}, weights[] = {0, 100};
    bp_real offsets[2], factors[2];
    bp_data data = bp_data_view(2, inputs, 2, NULL, 0);
    data.input_stride = 3;
    data.case_weights = weights;
    assert_ok(bp_network_fit_scaling(net, &data, bp_scaling_standard(), bp_scaling_none()));
    get_inputs(net, offsets, factors);
    assert_true(offsets[0] == 1 && offsets[1] == 2);
    assert_true(factors[0] == 1 && factors[1] == 1);
}

static void test_none_takes_scaling_away(void **state)
{
    bp_network *net = *state;
    const bp_real inputs[] = {0, 1, 2, 3}, targets[] = {5, 6};
    bp_data data = bp_data_view(2, inputs, 2, targets, 1);
    assert_ok(bp_network_fit_scaling(net, &data, bp_scaling_standard(), bp_scaling_standard()));
    assert_true(bpi_scaling_is_set(&net->input_scaling) && bpi_scaling_is_set(&net->target_scaling));
    assert_ok(bp_network_fit_scaling(net, &data, bp_scaling_none(), bp_scaling_none()));
    assert_false(bpi_scaling_is_set(&net->input_scaling) || bpi_scaling_is_set(&net->target_scaling));
}

static void test_learning_again_starts_from_raw_values(void **state)
{
    const bp_real first[] = {-1, 1}, second[] = {(bp_real)(-most / 4), (bp_real)(most / 4)};
    bp_real offset, factor;
    assert_ok(fit_column(*state, first, 2, bp_scaling_min_max(0, 1000), &offset, &factor));
    /* Under the old scaling these would be infinite. */
    assert_ok(fit_column(*state, second, 2, bp_scaling_min_max(-1, 1), &offset, &factor));
    assert_close(scale_one(*state, 1, second[1]), 1, close);
}

static void assert_saved_alike(const bp_network *a, const bp_network *b)
{
    size_t size_a, size_b;
    unsigned char *bytes_a = test_save(a, &size_a), *bytes_b = test_save(b, &size_b);
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
    unsigned char *bytes = test_save(net, &size);
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

/* --------------------------------------------------------- at the limits */

static void test_min_max_never_leaves_a_range_from_0(void **state)
{
    bp_network *net = *state;
    const double ranges[][2] = {{0, 1}, {-1, 1}, {-1, 0}, {-0.3, 0.7}, {0, 255}};
    uint64_t random = 20;
    for (size_t trial = 0; trial < 3000; trial++) {
        const double low = ranges[trial % 5][0], high = ranges[trial % 5][1];
        const double size = pow(10, test_uniform(&random, -6, 6));
        const bp_real values[] = {(bp_real)test_uniform(&random, -size, size),
                                  (bp_real)test_uniform(&random, -size, size)};
        bp_real offset, factor;
        assert_ok(fit_column(net, values, 2, bp_scaling_min_max(low, high), &offset, &factor));
        const double a = (double)scale_one(net, 1, values[0]), b = (double)scale_one(net, 1, values[1]);
        if (low == 0)
            assert_true(a >= low && b >= low && a <= high && b <= high);
        assert_true(fabs(fmin(a, b) - low) <= 20 * close * (high - low));
        assert_true(fabs(fmax(a, b) - high) <= 20 * close * (high - low));
    }
}

static void test_min_max_to_1_gives_probabilities(void **state)
{
    bp_network *net = *state;
    uint64_t random = 21;
    for (size_t trial = 0; trial < 3000; trial++) {
        const bp_real values[] = {(bp_real)test_uniform(&random, -100, 100),
                                  (bp_real)test_uniform(&random, -100, 100)};
        bp_real offset, factor;
        assert_ok(fit_column(net, values, 2, bp_scaling_min_max(0.1, 1), &offset, &factor));
        for (size_t i = 0; i < 2; i++) {
            const double scaled = (double)scale_one(net, 1, values[i]);
            assert_true(scaled > 0 && scaled <= 1);
        }
    }
}

static void test_columns_that_cannot_be_scaled_are_refused(void **state)
{
    const double tiny = TOLERANCE((double)FLT_TRUE_MIN, DBL_TRUE_MIN);
    const bp_real widest[] = {(bp_real)-most, (bp_real)most};
    const bp_real narrowest[] = {0, (bp_real)tiny};
    const bp_real far[] = {(bp_real)-most, (bp_real)-most};
    bp_real offset, factor;
    const bp_real fine[] = {1, 3};
    assert_ok(fit_column(*state, fine, 2, bp_scaling_standard(), &offset, &factor));
    assert_fails(fit_column(*state, widest, 2, bp_scaling_min_max(0, 1), &offset, &factor), BP_ERROR_ARGUMENT,
                 "data.inputs: column 1, from -");
    assert_fails(fit_column(*state, narrowest, 2, bp_scaling_min_max(0, 1), &offset, &factor),
                 BP_ERROR_ARGUMENT, "column 1, from 0 to ");
    assert_fails(fit_column(*state, narrowest, 2, bp_scaling_standard(), &offset, &factor), BP_ERROR_ARGUMENT,
                 "column 1, from 0 to ");
    assert_fails(fit_column(*state, far, 2, bp_scaling_min_max(most / 2, most), &offset, &factor),
                 BP_ERROR_ARGUMENT, "column 1, from -");
    assert_true(offset == 2 && factor == 1); /* as learned before */
}

/* Wide columns either fit, with finite numbers all the way in and out, or are refused. */
static void test_wide_columns_stay_finite(void **state)
{
    bp_network *net = *state;
    const bp_scaling rules[] = {bp_scaling_min_max(0, 1), bp_scaling_min_max(-1, 1),
                                bp_scaling_min_max(0.1, 0.9), bp_scaling_standard()};
    size_t fitted = 0;
    for (size_t i = 0; i < 4; i++)
        for (double share = 0.05; share <= 1; share += 0.05) {
            const bp_real values[] = {(bp_real)(-most * share), (bp_real)(most * (share - 0.05))};
            bp_real offset, factor;
            if (fit_column(net, values, 2, rules[i], &offset, &factor) != BP_OK)
                continue;
            fitted++;
            assert_true(isfinite(offset) && isfinite(factor) && factor != 0);
            for (size_t j = 0; j < 2; j++) {
                bp_real scaled = scale_one(net, 1, values[j]), back = 0;
                bpi_unscale(net->kernel, &net->input_scaling, 1,
                            &(scaled_rows){.rows = 1, .columns = 1, .from = &scaled, .to = &back});
                assert_true(isfinite(scaled));
                assert_true(fabs((double)back / 2 - (double)values[j] / 2) <= most * 1e-6);
            }
        }
    assert_true(fitted > 20);
}

/* ------------------------------------------------------------- bad input */

static void test_fit_refuses_bad_arguments(void **state)
{
    bp_network *net = *state, *open = NULL;
    const bp_real values[] = {1, 2, 3, 4};
    const bp_scaling none = bp_scaling_none(), standard = bp_scaling_standard();
    bp_data data = bp_data_view(2, values, 2, NULL, 0), narrow = bp_data_view(2, values, 1, NULL, 0);
    assert_ok(bp_network_create(&open, NULL));
    assert_fails(bp_network_fit_scaling(NULL, &data, none, none), BP_ERROR_ARGUMENT, "net is NULL");
    assert_fails(bp_network_fit_scaling(net, NULL, none, none), BP_ERROR_ARGUMENT, "data is NULL");
    assert_fails(bp_network_fit_scaling(open, &data, none, none), BP_ERROR_STATE, "not finalized");
    assert_fails(bp_network_fit_scaling(net, &data, (bp_scaling){0}, none), BP_ERROR_ARGUMENT,
                 "inputs: invalid scaling kind 0; create it with a bp_scaling_* function");
    assert_fails(bp_network_fit_scaling(net, &data, none, (bp_scaling){.kind = 44}), BP_ERROR_ARGUMENT,
                 "targets: invalid scaling kind 44");
    assert_fails(bp_network_fit_scaling(net, &data, bp_scaling_min_max(1, 1), none), BP_ERROR_ARGUMENT,
                 "inputs has the range 1 to 1");
    assert_fails(bp_network_fit_scaling(net, &data, none, bp_scaling_min_max(2, -1)), BP_ERROR_ARGUMENT,
                 "targets has the range 2 to -1");
    assert_fails(bp_network_fit_scaling(net, &data, bp_scaling_min_max(0, INFINITY), none),
                 BP_ERROR_NOT_FINITE, "inputs has the bound inf");
    assert_fails(bp_network_fit_scaling(net, &data, bp_scaling_min_max(NAN, 1), none), BP_ERROR_NOT_FINITE,
                 "inputs has the bound nan");
    assert_fails(bp_network_fit_scaling(net, &data, standard, standard), BP_ERROR_ARGUMENT,
                 "data.targets is NULL");
    assert_fails(bp_network_fit_scaling(net, &narrow, standard, none), BP_ERROR_SIZE,
                 "data.input_width is 1");
    assert_false(bpi_scaling_is_set(&net->input_scaling));
    bp_network_destroy(open);
}

/* Each allocation fails in turn: scaling stays as it was, nothing is lost. */
static void test_learning_survives_each_failing_allocation(void **state)
{
    (void)state;
    const bp_real inputs[] = {1, 2, 3, 4}, targets[] = {5, 6}, offsets[] = {7, 8}, factors[] = {9, 10};
    const bp_data data = bp_data_view(2, inputs, 2, targets, 1);
    test_memory memory;
    bp_allocator allocator = test_allocator(&memory, SIZE_MAX);
    bp_network *net = scaling_network(&allocator);
    assert_ok(bp_network_set_input_scaling(net, offsets, factors, 2));
    const size_t live = memory.live;
    size_t failures = 0;
    for (bp_status status = BP_ERROR_MEMORY; status != BP_OK; failures++) {
        memory.calls = 0;
        memory.fail_at = failures;
        status = bp_network_fit_scaling(net, &data, bp_scaling_standard(), bp_scaling_min_max(0, 1));
        if (status == BP_OK)
            break;
        assert_int_equal(status, BP_ERROR_MEMORY);
        assert_int_equal(memory.live, live);
        bp_real got_offsets[2], got_factors[2];
        get_inputs(net, got_offsets, got_factors);
        assert_memory_equal(got_offsets, offsets, sizeof offsets);
        assert_memory_equal(got_factors, factors, sizeof factors);
        assert_false(bpi_scaling_is_set(&net->target_scaling));
    }
    assert_int_equal(failures, 8);
    assert_int_equal(memory.live, live + 2);
    bp_network_destroy(net);
    assert_int_equal(memory.live, 0);
}

#define WITH_NETWORK(test) cmocka_unit_test_setup_teardown(test, scaling_setup, scaling_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_NETWORK(test_standard),
        WITH_NETWORK(test_min_max),
        WITH_NETWORK(test_constant_columns_have_factor_1),
        WITH_NETWORK(test_constant_columns_are_found_despite_rounding),
        WITH_NETWORK(test_each_column_has_its_own),
        WITH_NETWORK(test_strides_are_followed_and_case_weights_are_not),
        WITH_NETWORK(test_none_takes_scaling_away),
        WITH_NETWORK(test_learning_again_starts_from_raw_values),
        WITH_NETWORK(test_a_fit_that_changes_nothing_is_none),
        WITH_NETWORK(test_min_max_never_leaves_a_range_from_0),
        WITH_NETWORK(test_min_max_to_1_gives_probabilities),
        WITH_NETWORK(test_columns_that_cannot_be_scaled_are_refused),
        WITH_NETWORK(test_wide_columns_stay_finite),
        WITH_NETWORK(test_fit_refuses_bad_arguments),
        cmocka_unit_test(test_learning_survives_each_failing_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
