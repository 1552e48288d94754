/* Rules of the caller's for the columns of a table. */
#include "data/csv_example.h"

typedef void (*set_rules)(bp_schema *rules);

static void assert_rules(set_rules set, const char *text, const char *description)
{
    bp_schema *rules = csv_rules(), *copy = NULL;
    bp_csv_options options = csv_defaults();
    set(rules);
    options.schema = rules;
    csv_assert_learns(text, &options, description);
    assert_ok(bp_schema_copy(&copy, rules));
    bp_schema_destroy(rules);
    options.schema = copy;
    csv_assert_learns(text, &options, description);
    bp_schema_destroy(copy);
}

static const char table[] = "id,age,code,ok,grade\n1,20,7,yes,a\n2,30,8,no,b\n3,40,7,no,a\n";

static void ignore_two(bp_schema *rules)
{
    assert_ok(bp_schema_set_role(rules, bp_column_named("id"), BP_ROLE_IGNORED));
    assert_ok(bp_schema_set_role(rules, bp_column_numbered(-2), BP_ROLE_IGNORED));
}

static void one_for_all_and_one_for_itself(bp_schema *rules)
{
    assert_ok(bp_schema_set_kind(rules, bp_column_all(), BP_COLUMN_CATEGORY));
    assert_ok(bp_schema_set_kind(rules, bp_column_named("age"), BP_COLUMN_NUMBER));
    assert_ok(bp_schema_set_encoding(rules, bp_column_all(), BP_ENCODING_ORDINAL));
    assert_ok(bp_schema_set_encoding(rules, bp_column_numbered(2), BP_ENCODING_ONE_HOT));
}

static void two_targets(bp_schema *rules)
{
    assert_ok(bp_schema_set_role(rules, bp_column_named("age"), BP_ROLE_TARGET));
    assert_ok(bp_schema_set_role(rules, bp_column_named("ok"), BP_ROLE_TARGET));
    assert_ok(bp_schema_set_kind(rules, bp_column_named("age"), BP_COLUMN_NUMBER));
}

static void weight_and_group(bp_schema *rules)
{
    assert_ok(bp_schema_set_role(rules, bp_column_named("age"), BP_ROLE_CASE_WEIGHT));
    assert_ok(bp_schema_set_role(rules, bp_column_named("code"), BP_ROLE_GROUP));
}

static void categories_in_order(bp_schema *rules)
{
    const char *const codes[] = {"9", "8", "7"}, *const grades[] = {"c", "b", "a"};
    assert_ok(bp_schema_set_categories(rules, bp_column_named("code"), codes, 3));
    assert_ok(bp_schema_set_categories(rules, bp_column_named("grade"), grades, 3));
}

/* Of rules that exclude each other the later one holds. */
static void categories_that_are_taken_back(bp_schema *rules)
{
    categories_in_order(rules);
    assert_ok(bp_schema_set_kind(rules, bp_column_named("code"), BP_COLUMN_NUMBER));
    const char *const more[] = {"no", "yes", "maybe"};
    assert_ok(bp_schema_set_categories(rules, bp_column_named("ok"), more, 3));
    assert_ok(bp_schema_set_kind(rules, bp_column_named("ok"), BP_COLUMN_BOOLEAN));
    assert_ok(bp_schema_set_categories(rules, bp_column_named("id"), more, 3));
    assert_ok(bp_schema_set_role(rules, bp_column_named("id"), BP_ROLE_IGNORED));
}

static void text_and_not_text(bp_schema *rules)
{
    assert_ok(bp_schema_set_kind(rules, bp_column_all(), BP_COLUMN_TEXT));
    assert_ok(bp_schema_set_role(rules, bp_column_named("age"), BP_ROLE_INPUT));
    assert_ok(bp_schema_set_role(rules, bp_column_named("grade"), BP_ROLE_TARGET));
}

static void indicators_everywhere(bp_schema *rules)
{
    assert_ok(bp_schema_set_missing(rules, bp_column_all(), BP_MISSING_MEAN, 1));
    assert_ok(bp_schema_set_kind(rules, bp_column_named("id"), BP_COLUMN_TEXT));
}

static void one_truth_value(bp_schema *rules)
{
    assert_ok(bp_schema_set_kind(rules, bp_column_named("ok"), BP_COLUMN_BOOLEAN));
}

static void rules_are_obeyed(void **state)
{
    (void)state;
    assert_rules(ignore_two, table,
                 "id ignored; age number 0; code number 1; ok ignored; grade target 0-1 a|b");
    assert_rules(one_for_all_and_one_for_itself, table,
                 "id category 0 1|2|3; age number 1; code category 2-3 7|8; ok category 4 no|yes; "
                 "grade target 0-1 a|b");
    assert_rules(two_targets, table,
                 "id number 0; age target 0; code number 1; ok target 1-2 no|yes; grade category 2-3 a|b");
    assert_rules(weight_and_group, table,
                 "id number 0; age weight; code group 7|8; ok truth 1 no|yes; grade target 0-1 a|b");
    assert_rules(
        categories_in_order, table,
        "id number 0; age number 1; code category 2-4 9|8|7; ok truth 5 no|yes; grade target 0-2 c|b|a");
    assert_rules(categories_that_are_taken_back, table,
                 "id ignored; age number 0; code number 1; ok truth 2 no|yes; grade target 0-2 c|b|a");
    assert_rules(text_and_not_text, table,
                 "id ignored; age number 0; code ignored; ok ignored; grade target 0-1 a|b");
    assert_rules(indicators_everywhere, table,
                 "id ignored; age number 0-1; code number 2-3; ok truth 4-5 no|yes; grade target 0-1 a|b");
    assert_rules(one_truth_value, "n,ok,y\n1,Yes,a\n2,yes,b\n",
                 "n number 0; ok truth 1 no|Yes; y target 0-1 a|b");
    assert_rules(one_truth_value, "n,ok,y\n1,F,a\n2,f,b\n", "n number 0; ok truth 1 F|t; y target 0-1 a|b");
    /* Text that a rule calls categories; and empty columns, of which one has categories. */
    assert_rules(one_for_all_and_one_for_itself,
                 "w,age,code,y\na,1,1,x\nb,2,2,y\nc,3,1,x\nd,4,2,y\ne,5,1,x\nf,6,2,y\ng,7,1,x\nh,8,2,y\n",
                 "w category 0 a|b|c|d|e|f|g|h; age number 1; code category 2-3 1|2; y target 0-1 x|y");
    assert_rules(indicators_everywhere, "id,e,n,y\n1,,1,a\n2,,3,b\n3,,,a\n",
                 "id ignored; e ignored; n number 0-1; y target 0-1 a|b");
}

static void no_target(bp_schema *rules)
{
    assert_ok(bp_schema_set_role(rules, bp_column_numbered(7), BP_ROLE_TARGET));
}

static void two_weights(bp_schema *rules)
{
    assert_ok(bp_schema_set_role(rules, bp_column_numbered(0), BP_ROLE_CASE_WEIGHT));
    assert_ok(bp_schema_set_role(rules, bp_column_numbered(1), BP_ROLE_CASE_WEIGHT));
}

static void no_inputs(bp_schema *rules)
{
    assert_ok(bp_schema_set_role(rules, bp_column_all(), BP_ROLE_TARGET));
}

static void truth_in_code(bp_schema *rules)
{
    assert_ok(bp_schema_set_kind(rules, bp_column_named("code"), BP_COLUMN_BOOLEAN));
}

static void missing_name(bp_schema *rules)
{
    assert_ok(bp_schema_set_kind(rules, bp_column_named("Code"), BP_COLUMN_BOOLEAN));
}

static void too_few_categories(bp_schema *rules)
{
    const char *const codes[] = {"9", "8"};
    assert_ok(bp_schema_set_categories(rules, bp_column_named("code"), codes, 2));
}

static void weight_of_words(bp_schema *rules)
{
    assert_ok(bp_schema_set_role(rules, bp_column_named("ok"), BP_ROLE_CASE_WEIGHT));
}

static void assert_rules_refused(set_rules set, const char *text, bp_status status, const char *part)
{
    bp_schema *rules = csv_rules();
    bp_csv_options options = csv_defaults();
    set(rules);
    options.schema = rules;
    csv_assert_refused(text, &options, status, part);
    bp_schema_destroy(rules);
}

static void rules_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    assert_rules_refused(no_target, table, BP_ERROR_ARGUMENT,
                         "f.csv:1: a rule is for column 7, but there are 5");
    assert_rules_refused(two_weights, table, BP_ERROR_ARGUMENT,
                         "2 columns are set to be case weights, one at most");
    assert_rules_refused(no_inputs, table, BP_ERROR_FORMAT, "5 columns, none of which is left for inputs");
    assert_rules_refused(truth_in_code, table, BP_ERROR_FORMAT,
                         "column 3 (code): it is set to hold truth values");
    assert_rules_refused(missing_name, table, BP_ERROR_FORMAT, "f.csv:1: no column is named 'Code'");
    assert_rules_refused(missing_name, "Code,x,Code\n1,2,3\n", BP_ERROR_FORMAT,
                         "f.csv:1: 2 columns are named 'Code'");
    assert_rules_refused(too_few_categories, table, BP_ERROR_FORMAT,
                         "f.csv:2: column 3 (code): '7' is none of the 2 categories; bp_schema_set_unknown");
    assert_rules_refused(weight_of_words, table, BP_ERROR_FORMAT,
                         "f.csv:2: column 4 (ok): 'yes' is not a number");
    bp_csv_options options = csv_defaults();
    options.target_name = "Grade";
    csv_assert_refused(table, &options, BP_ERROR_FORMAT, "no column is named 'Grade'");
    options.target_name = "grade";
    options.header = BP_CSV_HEADER_NO;
    csv_assert_refused(table, &options, BP_ERROR_ARGUMENT,
                       "f.csv: column 'grade' is named, but options.header says that there are no names");
}

static void weights_and_groups_are_kept(void **state)
{
    (void)state;
    bp_schema *rules = csv_rules();
    bp_csv_options options = csv_defaults();
    weight_and_group(rules);
    options.schema = rules;
    bp_dataset *dataset = NULL;
    assert_ok(csv_parse(&dataset, table, &options));
    bp_data data = test_all_cases(dataset);
    assert_non_null(data.case_weights);
    for (size_t i = 0; i < 3; i++)
        assert_true(data.case_weights[i] == (bp_real)(20 + 10 * (double)i));
    assert_ok(bp_dataset_split(dataset, 0.5, 0, 4)); /* they stay with their cases */
    data = test_all_cases(dataset);
    for (size_t i = 0; i < 3; i++)
        assert_true(data.case_weights[i] == 10 + 10 * data.inputs[2 * i]);
    bp_dataset_destroy(dataset);
    csv_assert_refused("age,code,n,y\n1,1,2,a\n-1,1,3,b\n", &options, BP_ERROR_FORMAT,
                       "f.csv:3: column 1 (age): the case weight '-1' is negative");
    csv_assert_refused("age,code,n,y\n1,1,2,a\n,1,3,b\n", &options, BP_ERROR_FORMAT,
                       "f.csv:3: column 1 (age): the value is missing");
    csv_assert_refused("age,code,n,y\n1,1,2,a\n1,,3,b\n", &options, BP_ERROR_FORMAT,
                       "f.csv:3: column 2 (code): the value is missing");
    bp_schema_destroy(rules);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_are_obeyed),
        cmocka_unit_test(rules_that_do_not_fit_are_refused),
        cmocka_unit_test(weights_and_groups_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
