/* The smaller and the greater of two numbers. */
#include "base/numeric.h"

#include "support/support.h"

static void test_min_and_max(void **state)
{
    (void)state;
    const size_t numbers[] = {0, 1, 2, SIZE_MAX - 1, SIZE_MAX}; /* ascending */
    for (size_t i = 0; i < 5; i++)
        for (size_t j = 0; j < 5; j++) {
            assert_int_equal(bpi_min(numbers[i], numbers[j]), numbers[i < j ? i : j]);
            assert_int_equal(bpi_max(numbers[i], numbers[j]), numbers[i < j ? j : i]);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_min_and_max),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
