#include <float.h>
#include <string.h>

#include "base/bytes.h"
#include "support/support.h"

static void test_integers_are_little_endian(void **state)
{
    (void)state;
    unsigned char bytes[8];
    bpi_put_u32(bytes, 0x04030201u);
    assert_memory_equal(bytes, "\1\2\3\4", 4);
    assert_int_equal(bpi_get_u32(bytes), 0x04030201u);
    bpi_put_u64(bytes, 0x0807060504030201u);
    assert_memory_equal(bytes, "\1\2\3\4\5\6\7\10", 8);
    assert_true(bpi_get_u64(bytes) == 0x0807060504030201u);
    bpi_put_u64(bytes, UINT64_MAX);
    assert_true(bpi_get_u64(bytes) == UINT64_MAX);
}

static void test_reals_are_ieee_754(void **state)
{
    (void)state;
    unsigned char bytes[8];
    bpi_put_f32(bytes, -1.5f);
    assert_memory_equal(bytes, "\x00\x00\xc0\xbf", 4);
    bpi_put_f64(bytes, -1.5);
    assert_memory_equal(bytes, "\x00\x00\x00\x00\x00\x00\xf8\xbf", 8);
    const double values[] = {0, 1, -1, DBL_MAX, DBL_MIN, DBL_TRUE_MIN, 0.1};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        bpi_put_f64(bytes, values[i]);
        assert_true(bpi_get_f64(bytes) == values[i]);
    }
    const float small[] = {0, FLT_MAX, FLT_MIN, FLT_TRUE_MIN, 0.1f};
    for (size_t i = 0; i < sizeof small / sizeof small[0]; i++) {
        bpi_put_f32(bytes, small[i]);
        assert_true(bpi_get_f32(bytes) == small[i]);
    }
}

/* The check value that the CRC catalogues give for CRC-32, and the CRC of a PNG's IEND chunk. */
static void test_crc_is_the_known_one(void **state)
{
    (void)state;
    assert_int_equal(bpi_crc32(0, "123456789", 9), 0xcbf43926u);
    assert_int_equal(bpi_crc32(0, "IEND", 4), 0xae426082u);
    assert_int_equal(bpi_crc32(0, "", 0), 0);
    assert_int_equal(bpi_crc32(bpi_crc32(0, "1234", 4), "56789", 5), 0xcbf43926u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_integers_are_little_endian),
        cmocka_unit_test(test_reals_are_ieee_754),
        cmocka_unit_test(test_crc_is_the_known_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
