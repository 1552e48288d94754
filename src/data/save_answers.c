/* Answers beside the rows that they are for. */
#include "base/memory.h"
#include "base/number.h"
#include "base/read_file.h"
#include "base/status.h"
#include "data/csv.h"
#include "data/csv_message.h"
#include "data/csv_writer.h"
#include "data/table_reader.h"

/* A table that is read again and written with more columns. */
typedef struct answer_save {
    const bp_csv_options *options; /* checked */
    const bp_schema *schema;
    const bp_real *outputs;
    size_t cases;
    csv_reader reader;
    table_reader table;
    table_row row; /* what a row holds, which is not needed */
    size_t group;
    csv_writer *writer;
} answer_save;

/* ------------------------------------------------------------------------- rows */

/* The cells of the record as they are. */
static bp_status copy_record(const answer_save *save)
{
    for (size_t i = 0; i < save->reader.field_count; i++) {
        const char *text = save->reader.fields[i].text;
        BPI_TRY(*text == '\0' ? bpi_csv_write_missing(save->writer)
                              : bpi_csv_write_text(save->writer, text, ""));
    }
    return BP_OK;
}

/* The columns of a target: its answer and, of a class, the probability. */
static bp_status write_names(const answer_save *save)
{
    for (size_t i = 0; i < save->schema->column_count; i++) {
        const schema_column *column = &save->schema->columns[i];
        const char *name = column->name == NULL ? "target" : column->name;
        if (column->role != BP_ROLE_TARGET)
            continue;
        BPI_TRY(bpi_csv_write_text(save->writer, name, " predicted"));
        if (column->kind == BP_COLUMN_CATEGORY)
            BPI_TRY(bpi_csv_write_text(save->writer, name, " probability"));
    }
    return BP_OK;
}

/* Of the case with a number; empty cells for a row that is no case. */
static bp_status write_answers(const answer_save *save, size_t index, bool is_case)
{
    bp_answer answer;
    bp_answer_init(&answer, sizeof answer);
    for (size_t target = 0; target < save->schema->target_count; target++) {
        const bp_real *outputs = save->outputs + (is_case ? index : 0) * save->schema->target_width;
        BPI_TRY(bp_schema_answer(save->schema, outputs, target, &answer));
        if (answer.class_name != NULL)
            BPI_TRY(is_case ? bpi_csv_write_text(save->writer, answer.class_name, "")
                            : bpi_csv_write_missing(save->writer));
        BPI_TRY(is_case ? bpi_csv_write_number(save->writer, (bp_real)answer.value)
                        : bpi_csv_write_missing(save->writer));
    }
    return BP_OK;
}

static bp_status write_row(answer_save *save)
{
    const size_t index = save->table.rows;
    BPI_TRY(bpi_table_reader_read(&save->table, &save->row));
    const bool is_case = save->table.rows > index;
    if (is_case && index == save->cases)
        return bpi_fail(BP_ERROR_SIZE, "%s:%zu: there are outputs for %zu cases, but this is one more",
                        save->reader.input->path, save->reader.record_line, save->cases);
    BPI_TRY(copy_record(save));
    BPI_TRY(write_answers(save, index, is_case));
    return bpi_csv_end_row(save->writer);
}

static bp_status write_rows(answer_save *save, bool is_case)
{
    if (!is_case) {
        BPI_TRY(copy_record(save));
        BPI_TRY(write_names(save));
        BPI_TRY(bpi_csv_end_row(save->writer));
        BPI_TRY(bpi_csv_next_record(&save->reader, &is_case));
    }
    if (is_case)
        bpi_table_reader_look_for_targets(&save->table);
    for (; is_case;) {
        BPI_TRY(write_row(save));
        BPI_TRY(bpi_csv_next_record(&save->reader, &is_case));
    }
    if (save->table.rows != save->cases)
        return bpi_fail(BP_ERROR_SIZE, "%s: there are outputs for %zu cases, but the file has %zu",
                        save->reader.input->path, save->cases, save->table.rows);
    BPI_TRY(bpi_input_check_unchanged(save->reader.input));
    return bpi_csv_writer_finish(save->writer);
}

/* ------------------------------------------------------------------------- files */

static bp_status write_file(answer_save *save, const char *path, bool is_case)
{
    output_file file;
    csv_writer writer;
    BPI_TRY(bpi_output_open(&file, path, &save->options->allocator));
    bpi_csv_writer_init(&writer, &file, save->reader.delimiter, (char)save->options->decimal_point);
    save->writer = &writer;
    return bpi_output_close(&file, write_rows(save, is_case));
}

static bp_status allocate_row(answer_save *save)
{
    const bp_allocator *allocator = &save->options->allocator;
    const size_t inputs = save->schema->input_width, targets = save->schema->target_width;
    bp_real *values = bpi_allocate(allocator, inputs + targets + 1, sizeof *values);
    if (values == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for a row", save->reader.input->path);
    save->row = (table_row){values, values + inputs, values + inputs + targets, &save->group};
    return BP_OK;
}

static bp_status save_input(answer_save *save, input_file *input, const char *path)
{
    bool is_case;
    const bp_csv_options *options = save->options;
    BPI_TRY(bpi_input_unpack(input, &options->allocator));
    BPI_TRY(bpi_csv_reader_init(&save->reader, &options->allocator, input, options->delimiter,
                                (char)options->decimal_point));
    BPI_TRY(bpi_csv_skip_lines(&save->reader, options->skip_lines));
    BPI_TRY(bpi_table_reader_begin(&save->table, &save->reader, save->schema, options, &is_case));
    BPI_TRY(allocate_row(save));
    return write_file(save, path, is_case);
}

static bp_status save_in_c_locale(answer_save *save, const char *rows_path, const char *path)
{
    input_file input;
    BPI_TRY(bpi_input_open(&input, rows_path));
    bp_status status = save_input(save, &input, path);
    bpi_release(&save->options->allocator, save->row.inputs);
    bpi_table_reader_clear(&save->table);
    bpi_csv_reader_clear(&save->reader);
    bpi_input_close(&input);
    return status;
}

static bp_status check_schema(const char *function, const bp_schema *schema)
{
    if (schema == NULL)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: options.schema is NULL", function);
    BPI_TRY(bpi_schema_require_learned(function, schema));
    if (schema->target_count == 0)
        return bpi_fail(BP_ERROR_STATE, "%s: options.schema has no targets", function);
    return BP_OK;
}

bp_status bp_csv_save_answers(const char *path, const char *rows_path, const bp_real *outputs, size_t cases,
                              const bp_csv_options *options)
{
    bp_csv_options checked;
    c_locale locale;
    BPI_REQUIRE(path);
    BPI_REQUIRE(rows_path);
    BPI_REQUIRE(outputs);
    if (cases == 0)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: cases is 0", __func__);
    BPI_REQUIRE(options);
    BPI_TRY(bpi_csv_check_options(__func__, options, &checked));
    BPI_TRY(check_schema(__func__, checked.schema));
    if (!bpi_c_locale_enter(&locale))
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the C locale", path);
    answer_save save = {.options = &checked, .schema = checked.schema, .outputs = outputs, .cases = cases};
    bp_status status = save_in_c_locale(&save, rows_path, path);
    bpi_c_locale_leave(&locale);
    return status;
}
