#include "data/csv.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/read_file.h"
#include "base/real.h"
#include "base/signature.h"
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
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: options.header is %d, not a value of bp_csv_header", function,
                        (int)options->header);
    if ((unsigned)options->target > BP_TARGET_NUMERIC)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: options.target is %d, not a value of bp_target_kind",
                        function, (int)options->target);
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

static bp_status check_classes_of(const char *function, const bp_csv_options *options)
{
    if (options->classes_of == NULL)
        return BP_OK;
    if (options->target != BP_TARGET_CLASS)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: options.classes_of is set, but options.target is numeric",
                        function);
    if (options->classes_of->class_count == 0)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: options.classes_of is a dataset without classes", function);
    return BP_OK;
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
    BPI_TRY(check_classes_of(function, &result));
    BPI_TRY(check_class_value(function, "class_on", result.class_on));
    BPI_TRY(check_class_value(function, "class_off", result.class_off));
    if ((bp_real)result.class_on <= (bp_real)result.class_off) /* as targets hold them */
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: options.class_on is %s, not more than class_off, %s",
                        function, bpi_format_real(result.class_on).text,
                        bpi_format_real(result.class_off).text);
    *checked = result;
    return BP_OK;
}

/* ------------------------------------------------------------------- layout */

/* The state of loading a file. */
typedef struct csv_load {
    const bp_csv_options *options;
    csv_reader reader;
    size_t columns;      /* of every record */
    size_t target_first; /* options->target_columns of them are targets */
    bool has_header;
    const char *header_label; /* field of the header in the target column */
    bp_dataset *dataset;      /* with capacity for every case; `cases` of them are filled */
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

/* ------------------------------------------------------------- hints in messages */

typedef struct delimiter_hint {
    char text[40];
} delimiter_hint;

/* The end of a message if fields contain another common delimiter; else "". */
static delimiter_hint hint_at_delimiter(const csv_reader *reader)
{
    static const char others[] = ";\t|,";
    size_t most = 0;
    char likely = '\0';
    for (const char *other = others; *other != '\0'; other++) {
        size_t count = 0;
        for (size_t i = 0; i < reader->field_count; i++)
            for (const char *p = strchr(reader->fields[i], *other); p != NULL; p = strchr(p + 1, *other))
                count++;
        if (count > most && *other != reader->delimiter) {
            most = count;
            likely = *other;
        }
    }
    delimiter_hint hint = {""};
    if (most > 0)
        snprintf(hint.text, sizeof hint.text, "; should options.delimiter be '%s'?",
                 likely == '\t' ? "\\t" : (const char[]){likely, '\0'});
    return hint;
}

/* Finds the target columns, in the first record. */
static bp_status choose_columns(csv_load *load)
{
    const csv_reader *reader = &load->reader;
    const bp_csv_options *options = load->options;
    size_t columns = reader->field_count;
    if (columns <= options->target_columns) {
        delimiter_hint hint = hint_at_delimiter(reader);
        return bpi_fail(BP_ERROR_FORMAT, "%s:%zu: %zu column%s: none is left for inputs beside the target%s",
                        reader->name, reader->record_line, columns, columns == 1 ? "" : "s",
                        hint.text[0] != '\0' ? hint.text : "; is options.delimiter right?");
    }
    int column = options->target_column;
    size_t from_end = column < 0 ? (size_t)(-(long long)column) : 0;
    size_t first = column < 0 ? columns - from_end : (size_t)column;
    if (from_end > columns || first >= columns || columns - first < options->target_columns)
        return bpi_fail(BP_ERROR_ARGUMENT,
                        "%s:%zu: options.target_column %d with target_columns %zu does not fit %zu columns%s",
                        reader->name, reader->record_line, column, options->target_columns, columns,
                        hint_at_delimiter(reader).text);
    load->columns = columns;
    load->target_first = first;
    return BP_OK;
}

/* ------------------------------------------------------------------- header */

/* Is the field a usual mark of a missing value? */
static bool is_missing(const char *field)
{
    static const char *const marks[] = {"", "?", "-", ".", "*", "na", "n/a", "#n/a", "null", "none", "nil"};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (strcasecmp(field, marks[i]) == 0)
            return true;
    return false;
}

/* Is the first record a header? Then a numeric column has a word, and none has a number. A record with both
 * is an error: it may be a case with a misprint, which must not be dropped silently. */
static bp_status detect_header(const csv_load *load, bool *is_header)
{
    const csv_reader *reader = &load->reader;
    size_t word = load->columns, number = load->columns; /* the first column that has one */
    double value;
    for (size_t i = load->columns; i-- > 0;) {
        if (is_label(load, i))
            continue;
        if (bpi_parse_number(reader->fields[i], &value) != NUMBER_NONE)
            number = i;
        else if (!is_missing(reader->fields[i]))
            word = i;
    }
    *is_header = word < load->columns;
    if (word == load->columns || number == load->columns)
        return BP_OK;
    return bpi_fail(BP_ERROR_FORMAT,
                    "%s:%zu: column %zu: '%s' is not a number, but column %zu is: set options.header to "
                    "BP_CSV_HEADER_YES if this line names the columns, to BP_CSV_HEADER_NO if it is a case, "
                    "or options.skip_lines%s",
                    reader->name, reader->record_line, word + 1, bpi_csv_excerpt(reader->fields[word]).text,
                    number + 1, hint_at_delimiter(reader).text);
}

/* FORMAT if the labels of all cases suggest that the decision about the header was wrong. */
static bp_status confirm_header(const csv_load *load)
{
    const class_labels *labels = &load->labels;
    if (load->options->header != BP_CSV_HEADER_AUTO || load->options->target != BP_TARGET_CLASS)
        return BP_OK;
    if (!load->has_header && bpi_class_labels_begin_with_name(labels))
        return bpi_fail(BP_ERROR_FORMAT,
                        "%s:%zu: column %zu: the class is '%s', but a number in all other cases: set "
                        "options.header to BP_CSV_HEADER_YES if this line names the columns, else to "
                        "BP_CSV_HEADER_NO",
                        load->reader.name, labels->labels[0].line, load->target_first + 1,
                        bpi_csv_excerpt(labels->labels[0].text).text);
    for (size_t i = 0; load->has_header && i < labels->count; i++)
        if (strcmp(labels->labels[i].text, load->header_label) == 0)
            return bpi_fail(
                BP_ERROR_FORMAT,
                "%s:%zu: column %zu: the first line has no number, but the class '%s' as here: set "
                "options.header to BP_CSV_HEADER_NO if it is a case, else to BP_CSV_HEADER_YES",
                load->reader.name, labels->labels[i].line, load->target_first + 1,
                bpi_csv_excerpt(load->header_label).text);
    return BP_OK;
}

/* --------------------------------------------------------------------- memory */

/* An upper bound of the number of cases from the current record on: the number of lines, and of bytes divided
 * by two per column, a character and a delimiter or line end. */
static size_t max_case_count(const csv_load *load)
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

static bp_status allocate(csv_load *load)
{
    const bp_csv_options *options = load->options;
    const char *name = load->reader.name;
    size_t capacity = max_case_count(load);
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
    return bpi_fail(is_word ? BP_ERROR_FORMAT : BP_ERROR_NOT_FINITE, "%s:%zu: column %zu: '%s' is %s%s",
                    reader->name, reader->record_line, column + 1, bpi_csv_excerpt(field).text,
                    is_word ? "not a number" : "not finite or too large", hint_at_delimiter(reader).text);
}

static bp_status store_label(csv_load *load, size_t column)
{
    const csv_reader *reader = &load->reader;
    if (*reader->fields[column] == '\0')
        return bpi_fail(BP_ERROR_FORMAT, "%s:%zu: column %zu: the class is missing", reader->name,
                        reader->record_line, column + 1);
    bpi_class_labels_add(&load->labels, reader->fields[column], reader->record_line);
    return BP_OK;
}

/* The current record becomes the next case. */
static bp_status store_case(csv_load *load)
{
    const csv_reader *reader = &load->reader;
    if (reader->field_count != load->columns)
        return bpi_fail(BP_ERROR_FORMAT, "%s:%zu: %zu field%s, the %s has %zu%s", reader->name,
                        reader->record_line, reader->field_count, reader->field_count == 1 ? "" : "s",
                        load->has_header ? "header" : "first case", load->columns,
                        hint_at_delimiter(reader).text);
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
    load->has_header = load->options->header == BP_CSV_HEADER_YES;
    if (load->options->header == BP_CSV_HEADER_AUTO)
        BPI_TRY(detect_header(load, &load->has_header));
    load->header_label = load->reader.fields[load->target_first];
    BPI_TRY(allocate(load));
    return load->has_header ? store_names(load) : store_case(load);
}

static bp_status apply_labels(csv_load *load)
{
    const bp_csv_options *options = load->options;
    const bp_real on = (bp_real)options->class_on, off = (bp_real)options->class_off;
    BPI_TRY(confirm_header(load));
    if (options->classes_of == NULL)
        return bpi_class_labels_apply(&load->labels, load->dataset, load->reader.name, on, off);
    return bpi_class_labels_apply_known(&load->labels, load->dataset, load->reader.name,
                                        load->target_first + 1, options->classes_of, on, off);
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
    return load->options->target == BP_TARGET_NUMERIC ? BP_OK : apply_labels(load);
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
    const char *foreign = bpi_foreign_file(text, size);
    if (foreign != NULL)
        return bpi_fail(BP_ERROR_FORMAT, "%s: %s", name, foreign);
    c_locale locale;
    if (!bpi_c_locale_enter(&locale))
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the C locale", name);
    bp_status status = parse_in_c_locale(out, name, text, size, options);
    bpi_c_locale_leave(&locale);
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
