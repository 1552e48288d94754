/* The schema of a network: given, copied, trained with. */
#include "data/csv_example.h"

#include <string.h>

static const char table[] = "n,k,y\n1,u,a\n2,v,b\n3,u,a\n4,v,b\n5,u,a\n6,v,b\n7,?,a\n8,v,b\n";

static bp_dataset *load(void)
{
    bp_schema *rules = csv_rules();
    bp_csv_options options = csv_defaults();
    bp_dataset *dataset = NULL;
    assert_ok(bp_schema_set_missing(rules, bp_column_all(), BP_MISSING_MOST_FREQUENT, 0));
    options.schema = rules;
    assert_ok(csv_parse(&dataset, table, &options));
    bp_schema_destroy(rules);
    return dataset;
}

static bp_network *layered(size_t inputs, size_t outputs)
{
    bp_network *net = NULL;
    const size_t units[] = {inputs, 2, outputs};
    assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_softmax()));
    assert_ok(bp_network_initialize(net, 1));
    return net;
}

static void networks_get_a_copy(void **state)
{
    (void)state;
    bp_dataset *dataset = load();
    bp_network *net = layered(3, 2), *copy = NULL;
    assert_null(bp_network_schema(net));
    assert_null(bp_network_schema(NULL));
    assert_ok(bp_network_set_schema(net, bp_dataset_schema(dataset)));
    assert_ok(bp_network_set_schema(net, bp_network_schema(net))); /* its own */
    char wanted[256];
    strcpy(wanted, csv_describe(bp_dataset_schema(dataset)));
    bp_dataset_destroy(dataset);
    assert_string_equal(csv_describe(bp_network_schema(net)), wanted);
    assert_ok(bp_network_copy(&copy, net));
    assert_ok(bp_network_set_schema(net, NULL));
    assert_null(bp_network_schema(net));
    bp_network_destroy(net);
    assert_string_equal(csv_describe(bp_network_schema(copy)), wanted);
    bp_network_destroy(copy);
}

static void schemas_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    bp_dataset *dataset = load();
    bp_network *wide = layered(4, 2), *more = layered(3, 3), *net = NULL;
    bp_schema *rules = csv_rules();
    assert_fails(bp_network_set_schema(NULL, bp_dataset_schema(dataset)), BP_ERROR_ARGUMENT, "net is NULL");
    assert_fails(bp_network_set_schema(wide, bp_dataset_schema(dataset)), BP_ERROR_SIZE,
                 "bp_network_set_schema: the schema has 3 inputs, but the network 4");
    assert_fails(bp_network_set_schema(more, bp_dataset_schema(dataset)), BP_ERROR_SIZE,
                 "the schema has 2 targets, but the network 3 outputs");
    assert_fails(bp_network_set_schema(more, rules), BP_ERROR_STATE, "not learned");
    assert_null(bp_network_schema(more));
    assert_ok(bp_network_create(&net, NULL));
    assert_fails(bp_network_set_schema(net, bp_dataset_schema(dataset)), BP_ERROR_STATE, "finalize");
    bp_network_destroy(net);
    bp_network_destroy(wide);
    bp_dataset_destroy(dataset);
    /* Without targets only the inputs must fit. */
    bp_csv_options options = csv_defaults();
    options.target = BP_TARGET_NONE;
    dataset = NULL;
    assert_ok(csv_parse(&dataset, "1,2,3\n", &options));
    assert_ok(bp_network_set_schema(more, bp_dataset_schema(dataset)));
    bp_dataset_destroy(dataset);
    bp_network_destroy(more);
    bp_schema_destroy(rules);
}

/* -------------------------------------------------------------- names of classes */

static void classes_can_be_named(void **state)
{
    (void)state;
    bp_network *net = layered(3, 2);
    char first[] = "no";
    const char *const names[] = {first, "yes"};
    bp_answer answer;
    bp_answer_init(&answer, sizeof answer);
    assert_ok(bp_network_set_class_names(net, names, 2));
    first[0] = 'x';
    const bp_schema *schema = bp_network_schema(net);
    assert_string_equal(csv_describe(schema), "1 number 0; 2 number 1; 3 number 2; 4 target 0-1 no|yes");
    assert_ok(bp_schema_answer(schema, (const bp_real[]){1, 2}, 0, &answer));
    assert_string_equal(answer.class_name, "yes");
    assert_null(answer.target);
    /* Such a schema reads tables without names. */
    bp_csv_options options = csv_defaults();
    bp_dataset *dataset = NULL;
    options.schema = schema;
    assert_ok(csv_parse(&dataset, "1,2,3,yes\n4,5,6,no\n", &options));
    csv_assert_data(dataset, 2, 3, (const double[]){1, 2, 3, 4, 5, 6}, 2, (const double[]){0, 1, 1, 0});
    assert_null(bp_dataset_input_name(dataset, 0));
    bp_dataset_destroy(dataset);
    dataset = NULL;
    options.header = BP_CSV_HEADER_YES;
    assert_ok(csv_parse(&dataset, "a,b,c\n1,2,3\n", &options));
    csv_assert_data(dataset, 1, 3, (const double[]){1, 2, 3}, 0, NULL);
    bp_dataset_destroy(dataset);
    bp_network_destroy(net);
}

static void wrong_names_are_refused(void **state)
{
    (void)state;
    bp_network *net = layered(3, 2), *one = layered(3, 1), *open = NULL;
    const char *const names[] = {"a", "b", "a", "", NULL};
    assert_fails(bp_network_set_class_names(NULL, names, 2), BP_ERROR_ARGUMENT, "net is NULL");
    assert_fails(bp_network_set_class_names(net, NULL, 2), BP_ERROR_ARGUMENT, "names is NULL");
    assert_fails(bp_network_set_class_names(net, names, 3), BP_ERROR_SIZE,
                 "count is 3, but the network has 2 outputs");
    assert_fails(bp_network_set_class_names(one, names, 1), BP_ERROR_SIZE,
                 "count is 1, but the network has 1 output, and classes have one each");
    assert_fails(bp_network_set_class_names(net, names + 2, 2), BP_ERROR_ARGUMENT, "names[1] is empty");
    assert_fails(bp_network_set_class_names(net, names + 3, 2), BP_ERROR_ARGUMENT, "names[0] is empty");
    const char *const same[] = {"a", "a"};
    assert_fails(bp_network_set_class_names(net, same, 2), BP_ERROR_ARGUMENT,
                 "names[0] and names[1] are the same");
    const char *const none[] = {"a", NULL};
    assert_fails(bp_network_set_class_names(net, none, 2), BP_ERROR_ARGUMENT, "names[1] is NULL");
    assert_null(bp_network_schema(net));
    assert_ok(bp_network_create(&open, NULL));
    assert_fails(bp_network_set_class_names(open, names, 2), BP_ERROR_STATE, "finalize");
    bp_network_destroy(net);
    bp_network_destroy(one);
    bp_network_destroy(open);
}

/* --------------------------------------------------------------------- training */

static bp_trainer *new_trainer(bp_network *net)
{
    bp_trainer_options options;
    bp_trainer *trainer = NULL;
    const bp_stop_rule rule = bp_stop_epochs(5);
    bp_trainer_options_1986(&options, sizeof options);
    options.optimizer = bp_optimizer_momentum(0.01, 0.9);
    options.stop_rules = &rule;
    options.stop_rule_count = 1;
    assert_ok(bp_trainer_create(&trainer, net, &options));
    return trainer;
}

static void training_with_a_dataset_gives_its_schema(void **state)
{
    (void)state;
    bp_dataset *dataset = load();
    bp_network *net = layered(3, 2), *plain = layered(3, 2);
    bp_trainer *trainer = new_trainer(net), *other = new_trainer(plain);
    bp_result result;
    bp_data training, validation;
    bp_data_init(&training, sizeof training);
    bp_data_init(&validation, sizeof validation);
    bp_result_init(&result, sizeof result);
    assert_ok(bp_dataset_split(dataset, 0.5, 0.25, 3));
    assert_ok(bp_trainer_run_dataset(trainer, dataset, &result));
    assert_string_equal(csv_describe(bp_network_schema(net)),
                        "n number 0; k category 1-2 u|v; y target 0-1 a|b");
    /* It is bp_trainer_run with the subsets. */
    assert_ok(bp_dataset_subset(dataset, BP_SUBSET_TRAINING, &training));
    assert_ok(bp_dataset_subset(dataset, BP_SUBSET_VALIDATION, &validation));
    assert_ok(bp_trainer_run(other, &training, &validation, &result));
    size_t count;
    const bp_real *weights = bp_network_weights(net, &count);
    assert_memory_equal(weights, bp_network_weights(plain, NULL), count * sizeof *weights);
    assert_null(bp_network_schema(plain));
    bp_trainer_destroy(trainer);
    bp_trainer_destroy(other);
    bp_network_destroy(net);
    bp_network_destroy(plain);
    bp_dataset_destroy(dataset);
}

static void datasets_without_split_or_schema_are_trained_with(void **state)
{
    (void)state;
    bp_dataset *dataset = load(), *plain = NULL;
    bp_network *net = layered(3, 2), *wrong = layered(4, 2);
    bp_trainer *trainer = new_trainer(net), *other = new_trainer(wrong);
    bp_result result;
    bp_result_init(&result, sizeof result);
    result.size = 1;
    assert_fails(bp_trainer_run_dataset(trainer, dataset, &result), BP_ERROR_VERSION, "bp_result");
    assert_null(bp_network_schema(net)); /* a refused call changes nothing */
    bp_result_init(&result, sizeof result);
    assert_ok(bp_trainer_run_dataset(trainer, dataset, &result)); /* all cases */
    assert_non_null(bp_network_schema(net));
    const bp_data data = test_all_cases(dataset);
    assert_ok(bp_dataset_create(&plain, &data, NULL));
    assert_null(bp_dataset_schema(plain));
    assert_ok(bp_trainer_run_dataset(trainer, plain, &result));
    assert_non_null(bp_network_schema(net)); /* the one before */
    assert_fails(bp_trainer_run_dataset(other, dataset, &result), BP_ERROR_SIZE, "the schema has 3 inputs");
    assert_null(bp_network_schema(wrong));
    assert_fails(bp_trainer_run_dataset(NULL, dataset, &result), BP_ERROR_ARGUMENT, "trainer is NULL");
    assert_fails(bp_trainer_run_dataset(trainer, NULL, &result), BP_ERROR_ARGUMENT, "dataset is NULL");
    bp_trainer_destroy(trainer);
    bp_trainer_destroy(other);
    bp_network_destroy(net);
    bp_network_destroy(wrong);
    bp_dataset_destroy(dataset);
    bp_dataset_destroy(plain);
}

/* The networks of several starts are copies. */
static void starts_have_the_schema(void **state)
{
    (void)state;
    bp_dataset *dataset = load();
    bp_network *net = layered(3, 2), *networks[2] = {NULL, NULL};
    const bp_data data = test_all_cases(dataset);
    bp_trainer_options options;
    bp_starts_options starts;
    const bp_stop_rule rule = bp_stop_epochs(5);
    bp_trainer_options_1986(&options, sizeof options);
    options.optimizer = bp_optimizer_momentum(0.01, 0.9);
    options.stop_rules = &rule;
    options.stop_rule_count = 1;
    bp_starts_options_init(&starts, sizeof starts);
    starts.count = 2;
    assert_ok(bp_network_set_schema(net, bp_dataset_schema(dataset)));
    assert_ok(bp_network_set_metadata(net, "a", "1"));
    assert_ok(bp_train_starts(net, &options, &data, NULL, &starts, networks, NULL, NULL));
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(csv_describe(bp_network_schema(networks[i])),
                            "n number 0; k category 1-2 u|v; y target 0-1 a|b");
        assert_string_equal(bp_network_metadata(networks[i], "a"), "1");
        bp_network_destroy(networks[i]);
    }
    assert_non_null(bp_network_schema(net));
    bp_network_destroy(net);
    bp_dataset_destroy(dataset);
}

static bp_status attempt_giving(void *context, const bp_allocator *allocator)
{
    bp_network *net = NULL, *copy = NULL;
    bp_network_options options;
    const char *const names[] = {"a", "b"};
    bp_layer *in = NULL, *out = NULL;
    bp_network_options_init(&options, sizeof options);
    options.allocator = *allocator;
    bp_status status = bp_network_create(&net, &options);
    if (status == BP_OK)
        status = bp_network_add_input(&in, net, "in", 3);
    if (status == BP_OK)
        status = bp_network_add_layer(&out, net, "out", 2, bp_activation_softmax());
    if (status == BP_OK)
        status = bp_network_connect(NULL, net, in, out);
    if (status == BP_OK)
        status = bp_layer_set_output(out);
    if (status == BP_OK)
        status = bp_network_finalize(net);
    if (status == BP_OK)
        status = bp_network_set_schema(net, bp_dataset_schema(context));
    if (status == BP_OK)
        status = bp_network_copy(&copy, net);
    if (status == BP_OK)
        status = bp_network_set_class_names(net, names, 2);
    bp_network_destroy(net);
    bp_network_destroy(copy);
    return status;
}

static void lack_of_memory_is_reported(void **state)
{
    (void)state;
    bp_dataset *dataset = load();
    test_each_allocation_fails(attempt_giving, dataset);
    bp_dataset_destroy(dataset);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(networks_get_a_copy),
        cmocka_unit_test(schemas_that_do_not_fit_are_refused),
        cmocka_unit_test(classes_can_be_named),
        cmocka_unit_test(wrong_names_are_refused),
        cmocka_unit_test(training_with_a_dataset_gives_its_schema),
        cmocka_unit_test(datasets_without_split_or_schema_are_trained_with),
        cmocka_unit_test(starts_have_the_schema),
        cmocka_unit_test(lack_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
