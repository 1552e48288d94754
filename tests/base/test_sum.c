/* Long sums. */
#include "support/support.h"

#include "base/sum.h"

static void test_small_terms_are_not_lost(void **state)
{
    (void)state;
    long_sum sum = {0};
    bpi_sum_add(&sum, 1e16);
    for (size_t i = 0; i < 1000; i++)
        bpi_sum_add(&sum, 1); /* each by itself is rounded away */
    bpi_sum_add(&sum, -1e16);
    assert_true(bpi_sum_value(&sum) == 1000);
}

/* Also where the term is larger than the sum. */
static void test_large_terms_that_cancel(void **state)
{
    (void)state;
    const double terms[] = {1, 1e100, 1, -1e100};
    long_sum sum = {0};
    for (size_t i = 0; i < 4; i++)
        bpi_sum_add(&sum, terms[i]);
    assert_true(bpi_sum_value(&sum) == 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small_terms_are_not_lost),
        cmocka_unit_test(test_large_terms_that_cancel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
