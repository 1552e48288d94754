/* Which data are truth tables. */
#include "engine/truth_table.h"

#include "support/support.h"

static bp_data view(size_t cases, const bp_real *inputs)
{
    bp_data data = bp_data_view(cases, inputs, 2, NULL, 0);
    data.input_stride = 2;
    return data;
}

static void test_truth_tables(void **state)
{
    (void)state;
    const bp_real table[] = {0, 0, 0, 1, 1, 0, 1, 1, 0, 1}, others[] = {0, 0, 0, 1, 1, 0, 1, 2};
    const bp_data whole = view(4, table), longer = view(5, table), shorter = view(3, table),
                  three_values = view(4, others);
    assert_true(bpi_is_truth_table(&whole) && bpi_is_truth_table(&longer));
    assert_false(bpi_is_truth_table(&shorter) || bpi_is_truth_table(&three_values));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_truth_tables)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
