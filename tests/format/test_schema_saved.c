/* Schemas of every kind come back from model files, and damaged files do no harm. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/csv_example.h"
#include "format/model_bytes.h"

/* --------------------------------------------------------------- every feature */

static void rule_everything(bp_schema *rules)
{
    const char *const sizes[] = {"large", "small"}, *const numbers[] = {"3", "1", "2.0"};
    assert_ok(bp_schema_set_missing(rules, bp_column_all(), BP_MISSING_MEAN, 1));
    assert_ok(bp_schema_set_missing(rules, bp_column_named("b"), BP_MISSING_SKIP, 0));
    assert_ok(bp_schema_set_role(rules, bp_column_named("w"), BP_ROLE_CASE_WEIGHT));
    assert_ok(bp_schema_set_role(rules, bp_column_named("g"), BP_ROLE_GROUP));
    assert_ok(bp_schema_set_role(rules, bp_column_named("id"), BP_ROLE_IGNORED));
    assert_ok(bp_schema_set_categories(rules, bp_column_named("s"), sizes, 2));
    assert_ok(bp_schema_set_encoding(rules, bp_column_named("s"), BP_ENCODING_ORDINAL));
    assert_ok(bp_schema_set_unknown(rules, bp_column_named("c"), BP_UNKNOWN_ZERO));
    assert_ok(bp_schema_set_kind(rules, bp_column_named("z"), BP_COLUMN_CATEGORY));
    assert_ok(bp_schema_set_categories(rules, bp_column_named("m"), numbers, 3));
}

static const char everything[] = "w,g,id,n,c,b,s,z,m,e,y\n"
                                 "1,p,i1,1.5,red,yes,large,10,1,,u\n"
                                 "2,q,i2,,blue,no,,9,2,,v\n"
                                 "1,p,i3,2.5,?,no,small,10.0,3,,u\n"
                                 ",q,i4,2.5,red,no,small,9,3,,v\n"
                                 "1,q,i5,4.5,red,,small,9,3,,v\n";

typedef void (*set_rules)(bp_schema *rules);

static bp_dataset *load(const char *text, set_rules set, bp_csv_options options)
{
    bp_schema *rules = csv_rules();
    bp_dataset *dataset = NULL;
    if (set != NULL)
        set(rules);
    options.schema = rules;
    assert_ok(csv_parse(&dataset, text, &options));
    bp_schema_destroy(rules);
    return dataset;
}

/* A network for the dataset, with its schema. */
static bp_network *network_for(const bp_dataset *dataset)
{
    bp_network *net = NULL;
    size_t targets = bp_dataset_target_width(dataset);
    const size_t units[] = {bp_dataset_input_width(dataset), targets == 0 ? 2 : targets};
    assert_ok(bp_network_create_layered(&net, units, 2, bp_activation_tanh(), bp_activation_tanh()));
    assert_ok(bp_network_initialize(net, 3));
    assert_ok(bp_network_set_schema(net, bp_dataset_schema(dataset)));
    return net;
}

/* The text of a schema; the caller frees it. */
static char *text_of(const bp_schema *schema)
{
    size_t size;
    assert_ok(bp_schema_text(schema, NULL, 0, &size));
    char *text = malloc(size);
    assert_non_null(text);
    assert_ok(bp_schema_text(schema, text, size, NULL));
    return text;
}

/* What both schemas make of the table is the same. */
static void assert_reads_alike(const char *table, bp_csv_options options, const bp_schema *a,
                               const bp_schema *b)
{
    bp_dataset *x = NULL, *y = NULL;
    options.schema = a;
    assert_ok(csv_parse(&x, table, &options));
    options.schema = b;
    assert_ok(csv_parse(&y, table, &options));
    const bp_data p = test_all_cases(x), q = test_all_cases(y);
    assert_int_equal(p.cases, q.cases);
    assert_int_equal(p.target_width, q.target_width);
    assert_memory_equal(p.inputs, q.inputs, p.cases * p.input_width * sizeof *p.inputs);
    if (p.target_width > 0)
        assert_memory_equal(p.targets, q.targets, p.cases * p.target_width * sizeof *p.targets);
    bp_dataset_destroy(x);
    bp_dataset_destroy(y);
}

static void assert_comes_back(const char *table, set_rules set, bp_csv_options options)
{
    bp_dataset *dataset = load(table, set, options);
    bp_network *net = network_for(dataset), *loaded = NULL;
    size_t size;
    unsigned char *bytes = test_save(net, &size);
    assert_ok(bp_network_load_memory(&loaded, bytes, size, NULL));
    model_assert_saves_alike(loaded, bytes, size);
    options.target = BP_TARGET_CLASS;
    options.target_columns = 1;
    assert_reads_alike(table, options, bp_dataset_schema(dataset), bp_network_schema(loaded));
    bp_network_destroy(net);
    net = NULL;
    assert_ok(bp_network_copy(&net, loaded)); /* a copy of what was loaded */
    model_assert_saves_alike(net, bytes, size);
    char *a = text_of(bp_network_schema(net)), *b = text_of(bp_network_schema(loaded));
    assert_string_equal(a, b);
    free(a);
    free(b);
    free(bytes);
    bp_network_destroy(net);
    bp_network_destroy(loaded);
    bp_dataset_destroy(dataset);
}

static void rule_two_targets(bp_schema *rules)
{
    assert_ok(bp_schema_set_role(rules, bp_column_numbered(0), BP_ROLE_TARGET));
    assert_ok(bp_schema_set_role(rules, bp_column_numbered(-1), BP_ROLE_TARGET));
    assert_ok(bp_schema_set_kind(rules, bp_column_numbered(0), BP_COLUMN_NUMBER));
}

static void every_schema_comes_back(void **state)
{
    (void)state;
    bp_csv_options options = csv_defaults();
    assert_comes_back(everything, rule_everything, options);
    assert_comes_back("1,2,a\n3,4,b\n", NULL, options);
    assert_comes_back("x,y,z\n1,2,a\n3,4,b\n", rule_two_targets, options);
    assert_comes_back("x,\xC3\xA4\xC3\xB6,\"a \"\"b\"\"\nc\"\n1,2,a\n3,4,b\n", NULL, options);
    assert_comes_back("n,t,u,v\n1,yes,on,a\n2,no,off,b\n3,no,on,b\n", NULL, options);
    options.class_on = 0.75;
    options.class_off = -0.25;
    assert_comes_back("1,2,a\n3,4,b\n", NULL, options);
    assert_comes_back("1,2,3\n3,4,5\n", NULL, csv_numeric(-2, 2));
    options.target = BP_TARGET_NONE;
    assert_comes_back("1,2,3\n3,4,5\n", NULL, options);
}

/* The groups of a table, which may be persons, are not in the file. */
static void names_of_groups_are_not_saved(void **state)
{
    (void)state;
    bp_dataset *dataset = NULL;
    bp_schema *rules = csv_rules();
    bp_csv_options options = csv_defaults();
    assert_ok(bp_schema_set_role(rules, bp_column_named("who"), BP_ROLE_GROUP));
    options.schema = rules;
    assert_ok(csv_parse(&dataset, "who,n,y\nSecretName,1,a\nOtherName,2,b\nSecretName,3,a\n", &options));
    assert_string_equal(csv_describe(bp_dataset_schema(dataset)),
                        "who group OtherName|SecretName; n number 0; y target 0-1 a|b");
    bp_network *net = network_for(dataset);
    size_t size;
    unsigned char *bytes = test_save(net, &size);
    for (size_t i = 0; i + 10 <= size; i++)
        assert_true(memcmp(bytes + i, "SecretName", 10) != 0);
    bp_network *loaded = model_load(bytes, size, NULL);
    assert_string_equal(csv_describe(bp_network_schema(loaded)), "who group; n number 0; y target 0-1 a|b");
    free(bytes);
    bp_network_destroy(net);
    bp_network_destroy(loaded);
    bp_dataset_destroy(dataset);
    bp_schema_destroy(rules);
}

static void class_names_come_back(void **state)
{
    (void)state;
    bp_network *net = NULL;
    const char *const names[] = {"yes", "no", "10"};
    assert_ok(bp_network_create_layered(&net, (const size_t[]){2, 3}, 2, bp_activation_tanh(),
                                        bp_activation_softmax()));
    assert_ok(bp_network_initialize(net, 3));
    assert_ok(bp_network_set_class_names(net, names, 3));
    size_t size;
    unsigned char *bytes = test_save(net, &size);
    bp_network *loaded = model_load(bytes, size, NULL);
    assert_string_equal(csv_describe(bp_network_schema(loaded)),
                        "1 number 0; 2 number 1; 3 target 0-2 yes|no|10");
    model_assert_saves_alike(loaded, bytes, size);
    free(bytes);
    bp_network_destroy(net);
    bp_network_destroy(loaded);
}

/* -999 is missing for the model that was trained so, in a row, a file and a stream, unless another marker is
 * given. */
static void markers_come_back(void **state)
{
    (void)state;
    static const char text[] = "x,z,y\n1,1,2\n2,2,4\n-999,3,5\n3,1,2\n";
    const char *const markers[] = {"-999"}, *const others[] = {"none"};
    bp_schema *rules = csv_rules();
    bp_csv_options options = csv_numeric(-1, 1);
    bp_dataset *dataset = NULL;
    assert_ok(bp_schema_set_missing(rules, bp_column_all(), BP_MISSING_MEAN, 1));
    options.schema = rules;
    options.missing_markers = markers;
    options.missing_marker_count = 1;
    assert_ok(csv_parse(&dataset, text, &options));
    bp_schema_destroy(rules);
    bp_network *net = network_for(dataset);
    bp_dataset_destroy(dataset);
    size_t size;
    unsigned char *bytes = test_save(net, &size);
    bp_network *loaded = model_load(bytes, size, NULL);
    bp_real inputs[16], targets[4];
    const char *const cells[] = {"-999", "3"};
    assert_ok(bp_schema_encode(bp_network_schema(loaded), NULL, cells, 2, inputs));
    assert_true(inputs[0] == 2 && inputs[1] == 1 && inputs[2] == 3 && inputs[3] == 0);
    options = csv_defaults();
    options.schema = bp_network_schema(loaded);
    for (int own = 0; own < 2; own++) { /* with a marker of its own -999 is a number */
        dataset = NULL;
        options.missing_markers = own ? others : NULL;
        options.missing_marker_count = (size_t)own;
        assert_ok(csv_parse(&dataset, text, &options));
        assert_int_equal(bp_dataset_missing_cells(dataset), 1 - own);
        assert_true(test_all_cases(dataset).inputs[8] == (own ? -999 : 2));
        bp_dataset_destroy(dataset);
    }
    options.missing_markers = NULL;
    options.missing_marker_count = 0;
    bp_stream *stream = NULL;
    size_t cases;
    const char *path = test_path(test_directory, "f.csv");
    test_write_file(path, text, sizeof text - 1);
    assert_ok(bp_stream_open_csv(&stream, path, &options));
    bp_network_destroy(loaded); /* the stream has its own */
    assert_ok(bp_stream_read(stream, 4, inputs, targets, NULL, &cases));
    assert_true(inputs[8] == 2 && inputs[9] == 1);
    bp_stream_destroy(stream);
    free(bytes);
    bp_network_destroy(net);
}

/* ------------------------------------------------------------------------ damage */

/* Uses all that a schema says. */
static void use(const bp_schema *schema)
{
    bp_csv_options options = csv_defaults();
    bp_dataset *dataset = NULL;
    bp_real values[64] = {0};
    const char *cells[64] = {NULL};
    free(text_of(schema));
    assert_true(bp_schema_input_width(schema) <= 64 && bp_schema_target_width(schema) <= 64);
    for (size_t i = 0; i < 64; i++)
        cells[i] = i % 3 == 0 ? "1" : i % 3 == 1 ? "red" : NULL;
    (void)bp_schema_encode(schema, NULL, cells, bp_schema_column_count(schema), values);
    bp_answer answer;
    bp_answer_init(&answer, sizeof answer);
    for (size_t i = 0; i < bp_schema_target_count(schema); i++)
        assert_ok(bp_schema_answer(schema, (const bp_real[64]){0}, i, &answer));
    options.schema = schema;
    for (int header = 0; header <= BP_CSV_HEADER_YES; header++) {
        options.header = (bp_csv_header)header;
        if (csv_parse(&dataset, everything, &options) == BP_OK) {
            const bp_data data = test_all_cases(dataset);
            for (size_t i = 0; i < data.cases * data.input_width; i++)
                assert_true(isfinite(data.inputs[i]));
            bp_dataset_destroy(dataset);
        }
        dataset = NULL;
    }
}

static void load_damaged(const unsigned char *bytes, size_t size)
{
    bp_network *net = NULL;
    if (bp_network_load_memory(&net, bytes, size, NULL) != BP_OK) {
        assert_null(net);
        return;
    }
    if (bp_network_schema(net) != NULL)
        use(bp_network_schema(net));
    size_t again_size;
    unsigned char *again = test_save(net, &again_size);
    bp_network *loaded = model_load(again, again_size, NULL);
    model_assert_saves_alike(loaded, again, again_size);
    free(again);
    bp_network_destroy(loaded);
    bp_network_destroy(net);
}

/* Where the section begins. */
static size_t find_section(const unsigned char *bytes, size_t size, const char *tag)
{
    size_t at = 20;
    while (at + 4 <= size && memcmp(bytes + at, tag, 4) != 0)
        at++;
    assert_true(at + 4 <= size);
    return at;
}

static void damage_behind_right_checksums(void **state)
{
    (void)state;
    static const unsigned char values[] = {0, 1, 2, 3, 4, 5, 8, 0x20, 0x31, 0x7f, 0x80, 0xff};
    bp_dataset *dataset = load(everything, rule_everything, csv_defaults());
    bp_network *net = network_for(dataset);
    size_t size;
    unsigned char *bytes = test_save(net, &size), *damaged = malloc(size);
    assert_non_null(damaged);
    for (size_t i = find_section(bytes, size, "schm"); i < size; i++)
        for (size_t v = 0; v < sizeof values; v++) {
            memcpy(damaged, bytes, size);
            damaged[i] = values[v];
            model_fix_checksums(damaged, size);
            load_damaged(damaged, size);
        }
    free(bytes);
    free(damaged);
    bp_network_destroy(net);
    bp_dataset_destroy(dataset);
}

static void random_damage_behind_right_checksums(void **state)
{
    (void)state;
    bp_dataset *dataset = load(everything, rule_everything, csv_defaults());
    bp_network *net = network_for(dataset);
    size_t size;
    unsigned char *bytes = test_save(net, &size), *damaged = malloc(size);
    assert_non_null(damaged);
    const size_t start = find_section(bytes, size, "schm");
    uint64_t random = 42;
    for (int round = 0; round < 4000; round++) {
        memcpy(damaged, bytes, size);
        for (size_t i = test_below(&random, 4) + 1; i > 0; i--)
            damaged[start + test_below(&random, size - start)] = (unsigned char)test_below(&random, 256);
        model_fix_checksums(damaged, size);
        load_damaged(damaged, size);
    }
    free(bytes);
    free(damaged);
    bp_network_destroy(net);
    bp_dataset_destroy(dataset);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_schema_comes_back),
        cmocka_unit_test_setup_teardown(markers_come_back, test_directory_setup, test_directory_teardown),
        cmocka_unit_test(names_of_groups_are_not_saved),
        cmocka_unit_test(class_names_come_back),
        cmocka_unit_test(damage_behind_right_checksums),
        cmocka_unit_test(random_damage_behind_right_checksums),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
