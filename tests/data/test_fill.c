/* Missing cells: rules, what is filled in, and from which cases. */
#include "data/csv_example.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static bp_dataset *load(const char *text, bp_missing rule, int indicator)
{
    bp_schema *rules = csv_rules();
    bp_csv_options options = csv_defaults();
    bp_dataset *dataset = NULL;
    assert_ok(bp_schema_set_missing(rules, bp_column_all(), rule, indicator));
    options.schema = rules;
    options.header = BP_CSV_HEADER_YES;
    assert_ok(csv_parse(&dataset, text, &options));
    bp_schema_destroy(rules);
    return dataset;
}

static bp_column_info column_of(const bp_dataset *dataset, size_t column)
{
    bp_column_info info;
    bp_column_info_init(&info, sizeof info);
    assert_ok(bp_schema_column(bp_dataset_schema(dataset), column, &info));
    return info;
}

/* What the first column is filled in with. */
static void assert_fill(const char *text, bp_missing rule, double wanted)
{
    bp_dataset *dataset = load(text, rule, 0);
    const double fill = column_of(dataset, 0).fill;
    if (fill != wanted)
        fail_msg("%s: filled in with %g, not %g", text, fill, wanted);
    bp_dataset_destroy(dataset);
}

static void fills_are_exact(void **state)
{
    (void)state;
    assert_fill("n,y\n1,a\n,b\n2,a\n6,b\n", BP_MISSING_MEAN, 3);
    assert_fill("n,y\n1e6,a\n,b\n1000001,a\n", BP_MISSING_MEAN, 1000000.5);
    assert_fill("n,y\n-7,a\n,b\n", BP_MISSING_MEAN, -7);
    assert_fill("n,y\n5,a\n,b\n1,a\n9,b\n", BP_MISSING_MEDIAN, 5);
    assert_fill("n,y\n5,a\n,b\n1,a\n9,b\n2,a\n", BP_MISSING_MEDIAN, 3.5);
    assert_fill("n,y\n3,a\n1,b\n3,a\n1,b\n,a\n2,a\n", BP_MISSING_MOST_FREQUENT, 1); /* of equals the lowest */
    assert_fill("n,y\n3,a\n1,b\n3,a\n-0,b\n,a\n", BP_MISSING_MOST_FREQUENT, 3);
    assert_fill("n,y\n2,a\n4,b\n", BP_MISSING_MEAN, 3); /* also without a missing cell */
    /* Categories and truth values: always the most frequent. */
    assert_fill("c,y\nb,x\na,y\n,x\nb,y\na,x\n", BP_MISSING_MEAN, 0);
    assert_fill("c,y\nb,x\na,y\n,x\nb,y\n", BP_MISSING_MEDIAN, 1);
    assert_fill("t,y\nyes,x\nno,y\n?,x\nyes,y\n", BP_MISSING_MEAN, 1);
}

static void filled_cells_are_in_the_inputs(void **state)
{
    (void)state;
    const char *text = "n,c,t,y\n1,u,yes,a\n,?,NA,b\n3,v,no,a\n,v,no,b\n";
    bp_dataset *dataset = load(text, BP_MISSING_MEAN, 0);
    csv_assert_data(dataset, 4, 4, (const double[]){1, 1, 0, 1, 2, 0, 1, 0, 3, 0, 1, 0, 2, 0, 1, 0}, 2,
                    (const double[]){1, 0, 0, 1, 1, 0, 0, 1});
    assert_int_equal(bp_dataset_missing_cells(dataset), 4);
    assert_int_equal(bp_dataset_skipped_rows(dataset), 0);
    assert_int_equal(column_of(dataset, 0).missing_cells, 2);
    assert_int_equal(column_of(dataset, 1).missing_cells, 1);
    bp_dataset_destroy(dataset);
    dataset = load(text, BP_MISSING_MEAN, 1);
    csv_assert_data(dataset, 4, 7, (const double[]){1,      0, 1, 0,      0, 1, 0, /**/ 2, 1, 0, 1,
                                                    1,      0, 1, /**/ 3, 0, 0, 1, 0,      0, 0,
                                                    /**/ 2, 1, 0, 1,      0, 0, 0},
                    2, (const double[]){1, 0, 0, 1, 1, 0, 0, 1});
    bp_dataset_destroy(dataset);
}

/* A category that is not on the caller's list is 0 as an input, but does not count as the first one. */
static void unknown_categories_are_not_counted(void **state)
{
    (void)state;
    const char *const text = "c,y\n1st,a\nhi,a\nzz,a\nzz,b\nzz,a\nhi,b\n,b\n";
    const char *const names[] = {"1st", "hi"};
    bp_schema *rules = csv_rules();
    bp_csv_options options = csv_defaults();
    assert_ok(bp_schema_set_missing(rules, bp_column_all(), BP_MISSING_MOST_FREQUENT, 0));
    assert_ok(bp_schema_set_categories(rules, bp_column_named("c"), names, 2));
    assert_ok(bp_schema_set_unknown(rules, bp_column_named("c"), BP_UNKNOWN_ZERO));
    options.schema = rules;
    for (int encoding = BP_ENCODING_ONE_HOT; encoding <= BP_ENCODING_ORDINAL; encoding++) {
        bp_dataset *dataset = NULL;
        bp_stream *stream = NULL;
        bp_column_info info;
        const char *path = test_path(test_directory, "unknown.csv");
        assert_ok(bp_schema_set_encoding(rules, bp_column_named("c"), (bp_encoding)encoding));
        assert_ok(csv_parse(&dataset, text, &options));
        assert_int_equal(bp_dataset_unknown_cells(dataset), 3);
        assert_true(column_of(dataset, 0).fill == 1);
        assert_ok(bp_dataset_split(dataset, 1, 0, 1));
        assert_true(column_of(dataset, 0).fill == 1);
        bp_dataset_destroy(dataset);
        test_write_file(path, text, strlen(text));
        assert_ok(bp_stream_open_csv(&stream, path, &options));
        bp_column_info_init(&info, sizeof info);
        assert_ok(bp_schema_column(bp_stream_schema(stream), 0, &info));
        assert_true(info.fill == 1);
        bp_stream_destroy(stream);
    }
    bp_schema_destroy(rules);
}

static void ordinal_categories_are_filled_in(void **state)
{
    (void)state;
    bp_schema *rules = csv_rules();
    bp_csv_options options = csv_defaults();
    const char *const sizes[] = {"small", "middle", "large"};
    bp_dataset *dataset = NULL;
    assert_ok(bp_schema_set_categories(rules, bp_column_named("c"), sizes, 3));
    assert_ok(bp_schema_set_encoding(rules, bp_column_named("c"), BP_ENCODING_ORDINAL));
    assert_ok(bp_schema_set_missing(rules, bp_column_named("c"), BP_MISSING_MOST_FREQUENT, 1));
    options.schema = rules;
    assert_ok(csv_parse(&dataset, "c,y\nlarge,a\n,b\nsmall,a\nlarge,b\n", &options));
    csv_assert_data(dataset, 4, 2, (const double[]){2, 0, 2, 1, 0, 0, 2, 0}, 2,
                    (const double[]){1, 0, 0, 1, 1, 0, 0, 1});
    assert_true(column_of(dataset, 0).fill == 2);
    bp_dataset_destroy(dataset);
    /* A column without a cell, of which the caller has said what it is. */
    dataset = NULL;
    assert_ok(csv_parse(&dataset, "n,c,y\n1,,a\n2,,b\n", &options));
    csv_assert_data(dataset, 2, 3, (const double[]){1, 0, 1, 2, 0, 1}, 2, (const double[]){1, 0, 0, 1});
    bp_dataset_destroy(dataset);
    bp_schema_destroy(rules);
}

static void rows_are_refused_or_skipped(void **state)
{
    (void)state;
    const char *text = "n,c,y\n1,u,a\n,v,b\n3,?,a\n4,v,b\n5,u,\n6,u,a\n";
    csv_assert_refused(
        text, NULL, BP_ERROR_FORMAT,
        "f.csv:3: column 1 (n): the value is missing; bp_schema_set_missing says what to do then");
    bp_dataset *dataset = load(text, BP_MISSING_SKIP, 0);
    csv_assert_data(dataset, 3, 3, (const double[]){1, 1, 0, 4, 0, 1, 6, 1, 0}, 2,
                    (const double[]){1, 0, 0, 1, 1, 0});
    assert_int_equal(bp_dataset_skipped_rows(dataset), 3);
    assert_int_equal(bp_dataset_missing_cells(dataset), 0);
    assert_true(isnan(column_of(dataset, 0).fill));
    bp_dataset_destroy(dataset);
    /* Targets cannot be filled in. */
    dataset = load(text, BP_MISSING_MEDIAN, 0);
    csv_assert_data(dataset, 5, 3, (const double[]){1, 1, 0, 3.5, 0, 1, 3, 1, 0, 4, 0, 1, 6, 1, 0}, 2,
                    (const double[]){1, 0, 0, 1, 1, 0, 0, 1, 1, 0});
    assert_int_equal(bp_dataset_skipped_rows(dataset), 1);
    bp_dataset_destroy(dataset);
    bp_schema *rules = csv_rules();
    bp_csv_options options = csv_defaults();
    assert_ok(bp_schema_set_missing(rules, bp_column_all(), BP_MISSING_SKIP, 0));
    options.schema = rules;
    csv_assert_refused("n,m,y\n1,,a\n,2,b\n", &options, BP_ERROR_FORMAT,
                       "f.csv: no cases: a cell is missing in every row");
    bp_schema_destroy(rules);
}

/* The mean of a column over the training cases that are not missing; missing ones are those with the
 * indicator. */
static double training_mean(const bp_dataset *dataset)
{
    bp_data data;
    bp_data_init(&data, sizeof data);
    assert_ok(bp_dataset_subset(dataset, BP_SUBSET_TRAINING, &data));
    double sum = 0, count = 0;
    for (size_t i = 0; i < data.cases; i++)
        if (data.inputs[2 * i + 1] == 0) {
            sum += (double)data.inputs[2 * i];
            count++;
        }
    assert_true(count > 0);
    return (double)(bp_real)(sum / count);
}

/* What is filled in never comes from validation or test cases, after every split. */
static void fills_come_from_the_training_cases(void **state)
{
    (void)state;
    bp_dataset *dataset =
        load("n,y\n1,a\n,b\n2,a\n4,b\n8,a\n,a\n16,b\n32,a\n64,a\n,b\n128,a\n256,b\n", BP_MISSING_MEAN, 1);
    assert_close(column_of(dataset, 0).fill, 511 / 9.0, TOLERANCE(1e-7, 1e-15));
    double fills[2] = {0};
    for (uint64_t round = 0; round < 40; round++) {
        assert_ok(bp_dataset_split(dataset, 0.5, 0.25, round % 20));
        const double fill = column_of(dataset, 0).fill;
        assert_close(fill, training_mean(dataset), TOLERANCE(1e-6, 1e-14));
        bp_data data = test_all_cases(dataset);
        size_t missing = 0;
        for (size_t i = 0; i < data.cases; i++)
            if (data.inputs[2 * i + 1] == 1) {
                assert_true(data.inputs[2 * i] == (bp_real)fill);
                missing++;
            }
        assert_int_equal(missing, 3);
        assert_int_equal(bp_dataset_missing_cells(dataset), 3);
        if (round % 20 == 3) /* the same split, the same fill */
            fills[round / 20] = fill;
    }
    assert_true(fills[0] == fills[1]);
    assert_ok(bp_dataset_split(dataset, 0, 0.5, 1)); /* without training cases: from all */
    assert_close(column_of(dataset, 0).fill, 511 / 9.0, TOLERANCE(1e-7, 1e-15));
    bp_dataset_destroy(dataset);
}

/* Several columns, with missing cells in all sorts of places. */
static void random_tables_are_filled_in(void **state)
{
    (void)state;
    enum { CASES = 60, COLUMNS = 5 };
    uint64_t random = 12;
    for (int round = 0; round < 20; round++) {
        char text[CASES * COLUMNS * 8 + 64] = "a,b,c,d,e,y\n";
        double cells[CASES][COLUMNS], sums[COLUMNS] = {0}, counts[COLUMNS] = {0};
        for (size_t i = 0; i < CASES; i++) {
            for (size_t k = 0; k < COLUMNS; k++) {
                char cell[16] = ",";
                cells[i][k] = i > 0 && test_below(&random, 4) == 0 ? NAN : (double)test_below(&random, 64);
                if (!isnan(cells[i][k])) {
                    snprintf(cell, sizeof cell, "%g,", cells[i][k]);
                    sums[k] += cells[i][k];
                    counts[k]++;
                }
                strcat(text, cell);
            }
            strcat(text, i % 2 == 0 ? "u\n" : "v\n");
        }
        bp_dataset *dataset = load(text, BP_MISSING_MEAN, 0);
        bp_data data = test_all_cases(dataset);
        size_t missing = 0;
        for (size_t i = 0; i < CASES * COLUMNS; i++) {
            const size_t k = i % COLUMNS;
            const double cell = cells[i / COLUMNS][k];
            missing += isnan(cell) ? 1 : 0;
            assert_close(data.inputs[i], isnan(cell) ? sums[k] / counts[k] : cell, TOLERANCE(1e-6, 1e-14));
        }
        assert_int_equal(bp_dataset_missing_cells(dataset), missing);
        bp_dataset_destroy(dataset);
    }
}

/* Sums of doubles that are too large for one. */
static void large_numbers_have_a_mean(void **state)
{
    (void)state;
    const double large = TOLERANCE(3e38, 1.7e308);
    char text[128];
    snprintf(text, sizeof text, "n,y\n%g,a\n-%g,b\n%g,a\n-%g,b\n,a\n", large, large, large, large);
    bp_dataset *dataset = load(text, BP_MISSING_MEAN, 0);
    assert_true(column_of(dataset, 0).fill == 0);
    bp_dataset_destroy(dataset);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_are_exact),
        cmocka_unit_test(filled_cells_are_in_the_inputs),
        cmocka_unit_test_setup_teardown(unknown_categories_are_not_counted, test_directory_setup,
                                        test_directory_teardown),
        cmocka_unit_test(ordinal_categories_are_filled_in),
        cmocka_unit_test(rows_are_refused_or_skipped),
        cmocka_unit_test(fills_come_from_the_training_cases),
        cmocka_unit_test(random_tables_are_filled_in),
        cmocka_unit_test(large_numbers_have_a_mean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
