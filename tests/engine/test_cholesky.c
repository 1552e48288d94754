/* Cholesky factors and solutions, by hand and on random matrices. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/cholesky.h"
#include "support/support.h"

/* (4 2; 2 10) = (2 0; 1 3) (2 1; 0 3); the system with (8, 22) has the solution (1, 2). */
static void test_by_hand(void **state)
{
    (void)state;
    double matrix[4] = {4, 2, 0, 10}, diagonal[2], x[2] = {8, 22};
    assert_true(bpi_cholesky(matrix, 2, 0, diagonal));
    assert_true(diagonal[0] == 2 && diagonal[1] == 3 && matrix[2] == 1);
    assert_true(matrix[0] == 4 && matrix[1] == 2 && matrix[3] == 10);
    bpi_cholesky_solve(matrix, 2, diagonal, x);
    assert_true(x[0] == 1 && x[1] == 2);
}

/* A = B B^T of random B: (A + added I) x must be b again. */
static void test_random_systems(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (size_t n = 1; n <= 40; n++) {
        double *b = calloc(n * n, sizeof *b), *a = calloc(n * n, sizeof *a),
               *whole = calloc(n * n, sizeof *whole);
        double diagonal[40], right[40], x[40];
        const double added = n % 3 == 0 ? 0.5 : 0;
        for (size_t i = 0; i < n * n; i++)
            b[i] = test_uniform(&seed, -1, 1);
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++) {
                for (size_t k = 0; k < n; k++)
                    whole[i * n + j] += b[i * n + k] * b[j * n + k];
                whole[i * n + j] += i == j; /* well away from singular */
                if (j >= i)
                    a[i * n + j] = whole[i * n + j];
            }
        for (size_t i = 0; i < n; i++)
            x[i] = right[i] = test_uniform(&seed, -1, 1);
        assert_true(bpi_cholesky(a, n, added, diagonal));
        bpi_cholesky_solve(a, n, diagonal, x);
        for (size_t i = 0; i < n; i++) {
            double sum = added * x[i];
            for (size_t j = 0; j < n; j++)
                sum += whole[i * n + j] * x[j];
            assert_true(fabs(sum - right[i]) <= 1e-11);
        }
        free(b);
        free(a);
        free(whole);
    }
}

static void test_matrices_that_are_not_positive_definite(void **state)
{
    (void)state;
    double diagonal[3];
    double negative[1] = {-1}, singular[4] = {1, 2, 0, 4}, indefinite[4] = {1, 2, 0, 1},
           infinite[1] = {INFINITY};
    assert_false(bpi_cholesky(negative, 1, 0, diagonal));
    assert_false(bpi_cholesky(singular, 2, 0, diagonal));
    assert_true(bpi_cholesky(singular, 2, 1e-3, diagonal));
    assert_false(bpi_cholesky(indefinite, 2, 0, diagonal));
    assert_false(bpi_cholesky(infinite, 1, 0, diagonal));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_random_systems),
        cmocka_unit_test(test_matrices_that_are_not_positive_definite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
