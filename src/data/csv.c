#include "data/csv.h"

#include <locale.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/read_file.h"
#include "base/real.h"
#include "base/sized_struct.h"
#include "base/status.h"
#include "data/class_labels.h"
#include "data/csv_reader.h"
#include "data/dataset.h"

/* ------------------------------------------------------------------ options */

void bp_csv_options_init(bp_csv_options *options, size_t size)
{
    const bp_csv_options defaults = {
        .delimiter = ',', .target_column = -1, .target_columns = 1, .class_on = 1};
    bpi_init_struct(SIZED_CSV_OPTIONS, options, size, &defaults);
}

static bp_status check_delimiter(const char *function, char delimiter)
{
    if (delimiter != '\0' && strchr("\r\n\"+-.0123456789eE", delimiter) == NULL)
        return BP_OK;
    return bpi_fail(BP_ERROR_ARGUMENT, "%s: options.delimiter (byte %d) can be part of a number or a line",
                    function, delimiter);
}

static bp_status check_kinds(const char *function, const bp_csv_options *options)
{
    if ((unsigned)options->header > BP_CSV_HEADER_YES)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: options.header is %d, which is no bp_csv_header", function,
                        (int)options->header);
    if ((unsigned)options->target > BP_TARGET_NUMERIC)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: options.target is %d, which is no bp_target_kind", function,
                        (int)options->target);
    if (options->target_columns == 0)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: options.target_columns is 0", function);
    if (options->target == BP_TARGET_CLASS && options->target_columns != 1)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: options.target_columns is %zu, but a class is one column",
                        function, options->target_columns);
    return BP_OK;
}

static bp_status check_class_value(const char *function, const char *name, double value)
{
    if (bpi_fits_real(value))
        return BP_OK;
    return bpi_fail(BP_ERROR_NOT_FINITE, "%s: options.%s is %s", function, name, bpi_format_real(value).text);
}

bp_status bpi_csv_check_options(const char *function, const bp_csv_options *options, bp_csv_options *checked)
{
    bp_csv_options result;
    bp_csv_options_init(&result, sizeof result);
    if (options != NULL)
        BPI_TRY(bpi_read_struct(function, SIZED_CSV_OPTIONS, options, &result));
    BPI_TRY(bpi_allocator_choose(&result.allocator, function, &result.allocator));
    BPI_TRY(check_delimiter(function, result.delimiter));
    BPI_TRY(check_kinds(function, &result));
    BPI_TRY(check_class_value(function, "class_on", result.class_on));
    BPI_TRY(check_class_value(function, "class_off", result.class_off));
    if (result.class_on <= result.class_off)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: options.class_on is %s, not more than class_off, %s",
                        function, bpi_format_real(result.class_on).text,
                        bpi_format_real(result.class_off).text);
    *checked = result;
    return BP_OK;
}

/* ------------------------------------------------------------------- layout */

/* A load on its way. */
typedef struct csv_load {
    const bp_csv_options *options;
    csv_reader reader;
    size_t columns;      /* of every record */
    size_t target_first; /* options->target_columns of them are targets */
    bool has_header;
    bp_dataset *dataset; /* with room for every case; `cases` of them are filled */
    size_t cases;
    class_labels labels; /* one per case, if the target is a class */
} csv_load;

static bool is_target(const csv_load *load, size_t column)
{
    return column >= load->target_first && column - load->target_first < load->options->target_columns;
}

static bool is_label(const csv_load *load, size_t column)
{
    return load->options->target == BP_TARGET_CLASS && is_target(load, column);
}

/* Finds the target columns, in the first record. */
static bp_status choose_columns(csv_load *load)
{
    const csv_reader *reader = &load->reader;
    const bp_csv_options *options = load->options;
    size_t columns = reader->field_count;
    if (columns <= options->target_columns)
        return bpi_fail(
            BP_ERROR_FORMAT,
            "%s:%zu: %zu column%s: none is left for inputs beside the target (is options.delimiter right?)",
            reader->name, reader->record_line, columns, columns == 1 ? "" : "s");
    int column = options->target_column;
    size_t from_end = column < 0 ? (size_t)(-(long long)column) : 0;
    size_t first = column < 0 ? columns - from_end : (size_t)column;
    if (from_end > columns || first >= columns || columns - first < options->target_columns)
        return bpi_fail(BP_ERROR_ARGUMENT,
                        "%s:%zu: options.target_column %d with target_columns %zu does not fit %zu columns",
                        reader->name, reader->record_line, column, options->target_columns, columns);
    load->columns = columns;
    load->target_first = first;
    return BP_OK;
}

/* Is there a column in the first record that should be a number and is none? */
static bool looks_like_header(const csv_load *load)
{
    double value;
    for (size_t i = 0; i < load->columns; i++)
        if (!is_label(load, i) && bpi_parse_number(load->reader.fields[i], &value) == NUMBER_NONE)
            return true;
    return false;
}

/*
 * How many cases the text can hold from the current record on: not more than lines, and not more than there
 * are bytes for, since each column of a case but the last takes a byte and a delimiter or line end.
 */
static size_t greatest_case_count(const csv_load *load)
{
    const char *next = load->reader.next, *end = load->reader.end;
    size_t by_size = (size_t)(end - next) / 2 / load->columns + 1;
    size_t lines = 1;
    while (lines < by_size && (next = memchr(next, '\n', (size_t)(end - next))) != NULL) {
        next++;
        lines++;
    }
    return lines + (load->has_header ? 0 : 1);
}

static bp_status make_room(csv_load *load)
{
    const bp_csv_options *options = load->options;
    const char *name = load->reader.name;
    size_t capacity = greatest_case_count(load);
    bool classes = options->target == BP_TARGET_CLASS;
    BPI_TRY(bpi_dataset_new(&load->dataset, name, &options->allocator, capacity,
                            load->columns - options->target_columns, classes ? 0 : options->target_columns));
    if (classes && !bpi_class_labels_init(&load->labels, &options->allocator, capacity))
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the labels of %zu cases", name, capacity);
    return BP_OK;
}

static bp_status store_names(csv_load *load)
{
    const bp_allocator *allocator = &load->options->allocator;
    bp_dataset *dataset = load->dataset;
    dataset->input_names = bpi_allocate_zeroed(allocator, dataset->input_width, sizeof *dataset->input_names);
    char **name = dataset->input_names;
    for (size_t i = 0; name != NULL && i < load->columns; i++) {
        if (is_target(load, i))
            continue;
        *name = bpi_copy_string(allocator, load->reader.fields[i]);
        name = *name == NULL ? NULL : name + 1;
    }
    if (name == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the names of its columns", load->reader.name);
    return BP_OK;
}

/* -------------------------------------------------------------------- cases */

static bp_status store_number(const csv_load *load, size_t column, bp_real *to)
{
    const csv_reader *reader = &load->reader;
    const char *field = reader->fields[column];
    double value = 0;
    number_kind kind = bpi_parse_number(field, &value);
    if (kind == NUMBER_FINITE) {
        *to = (bp_real)value;
        return BP_OK;
    }
    if (*field == '\0')
        return bpi_fail(BP_ERROR_FORMAT, "%s:%zu: column %zu: a number is missing", reader->name,
                        reader->record_line, column + 1);
    bool is_word = kind == NUMBER_NONE;
    return bpi_fail(is_word ? BP_ERROR_FORMAT : BP_ERROR_NOT_FINITE, "%s:%zu: column %zu: '%s' is %s",
                    reader->name, reader->record_line, column + 1, bpi_csv_excerpt(field).text,
                    is_word ? "not a number" : "not finite or too large");
}

static bp_status store_label(csv_load *load, size_t column)
{
    const csv_reader *reader = &load->reader;
    if (*reader->fields[column] == '\0')
        return bpi_fail(BP_ERROR_FORMAT, "%s:%zu: column %zu: the class is missing", reader->name,
                        reader->record_line, column + 1);
    bpi_class_labels_add(&load->labels, reader->fields[column]);
    return BP_OK;
}

/* The current record becomes the next case. */
static bp_status store_case(csv_load *load)
{
    const csv_reader *reader = &load->reader;
    if (reader->field_count != load->columns)
        return bpi_fail(BP_ERROR_FORMAT, "%s:%zu: %zu field%s, the %s has %zu", reader->name,
                        reader->record_line, reader->field_count, reader->field_count == 1 ? "" : "s",
                        load->has_header ? "header" : "first case", load->columns);
    bp_dataset *dataset = load->dataset;
    bp_real *input = dataset->inputs + load->cases * dataset->input_width;
    bp_real *target =
        dataset->targets == NULL ? NULL : dataset->targets + load->cases * dataset->target_width;
    for (size_t i = 0; i < load->columns; i++) {
        if (is_label(load, i))
            BPI_TRY(store_label(load, i));
        else
            BPI_TRY(store_number(load, i, is_target(load, i) ? target++ : input++));
    }
    load->cases++;
    return BP_OK;
}

static bp_status fail_without_cases(const csv_load *load)
{
    return bpi_fail(BP_ERROR_FORMAT, "%s: %s", load->reader.name,
                    load->has_header ? "a header, but no cases" : "no cases");
}

/* The first record tells the columns and may be the header. */
static bp_status load_first_record(csv_load *load)
{
    bool found;
    BPI_TRY(bpi_csv_next_record(&load->reader, &found));
    if (!found)
        return fail_without_cases(load);
    BPI_TRY(choose_columns(load));
    bp_csv_header header = load->options->header;
    load->has_header =
        header == BP_CSV_HEADER_YES || (header == BP_CSV_HEADER_AUTO && looks_like_header(load));
    BPI_TRY(make_room(load));
    return load->has_header ? store_names(load) : store_case(load);
}

static bp_status load_records(csv_load *load)
{
    bpi_csv_skip_lines(&load->reader, load->options->skip_lines);
    BPI_TRY(load_first_record(load));
    for (;;) {
        bool found;
        BPI_TRY(bpi_csv_next_record(&load->reader, &found));
        if (!found)
            break;
        BPI_TRY(store_case(load));
    }
    if (load->cases == 0)
        return fail_without_cases(load);
    load->dataset->cases = load->cases;
    if (load->options->target == BP_TARGET_NUMERIC)
        return BP_OK;
    return bpi_class_labels_apply(&load->labels, load->dataset, load->reader.name,
                                  (bp_real)load->options->class_on, (bp_real)load->options->class_off);
}

static bp_status parse_in_c_locale(bp_dataset **out, const char *name, char *text, size_t size,
                                   const bp_csv_options *options)
{
    csv_load load = {.options = options};
    bpi_csv_reader_init(&load.reader, &options->allocator, name, text, size, options->delimiter);
    bp_status status = load_records(&load);
    bpi_csv_reader_clear(&load.reader);
    bpi_class_labels_clear(&load.labels, &options->allocator);
    if (status == BP_OK)
        *out = load.dataset;
    else
        bp_dataset_destroy(load.dataset);
    return status;
}

bp_status bpi_csv_parse(bp_dataset **out, const char *name, char *text, size_t size,
                        const bp_csv_options *options)
{
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (c == (locale_t)0)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the C locale", name);
    locale_t callers = uselocale(c);
    bp_status status = parse_in_c_locale(out, name, text, size, options);
    uselocale(callers);
    freelocale(c);
    return status;
}

bp_status bp_dataset_load_csv(bp_dataset **out, const char *path, const bp_csv_options *options)
{
    BPI_REQUIRE(out);
    BPI_REQUIRE(path);
    bp_csv_options checked;
    BPI_TRY(bpi_csv_check_options(__func__, options, &checked));
    char *text;
    size_t size;
    BPI_TRY(bpi_read_file(path, &checked.allocator, &text, &size));
    bp_status status = bpi_csv_parse(out, path, text, size, &checked);
    bpi_release(&checked.allocator, text);
    return status;
}
