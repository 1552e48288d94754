#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "support/support.h"

static void test_default_allocator(void **state)
{
    (void)state;
    bp_allocator allocator = {NULL, NULL, NULL};
    assert_ok(bpi_allocator_choose(&allocator, "here", NULL));
    void *block = bpi_allocate(&allocator, 3, 5);
    assert_non_null(block);
    bpi_release(&allocator, block);
    bp_allocator empty = {NULL, NULL, NULL};
    assert_ok(bpi_allocator_choose(&allocator, "here", &empty));
    assert_non_null(allocator.allocate);
}

static void test_half_an_allocator_is_refused(void **state)
{
    (void)state;
    test_memory memory;
    bp_allocator chosen = {NULL, NULL, NULL};
    bp_allocator half = test_allocator(&memory, SIZE_MAX);
    half.release = NULL;
    assert_fails(bpi_allocator_choose(&chosen, "here", &half), BP_ERROR_ARGUMENT, "release is NULL");
    half = test_allocator(&memory, SIZE_MAX);
    half.allocate = NULL;
    assert_fails(bpi_allocator_choose(&chosen, "here", &half), BP_ERROR_ARGUMENT, "allocate is NULL");
    assert_null(chosen.allocate);
}

static void test_blocks_are_aligned_and_do_not_overlap(void **state)
{
    (void)state;
    test_memory memory;
    bp_allocator allocator = test_allocator(&memory, SIZE_MAX);
    unsigned char *blocks[40];
    for (size_t i = 0; i < 40; i++) {
        blocks[i] = bpi_allocate(&allocator, i, 1);
        assert_non_null(blocks[i]);
        assert_int_equal((uintptr_t)blocks[i] % BPI_ALIGNMENT, 0);
        memset(blocks[i], (int)i, i);
    }
    for (size_t i = 0; i < 40; i++) {
        for (size_t k = 0; k < i; k++)
            assert_int_equal(blocks[i][k], i);
        bpi_release(&allocator, blocks[i]);
    }
    assert_int_equal(memory.live, 0);
    bpi_release(&allocator, NULL);
}

static void test_zeroed_blocks_are_zero(void **state)
{
    (void)state;
    test_memory memory;
    bp_allocator allocator = test_allocator(&memory, SIZE_MAX);
    unsigned char *block = bpi_allocate_zeroed(&allocator, 100, 3);
    assert_non_null(block);
    for (size_t i = 0; i < 300; i++)
        assert_int_equal(block[i], 0);
    bpi_release(&allocator, block);
}

static void test_sizes_that_overflow_give_nothing(void **state)
{
    (void)state;
    test_memory memory;
    bp_allocator allocator = test_allocator(&memory, SIZE_MAX);
    assert_null(bpi_allocate(&allocator, SIZE_MAX, 2));
    assert_null(bpi_allocate(&allocator, SIZE_MAX, 1));
    assert_null(bpi_allocate_zeroed(&allocator, SIZE_MAX / 2 + 1, 2));
    assert_int_equal(memory.calls, 0);
}

static void test_checked_arithmetic(void **state)
{
    (void)state;
    size_t result = 7;
    assert_true(bpi_multiply(6, 7, &result));
    assert_int_equal(result, 42);
    assert_true(bpi_multiply(SIZE_MAX, 0, &result));
    assert_int_equal(result, 0);
    assert_true(bpi_multiply(SIZE_MAX, 1, &result));
    assert_int_equal(result, SIZE_MAX);
    assert_false(bpi_multiply(SIZE_MAX / 2 + 1, 2, &result));
    assert_true(bpi_add(SIZE_MAX - 1, 1, &result));
    assert_false(bpi_add(SIZE_MAX, 1, &result));
}

static void test_growing_keeps_what_was_there(void **state)
{
    (void)state;
    test_memory memory;
    bp_allocator allocator = test_allocator(&memory, SIZE_MAX);
    int *numbers = NULL;
    size_t capacity = 0;
    for (int count = 0; count < 1000; count++) {
        assert_true(bpi_grow(&allocator, (void **)&numbers, &capacity, (size_t)count, sizeof *numbers));
        assert_true(capacity > (size_t)count);
        numbers[count] = count;
    }
    for (int i = 0; i < 1000; i++)
        assert_int_equal(numbers[i], i);
    assert_true(memory.calls < 12);
    memory.fail_at = memory.calls;
    int *before = numbers;
    assert_false(bpi_grow(&allocator, (void **)&numbers, &capacity, capacity, sizeof *numbers));
    assert_ptr_equal(numbers, before);
    bpi_release(&allocator, numbers);
    assert_int_equal(memory.live, 0);
}

static void test_copied_string(void **state)
{
    (void)state;
    test_memory memory;
    bp_allocator allocator = test_allocator(&memory, 1);
    char *copy = bpi_copy_string(&allocator, "hidden");
    assert_string_equal(copy, "hidden");
    assert_null(bpi_copy_string(&allocator, "no memory"));
    bpi_release(&allocator, copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_default_allocator),
        cmocka_unit_test(test_half_an_allocator_is_refused),
        cmocka_unit_test(test_blocks_are_aligned_and_do_not_overlap),
        cmocka_unit_test(test_zeroed_blocks_are_zero),
        cmocka_unit_test(test_sizes_that_overflow_give_nothing),
        cmocka_unit_test(test_checked_arithmetic),
        cmocka_unit_test(test_growing_keeps_what_was_there),
        cmocka_unit_test(test_copied_string),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
