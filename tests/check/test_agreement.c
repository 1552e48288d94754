/* What cases have in common, and its mean and variance by chance, against all permutations of a few cases. */
#include "check/agreement.h"

#include <math.h>
#include <string.h>

#include "support/support.h"

enum { CASES = 6, COLUMNS = 2, PERMUTATIONS = 720 };

static void centre(bp_real *values, size_t columns)
{
    for (size_t j = 0; j < columns; j++) {
        double sum = 0;
        for (size_t i = 0; i < CASES; i++)
            sum += (double)values[i * columns + j];
        for (size_t i = 0; i < CASES; i++)
            values[i * columns + j] -= (bp_real)(sum / CASES);
    }
}

static void draw(uint64_t *stream, bp_real *values, size_t columns)
{
    for (size_t i = 0; i < CASES * columns; i++)
        values[i] = (bp_real)test_uniform(stream, -1, 1);
    centre(values, columns);
}

/* Number `index` of all permutations. */
static void permute(size_t index, const bp_real *values, bp_real *permuted)
{
    size_t left[CASES] = {0, 1, 2, 3, 4, 5};
    for (size_t i = 0; i < CASES; i++) {
        const size_t chosen = index % (CASES - i);
        index /= CASES - i;
        memcpy(permuted + i * COLUMNS, values + left[chosen] * COLUMNS, COLUMNS * sizeof *permuted);
        memmove(left + chosen, left + chosen + 1, (CASES - i - 1 - chosen) * sizeof *left);
    }
}

/* What is compared with the values: the neighbours, or inputs. */
typedef struct counterpart {
    neighbour_lists lists;
    size_t neighbours;
    case_values inputs;
} counterpart;

static agreement compare(const counterpart *c, const bp_real *values)
{
    const case_values v = {CASES, COLUMNS, values};
    return c->neighbours > 0 ? bpi_find_agreement(&c->lists, c->neighbours, &v)
                             : bpi_find_linear_share(&c->inputs, &v);
}

static void check_all_permutations(const counterpart *c, const bp_real *values)
{
    const agreement found = compare(c, values);
    double sum = 0, squares = 0;
    for (size_t i = 0; i < PERMUTATIONS; i++) {
        bp_real permuted[CASES * COLUMNS];
        permute(i, values, permuted);
        const double share = compare(c, permuted).share;
        sum += share / PERMUTATIONS;
        squares += share * share / PERMUTATIONS;
    }
    assert_true(fabs(found.expected - sum) < 1e-6);
    assert_true(fabs(found.deviation - sqrt(squares - sum * sum)) < 1e-6);
}

static void test_permutations(void **state)
{
    (void)state;
    uint64_t stream = 1;
    for (size_t trial = 0; trial < 20; trial++) {
        bp_real values[CASES * COLUMNS], inputs[CASES * 3];
        size_t nearest[CASES][AGREEMENT_NEIGHBOURS];
        for (size_t i = 0; i < CASES; i++)
            for (size_t k = 0; k < 3; k++)
                nearest[i][k] = (i + 1 + (k + test_below(&stream, 2)) * 2 % (CASES - 1)) % CASES;
        for (size_t i = 0; i < CASES; i++)
            nearest[i][1] = (nearest[i][0] + 1) % CASES == i ? (i + 1) % CASES : (nearest[i][0] + 1) % CASES;
        draw(&stream, values, COLUMNS);
        draw(&stream, inputs, 3);
        counterpart c = {.lists = {1 + test_below(&stream, CASES), nearest},
                         .neighbours = 1 + test_below(&stream, 2),
                         .inputs = {CASES, 3, inputs}};
        check_all_permutations(&c, values);
        c.neighbours = 0;
        check_all_permutations(&c, values);
    }
}

/* Pairs of cases are each other's neighbours: with equal values they share everything, with opposite ones -1.
 */
static void test_extremes(void **state)
{
    (void)state;
    const bp_real equal[CASES] = {2, 2, -1, -1, -1, -1}, opposite[CASES] = {1, -1, 2, -2, 3, -3};
    size_t nearest[CASES][AGREEMENT_NEIGHBOURS] = {{1}, {0}, {3}, {2}, {5}, {4}};
    const neighbour_lists lists = {CASES, nearest};
    const case_values same = {CASES, 1, equal}, contrary = {CASES, 1, opposite};
    assert_close(bpi_find_agreement(&lists, 1, &same).share, 1, 1e-6);
    assert_close(bpi_find_agreement(&lists, 1, &contrary).share, -1, 1e-6);
    const bp_real zeros[CASES] = {0};
    const case_values nothing = {CASES, 1, zeros};
    assert_true(bpi_find_agreement(&lists, 1, &nothing).deviation == 0);
    assert_true(bpi_find_linear_share(&nothing, &same).deviation == 0);
}

/* Noise plus the same linear function, whose share of the variance is found. */
static void test_linear_share(void **state)
{
    (void)state;
    enum { MANY = 3000, WIDTH = 4 };
    static bp_real inputs[MANY * WIDTH], targets[MANY];
    uint64_t stream = 5;
    for (double share = 0; share <= 1; share += 0.25) {
        double mean = 0;
        for (size_t i = 0; i < MANY; i++) {
            double sum = 0;
            for (size_t j = 0; j < WIDTH; j++) {
                inputs[i * WIDTH + j] = (bp_real)test_uniform(&stream, -1, 1);
                sum += (double)inputs[i * WIDTH + j] / 2;
            }
            targets[i] = (bp_real)(sqrt(share) * sum + sqrt(1 - share) * test_uniform(&stream, -1, 1));
            mean += (double)targets[i] / MANY;
        }
        for (size_t i = 0; i < MANY; i++)
            targets[i] -= (bp_real)mean;
        const agreement found =
            bpi_find_linear_share(&(case_values){MANY, WIDTH, inputs}, &(case_values){MANY, 1, targets});
        assert_true(fabs(found.share - share) < 0.06);
        assert_true(found.deviation > 0 && found.deviation < 0.002);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_permutations),
        cmocka_unit_test(test_extremes),
        cmocka_unit_test(test_linear_share),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
