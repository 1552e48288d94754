/*
 * Numbers separated by white space: how many cases, inputs and outputs there are, then for each case its
 * inputs and its outputs. Lines have no meaning.
 */
#include "data/fann_data.h"

#include "base/memory.h"
#include "base/real.h"
#include "base/status.h"
#include "data/csv_message.h"
#include "data/csv_number.h"
#include "data/dataset.h"

/* The numbers of the file one by one: the fields of its records. */
typedef struct number_source {
    csv_reader reader;
    size_t next; /* field of the record */
} number_source;

/* ------------------------------------------------------------------- numbers */

/* Goes to the next field; false at the end. */
static bp_status find_field(number_source *source, bool *found)
{
    *found = source->next < source->reader.field_count;
    if (*found)
        return BP_OK;
    source->next = 0;
    return bpi_csv_next_record(&source->reader, found);
}

static bp_status fail_here(const number_source *source, bp_status status, const char *what)
{
    return bpi_fail(status, "%s:%zu: column %zu: '%s' is %s", source->reader.input->path,
                    source->reader.record_line, source->next + 1,
                    bpi_csv_excerpt(source->reader.fields[source->next].text).text, what);
}

/* One of the three sizes; `what` it is the number of. */
static bp_status read_size(number_source *source, const char *what, size_t *size)
{
    bool found;
    double value;
    BPI_TRY(find_field(source, &found));
    if (!found)
        return bpi_fail(BP_ERROR_FORMAT, "%s: the file ends before the number of %s",
                        source->reader.input->path, what);
    const number_kind kind = bpi_csv_number(&source->reader, &source->reader.fields[source->next], &value);
    if (kind != NUMBER_FINITE || value != floor(value) || value < 0 || value > UINT32_MAX)
        return bpi_fail(
            BP_ERROR_FORMAT,
            "%s:%zu: column %zu: '%s' is no number of %s; a FANN training file begins with those of "
            "cases, inputs and outputs",
            source->reader.input->path, source->reader.record_line, source->next + 1,
            bpi_csv_excerpt(source->reader.fields[source->next].text).text, what);
    *size = (size_t)value;
    source->next++;
    return BP_OK;
}

static bp_status read_values(number_source *source, size_t index, size_t count, bp_real *to)
{
    for (size_t i = 0; i < count; i++) {
        bool found;
        double value;
        BPI_TRY(find_field(source, &found));
        if (!found)
            return bpi_fail(BP_ERROR_FORMAT, "%s:%zu: the file ends within case %zu",
                            source->reader.input->path, source->reader.line, index + 1);
        switch (bpi_csv_number(&source->reader, &source->reader.fields[source->next], &value)) {
        case NUMBER_FINITE:
            to[i] = (bp_real)value;
            break;
        case NUMBER_NOT_FINITE:
            return fail_here(source, BP_ERROR_NOT_FINITE, "not finite or too large");
        default:
            return fail_here(source, BP_ERROR_FORMAT, "not a number");
        }
        source->next++;
    }
    return BP_OK;
}

/* --------------------------------------------------------------------- whole */

/* The file must have room for the numbers, each of them a digit and a separator, before memory is asked for.
 */
static bp_status check_sizes(const input_file *input, size_t cases, size_t inputs, size_t outputs)
{
    size_t numbers;
    if (cases == 0 || inputs == 0)
        return bpi_fail(BP_ERROR_FORMAT, "%s: the first line: no %s", input->path,
                        cases == 0 ? "cases" : "inputs");
    if (!bpi_add(inputs, outputs, &numbers) || !bpi_multiply(numbers, cases, &numbers) ||
        numbers > input->size / 2)
        return bpi_fail(
            BP_ERROR_FORMAT,
            "%s: the first line: %zu cases of %zu inputs and %zu outputs are more than a file of %zu "
            "bytes can hold",
            input->path, cases, inputs, outputs, input->size);
    return BP_OK;
}

static bp_status read_cases(number_source *source, bp_dataset *dataset)
{
    for (size_t i = 0; i < dataset->cases; i++) {
        BPI_TRY(read_values(source, i, dataset->input_width, dataset->inputs + i * dataset->input_width));
        if (dataset->targets != NULL)
            BPI_TRY(
                read_values(source, i, dataset->target_width, dataset->targets + i * dataset->target_width));
    }
    BPI_TRY(bpi_input_check_unchanged(source->reader.input));
    return bpi_dataset_number_cases(dataset, source->reader.input->path);
}

static bp_status read_file(bp_dataset **out, number_source *source, input_file *input,
                           const bp_allocator *allocator)
{
    size_t cases, inputs, outputs;
    BPI_TRY(bpi_input_unpack(input, allocator));
    BPI_TRY(bpi_csv_reader_init(&source->reader, allocator, input, ' ', '.'));
    BPI_TRY(read_size(source, "cases", &cases));
    BPI_TRY(read_size(source, "inputs", &inputs));
    BPI_TRY(read_size(source, "outputs", &outputs));
    BPI_TRY(check_sizes(input, cases, inputs, outputs));
    bp_dataset *dataset;
    BPI_TRY(bpi_dataset_new(&dataset, input->path, allocator, cases, inputs, outputs));
    bp_status status = read_cases(source, dataset);
    if (status == BP_OK)
        *out = dataset;
    else
        bp_dataset_destroy(dataset);
    return status;
}

bp_status bpi_fann_read(bp_dataset **out, input_file *input, const bp_allocator *allocator)
{
    c_locale locale;
    if (!bpi_c_locale_enter(&locale))
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the C locale", input->path);
    number_source source = {.next = 0};
    bp_status status = read_file(out, &source, input, allocator);
    bpi_csv_reader_clear(&source.reader);
    bpi_c_locale_leave(&locale);
    return status;
}

bp_status bp_dataset_load_fann(bp_dataset **out, const char *path, const bp_allocator *allocator)
{
    BPI_REQUIRE(out);
    BPI_REQUIRE(path);
    bp_allocator chosen;
    BPI_TRY(bpi_allocator_choose(&chosen, __func__, allocator));
    input_file input;
    BPI_TRY(bpi_input_open_any(&input, path, &chosen));
    bp_status status = bpi_fann_read(out, &input, &chosen);
    bpi_input_close(&input);
    return status;
}
