/* Structs that begin with their size, from callers of this version and of later ones. Those of earlier
 * versions are in tests/abi, where a library that knows more members is made. */
#include "support/support.h"

#include <string.h>

#include "base/sized_struct.h"

/* A bp_unroll_options as a later header would have it. */
typedef struct longer_options {
    bp_unroll_options options;
    size_t new_member;
} longer_options;

static longer_options make_longer(size_t new_member)
{
    longer_options longer = {.options = {.size = sizeof longer, .steps = 7}, .new_member = new_member};
    return longer;
}

static const bp_convolution defaults = {.channels = 1, .shared_bias = 1};

static void test_init_fills_in_the_defaults(void **state)
{
    (void)state;
    bp_convolution field;
    memset(&field, 0xff, sizeof field);
    bpi_init_struct(SIZED_CONVOLUTION, &field, sizeof field, &defaults);
    assert_int_equal(field.size, sizeof field);
    assert_int_equal(field.channels, 1);
    assert_int_equal(field.height, 0);
    assert_int_equal(field.shared_bias, 1);
    assert_int_equal(field.stride_x, 0);
    bpi_init_struct(SIZED_CONVOLUTION, &field, sizeof field, NULL);
    assert_int_equal(field.size, sizeof field);
    assert_int_equal(field.channels, 0);
}

static void test_init_zeroes_what_it_does_not_know(void **state)
{
    (void)state;
    longer_options longer;
    memset(&longer, 0xff, sizeof longer);
    bpi_init_struct(SIZED_UNROLL_OPTIONS, &longer, sizeof longer, &(bp_unroll_options){.steps = 3});
    assert_int_equal(longer.options.size, sizeof longer);
    assert_int_equal(longer.options.steps, 3);
    assert_int_equal(longer.new_member, 0);
}

static void test_init_stays_within_the_size(void **state)
{
    (void)state;
    bp_convolution field;
    memset(&field, 0xff, sizeof field);
    bpi_init_struct(SIZED_CONVOLUTION, &field, offsetof(bp_convolution, height), &defaults);
    assert_int_equal(field.size, offsetof(bp_convolution, height));
    assert_int_equal(field.channels, 1);
    assert_int_equal(field.height, SIZE_MAX);
    bpi_init_struct(SIZED_CONVOLUTION, &field, sizeof field.size - 1, &defaults);
    assert_int_equal(field.size, offsetof(bp_convolution, height));
    bpi_init_struct(SIZED_CONVOLUTION, NULL, sizeof field, &defaults);
}

static void test_read(void **state)
{
    (void)state;
    bp_unroll_options copy, options = {.size = sizeof options, .steps = 5};
    memset(&copy, 0xff, sizeof copy);
    assert_ok(bpi_read_struct("f", SIZED_UNROLL_OPTIONS, &options, &copy));
    assert_memory_equal(&copy, &options, sizeof copy);
}

static void test_read_of_a_newer_struct(void **state)
{
    (void)state;
    longer_options longer = make_longer(0);
    bp_unroll_options copy = {0};
    assert_ok(bpi_read_struct("f", SIZED_UNROLL_OPTIONS, &longer, &copy));
    assert_int_equal(copy.size, sizeof copy);
    assert_int_equal(copy.steps, 7);
    longer.new_member = (size_t)1 << 8;
    copy.steps = 99;
    assert_fails(bpi_read_struct("f", SIZED_UNROLL_OPTIONS, &longer, &copy), BP_ERROR_VERSION,
                 "f: bp_unroll_options.size is");
    assert_non_null(strstr(bp_error_message(), "a member is set that version "));
    assert_int_equal(copy.steps, 99);
}

static void test_sizes_that_no_version_has(void **state)
{
    (void)state;
    bp_unroll_options copy, options = {.size = 0};
    assert_fails(bpi_read_struct("f", SIZED_UNROLL_OPTIONS, &options, &copy), BP_ERROR_ARGUMENT,
                 "f: bp_unroll_options.size is 0; fill it with bp_unroll_options_init first");
    assert_fails(bpi_check_result_struct("f", SIZED_UNROLL_OPTIONS, &options), BP_ERROR_ARGUMENT,
                 "size is 0");
    const size_t sizes[] = {1, sizeof options - 1, 100000, SIZE_MAX};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        options.size = sizes[i];
        assert_fails(bpi_read_struct("f", SIZED_UNROLL_OPTIONS, &options, &copy), BP_ERROR_VERSION,
                     "; fill it with bp_unroll_options_init first");
        assert_fails(bpi_check_result_struct("f", SIZED_UNROLL_OPTIONS, &options), BP_ERROR_VERSION,
                     "f: bp_unroll_options.size is");
    }
}

static void test_write(void **state)
{
    (void)state;
    longer_options longer = make_longer(4);
    assert_ok(bpi_check_result_struct("f", SIZED_UNROLL_OPTIONS, &longer));
    const bp_unroll_options result = {.size = 1, .steps = 8};
    bpi_write_struct(SIZED_UNROLL_OPTIONS, &longer, &result);
    assert_int_equal(longer.options.size, sizeof longer);
    assert_int_equal(longer.options.steps, 8);
    assert_int_equal(longer.new_member, 4);
}

static void test_arrays(void **state)
{
    (void)state;
    longer_options longer[3];
    bp_unroll_options results[3], read;
    memset(longer, 0xff, sizeof longer);
    bpi_init_structs(SIZED_UNROLL_OPTIONS, longer, sizeof longer[0], 2);
    assert_int_equal(longer[1].options.size, sizeof longer[1]);
    assert_int_equal(longer[1].new_member, 0);
    assert_int_equal(longer[2].options.size, SIZE_MAX);
    bpi_init_structs(SIZED_UNROLL_OPTIONS, NULL, sizeof longer[0], 2);
    assert_fails(bpi_check_result_structs("f", SIZED_UNROLL_OPTIONS, "each", longer, 3), BP_ERROR_ARGUMENT,
                 "; fill all 3 with bp_unroll_options_init first");
    assert_ok(bpi_check_result_structs("f", SIZED_UNROLL_OPTIONS, "each", longer, 2));
    for (size_t i = 0; i < 3; i++)
        results[i] = (bp_unroll_options){.size = sizeof results[i], .steps = i + 5};
    bpi_write_structs(SIZED_UNROLL_OPTIONS, longer, results, 2);
    assert_int_equal(longer[0].options.steps, 5);
    assert_int_equal(longer[1].options.steps, 6);
    assert_int_equal(longer[1].options.size, sizeof longer[1]);
    assert_int_equal(longer[2].options.steps, SIZE_MAX);
    bpi_write_element(SIZED_UNROLL_OPTIONS, longer, 0, &results[2]);
    assert_ok(bpi_read_element("f", SIZED_UNROLL_OPTIONS, longer, 0, &read));
    assert_int_equal(read.steps, 7);
    longer[1].new_member = 1;
    assert_fails(bpi_read_element("f", SIZED_UNROLL_OPTIONS, longer, 1, &read), BP_ERROR_VERSION,
                 "a member is set");
}

/* What 0.2.0 had, on machines of 32 and of 64 bits, must never be refused. */
static void test_least_sizes(void **state)
{
    (void)state;
    const struct {
        sized_type type;
        size_t size;
    } types[] = {{SIZED_DATA, 13 * sizeof(size_t)},
                 {SIZED_NETWORK_OPTIONS, 7 * sizeof(size_t)},
                 {SIZED_CONVOLUTION, 10 * sizeof(size_t)},
                 {SIZED_UNROLL_OPTIONS, 4 * sizeof(size_t)}};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        size_t room[13] = {types[i].size};
        assert_ok(bpi_check_result_struct("f", types[i].type, room));
        room[0]--;
        assert_int_equal(bpi_check_result_struct("f", types[i].type, room), BP_ERROR_VERSION);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_init_fills_in_the_defaults),
        cmocka_unit_test(test_init_zeroes_what_it_does_not_know),
        cmocka_unit_test(test_init_stays_within_the_size),
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_read_of_a_newer_struct),
        cmocka_unit_test(test_sizes_that_no_version_has),
        cmocka_unit_test(test_write),
        cmocka_unit_test(test_arrays),
        cmocka_unit_test(test_least_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
