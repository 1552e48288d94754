/* Schemas as text. */
#include "data/csv_example.h"

#include <string.h>

enum { ROOM = 4096 };

/* All that a column can be. */
static bp_dataset *learn_everything(void)
{
    bp_schema *rules = csv_rules();
    bp_csv_options options = csv_defaults();
    bp_dataset *dataset = NULL;
    assert_ok(bp_schema_set_role(rules, bp_column_named("id"), BP_ROLE_IGNORED));
    assert_ok(bp_schema_set_role(rules, bp_column_named("w"), BP_ROLE_CASE_WEIGHT));
    assert_ok(bp_schema_set_role(rules, bp_column_named("household"), BP_ROLE_GROUP));
    assert_ok(bp_schema_set_missing(rules, bp_column_all(), BP_MISSING_MEDIAN, 0));
    assert_ok(bp_schema_set_missing(rules, bp_column_named("age"), BP_MISSING_MEAN, 1));
    assert_ok(bp_schema_set_kind(rules, bp_column_named("month"), BP_COLUMN_CATEGORY));
    options.schema = rules;
    assert_ok(csv_parse(&dataset,
                        "id,age,month,m\xC3\xA4nnlich,w,household,income\n"
                        "1,20,1,yes,1,x,high\n,?,2,no,2,y,low\n3,30.25,3,no,1,x,high\n4,40,4,NA,1,y,low\n"
                        "5,50,?,no,1,z,?\n6,60,5,,1,z,low\n7,70,6,no,1,z,low\n8,80,7,no,1,z,low\n",
                        &options));
    bp_schema_destroy(rules);
    return dataset;
}

static const char everything[] =
    "7 columns: 1 number, 1 category, 1 truth value, case weight 'w', group 'household', target 'income' "
    "with 2 "
    "classes, 1 ignored; 5 cells missing\n"
    "   1  id         text         ignored\n"
    "   2  age        number       inputs 0-1   missing: 1 cell, mean 50.0417 and an indicator\n"
    "   3  month      category     inputs 2-8   1, 2, 3, 4, 5, 6, ... (7 in all); missing: 1 cell, most "
    "frequent 1\n"
    "   4  m\xC3\xA4nnlich   truth value  input 9      no, yes; missing: 2 cells, most frequent no\n"
    "   5  w          number       case weight\n"
    "   6  household  category     group        x, y, z\n"
    "   7  income     category     targets 0-1  high, low; missing: 1 cell, their rows left out\n";

static void a_line_sums_up_and_one_is_for_each_column(void **state)
{
    (void)state;
    bp_dataset *dataset = learn_everything();
    char text[ROOM];
    assert_ok(bp_schema_text(bp_dataset_schema(dataset), text, sizeof text, NULL));
    assert_string_equal(text, everything);
    bp_dataset_destroy(dataset);
}

static void assert_text(const char *table, const bp_csv_options *options, const char *wanted)
{
    bp_dataset *dataset = NULL;
    char text[ROOM];
    assert_ok(csv_parse(&dataset, table, options));
    assert_ok(bp_schema_text(bp_dataset_schema(dataset), text, sizeof text, NULL));
    assert_string_equal(text, wanted);
    bp_dataset_destroy(dataset);
}

static void small_tables(void **state)
{
    (void)state;
    assert_text("1,2,a\n3,4,b\n", NULL,
                "3 columns: 2 numbers, target with 2 classes\n"
                "   1  number    input 0\n"
                "   2  number    input 1\n"
                "   3  category  targets 0-1  a, b\n");
    bp_csv_options options = csv_defaults();
    options.target = BP_TARGET_NONE;
    assert_text("x\n1\n", &options, "1 column: 1 number\n   1  x  number  input 0\n");
    options = csv_numeric(-2, 2);
    assert_text("x,a\tb,z\n1,2,3\n", &options,
                "3 columns: 1 number, target 'a?b', target 'z'\n"
                "   1  x    number  input 0\n"
                "   2  a?b  number  target 0\n"
                "   3  z    number  target 1\n");
    options = csv_numeric(-1, 1);
    assert_text("a234567890123456789012345678901234567890,y\n1,2\n", &options,
                "2 columns: 1 number, target 'y'\n"
                "   1  a2345678901234567890123456789012...  number  input 0\n"
                "   2  y                                    number  target 0\n");
}

/* Texts are cut off, with a final 0, and what all takes is said. */
static void every_capacity_is_kept(void **state)
{
    (void)state;
    bp_dataset *dataset = learn_everything();
    const bp_schema *schema = bp_dataset_schema(dataset);
    const size_t size = sizeof everything;
    size_t needed = 0;
    assert_ok(bp_schema_text(schema, NULL, 0, &needed));
    assert_int_equal(needed, size);
    for (size_t capacity = 0; capacity <= size + 1; capacity++) {
        char text[ROOM];
        memset(text, 'x', sizeof text);
        needed = 0;
        bp_status status = bp_schema_text(schema, text, capacity, &needed);
        assert_int_equal(needed, size);
        assert_int_equal(status, capacity < size ? BP_ERROR_SIZE : BP_OK);
        size_t kept = capacity == 0 ? 0 : (capacity < size ? capacity : size) - 1;
        assert_memory_equal(text, everything, kept);
        assert_int_equal(text[kept], capacity == 0 ? 'x' : '\0');
        for (size_t i = capacity == 0 ? 0 : kept + 1; i < sizeof text; i++)
            assert_int_equal(text[i], 'x');
    }
    bp_dataset_destroy(dataset);
}

static void wrong_calls_are_refused(void **state)
{
    (void)state;
    bp_schema *rules = csv_rules();
    char text[8];
    size_t needed = 77;
    assert_fails(bp_schema_text(NULL, text, sizeof text, &needed), BP_ERROR_ARGUMENT, "schema is NULL");
    assert_fails(bp_schema_text(rules, text, sizeof text, &needed), BP_ERROR_STATE,
                 "bp_schema_text: the schema has rules, but was not learned from a table");
    bp_dataset *dataset = learn_everything();
    assert_fails(bp_schema_text(bp_dataset_schema(dataset), NULL, 3, &needed), BP_ERROR_ARGUMENT,
                 "buffer is NULL");
    assert_int_equal(needed, 77);
    bp_dataset_destroy(dataset);
    bp_schema_destroy(rules);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_sums_up_and_one_is_for_each_column),
        cmocka_unit_test(small_tables),
        cmocka_unit_test(every_capacity_is_kept),
        cmocka_unit_test(wrong_calls_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
