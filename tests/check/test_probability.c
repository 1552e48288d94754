/* Tests of significance, against numbers that were computed exactly. */
#include "check/probability.h"

#include <math.h>

#include "support/support.h"

static void test_choices(void **state)
{
    (void)state;
    assert_close(bpi_ln_choices(5, 2), log(10), 1e-12);
    assert_close(bpi_ln_choices(40, 20), log(137846528820.0), 1e-11);
    assert_true(fabs(bpi_ln_choices(1000, 0)) < 1e-9);
}

static void test_binomial(void **state)
{
    (void)state;
    assert_close(bpi_binomial_tail(10, 0.5, 8), 56.0 / 1024, 1e-9);
    assert_close(bpi_binomial_tail(3, 0.1, 1), 1 - 0.729, 1e-9);
    assert_true(bpi_binomial_tail(10, 0.5, 0) == 1 && bpi_binomial_tail(10, 1, 10) == 1);
    assert_true(bpi_binomial_tail(10, 0, 1) == 0);
}

/* The lady tasting tea: 3 of 4 and 1 of 4 right, 34/70; all right, 2/70. */
static void test_fisher(void **state)
{
    (void)state;
    assert_close(bpi_fisher_test(3, 4, 1, 4), 34.0 / 70, 1e-9);
    assert_close(bpi_fisher_test(4, 4, 0, 4), 2.0 / 70, 1e-9);
    assert_close(bpi_fisher_test(0, 10, 0, 10), 1, 1e-9);
}

/* Kolmogorov's limit at 1.36 is 0.0494859, at 1.95 0.000996. */
static void test_kolmogorov_smirnov(void **state)
{
    (void)state;
    double root = sqrt(200.0 * 200 / 400);
    assert_close(bpi_kolmogorov_smirnov_test(1.36 / root, 200, 200), 0.0494859, 1e-5);
    assert_close(bpi_kolmogorov_smirnov_test(1.95 / root, 200, 200), 2 * exp(-2 * 1.95 * 1.95), 1e-6);
    assert_true(bpi_kolmogorov_smirnov_test(0, 200, 200) == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_choices),
        cmocka_unit_test(test_binomial),
        cmocka_unit_test(test_fisher),
        cmocka_unit_test(test_kolmogorov_smirnov),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
