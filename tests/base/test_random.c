#include <math.h>
#include <stdlib.h>

#include "base/random.h"
#include "support/support.h"

/* The first numbers of the published generators: splitmix64 from 0, xoshiro256** from the state 1, 2, 3, 4.
 */
static void test_streams_are_the_published_ones(void **state)
{
    (void)state;
    random_stream stream;
    bpi_random_seed(&stream, 0);
    assert_true(stream.state[0] == 0xe220a8397b1dcdafu);
    assert_true(stream.state[1] == 0x6e789e6aa1b965f4u);
    assert_true(stream.state[2] == 0x06c45d188009454fu);
    assert_true(stream.state[3] == 0xf88bb8a8724c81ecu);
    stream = (random_stream){{1, 2, 3, 4}};
    assert_true(bpi_random_next(&stream) == 11520);
    assert_true(bpi_random_next(&stream) == 0);
    assert_true(bpi_random_next(&stream) == 1509978240);
    assert_true(bpi_random_next(&stream) == 1215971899390074240u);
}

static void test_uniform_has_the_moments_of_the_uniform(void **state)
{
    (void)state;
    enum { DRAWS = 100000 };
    random_stream stream;
    bpi_random_seed(&stream, 1986);
    double sum = 0, squares = 0;
    for (int i = 0; i < DRAWS; i++) {
        double u = bpi_random_uniform(&stream);
        assert_true(u >= 0 && u < 1);
        sum += u;
        squares += u * u;
    }
    /* Standard errors: 0.29 and 0.30 divided by sqrt(100000), about 0.001; five of them. */
    assert_true(fabs(sum / DRAWS - 1.0 / 2) < 0.005);
    assert_true(fabs(squares / DRAWS - 1.0 / 3) < 0.005);
}

static void test_below_is_even_and_in_range(void **state)
{
    (void)state;
    random_stream stream;
    bpi_random_seed(&stream, 7);
    int counts[6] = {0};
    for (int i = 0; i < 60000; i++)
        counts[bpi_random_below(&stream, 6)]++;
    for (int i = 0; i < 6; i++)
        assert_true(abs(counts[i] - 10000) < 500); /* standard deviation 91 */
    assert_int_equal(bpi_random_below(&stream, 1), 0);
    uint64_t large = UINT64_MAX / 2 + 2; /* nearly half of all draws are passed over */
    for (int i = 0; i < 1000; i++)
        assert_true(bpi_random_below(&stream, large) < large);
}

static void test_shuffle_is_a_fair_order(void **state)
{
    (void)state;
    enum { COUNT = 5, ROUNDS = 50000 };
    random_stream stream;
    bpi_random_seed(&stream, 3);
    int at[COUNT][COUNT] = {{0}};
    for (int round = 0; round < ROUNDS; round++) {
        size_t order[COUNT] = {0, 1, 2, 3, 4};
        bpi_random_shuffle(&stream, order, COUNT);
        unsigned seen = 0;
        for (size_t i = 0; i < COUNT; i++) {
            seen |= 1u << order[i];
            at[order[i]][i]++;
        }
        assert_int_equal(seen, 31);
    }
    for (int i = 0; i < COUNT; i++)
        for (int j = 0; j < COUNT; j++)
            assert_true(abs(at[i][j] - ROUNDS / COUNT) < 500); /* standard deviation 89 */
    bpi_random_shuffle(&stream, NULL, 0);
}

static void test_same_seed_same_stream(void **state)
{
    (void)state;
    random_stream a, b, c;
    bpi_random_seed(&a, 5);
    bpi_random_seed(&b, 5);
    bpi_random_seed(&c, 6);
    int equal_to_c = 0;
    for (int i = 0; i < 100; i++) {
        uint64_t x = bpi_random_next(&a);
        assert_true(x == bpi_random_next(&b));
        equal_to_c += x == bpi_random_next(&c);
    }
    assert_int_equal(equal_to_c, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_streams_are_the_published_ones),
        cmocka_unit_test(test_uniform_has_the_moments_of_the_uniform),
        cmocka_unit_test(test_below_is_even_and_in_range),
        cmocka_unit_test(test_shuffle_is_a_fair_order),
        cmocka_unit_test(test_same_seed_same_stream),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
