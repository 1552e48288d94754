#include "data/csv_example.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bp_csv_options csv_defaults(void)
{
    bp_csv_options options;
    bp_csv_options_init(&options, sizeof options);
    return options;
}

bp_csv_options csv_numeric(int column, size_t columns)
{
    bp_csv_options options = csv_defaults();
    options.target = BP_TARGET_NUMERIC;
    options.target_column = column;
    options.target_columns = columns;
    return options;
}

bp_status csv_load(bp_dataset **out, const char *text, bp_csv_options options)
{
    const char *path = test_path(test_directory, "f.csv");
    test_write_file(path, text, strlen(text));
    if (out != NULL)
        return bp_dataset_load_csv(out, path, &options);
    test_memory memory;
    options.allocator = test_allocator(&memory, SIZE_MAX);
    bp_dataset *dataset = NULL;
    bp_status status = bp_dataset_load_csv(&dataset, path, &options);
    assert_true((dataset != NULL) == (status == BP_OK));
    bp_dataset_destroy(dataset);
    assert_int_equal(memory.live, 0);
    return status;
}

bp_schema *csv_rules(void)
{
    bp_schema *rules = NULL;
    assert_ok(bp_schema_create(&rules, NULL));
    return rules;
}

bp_status csv_parse(bp_dataset **out, const char *text, const bp_csv_options *options)
{
    return bp_dataset_load_csv_memory(out, "f.csv", text, strlen(text), options);
}

void csv_assert_refused_at(const char *text, const bp_csv_options *options, bp_status status,
                           const char *part, const char *file, int line)
{
    test_memory memory;
    bp_csv_options counted = options == NULL ? csv_defaults() : *options;
    counted.allocator = test_allocator(&memory, SIZE_MAX);
    bp_dataset *dataset = NULL;
    test_assert_fails(csv_parse(&dataset, text, &counted), status, part, text, file, line);
    assert_null(dataset);
    assert_int_equal(memory.live, 0);
}

void csv_assert_data(const bp_dataset *dataset, size_t cases, size_t inputs, const double *wanted_inputs,
                     size_t targets, const double *wanted_targets)
{
    bp_data data = test_all_cases(dataset);
    assert_int_equal(data.cases, cases);
    assert_int_equal(data.input_width, inputs);
    assert_int_equal(data.target_width, targets);
    assert_int_equal(data.targets == NULL, targets == 0);
    for (size_t i = 0; i < cases * inputs; i++)
        if (data.inputs[i] != (bp_real)wanted_inputs[i])
            fail_msg("input %zu is %g, not %g", i, (double)data.inputs[i], wanted_inputs[i]);
    for (size_t i = 0; i < cases * targets; i++)
        if (data.targets[i] != (bp_real)wanted_targets[i])
            fail_msg("target %zu is %g, not %g", i, (double)data.targets[i], wanted_targets[i]);
}

void csv_assert_loads(const char *text, bp_csv_options options, size_t cases, size_t inputs,
                      const double *wanted_inputs, size_t targets, const double *wanted_targets)
{
    bp_dataset *dataset = NULL;
    assert_ok(csv_load(&dataset, text, options));
    csv_assert_data(dataset, cases, inputs, wanted_inputs, targets, wanted_targets);
    bp_dataset_destroy(dataset);
}

/* -------------------------------------------------------------- descriptions */

enum { DESCRIPTION = 4096 };

static void append(char *text, const char *piece)
{
    assert_true(strlen(text) + strlen(piece) < DESCRIPTION);
    strcat(text, piece);
}

static void describe_place(char *text, const bp_column_info *info)
{
    char place[64];
    if (info->width == 0)
        return;
    snprintf(place, sizeof place, info->width == 1 ? " %zu" : " %zu-%zu", info->first,
             info->first + info->width - 1);
    append(text, place);
}

static void describe_column(char *text, const bp_schema *schema, size_t index)
{
    static const char *const kinds[] = {"auto", "number", "category", "truth", "text"};
    static const char *const roles[] = {"input", "target", "ignored", "weight", "group"};
    bp_column_info info;
    bp_column_info_init(&info, sizeof info);
    assert_ok(bp_schema_column(schema, index, &info));
    char number[32];
    snprintf(number, sizeof number, "%zu", index + 1);
    append(text, info.name == NULL ? number : info.name);
    append(text, " ");
    append(text, info.role == BP_ROLE_INPUT ? kinds[info.kind] : roles[info.role]);
    describe_place(text, &info);
    for (size_t i = 0; i < info.categories; i++) {
        append(text, i == 0 ? " " : "|");
        append(text, bp_schema_category(schema, index, i));
    }
    assert_null(bp_schema_category(schema, index, info.categories));
}

const char *csv_describe(const bp_schema *schema)
{
    static char text[DESCRIPTION];
    text[0] = '\0';
    for (size_t i = 0; i < bp_schema_column_count(schema); i++) {
        append(text, i == 0 ? "" : "; ");
        describe_column(text, schema, i);
    }
    return text;
}

void csv_assert_learns(const char *text, const bp_csv_options *options, const char *description)
{
    test_memory memory;
    bp_csv_options counted = options == NULL ? csv_defaults() : *options;
    counted.allocator = test_allocator(&memory, SIZE_MAX);
    bp_dataset *dataset = NULL;
    bp_status status = csv_parse(&dataset, text, &counted);
    if (status != BP_OK)
        fail_msg("%s: %s", text, bp_error_message());
    const char *got = csv_describe(bp_dataset_schema(dataset));
    if (strcmp(got, description) != 0)
        fail_msg("%s: %s, not %s", text, got, description);
    bp_dataset_destroy(dataset);
    assert_int_equal(memory.live, 0);
}

/* ------------------------------------------------------------------- memory */

static void *allocate_and_measure(void *greatest, size_t size)
{
    if (size > *(size_t *)greatest)
        *(size_t *)greatest = size;
    return malloc(size);
}

static void release_plain(void *greatest, void *memory)
{
    (void)greatest;
    free(memory);
}

bp_allocator csv_measuring_allocator(size_t *greatest)
{
    *greatest = 0;
    return (bp_allocator){allocate_and_measure, release_plain, greatest};
}
