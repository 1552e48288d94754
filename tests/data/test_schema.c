/* Schemas as objects: rules, copies, accessors. */
#include "data/csv_example.h"

#include <math.h>
#include <string.h>

static void wrong_arguments_are_refused(void **state)
{
    (void)state;
    bp_schema *rules = csv_rules(), *copy = NULL;
    const char *const names[] = {"a", "b", "a", "", NULL};
    const bp_column column = bp_column_numbered(0);
    bp_column_info info;
    bp_column_info_init(&info, sizeof info);
    assert_fails(bp_schema_create(NULL, NULL), BP_ERROR_ARGUMENT, "out is NULL");
    assert_fails(bp_schema_copy(NULL, rules), BP_ERROR_ARGUMENT, "out is NULL");
    assert_fails(bp_schema_copy(&copy, NULL), BP_ERROR_ARGUMENT, "schema is NULL");
    assert_fails(bp_schema_set_role(NULL, column, BP_ROLE_INPUT), BP_ERROR_ARGUMENT, "schema is NULL");
    assert_fails(bp_schema_set_role(rules, column, (bp_column_role)5), BP_ERROR_ARGUMENT,
                 "bp_schema_set_role: role is 5, it must be in 0..4");
    assert_fails(bp_schema_set_role(rules, column, (bp_column_role)-1), BP_ERROR_ARGUMENT, "role is -1");
    assert_fails(bp_schema_set_kind(rules, column, (bp_column_kind)5), BP_ERROR_ARGUMENT, "kind is 5");
    assert_fails(bp_schema_set_encoding(rules, column, (bp_encoding)2), BP_ERROR_ARGUMENT, "encoding is 2");
    assert_fails(bp_schema_set_missing(rules, column, (bp_missing)6, 0), BP_ERROR_ARGUMENT, "rule is 6");
    assert_fails(bp_schema_set_unknown(rules, column, (bp_unknown)2), BP_ERROR_ARGUMENT, "rule is 2");
    assert_fails(bp_schema_set_categories(rules, column, NULL, 2), BP_ERROR_ARGUMENT, "names is NULL");
    assert_fails(bp_schema_set_categories(rules, column, names, 1), BP_ERROR_ARGUMENT,
                 "count is 1, it must be >= 2");
    assert_fails(bp_schema_set_categories(rules, column, names, 3), BP_ERROR_ARGUMENT,
                 "names[0] and names[2] are both 'a'");
    assert_fails(bp_schema_set_categories(rules, column, names + 1, 3), BP_ERROR_ARGUMENT,
                 "names[2] is empty");
    assert_fails(bp_schema_set_categories(rules, column, names + 3, 2), BP_ERROR_ARGUMENT,
                 "names[0] is empty");
    assert_fails(bp_schema_column(NULL, 0, &info), BP_ERROR_ARGUMENT, "schema is NULL");
    assert_fails(bp_schema_column(rules, 0, NULL), BP_ERROR_ARGUMENT, "info is NULL");
    assert_fails(bp_schema_column(rules, 0, &info), BP_ERROR_ARGUMENT, "column is 0, but the schema has 0");
    info.size = 1;
    assert_fails(bp_schema_column(rules, 0, &info), BP_ERROR_VERSION, "bp_column_info");
    assert_null(copy);
    bp_schema_destroy(rules);
}

/* A call that is refused leaves no rule. */
static void nothing_is_left_of_a_refused_rule(void **state)
{
    (void)state;
    bp_schema *rules = csv_rules();
    bp_csv_options options = csv_defaults();
    assert_fails(bp_schema_set_role(rules, bp_column_named("none"), (bp_column_role)9), BP_ERROR_ARGUMENT,
                 "role");
    options.schema = rules;
    csv_assert_learns("1,a\n2,b\n", &options, "1 number 0; 2 target 0-1 a|b");
    bp_schema_destroy(rules);
}

static void null_is_an_empty_schema(void **state)
{
    (void)state;
    bp_schema *rules = csv_rules();
    const bp_schema *empty[] = {NULL, rules};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(bp_schema_column_count(empty[i]), 0);
        assert_int_equal(bp_schema_input_width(empty[i]), 0);
        assert_int_equal(bp_schema_target_width(empty[i]), 0);
        assert_int_equal(bp_schema_target_count(empty[i]), 0);
        assert_null(bp_schema_category(empty[i], 0, 0));
        assert_true(bp_schema_column_of_input(empty[i], 0) == BP_NO_INDEX);
    }
    bp_schema_destroy(NULL);
    bp_schema_destroy(rules);
    assert_null(bp_dataset_schema(NULL));
    assert_int_equal(bp_dataset_missing_cells(NULL), 0);
    assert_int_equal(bp_dataset_skipped_rows(NULL), 0);
    assert_int_equal(bp_dataset_unknown_cells(NULL), 0);
}

static void columns_are_chosen_by_name_number_or_all(void **state)
{
    (void)state;
    assert_string_equal(bp_column_named("x").name, "x");
    assert_string_equal(bp_column_named(NULL).name, "");
    assert_int_equal(bp_column_numbered(-3).number, -3);
    assert_null(bp_column_numbered(-3).name);
    assert_true(bp_column_all().all);
}

/* Names and categories are copied. */
static void rules_own_their_texts(void **state)
{
    (void)state;
    char name[] = "c", first[] = "u", second[] = "v";
    const char *const categories[] = {second, first};
    bp_schema *rules = csv_rules();
    bp_csv_options options = csv_defaults();
    assert_ok(bp_schema_set_categories(rules, bp_column_named(name), categories, 2));
    name[0] = first[0] = second[0] = 'x';
    options.schema = rules;
    csv_assert_learns("c,y\nu,a\nv,b\n", &options, "c category 0-1 v|u; y target 0-1 a|b");
    bp_schema_destroy(rules);
}

static bp_dataset *learn(void)
{
    bp_schema *rules = csv_rules();
    bp_csv_options options = csv_defaults();
    bp_dataset *dataset = NULL;
    assert_ok(bp_schema_set_missing(rules, bp_column_named("n"), BP_MISSING_MEDIAN, 1));
    assert_ok(bp_schema_set_encoding(rules, bp_column_named("k"), BP_ENCODING_ORDINAL));
    assert_ok(bp_schema_set_unknown(rules, bp_column_named("k"), BP_UNKNOWN_ZERO));
    options.schema = rules;
    assert_ok(csv_parse(&dataset, "n,k,t,y\n1,u,no,a\n5,w,yes,b\n,v,no,c\n", &options));
    bp_schema_destroy(rules);
    return dataset;
}

static void assert_columns(const bp_schema *schema)
{
    const bp_column_info wanted[] = {
        {sizeof(bp_column_info), "n", BP_ROLE_INPUT, BP_COLUMN_NUMBER, BP_ENCODING_ONE_HOT, BP_MISSING_MEDIAN,
         BP_UNKNOWN_REFUSE, 1, 0, 2, 0, 1, 3},
        {sizeof(bp_column_info), "k", BP_ROLE_INPUT, BP_COLUMN_CATEGORY, BP_ENCODING_ORDINAL,
         BP_MISSING_REFUSE, BP_UNKNOWN_ZERO, 0, 2, 1, 3, 0, NAN},
        {sizeof(bp_column_info), "t", BP_ROLE_INPUT, BP_COLUMN_BOOLEAN, BP_ENCODING_ONE_HOT,
         BP_MISSING_REFUSE, BP_UNKNOWN_REFUSE, 0, 3, 1, 2, 0, NAN},
        {sizeof(bp_column_info), "y", BP_ROLE_TARGET, BP_COLUMN_CATEGORY, BP_ENCODING_ONE_HOT,
         BP_MISSING_REFUSE, BP_UNKNOWN_REFUSE, 0, 0, 3, 3, 0, NAN}};
    assert_int_equal(bp_schema_column_count(schema), 4);
    assert_int_equal(bp_schema_input_width(schema), 4);
    assert_int_equal(bp_schema_target_width(schema), 3);
    assert_int_equal(bp_schema_target_count(schema), 1);
    for (size_t i = 0; i < 4; i++) {
        bp_column_info info;
        bp_column_info_init(&info, sizeof info);
        assert_ok(bp_schema_column(schema, i, &info));
        assert_string_equal(info.name, wanted[i].name);
        assert_int_equal(info.role, wanted[i].role);
        assert_int_equal(info.kind, wanted[i].kind);
        assert_int_equal(info.encoding, wanted[i].encoding);
        assert_int_equal(info.missing, wanted[i].missing);
        assert_int_equal(info.unknown, wanted[i].unknown);
        assert_int_equal(info.has_indicator, wanted[i].has_indicator);
        assert_int_equal(info.first, wanted[i].first);
        assert_int_equal(info.width, wanted[i].width);
        assert_int_equal(info.categories, wanted[i].categories);
        assert_int_equal(info.missing_cells, wanted[i].missing_cells);
        assert_true(info.fill == wanted[i].fill || (isnan(info.fill) && isnan(wanted[i].fill)));
    }
    assert_string_equal(bp_schema_category(schema, 2, 0), "no");
    assert_null(bp_schema_category(schema, 2, 2));
    assert_null(bp_schema_category(schema, 4, 0));
}

static void learned_columns_are_described(void **state)
{
    (void)state;
    bp_dataset *dataset = learn();
    bp_schema *copy = NULL, *again = NULL;
    assert_columns(bp_dataset_schema(dataset));
    assert_ok(bp_schema_copy(&copy, bp_dataset_schema(dataset)));
    bp_dataset_destroy(dataset);
    assert_columns(copy);
    assert_ok(bp_schema_copy(&again, copy));
    bp_schema_destroy(copy);
    assert_columns(again);
    const char *const names[] = {"a", "b"};
    assert_fails(bp_schema_set_kind(again, bp_column_all(), BP_COLUMN_NUMBER), BP_ERROR_STATE,
                 "bp_schema_set_kind: the schema was learned from a table, and cannot be changed");
    assert_fails(bp_schema_set_missing(again, bp_column_all(), BP_MISSING_MEAN, 1), BP_ERROR_STATE,
                 "learned");
    assert_fails(bp_schema_set_categories(again, bp_column_all(), names, 2), BP_ERROR_STATE, "learned");
    assert_columns(again);
    bp_schema_destroy(again);
}

static bp_status attempt_copying(void *context, const bp_allocator *allocator)
{
    bp_schema *rules = NULL, *copy = NULL, *other = NULL;
    bp_csv_options options = csv_defaults();
    bp_dataset *dataset = NULL;
    const char *const names[] = {"v", "u", "w"};
    (void)context;
    options.allocator = *allocator;
    bp_status status = bp_schema_create(&rules, allocator);
    for (int i = 0; status == BP_OK && i < 5; i++)
        status = bp_schema_set_categories(rules, bp_column_named("k"), names, 3);
    if (status == BP_OK)
        status = bp_schema_copy(&copy, rules);
    options.schema = copy;
    if (status == BP_OK)
        status = csv_parse(&dataset, "n,k,y\n1,u,a\n2,v,b\n", &options);
    if (status == BP_OK)
        status = bp_schema_copy(&other, bp_dataset_schema(dataset));
    bp_schema_destroy(rules);
    bp_schema_destroy(copy);
    bp_schema_destroy(other);
    bp_dataset_destroy(dataset);
    return status;
}

static void lack_of_memory_is_reported(void **state)
{
    (void)state;
    test_each_allocation_fails(attempt_copying, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_arguments_are_refused),
        cmocka_unit_test(nothing_is_left_of_a_refused_rule),
        cmocka_unit_test(null_is_an_empty_schema),
        cmocka_unit_test(columns_are_chosen_by_name_number_or_all),
        cmocka_unit_test(rules_own_their_texts),
        cmocka_unit_test(learned_columns_are_described),
        cmocka_unit_test(lack_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
