/*
 * Numbers separated by white space: how many cases, inputs and outputs there are, then for each case its
 * inputs and its outputs. Lines have no meaning.
 */
#include "data/fann_data.h"

#include "base/memory.h"
#include "base/real.h"
#include "base/status.h"
#include "data/csv_message.h"
#include "data/dataset.h"

/* ------------------------------------------------------------------- numbers */

static bp_status fail_here(const number_reader *reader, bp_status status, const char *what)
{
    return bpi_fail(status, "%s:%zu: column %zu: '%s' is %s", reader->input->path, reader->text_line,
                    reader->column, bpi_csv_excerpt(reader->text).text, what);
}

/* One of the three sizes; `what` it is the number of. */
static bp_status read_size(number_reader *reader, const char *what, size_t *size)
{
    bool found;
    double value;
    number_kind kind;
    BPI_TRY(bpi_read_number(reader, &found, &kind, &value));
    if (!found)
        return bpi_fail(BP_ERROR_FORMAT, "%s: the file ends before the number of %s", reader->input->path,
                        what);
    if (kind != NUMBER_FINITE || value != floor(value) || value < 0 || value > UINT32_MAX)
        return bpi_fail(
            BP_ERROR_FORMAT,
            "%s:%zu: column %zu: '%s' is no number of %s; a FANN training file begins with those of "
            "cases, inputs and outputs",
            reader->input->path, reader->text_line, reader->column, bpi_csv_excerpt(reader->text).text, what);
    *size = (size_t)value;
    return BP_OK;
}

static bp_status read_values(number_reader *reader, size_t index, size_t count, bp_real *to)
{
    for (size_t i = 0; i < count; i++) {
        bool found;
        double value;
        number_kind kind;
        BPI_TRY(bpi_read_number(reader, &found, &kind, &value));
        if (!found)
            return bpi_fail(BP_ERROR_FORMAT, "%s:%zu: the file ends within case %zu", reader->input->path,
                            reader->line, index + 1);
        if (kind != NUMBER_FINITE)
            return kind == NUMBER_NONE ? fail_here(reader, BP_ERROR_FORMAT, "not a number")
                                       : fail_here(reader, BP_ERROR_NOT_FINITE, "not finite or too large");
        to[i] = (bp_real)value;
    }
    return BP_OK;
}

/* -------------------------------------------------------------------- source */

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

static bp_status read_sizes(fann_source *source)
{
    number_reader *reader = &source->reader;
    BPI_TRY(read_size(reader, "cases", &source->cases));
    BPI_TRY(read_size(reader, "inputs", &source->inputs));
    BPI_TRY(read_size(reader, "outputs", &source->outputs));
    return check_sizes(reader->input, source->cases, source->inputs, source->outputs);
}

bp_status bpi_fann_begin(fann_source *source, input_file *input, const bp_allocator *allocator)
{
    *source = (fann_source){.cases = 0};
    BPI_TRY(bpi_input_unpack(input, allocator));
    BPI_TRY(bpi_number_reader_init(&source->reader, allocator, input));
    return read_sizes(source);
}

void bpi_fann_end(fann_source *source)
{
    bpi_number_reader_clear(&source->reader);
}

bp_status bpi_fann_rewind(fann_source *source)
{
    const size_t cases = source->cases, inputs = source->inputs, outputs = source->outputs;
    BPI_TRY(bpi_number_reader_rewind(&source->reader));
    bp_status status = read_sizes(source);
    const bool is_same = source->cases == cases && source->inputs == inputs && source->outputs == outputs;
    source->cases = cases;
    source->inputs = inputs;
    source->outputs = outputs;
    if (status != BP_OK)
        return status;
    return is_same ? BP_OK : bpi_fail_changed(source->reader.input->path);
}

bp_status bpi_fann_read_cases(fann_source *source, size_t first, size_t count, bp_real *inputs,
                              bp_real *targets)
{
    for (size_t i = 0; i < count; i++) {
        BPI_TRY(read_values(&source->reader, first + i, source->inputs, inputs + i * source->inputs));
        if (source->outputs > 0)
            BPI_TRY(read_values(&source->reader, first + i, source->outputs, targets + i * source->outputs));
    }
    return BP_OK;
}

/* ------------------------------------------------------------------- loading */

static bp_status load_cases(bp_dataset *dataset, fann_source *source)
{
    BPI_TRY(bpi_fann_read_cases(source, 0, source->cases, dataset->inputs, dataset->targets));
    BPI_TRY(bpi_input_check_unchanged(source->reader.input));
    return bpi_dataset_number_cases(dataset, source->reader.input->path);
}

static bp_status load(bp_dataset **out, fann_source *source, input_file *input, const bp_allocator *allocator)
{
    BPI_TRY(bpi_fann_begin(source, input, allocator));
    bp_dataset *dataset;
    BPI_TRY(
        bpi_dataset_new(&dataset, input->path, allocator, source->cases, source->inputs, source->outputs));
    bp_status status = load_cases(dataset, source);
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
    fann_source source;
    bp_status status = load(out, &source, input, allocator);
    bpi_fann_end(&source);
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
