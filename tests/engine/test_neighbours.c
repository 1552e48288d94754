/* Nearest neighbours, against sorting all distances. */
#include "engine/neighbours.h"

#include <math.h>
#include <stdbool.h>

#include "support/support.h"

enum { CASES = 40, INPUTS = 11, TARGETS = 2, WIDTH = INPUTS + TARGETS };

/* Four cases on a line, at 0, 1, 3 and 7; targets do not count. */
static void test_a_line(void **state)
{
    (void)state;
    bp_real rows[] = {0, 100, 1, -50, 3, 0, 7, 100};
    const case_rows cases = {.count = 4, .inputs = 1, .targets = 1, .rows = rows};
    size_t found[3];
    bpi_find_neighbours(&cases, 2, 3, found);
    assert_true(found[0] == 1 && found[1] == 0 && found[2] == 3);
    bpi_find_neighbours(&cases, 0, 1, found);
    assert_int_equal(found[0], 1);
    assert_true(*bpi_targets_of(&cases, 1) == -50);
}

static void test_distances(void **state)
{
    (void)state;
    bp_real a[20], b[20];
    for (size_t i = 0; i < 20; i++) {
        a[i] = (bp_real)i;
        b[i] = (bp_real)i - 2;
    }
    assert_true(bpi_square_distance(a, b, 20, INFINITY) == 80);
    assert_true(bpi_square_distance(a, b, 20, 80.5) == 80);
    assert_true(bpi_square_distance(a, b, 20, 10) >= 10);
    assert_true(bpi_square_distance(a, b, 0, INFINITY) == 0);
}

static double direct_distance(const case_rows *cases, size_t a, size_t b)
{
    double sum = 0;
    for (size_t i = 0; i < INPUTS; i++)
        sum += pow((double)bpi_inputs_of(cases, a)[i] - (double)bpi_inputs_of(cases, b)[i], 2);
    return sum;
}

/* Inputs of few values, so that many cases are equally far: those that come first are taken. */
static void test_random_cases(void **state)
{
    (void)state;
    uint64_t stream = 3;
    for (size_t trial = 0; trial < 50; trial++) {
        bp_real rows[CASES * WIDTH];
        const case_rows cases = {.count = CASES, .inputs = INPUTS, .targets = TARGETS, .rows = rows};
        for (size_t i = 0; i < CASES * WIDTH; i++)
            rows[i] = (bp_real)test_below(&stream, 2);
        const size_t query = test_below(&stream, CASES), wanted = 1 + test_below(&stream, BPI_MAX_NEIGHBOURS);
        size_t found[BPI_MAX_NEIGHBOURS];
        bool is_taken[CASES] = {false};
        bpi_find_neighbours(&cases, query, wanted, found);
        for (size_t place = 0; place < wanted; place++) {
            size_t best = CASES;
            for (size_t i = 0; i < CASES; i++)
                if (i != query && !is_taken[i] &&
                    (best == CASES ||
                     direct_distance(&cases, query, i) < direct_distance(&cases, query, best)))
                    best = i;
            is_taken[best] = true;
            assert_int_equal(found[place], best);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_line),
        cmocka_unit_test(test_distances),
        cmocka_unit_test(test_random_cases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
