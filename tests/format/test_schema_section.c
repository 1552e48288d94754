/* The schema in model files: as documented, and with something wrong. */
#include <math.h>
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

static void put_schema(model_bytes *model, const column columns[COLUMNS])
{
    model_section(model, "schm");
    model_real(model, 1);
    model_real(model, -1);
    model_u64(model, COLUMNS);
    for (size_t i = 0; i < COLUMNS; i++)
        put_column(model, &columns[i]);
    model_section_end(model);
}

static void make_model(model_bytes *model, uint32_t real_bytes, const column columns[COLUMNS])
{
    model_tiny_begin(model, real_bytes);
    put_schema(model, columns);
    model_end(model);
}

/* The same with a section of markers: `count` of them, of which `there` are there. */
static void make_marked_model(model_bytes *model, bool has_schema, uint64_t count, size_t there)
{
    static const char *const markers[] = {"-999", "", "x y"};
    model_tiny_begin(model, sizeof(bp_real));
    if (has_schema)
        put_schema(model, good_columns);
    model_section(model, "mark");
    model_u64(model, count);
    for (size_t i = 0; i < there; i++)
        put_text(model, markers[i]);
    model_tiny_close(model);
}

static void markers_are_a_section(void **state)
{
    (void)state;
    model_bytes model;
    for (size_t count = 0; count <= 3; count += 3) { /* none: an empty cell alone */
        make_marked_model(&model, true, count, count);
        bp_network *net = model_load(model.bytes, model.size, NULL), *copy = NULL;
        model_assert_saves_alike(net, model.bytes, model.size);
        bp_real input = 7;
        const char *const marked[] = {count == 0 ? "" : "-999"}, *const unmarked[] = {"?"};
        assert_ok(bp_schema_encode(bp_network_schema(net), NULL, marked, 1, &input));
        assert_true(input == 1); /* what is filled in */
        assert_ok(bp_schema_encode(bp_network_schema(net), NULL, unmarked, 1, &input));
        assert_true(input == 0); /* an unknown category */
        assert_ok(bp_network_copy(&copy, net));
        bp_network_destroy(net);
        model_assert_saves_alike(copy, model.bytes, model.size);
        bp_network_destroy(copy);
    }
    test_each_allocation_fails(model_load_attempt, &model);
    bp_network *net = NULL;
    make_marked_model(&model, false, 1, 1);
    assert_fails(bp_network_load_memory(&net, model.bytes, model.size, NULL), BP_ERROR_FORMAT,
                 "markers of missing cells, but no schema");
    make_marked_model(&model, true, 2, 1);
    assert_fails(bp_network_load_memory(&net, model.bytes, model.size, NULL), BP_ERROR_FORMAT,
                 "section mark");
    make_marked_model(&model, true, 1, 2);
    assert_fails(bp_network_load_memory(&net, model.bytes, model.size, NULL), BP_ERROR_FORMAT, "mark");
    make_marked_model(&model, true, UINT64_C(1) << 30, 1);
    assert_fails(bp_network_load_memory(&net, model.bytes, model.size, NULL), BP_ERROR_FORMAT,
                 "section mark");
    assert_null(net);
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
    c.missing = 6;
    refuse_first(c, BP_ERROR_VERSION, "the rule for missing cells of a column is 6");
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
        {{NAMED, INPUT, NUMBER, 0, 0, 0, 0, "size", 0, 1u << 31, {0}}, "section schm"},
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
    const column class = {NAMED, TARGET, CATEGORY, 0, 0, 0, 0, "price", 0, 1, {"no"}};
    refuse_last(class, BP_ERROR_FORMAT, "a column is a target of one class alone");
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
    model_tiny_open(&model, "schm");
    model_real(&model, 1);
    model_real(&model, 1);
    model_u64(&model, 0);
    model_tiny_close(&model);
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
    model_tiny_begin(&model, sizeof(bp_real));
    const size_t start = model.size;
    for (size_t size = 0; size <= payload - start - 16 + 1; size++) {
        bp_network *net = NULL;
        model_tiny_open(&model, "schm");
        for (size_t i = 0; i < size; i++)
            model_u8(&model, whole.bytes[start + 12 + i]);
        model_tiny_close(&model);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documented_bytes),
        cmocka_unit_test(markers_are_a_section),
        cmocka_unit_test(later_values_are_of_a_later_version),
        cmocka_unit_test(columns_that_cannot_be_are_refused),
        cmocka_unit_test(numbers_must_be_finite),
        cmocka_unit_test(class_targets_must_differ),
        cmocka_unit_test(sections_have_their_length),
        cmocka_unit_test(lack_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
