/* Hashes of rows: equal for equal rows, whatever else is read between them; different for others. */
#include <stdlib.h>
#include <string.h>

#include "base/row_hash.h"
#include "support/support.h"

static uint64_t hash_of(const bp_real *values, size_t count)
{
    row_hash hash = bpi_row_hash_begin();
    bpi_row_hash_add(&hash, values, count);
    return bpi_row_hash_value(&hash);
}

static void test_equal_rows(void **state)
{
    (void)state;
    const bp_real zeros[] = {0, 0, 0}, negative[] = {0, (bp_real)-0.0, 0};
    assert_true(hash_of(zeros, 3) == hash_of(negative, 3));
    assert_true(hash_of(zeros, 0) == hash_of(NULL, 0));
    const bp_real row[] = {1, 2, 3, 4, 5}, copy[] = {1, 2, 3, 4, 5};
    for (size_t count = 0; count <= 5; count++)
        assert_true(hash_of(row, count) == hash_of(copy, count));
}

/* Every value of every place counts, and so do the order of values and that of rows. */
static void test_other_rows(void **state)
{
    (void)state;
    enum { WIDTH = 11 };
    bp_real row[WIDTH];
    for (size_t i = 0; i < WIDTH; i++)
        row[i] = (bp_real)i;
    const uint64_t hash = hash_of(row, WIDTH);
    for (size_t i = 0; i < WIDTH; i++) {
        row[i] += 1;
        assert_true(hash_of(row, WIDTH) != hash);
        row[i] -= 1;
        for (size_t k = 0; k < i; k++) {
            const bp_real kept = row[i];
            row[i] = row[k];
            row[k] = kept;
            assert_true(hash_of(row, WIDTH) != hash);
            row[k] = row[i];
            row[i] = kept;
        }
    }
    const bp_real first[] = {1, 2}, second[] = {3, 4};
    row_hash a = bpi_row_hash_begin(), b = a;
    bpi_row_hash_add(&a, first, 2);
    bpi_row_hash_add(&a, second, 2);
    bpi_row_hash_add(&b, second, 2);
    bpi_row_hash_add(&b, first, 2);
    assert_true(bpi_row_hash_value(&a) != bpi_row_hash_value(&b));
}

static int compare(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Many rows of small integers, none of which have the same hash. */
static void test_no_collisions(void **state)
{
    (void)state;
    enum { ROWS = 1 << 16 };
    uint64_t *hashes = malloc(ROWS * sizeof *hashes);
    for (size_t i = 0; i < ROWS; i++) {
        const bp_real row[] = {(bp_real)(i & 15), (bp_real)(i >> 4 & 15), (bp_real)(i >> 8 & 15),
                               (bp_real)(i >> 12)};
        hashes[i] = hash_of(row, 4);
    }
    qsort(hashes, ROWS, sizeof *hashes, compare);
    for (size_t i = 1; i < ROWS; i++)
        assert_true(hashes[i] != hashes[i - 1]);
    free(hashes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal_rows),
        cmocka_unit_test(test_other_rows),
        cmocka_unit_test(test_no_collisions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
