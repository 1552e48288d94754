#include "data/csv.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/read_file.h"
#include "base/real.h"
#include "base/sized_struct.h"
#include "base/status.h"
#include "data/csv_reader.h"
#include "data/dataset.h"
#include "data/fill.h"
#include "data/input_names.h"
#include "data/number_table.h"
#include "data/table_header.h"
#include "data/table_learner.h"
#include "data/table_reader.h"

/* ------------------------------------------------------------------ options */

void bp_csv_options_init(bp_csv_options *options, size_t size)
{
    const bp_csv_options defaults = {
        .delimiter = ',', .decimal_point = '.', .target_column = -1, .target_columns = 1, .class_on = 1};
    bpi_init_struct(SIZED_CSV_OPTIONS, options, size, &defaults);
}

static bp_status check_delimiter(const char *function, char delimiter)
{
    if (bpi_csv_can_delimit(delimiter))
        return BP_OK;
    return bpi_fail(BP_ERROR_ARGUMENT, "%s: options.delimiter (byte %d) can be part of a number or a line",
                    function, delimiter);
}

static bp_status check_decimal_point(const char *function, const bp_csv_options *options)
{
    if (options->decimal_point != '.' && options->decimal_point != ',')
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: options.decimal_point (byte %d) is neither '.' nor ','",
                        function, (int)options->decimal_point);
    return BP_OK;
}

static bp_status check_markers(const char *function, const bp_csv_options *options)
{
    if (options->missing_markers == NULL && options->missing_marker_count > 0)
        return bpi_fail(BP_ERROR_ARGUMENT,
                        "%s: options.missing_markers is NULL, but missing_marker_count is %zu", function,
                        options->missing_marker_count);
    for (size_t i = 0; i < options->missing_marker_count; i++)
        if (options->missing_markers[i] == NULL)
            return bpi_fail(BP_ERROR_ARGUMENT, "%s: options.missing_markers[%zu] is NULL", function, i);
    return BP_OK;
}

static bp_status check_kinds(const char *function, const bp_csv_options *options)
{
    if ((unsigned)options->header > BP_CSV_HEADER_ROW_NAMES)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: options.header is %d, not a value of bp_csv_header", function,
                        (int)options->header);
    if ((unsigned)options->target > BP_TARGET_AUTO)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: options.target is %d, not a value of bp_target_kind",
                        function, (int)options->target);
    if (options->target_columns == 0)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: options.target_columns is 0", function);
    return BP_OK;
}

static bp_status check_class_value(const char *function, const char *name, double value)
{
    if (bpi_fits_real(value))
        return BP_OK;
    return bpi_fail(BP_ERROR_NOT_FINITE, "%s: options.%s is %s", function, name, bpi_format_real(value).text);
}

static bp_status check_classes_of(const char *function, const bp_csv_options *options)
{
    if (options->classes_of == NULL)
        return BP_OK;
    static const char *const names[] = {"class", "numeric", "none", "automatic"};
    if (options->target != BP_TARGET_CLASS)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: options.classes_of is set, but options.target is %s",
                        function, names[options->target]);
    if (options->schema != NULL && options->schema->is_learned)
        return bpi_fail(BP_ERROR_ARGUMENT,
                        "%s: options.classes_of is set, but options.schema already has the classes",
                        function);
    if (options->classes_of->class_count < 2)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: options.classes_of is a dataset %s", function,
                        options->classes_of->class_count == 0 ? "without classes" : "of one class alone");
    return BP_OK;
}

/* A table is read like another one with that one's markers, unless the caller gives some. */
static void use_markers_of_schema(bp_csv_options *options)
{
    if (options->missing_markers != NULL || options->schema == NULL)
        return;
    options->missing_markers = (const char *const *)options->schema->markers;
    options->missing_marker_count = options->schema->marker_count;
}

bp_status bpi_csv_check_options(const char *function, const bp_csv_options *options, bp_csv_options *checked)
{
    bp_csv_options result;
    bp_csv_options_init(&result, sizeof result);
    if (options != NULL)
        BPI_TRY(bpi_read_struct(function, SIZED_CSV_OPTIONS, options, &result));
    BPI_TRY(bpi_allocator_choose(&result.allocator, function, &result.allocator));
    BPI_TRY(check_delimiter(function, result.delimiter));
    BPI_TRY(check_decimal_point(function, &result));
    BPI_TRY(check_markers(function, &result));
    BPI_TRY(check_kinds(function, &result));
    BPI_TRY(check_classes_of(function, &result));
    BPI_TRY(check_class_value(function, "class_on", result.class_on));
    BPI_TRY(check_class_value(function, "class_off", result.class_off));
    if ((bp_real)result.class_on <= (bp_real)result.class_off) /* as targets hold them */
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: options.class_on is %s, not more than class_off, %s",
                        function, bpi_format_real(result.class_on).text,
                        bpi_format_real(result.class_off).text);
    use_markers_of_schema(&result);
    *checked = result;
    return BP_OK;
}

/* ------------------------------------------------------------------ learning */

/* The state of loading a file. */
typedef struct csv_load {
    const bp_csv_options *options;
    csv_reader reader;
    table_learner learner;
    number_table numbers;
    table_reader table;
    bp_schema *schema; /* of the file; the dataset gets it */
    bp_dataset *dataset;
    size_t capacity; /* cases that it has room for */
} csv_load;

static bp_status rewind_to_records(csv_load *load)
{
    BPI_TRY(bpi_csv_reader_rewind(&load->reader));
    return bpi_csv_skip_lines(&load->reader, load->options->skip_lines);
}

/* The first record, which must be there. */
static bp_status read_first(csv_load *load)
{
    bool found;
    BPI_TRY(bpi_csv_next_record(&load->reader, &found));
    return found ? BP_OK : bpi_fail(BP_ERROR_FORMAT, "%s: no cases", load->reader.input->path);
}

/* Learns from the records that follow, and stores them as long as they are numbers. */
static bp_status learn_records(csv_load *load)
{
    for (;;) {
        bool found;
        BPI_TRY(bpi_number_table_read(&load->numbers, &found));
        if (found) {
            bpi_table_learner_add_numbers(&load->learner, load->numbers.row);
            continue;
        }
        BPI_TRY(bpi_csv_next_record(&load->reader, &found));
        if (!found)
            return BP_OK;
        BPI_TRY(bpi_table_learner_add(&load->learner));
    }
}

/* The first record, of which a delimiter at the end of every line is no part. */
static bp_status read_first_of_table(csv_load *load)
{
    csv_reader *reader = &load->reader;
    BPI_TRY(read_first(load));
    if (bpi_csv_ends_in_delimiter(reader, reader->field_count - 1)) {
        BPI_TRY(bpi_find_last_delimiters(reader));
        BPI_TRY(rewind_to_records(load));
        BPI_TRY(read_first(load));
    }
    return bpi_complete_names(reader, load->options);
}

/* Learns the schema; *cases is how many there are. */
static bp_status learn(csv_load *load, size_t *cases)
{
    BPI_TRY(read_first_of_table(load));
    BPI_TRY(bpi_table_learner_begin(&load->learner, &load->reader, load->options));
    BPI_TRY(bpi_number_table_begin(&load->numbers, &load->reader, &load->learner));
    BPI_TRY(learn_records(load));
    BPI_TRY(bpi_table_learner_decide_header(&load->learner));
    const bool has_header = load->learner.has_header;
    while (bpi_table_learner_needs_more(&load->learner)) {
        BPI_TRY(rewind_to_records(load));
        if (has_header)
            BPI_TRY(read_first(load));
        BPI_TRY(learn_records(load));
    }
    *cases = bpi_table_learner_rows(&load->learner);
    return bpi_table_learner_finish(&load->learner, &load->schema);
}

/* -------------------------------------------------------------------- reading */

static bp_status create_dataset(csv_load *load, size_t capacity)
{
    const table_reader *table = &load->table;
    const bp_schema *schema = load->schema;
    const char *where = load->reader.input->path;
    const bp_allocator *allocator = &load->options->allocator;
    BPI_TRY(bpi_dataset_new(&load->dataset, where, allocator, capacity, schema->input_width,
                            table->has_targets ? schema->target_width : 0));
    bp_dataset *dataset = load->dataset;
    load->capacity = capacity;
    dataset->learns_fills = table->is_learned_here;
    load->table.missing = &dataset->missing;
    load->table.unknown_at = &dataset->unknown;
    if (table->has_weights)
        dataset->case_weights = bpi_allocate(allocator, capacity, sizeof *dataset->case_weights);
    if (table->has_groups)
        dataset->groups = bpi_allocate(allocator, capacity, sizeof *dataset->groups);
    if ((table->has_weights && dataset->case_weights == NULL) ||
        (table->has_groups && dataset->groups == NULL))
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for weights or groups of %zu cases", where, capacity);
    return BP_OK;
}

/* The reader's record becomes the next case, if it is not left out. */
static bp_status store_case(csv_load *load)
{
    bp_dataset *dataset = load->dataset;
    const size_t index = load->table.rows;
    if (index == load->capacity) /* the pass before found fewer */
        return bpi_fail_changed(load->reader.input->path);
    const table_row row = {
        .inputs = dataset->inputs + index * dataset->input_width,
        .targets = dataset->targets == NULL ? NULL : dataset->targets + index * dataset->target_width,
        .weight = dataset->case_weights == NULL ? NULL : dataset->case_weights + index,
        .group = dataset->groups == NULL ? NULL : dataset->groups + index};
    return bpi_table_reader_read(&load->table, &row);
}

static bp_status store_cases(csv_load *load)
{
    for (;;) {
        bool found;
        BPI_TRY(bpi_csv_next_record(&load->reader, &found));
        if (!found)
            break;
        BPI_TRY(store_case(load));
    }
    if (load->table.rows == 0)
        return bpi_fail(BP_ERROR_FORMAT, "%s: %s", load->reader.input->path,
                        load->table.skipped > 0 ? "no cases: a cell is missing in every row"
                                                : "a header, but no cases");
    load->dataset->cases = load->table.rows;
    load->dataset->skipped_rows = load->table.skipped;
    load->dataset->missing_targets = load->table.missing_targets;
    return BP_OK;
}

static bp_status load_unknown(csv_load *load)
{
    size_t cases;
    BPI_TRY(learn(load, &cases));
    if (bpi_number_table_is_complete(&load->numbers, &load->learner)) {
        load->dataset = bpi_number_table_take(&load->numbers, load->schema);
        load->dataset->learns_fills = true;
        return BP_OK;
    }
    bpi_number_table_clear(&load->numbers);
    BPI_TRY(rewind_to_records(load));
    if (load->learner.has_header)
        BPI_TRY(read_first(load));
    BPI_TRY(bpi_table_reader_init(&load->table, &load->reader, load->schema, load->options));
    BPI_TRY(create_dataset(load, cases));
    return store_cases(load);
}

/* With the schema of another table. */
static bp_status load_known(csv_load *load)
{
    bool is_case;
    size_t lines;
    const bp_allocator *allocator = &load->options->allocator;
    BPI_TRY(bpi_schema_copy(&load->schema, load->reader.input->path, load->options->schema, allocator));
    BPI_TRY(bpi_csv_count_lines(&load->reader, &lines));
    BPI_TRY(rewind_to_records(load));
    BPI_TRY(bpi_table_reader_begin(&load->table, &load->reader, load->schema, load->options, &is_case));
    if (!is_case)
        BPI_TRY(bpi_csv_next_record(&load->reader, &is_case));
    if (is_case)
        bpi_table_reader_look_for_targets(&load->table);
    BPI_TRY(create_dataset(load, lines));
    if (is_case)
        BPI_TRY(store_case(load));
    return store_cases(load);
}

/* -------------------------------------------------------------------- finishing */

/* If there is one target, and it is a class. */
static bp_status name_classes(bp_dataset *dataset, const char *where)
{
    const schema_column *target = bpi_schema_class_target(dataset->schema);
    if (target == NULL)
        return BP_OK;
    BPI_TRY(bpi_copy_strings(&dataset->class_names, where, &dataset->allocator,
                             (const char *const *)target->categories, target->category_count));
    dataset->class_count = target->category_count;
    return BP_OK;
}

static bp_status finish(csv_load *load)
{
    bp_dataset *dataset = load->dataset;
    const char *where = load->reader.input->path;
    dataset->schema = load->schema;
    load->schema = NULL;
    BPI_TRY(bpi_dataset_number_cases(dataset, where));
    BPI_TRY(bpi_name_inputs(dataset, where));
    BPI_TRY(name_classes(dataset, where));
    fill_memory fills;
    bp_status status = bpi_fill_allocate(&fills, where, dataset);
    if (status == BP_OK)
        bpi_fill_missing(&fills, dataset, (case_range){0, dataset->cases});
    bpi_fill_release(&fills, dataset);
    return status;
}

static bp_status load_records(csv_load *load)
{
    const bool is_known = load->options->schema != NULL && load->options->schema->is_learned;
    BPI_TRY(bpi_csv_skip_lines(&load->reader, load->options->skip_lines));
    BPI_TRY(is_known ? load_known(load) : load_unknown(load));
    BPI_TRY(bpi_input_check_unchanged(load->reader.input));
    return finish(load);
}

static bp_status load_in_c_locale(bp_dataset **out, input_file *input, const bp_csv_options *options)
{
    csv_load load = {.options = options};
    bp_status status = bpi_csv_reader_init(&load.reader, &options->allocator, input, options->delimiter,
                                           (char)options->decimal_point);
    if (status == BP_OK)
        status = load_records(&load);
    bpi_number_table_clear(&load.numbers);
    bpi_table_learner_clear(&load.learner);
    bpi_table_reader_clear(&load.table);
    bpi_csv_reader_clear(&load.reader);
    bp_schema_destroy(load.schema);
    if (status == BP_OK)
        *out = load.dataset;
    else
        bp_dataset_destroy(load.dataset);
    return status;
}

static bp_status load_input(bp_dataset **out, input_file *input, const bp_csv_options *options)
{
    c_locale locale;
    BPI_TRY(bpi_input_unpack(input, &options->allocator));
    if (!bpi_c_locale_enter(&locale))
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the C locale", input->path);
    bp_status status = load_in_c_locale(out, input, options);
    bpi_c_locale_leave(&locale);
    return status;
}

/* ---------------------------------------------------------------- public calls */

bp_status bp_dataset_load_csv(bp_dataset **out, const char *path, const bp_csv_options *options)
{
    BPI_REQUIRE(out);
    BPI_REQUIRE(path);
    bp_csv_options checked;
    input_file input;
    BPI_TRY(bpi_csv_check_options(__func__, options, &checked));
    BPI_TRY(bpi_input_open_any(&input, path, &checked.allocator));
    bp_status status = load_input(out, &input, &checked);
    bpi_input_close(&input);
    return status;
}

bp_status bp_dataset_load_csv_memory(bp_dataset **out, const char *name, const char *text, size_t size,
                                     const bp_csv_options *options)
{
    BPI_REQUIRE(out);
    BPI_REQUIRE(text);
    bp_csv_options checked;
    input_file input;
    BPI_TRY(bpi_csv_check_options(__func__, options, &checked));
    bpi_input_from_memory(&input, name == NULL ? "text" : name, text, size);
    bp_status status = load_input(out, &input, &checked);
    bpi_input_close(&input);
    return status;
}

bp_status bp_dataset_load_csv_stream(bp_dataset **out, const char *name, FILE *stream,
                                     const bp_csv_options *options)
{
    BPI_REQUIRE(out);
    BPI_REQUIRE(stream);
    bp_csv_options checked;
    input_file input;
    BPI_TRY(bpi_csv_check_options(__func__, options, &checked));
    BPI_TRY(bpi_input_from_stream(&input, name == NULL ? "stream" : name, stream, &checked.allocator));
    bp_status status = load_input(out, &input, &checked);
    bpi_input_close(&input);
    return status;
}
