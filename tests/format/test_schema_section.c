/* The schema in model files: as documented, of every kind, and with something wrong. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/csv_example.h"
#include "format/model_bytes.h"

/* ------------------------------------------------------------- files by hand */

/* Flags, and the numbers of enumerations, as documented. */
enum { NAMED = 1, INDICATOR = 2, GIVEN = 4, NUMBERS = 8, FILLED = 16 };
enum { INPUT, TARGET, IGNORED, CASE_WEIGHT, GROUP };
enum { NUMBER = 1, CATEGORY, BOOLEAN, TEXT };
enum { ONE_HOT, ORDINAL };
enum { REFUSE, SKIP, MEAN, MEDIAN, MOST_FREQUENT };

typedef struct column {
    uint32_t flags, role, kind, encoding, missing, unknown;
    uint64_t missing_cells;
    const char *name;
    double fill;
    uint64_t count;
    const char *categories[4];
} column;

static void put_text(model_bytes *model, const char *text)
{
    model_u64(model, strlen(text));
    for (; *text != '\0'; text++)
        model_u8(model, (unsigned char)*text);
}

static void put_column(model_bytes *model, const column *c)
{
    const uint32_t numbers[] = {c->flags, c->role, c->kind, c->encoding, c->missing, c->unknown};
    for (size_t i = 0; i < 6; i++)
        model_u32(model, numbers[i]);
    model_u64(model, c->missing_cells);
    model_u64(model, c->count);
    if ((c->flags & NAMED) != 0)
        put_text(model, c->name);
    if ((c->flags & FILLED) != 0)
        model_real(model, c->fill);
    for (size_t i = 0; i < 4 && c->categories[i] != NULL; i++)
        put_text(model, c->categories[i]);
}

enum { COLUMNS = 3 };

/* For the smallest network: a size as one number, an id that is left out, a target. */
static const column good_columns[COLUMNS] = {
    {NAMED | FILLED, INPUT, CATEGORY, ORDINAL, MOST_FREQUENT, 1, 3, "size", 1, 3, {"l", "m", "s"}},
    {NAMED, IGNORED, TEXT, ONE_HOT, REFUSE, 0, 0, "id", 0, 0, {0}},
    {NAMED, TARGET, NUMBER, ONE_HOT, SKIP, 0, 0, "price", 0, 0, {0}}};

static void begin_model(model_bytes *model, uint32_t real_bytes)
{
    model_begin(model, 1, real_bytes);
    model_tiny_layers(model);
    model_tiny_connections(model);
    model_tiny_outputs(model);
    model_tiny_weights(model);
}

static void make_model(model_bytes *model, uint32_t real_bytes, const column columns[COLUMNS])
{
    begin_model(model, real_bytes);
    model_section(model, "schm");
    model_real(model, 1);
    model_real(model, -1);
    model_u64(model, COLUMNS);
    for (size_t i = 0; i < COLUMNS; i++)
        put_column(model, &columns[i]);
    model_section_end(model);
    model_end(model);
}

static void documented_bytes(void **state)
{
    (void)state;
    model_bytes model;
    for (uint32_t real_bytes = 4; real_bytes <= 8; real_bytes += 4) {
        make_model(&model, real_bytes, good_columns);
        bp_network *net = model_load(model.bytes, model.size, NULL);
        const bp_schema *schema = bp_network_schema(net);
        assert_string_equal(csv_describe(schema), "size category 0 l|m|s; id ignored; price target 0");
        bp_column_info info;
        bp_column_info_init(&info, sizeof info);
        assert_ok(bp_schema_column(schema, 0, &info));
        assert_int_equal(info.encoding, BP_ENCODING_ORDINAL);
        assert_int_equal(info.missing, BP_MISSING_MOST_FREQUENT);
        assert_int_equal(info.unknown, BP_UNKNOWN_ZERO);
        assert_int_equal(info.missing_cells, 3);
        assert_true(info.fill == 1);
        assert_ok(bp_schema_column(schema, 2, &info));
        assert_int_equal(info.missing, BP_MISSING_SKIP);
        assert_true(isnan(info.fill));
        if (real_bytes == sizeof(bp_real))
            model_assert_saves_alike(net, model.bytes, model.size);
        bp_network_destroy(net);
    }
}

/* ----------------------------------------------------------------- wrong columns */

static void assert_refused(const column columns[COLUMNS], bp_status status, const char *part)
{
    model_bytes model;
    bp_network *net = NULL;
    make_model(&model, sizeof(bp_real), columns);
    assert_fails(bp_network_load_memory(&net, model.bytes, model.size, NULL), status, part);
    assert_non_null(strstr(bp_error_message(), ": byte "));
    assert_null(net);
}

/* The good columns with another one in the place of the first, or of the last. */
static void refuse_first(column first, bp_status status, const char *part)
{
    column columns[COLUMNS];
    memcpy(columns, good_columns, sizeof columns);
    columns[0] = first;
    assert_refused(columns, status, part);
}

static void refuse_last(column last, bp_status status, const char *part)
{
    column columns[COLUMNS];
    memcpy(columns, good_columns, sizeof columns);
    columns[2] = last;
    assert_refused(columns, status, part);
}

static void later_values_are_of_a_later_version(void **state)
{
    (void)state;
    column c = good_columns[0];
    c.flags = 32 | NAMED | FILLED;
    refuse_first(c, BP_ERROR_VERSION,
                 "the set of flags of a column is 49, of which this library knows those up to 31");
    c = good_columns[0];
    c.role = 5;
    refuse_first(c, BP_ERROR_VERSION, "the role of a column is 5");
    c = good_columns[0];
    c.kind = 5;
    refuse_first(c, BP_ERROR_VERSION, "the kind of a column is 5");
    c = good_columns[0];
    c.encoding = 2;
    refuse_first(c, BP_ERROR_VERSION, "the encoding of a column is 2");
    c = good_columns[0];
    c.missing = 5;
    refuse_first(c, BP_ERROR_VERSION, "the rule for missing cells of a column is 5");
    c = good_columns[0];
    c.unknown = 2;
    refuse_first(c, BP_ERROR_VERSION, "the rule for unknown categories of a column is 2");
}

static void columns_that_cannot_be_are_refused(void **state)
{
    (void)state;
    const column number = {NAMED, INPUT, NUMBER, ONE_HOT, REFUSE, 0, 0, "size", 0, 0, {0}};
    const struct {
        column first;
        const char *message;
    } rows[] = {
        {{NAMED, INPUT, 0, 0, 0, 0, 0, "size", 0, 0, {0}}, "a column is of no kind"},
        {{NAMED, INPUT, TEXT, 0, 0, 0, 0, "size", 0, 0, {0}}, "a column is an input or target of text"},
        {{NAMED, INPUT, BOOLEAN, 0, 0, 0, 0, "size", 0, 1, {"no"}}, "a column has not two truth values"},
        {{NAMED, INPUT, CATEGORY, ORDINAL, 0, 0, 0, "size", 0, 0, {0}}, "a column has no categories"},
        {{NAMED, INPUT, NUMBER, 0, 0, 0, 0, "size", 0, 2, {"a", "b"}},
         "a column has categories that it does not need"},
        {{NAMED, IGNORED, TEXT, 0, 0, 0, 0, "size", 0, 2, {"a", "b"}},
         "a column has categories that it does not need"},
        {{NAMED | INDICATOR, IGNORED, TEXT, 0, 0, 0, 0, "size", 0, 0, {0}},
         "a column has an indicator, but is no input"},
        {{NAMED, CASE_WEIGHT, CATEGORY, 0, 0, 0, 0, "size", 0, 3, {"a", "b", "c"}},
         "a column has case weights that are no numbers"},
        {{NAMED, INPUT, CATEGORY, ORDINAL, 0, 0, 0, "size", 0, 2, {"b", "a"}},
         "a column has categories that are not in order"},
        {{NAMED, INPUT, CATEGORY, ORDINAL, 0, 0, 0, "size", 0, 2, {"a", "a"}},
         "a column has categories that are not in order"},
        {{NAMED | NUMBERS, INPUT, CATEGORY, ORDINAL, 0, 0, 0, "size", 0, 2, {"1", "x"}},
         "a column has categories that are not in order"},
        {{NAMED | NUMBERS, INPUT, CATEGORY, ORDINAL, 0, 0, 0, "size", 0, 2, {"9", "10.0"}}, NULL},
        {{NAMED | NUMBERS, INPUT, CATEGORY, ORDINAL, 0, 0, 0, "size", 0, 2, {"10", "9"}},
         "a column has categories that are not in order"},
        {{NAMED | NUMBERS | GIVEN, INPUT, CATEGORY, ORDINAL, 0, 0, 0, "size", 0, 2, {"10", "9"}}, NULL},
        {{NAMED | NUMBERS | GIVEN, INPUT, CATEGORY, ORDINAL, 0, 0, 0, "size", 0, 2, {"10", "x"}},
         "a column has categories that are not numbers"},
        {{NAMED | NUMBERS, INPUT, NUMBER, 0, 0, 0, 0, "size", 0, 0, {0}},
         "a column has numbers as categories, but is of no"},
        {{NAMED, INPUT, NUMBER, 0, MEAN, 0, 0, "size", 0, 0, {0}},
         "a column does not say what its missing cells are"},
        {{NAMED | FILLED, INPUT, NUMBER, 0, MEAN, 0, 0, "size", -7.5, 0, {0}}, NULL},
        {{NAMED | FILLED, INPUT, CATEGORY, ORDINAL, MEAN, 0, 0, "size", 2, 2, {"a", "b"}},
         "a column is filled in with none of its categories"},
        {{NAMED | FILLED, INPUT, CATEGORY, ORDINAL, MEAN, 0, 0, "size", 0.5, 2, {"a", "b"}},
         "a column is filled in with none of its categories"},
        {{NAMED | FILLED, INPUT, CATEGORY, ORDINAL, MEAN, 0, 0, "size", -1, 2, {"a", "b"}},
         "a column is filled in with none of its categories"},
        {{0, INPUT, NUMBER, 0, 0, 0, 0, NULL, 0, 0, {0}}, "2 of 3 columns have names"},
        {{NAMED, INPUT, NUMBER, 0, 0, 0, 0, "size", 0, 1ull << 60, {0}}, "section schm"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].message != NULL) {
            refuse_first(rows[i].first, BP_ERROR_FORMAT, rows[i].message);
            continue;
        }
        model_bytes model;
        column columns[COLUMNS] = {rows[i].first, good_columns[1], good_columns[2]};
        make_model(&model, sizeof(bp_real), columns);
        bp_network_destroy(model_load(model.bytes, model.size, NULL));
    }
    const column truth = {NAMED, TARGET, BOOLEAN, 0, 0, 0, 0, "price", 0, 2, {"no", "yes"}};
    refuse_last(truth, BP_ERROR_FORMAT, "a column is a target of truth values");
    const column classes = {NAMED, TARGET, CATEGORY, 0, 0, 0, 0, "price", 0, 2, {"no", "yes"}};
    refuse_last(classes, BP_ERROR_FORMAT, "the schema has 2 targets, but the network 1 outputs");
    refuse_last(number, BP_ERROR_FORMAT, "the schema has 2 inputs, but the network 1");
}

static void numbers_must_be_finite(void **state)
{
    (void)state;
    column c = good_columns[0];
    c.fill = NAN;
    refuse_first(c, BP_ERROR_NOT_FINITE, "what a column is filled in with is nan");
    if (sizeof(bp_real) == 8)
        return;
    model_bytes model;
    bp_network *net = NULL;
    column columns[COLUMNS];
    memcpy(columns, good_columns, sizeof columns);
    columns[0] = (column){NAMED | FILLED, INPUT, NUMBER, 0, MEAN, 0, 0, "size", 1e300, 0, {0}};
    make_model(&model, 8, columns);
    assert_fails(bp_network_load_memory(&net, model.bytes, model.size, NULL), BP_ERROR_NOT_FINITE,
                 "what a column is filled in with is 1e+300, too large");
}

static void class_targets_must_differ(void **state)
{
    (void)state;
    model_bytes model;
    bp_network *net = NULL;
    begin_model(&model, sizeof(bp_real));
    model_section(&model, "schm");
    model_real(&model, 1);
    model_real(&model, 1);
    model_u64(&model, 0);
    model_section_end(&model);
    model_end(&model);
    assert_fails(bp_network_load_memory(&net, model.bytes, model.size, NULL), BP_ERROR_FORMAT,
                 "the target of the true class is not more than that of the others");
}

/* The section cut off at every byte, and with more. */
static void sections_have_their_length(void **state)
{
    (void)state;
    model_bytes whole, model;
    make_model(&whole, sizeof(bp_real), good_columns);
    const size_t payload = whole.section; /* of ENDF: where schm has ended */
    begin_model(&model, sizeof(bp_real));
    const size_t start = model.size;
    for (size_t size = 0; size <= payload - start - 16 + 1; size++) {
        bp_network *net = NULL;
        begin_model(&model, sizeof(bp_real));
        model_section(&model, "schm");
        for (size_t i = 0; i < size; i++)
            model_u8(&model, whole.bytes[start + 12 + i]);
        model_section_end(&model);
        model_end(&model);
        bp_status status = bp_network_load_memory(&net, model.bytes, model.size, NULL);
        assert_int_equal(status, size == payload - start - 16 ? BP_OK : BP_ERROR_FORMAT);
        bp_network_destroy(net);
    }
}

static void lack_of_memory_is_reported(void **state)
{
    (void)state;
    model_bytes model;
    make_model(&model, sizeof(bp_real), good_columns);
    test_each_allocation_fails(model_load_attempt, &model);
}

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
    const bp_data p = csv_all_of(x), q = csv_all_of(y);
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
            const bp_data data = csv_all_of(dataset);
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
        cmocka_unit_test(documented_bytes),
        cmocka_unit_test(later_values_are_of_a_later_version),
        cmocka_unit_test(columns_that_cannot_be_are_refused),
        cmocka_unit_test(numbers_must_be_finite),
        cmocka_unit_test(class_targets_must_differ),
        cmocka_unit_test(sections_have_their_length),
        cmocka_unit_test(lack_of_memory_is_reported),
        cmocka_unit_test(every_schema_comes_back),
        cmocka_unit_test(names_of_groups_are_not_saved),
        cmocka_unit_test(class_names_come_back),
        cmocka_unit_test(damage_behind_right_checksums),
        cmocka_unit_test(random_damage_behind_right_checksums),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
