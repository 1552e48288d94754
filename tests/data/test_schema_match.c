/* Tables whose columns are not those of the network's table are refused, wherever streams are used. */
#include "data/schema_match.h"

#include <string.h>

#include "data/csv_example.h"

/* What is trained with: four inputs, two classes. */
static const char table[] = "kind,x,y\nka,1,P\nkb,2,Q\nkc,3,P\nka,4,Q\nkb,5,P\nkc,6,Q\nka,7,P\nkb,8,Q\n";

static bp_stream *open_file(const char *name, const char *text, const bp_csv_options *options)
{
    bp_stream *stream = NULL;
    const char *path = test_path(test_directory, name);
    test_write_file(path, text, strlen(text));
    assert_ok(bp_stream_open_csv(&stream, path, options));
    return stream;
}

static bp_stream *open_stream(const char *text, const bp_csv_options *options)
{
    return open_file("f.csv", text, options);
}

typedef struct example {
    bp_network *net;
    bp_trainer *trainer;
    bp_workspace *workspace;
    bp_stream *training;
} example;

static example make_example(void)
{
    example e = {0};
    const size_t units[] = {4, 3, 2};
    const bp_csv_options options = csv_defaults();
    const bp_stop_rule rule = bp_stop_epochs(3);
    bp_trainer_options of_trainer;
    bp_trainer_options_init(&of_trainer, sizeof of_trainer);
    of_trainer.stop_rules = &rule;
    of_trainer.stop_rule_count = 1;
    e.training = open_file("training.csv", table, &options);
    assert_ok(bp_network_create_layered(&e.net, units, 3, bp_activation_tanh(), bp_activation_softmax()));
    assert_ok(bp_network_initialize(e.net, 1));
    assert_ok(bp_workspace_create(&e.workspace, e.net, 8));
    assert_ok(bp_trainer_create(&e.trainer, e.net, &of_trainer));
    return e;
}

static void destroy_example(example *e)
{
    bp_trainer_destroy(e->trainer);
    bp_workspace_destroy(e->workspace);
    bp_network_destroy(e->net);
    bp_stream_destroy(e->training);
}

static bp_status count_outputs(void *context, size_t first, const bp_data *data, const bp_real *outputs)
{
    (void)first;
    (void)outputs;
    *(size_t *)context += data->cases;
    return BP_OK;
}

/* Every call with a stream says so, and changes nothing; as data in memory they have no columns. */
static void assert_refused(const example *e, const char *text, const bp_csv_options *options,
                           const char *part)
{
    bp_stream *stream = open_stream(text, options);
    bp_evaluation evaluation;
    size_t cases = 0;
    bp_evaluation_init(&evaluation, sizeof evaluation);
    assert_fails(
        bp_network_evaluate_stream(e->net, e->workspace, stream, bp_loss_default(), NULL, &evaluation),
        BP_ERROR_NAME, part);
    assert_non_null(strstr(bp_error_message(), "bp_network_evaluate_stream: stream: "));
    assert_fails(bp_trainer_run_stream(e->trainer, e->training, stream, NULL), BP_ERROR_NAME, part);
    assert_non_null(strstr(bp_error_message(), "bp_trainer_run_stream: validation: "));
    assert_fails(bp_trainer_run_stream(e->trainer, stream, NULL, NULL), BP_ERROR_NAME, part);
    assert_non_null(strstr(bp_error_message(), "bp_trainer_run_stream: training: "));
    const bp_status status = bp_network_predict_stream(e->net, e->workspace, stream, count_outputs, &cases);
    assert_true(status == BP_ERROR_NAME || strstr(part, "(y)") != NULL); /* targets are not looked at */
    assert_string_equal(csv_describe(bp_network_schema(e->net)),
                        "kind category 0-2 ka|kb|kc; x number 3; y target 0-1 P|Q");
    bp_stream_destroy(stream);
}

static void other_tables_are_refused(void **state)
{
    (void)state;
    example e = make_example();
    bp_csv_options options = csv_defaults();
    assert_ok(bp_trainer_run_stream(e.trainer, e.training, NULL, NULL));
    assert_refused(&e, "kind,x,y\nkb,1,P\nkc,2,Q\nkd,3,P\nkb,4,Q\n", &options,
                   "column 1 (kind) has the category 'kb' where 'ka' is in the network's table; read with "
                   "options.schema = bp_network_schema(net), the columns are the same");
    assert_refused(&e, "sort,x,y\nka,1,P\nkb,2,Q\nkc,3,P\nka,4,Q\n", &options,
                   "column 1 (sort) stands where column 'kind' does in the network's table");
    assert_refused(&e, "x,kind,y\n1,ka,P\n2,kb,Q\n3,kc,P\n4,ka,Q\n", &options,
                   "column 1 (x) stands where column 'kind' does");
    assert_refused(&e, "kind,x,y\nka,1,A\nkb,2,P\nkc,3,A\nka,4,P\n", &options,
                   "column 3 (y) has the category 'A' where 'P' is");
    assert_refused(&e, "kind,w,v,x,y\n1,5,3,1,P\n2,5,4,2,Q\n3,6,4,3,P\n", &options,
                   "column 1 (kind) has numbers, but categories in the network's table");
    assert_refused(&e, "kind,x,z,y\nka,1,3,P\nkb,2,1,Q\nka,3,2,P\n", &options,
                   "column 1 (kind) has 2 categories, but 3 in the network's table");
    options.class_off = -1;
    assert_refused(&e, table, &options,
                   "column 3 (y) has the targets 1 and -1 for its classes, but 1 and 0 in the network's");
    destroy_example(&e);
}

/* The same columns are taken: learned anew, read with the network's schema, and without their targets. */
static void the_same_table_is_taken(void **state)
{
    (void)state;
    example e = make_example();
    bp_csv_options options = csv_defaults();
    bp_evaluation evaluation;
    size_t cases = 0;
    bp_evaluation_init(&evaluation, sizeof evaluation);
    bp_stream *stream = open_stream("kind,x,y\nkb,1,Q\nkc,2,Q\nka,3,P\n", &options);
    assert_ok(bp_trainer_run_stream(e.trainer, e.training, stream, NULL));
    assert_ok(bp_network_evaluate_stream(e.net, e.workspace, stream, bp_loss_default(), NULL, &evaluation));
    bp_stream_destroy(stream);
    options.schema = bp_network_schema(e.net);
    stream = open_stream("x,kind\n1,ka\n2,kb\n", &options);
    assert_ok(bp_network_predict_stream(e.net, e.workspace, stream, count_outputs, &cases));
    assert_int_equal(cases, 2);
    bp_stream_destroy(stream);
    options.schema = NULL;
    options.header = BP_CSV_HEADER_NO; /* names are compared where both have some */
    stream = open_stream(strchr(table, '\n') + 1, &options);
    assert_ok(bp_network_evaluate_stream(e.net, e.workspace, stream, bp_loss_default(), NULL, &evaluation));
    bp_stream_destroy(stream);
    destroy_example(&e);
}

/* A network that was only initialized knows of no table, whatever its schema. */
static void new_weights_may_learn_another_table(void **state)
{
    (void)state;
    example e = make_example();
    const bp_csv_options options = csv_defaults();
    assert_ok(bp_trainer_run_stream(e.trainer, e.training, NULL, NULL));
    bp_stream *stream = open_stream("kind,x,y\nkb,1,P\nkc,2,Q\nkd,3,P\nkb,4,Q\n", &options);
    assert_fails(bp_trainer_run_stream(e.trainer, stream, NULL, NULL), BP_ERROR_NAME, "column 1 (kind)");
    assert_ok(bp_network_initialize(e.net, 2));
    assert_ok(bp_trainer_run_stream(e.trainer, stream, NULL, NULL));
    assert_string_equal(csv_describe(bp_network_schema(e.net)),
                        "kind category 0-2 kb|kc|kd; x number 3; y target 0-1 P|Q");
    bp_stream_destroy(stream);
    destroy_example(&e);
}

/* Named classes say nothing of the inputs. */
static void class_names_fit_any_inputs(void **state)
{
    (void)state;
    example e = make_example();
    bp_evaluation evaluation;
    bp_evaluation_init(&evaluation, sizeof evaluation);
    assert_ok(bp_network_set_class_names(e.net, (const char *const[]){"P", "Q"}, 2));
    assert_ok(
        bp_network_evaluate_stream(e.net, e.workspace, e.training, bp_loss_default(), NULL, &evaluation));
    assert_ok(bp_network_set_class_names(e.net, (const char *const[]){"Q", "P"}, 2));
    assert_fails(
        bp_network_evaluate_stream(e.net, e.workspace, e.training, bp_loss_default(), NULL, &evaluation),
        BP_ERROR_NAME, "column 3 (y) has the category 'P' where 'Q' is");
    destroy_example(&e);
}

/* ------------------------------------------------------------------ column by column */

static bp_dataset *learn(const char *text, const bp_schema *rules)
{
    bp_csv_options options = csv_numeric(-1, 1);
    bp_dataset *dataset = NULL;
    options.schema = rules;
    assert_ok(csv_parse(&dataset, text, &options));
    return dataset;
}

static void assert_match(const char *a, const char *b, const bp_schema *rules, const char *part)
{
    bp_dataset *one = learn(a, NULL), *other = learn(b, rules);
    const bp_status status =
        bpi_schema_match("f", "t", bp_dataset_schema(one), bp_dataset_schema(other), true);
    assert_int_equal(status, part == NULL ? BP_OK : BP_ERROR_NAME);
    if (part != NULL && strstr(bp_error_message(), part) == NULL)
        fail_msg("'%s' without '%s'", bp_error_message(), part);
    bp_dataset_destroy(one);
    bp_dataset_destroy(other);
}

static void columns_are_compared(void **state)
{
    (void)state;
    bp_schema *rules = csv_rules();
    const char codes[] = "c,y\n1,2\n2,3\n3,4\n";
    assert_ok(bp_schema_set_kind(rules, bp_column_named("c"), BP_COLUMN_CATEGORY));
    assert_match(codes, codes, NULL, NULL);
    assert_match(codes, codes, rules, "f: t: column 1 (c) has numbers, but categories in");
    bp_schema_destroy(rules);
    rules = csv_rules();
    assert_ok(bp_schema_set_missing(rules, bp_column_all(), BP_MISSING_MEAN, 1));
    assert_match(codes, codes, rules, "column 1 (c) has none, unlike");
    bp_schema_destroy(rules);
    rules = csv_rules();
    assert_ok(bp_schema_set_encoding(rules, bp_column_all(), BP_ENCODING_ORDINAL));
    assert_match("c,y\na,2\nb,3\na,4\n", "c,y\na,2\nb,3\na,4\n", rules,
                 "column 1 (c) is encoded otherwise than in the network's table");
    bp_schema_destroy(rules);
    /* Truth values mean the same in other words; ignored columns do not matter. */
    assert_match("t,y\nyes,2\nno,3\nno,4\n", "t,y\non,2\noff,3\noff,4\n", NULL, NULL);
    rules = csv_rules();
    assert_ok(bp_schema_set_role(rules, bp_column_named("id"), BP_ROLE_IGNORED));
    assert_match(codes, "id,c,y\n7,1,2\n8,2,3\n", rules, NULL);
    bp_schema_destroy(rules);
    assert_match("c,d,y\n1,5,2\n2,6,3\n", codes, NULL, "column 2 (d) is not in the network's table");
    assert_match(codes, "c,d,y\n1,5,2\n2,6,3\n", NULL,
                 "f: t: there is no column 2 (d), which the network's table has");
}

static void numbers_as_categories_are_compared_as_numbers(void **state)
{
    (void)state;
    bp_csv_options options = csv_defaults();
    bp_dataset *one = NULL, *other = NULL;
    assert_ok(csv_parse(&one, "x,y\n1,0\n2,1\n3,0\n", &options));
    assert_ok(csv_parse(&other, "x,y\n1,0.0\n2,1.0\n3,1\n", &options));
    assert_ok(bpi_schema_match("f", "t", bp_dataset_schema(one), bp_dataset_schema(other), true));
    bp_dataset_destroy(one);
    bp_dataset_destroy(other);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, test_directory_setup, test_directory_teardown)
    const struct CMUnitTest tests[] = {
        TEST(other_tables_are_refused),
        TEST(the_same_table_is_taken),
        TEST(new_weights_may_learn_another_table),
        TEST(class_names_fit_any_inputs),
        cmocka_unit_test(columns_are_compared),
        cmocka_unit_test(numbers_as_categories_are_compared_as_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
