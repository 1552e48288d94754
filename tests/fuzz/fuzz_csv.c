/*
 * Loads any bytes as CSV text. The first two bytes choose the options: how the fields are delimited, whether
 * there is a header, what the target is and where, and rules for the columns. What is loaded is read once
 * more with the schema that was learned, which must give the same; and so is what follows a byte 2, if there
 * is one.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "backprop.h"
#include "fuzz/dataset_checks.h"
#include "fuzz/schema_checks.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static bp_csv_options choose_options(uint8_t first, uint8_t second)
{
    static const char *const markers[] = {"-", "-9", "0"};
    bp_csv_options options;
    bp_csv_options_init(&options, sizeof options);
    options.allocator = counting_allocator();
    options.delimiter = ",; \t"[first & 3];
    options.header = (bp_csv_header)(first >> 2 & 3);
    options.skip_lines = first >> 4 & 1;
    options.target = first >> 5 & 1 ? BP_TARGET_NUMERIC : BP_TARGET_CLASS;
    if (options.target == BP_TARGET_NUMERIC)
        options.target_columns = 1 + (second >> 4 & 3);
    options.target_column = (int)(second & 15) - 8;
    if (second >> 6 == 1)
        options.target = BP_TARGET_NONE;
    if (second >> 6 == 2) {
        options.missing_markers = markers;
        options.missing_marker_count = 3;
    }
    if (second >> 6 == 3)
        options.decimal_point = ',';
    return options;
}

/* Rules of one of three kinds; NULL: none. */
static bp_schema *choose_rules(uint8_t first)
{
    const char *const categories[] = {"b", "a", "1"}, *const numbers[] = {"2", "1", "3"};
    bp_schema *rules = NULL;
    const int kind = first >> 6;
    if (kind == 0)
        return NULL;
    require(bp_schema_create(&rules, NULL) == BP_OK);
    const bp_missing missing[] = {BP_MISSING_REFUSE, BP_MISSING_MEDIAN, BP_MISSING_SKIP, BP_MISSING_MEAN};
    require(bp_schema_set_missing(rules, bp_column_all(), missing[kind], kind == 1) == BP_OK);
    if (kind == 2) {
        require(bp_schema_set_kind(rules, bp_column_numbered(0), BP_COLUMN_CATEGORY) == BP_OK);
        require(bp_schema_set_role(rules, bp_column_numbered(1), BP_ROLE_GROUP) == BP_OK);
        require(bp_schema_set_missing(rules, bp_column_numbered(-1), BP_MISSING_MOST_FREQUENT, 1) == BP_OK);
    }
    if (kind == 3) {
        require(bp_schema_set_categories(rules, bp_column_numbered(0), categories, 3) == BP_OK);
        require(bp_schema_set_encoding(rules, bp_column_all(), BP_ENCODING_ORDINAL) == BP_OK);
        require(bp_schema_set_unknown(rules, bp_column_all(), BP_UNKNOWN_ZERO) == BP_OK);
        require(bp_schema_set_role(rules, bp_column_numbered(1), BP_ROLE_CASE_WEIGHT) == BP_OK);
        require(bp_schema_set_categories(rules, bp_column_numbered(-2), numbers, 3) == BP_OK);
        require(bp_schema_set_kind(rules, bp_column_numbered(-1), BP_COLUMN_BOOLEAN) == BP_OK);
    }
    return rules;
}

static bp_data all_of(const bp_dataset *dataset)
{
    bp_data data;
    bp_data_init(&data, sizeof data);
    require(bp_dataset_subset(dataset, BP_SUBSET_ALL, &data) == BP_OK);
    return data;
}

/* Is a target missing somewhere? Then the table may not be read again as one with targets. */
static bool lacks_targets(const bp_schema *schema)
{
    for (size_t i = 0; i < bp_schema_column_count(schema); i++) {
        bp_column_info info;
        bp_column_info_init(&info, sizeof info);
        require(bp_schema_column(schema, i, &info) == BP_OK);
        if (info.role == BP_ROLE_TARGET && info.missing_cells > 0)
            return true;
    }
    return false;
}

/* The text from which a schema was learned gives the same when it is read with it. */
static void check_read_again(const bp_dataset *dataset, const char *text, size_t size, bp_csv_options options)
{
    bp_dataset *again = NULL;
    options.schema = bp_dataset_schema(dataset);
    bp_status status = bp_dataset_load_csv_memory(&again, "again.csv", text, size, &options);
    const bool has_skipped =
        bp_dataset_skipped_rows(dataset) > 0; /* rows whose group or target is missing, say */
    require(status == BP_OK || has_skipped || lacks_targets(options.schema));
    if (status != BP_OK)
        return;
    const bp_data a = all_of(dataset), b = all_of(again);
    const bool is_same = bp_dataset_skipped_rows(dataset) == bp_dataset_skipped_rows(again);
    require(a.input_width == b.input_width);
    require(is_same || has_skipped);
    require(!is_same || a.cases == b.cases);
    require(!is_same || memcmp(a.inputs, b.inputs, a.cases * a.input_width * sizeof *a.inputs) == 0);
    if (is_same && b.targets != NULL)
        require(memcmp(a.targets, b.targets, a.cases * a.target_width * sizeof *a.targets) == 0);
    bp_dataset_destroy(again);
}

static void load(const char *text, size_t size, const bp_csv_options *options)
{
    const char *other = size == 0 ? NULL : memchr(text, 2, size);
    const size_t length = other == NULL ? size : (size_t)(other - text);
    bp_dataset *dataset = NULL, *second = NULL;
    bp_status status = bp_dataset_load_csv_memory(&dataset, "fuzz.csv", text, length, options);
    if (status == BP_OK) {
        check_read_again(dataset, text, length, *options);
        check_schema(bp_dataset_schema(dataset));
    }
    if (status == BP_OK && other != NULL) {
        bp_csv_options known = *options;
        known.schema = bp_dataset_schema(dataset);
        status = bp_dataset_load_csv_memory(&second, "second.csv", other + 1, size - length - 1, &known);
        check_loaded(status, second, options->class_on, options->class_off);
        status = BP_OK;
    }
    check_loaded(status, dataset, options->class_on, options->class_off);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size < 2)
        return 0;
    bp_csv_options options = choose_options(bytes[0], bytes[1]);
    bp_schema *rules = choose_rules(bytes[0]);
    options.schema = rules;
    load((const char *)bytes + 2, size - 2, &options);
    bp_schema_destroy(rules);
    require_nothing_live();
    return 0;
}
