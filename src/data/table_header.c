#include "data/table_header.h"

#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "data/csv_number.h"
#include "data/missing_marker.h"

/* What the first record's field in a column says. */
typedef enum header_evidence { SAYS_NOTHING, SAYS_CASE, SAYS_HEADER } header_evidence;

/* A field among numbers is a name unless it is a number. One among words is a case if it comes again; it is
 * a name if the others come again, most of them, but it does not. */
static header_evidence weigh(const table_learner *learner, size_t index)
{
    const column_learner *column = &learner->columns[index];
    const schema_column *header = &learner->schema->columns[index];
    const char *text = header->name;
    const csv_field field = {.text = header->name};
    double value;
    if (bpi_is_missing(learner->options, header, text) ||
        (!column->is_used && column->numbers < learner->records)) /* its words were not looked at */
        return SAYS_NOTHING;
    const bool is_number = bpi_csv_number(learner->reader, &field, &value) != NUMBER_NONE;
    if (column->words == 0 && column->numbers > 0)
        return is_number ? SAYS_CASE : SAYS_HEADER;
    if (column->words == 0 || is_number)
        return is_number ? SAYS_CASE : SAYS_NOTHING;
    if (bpi_word_set_find(&column->texts, text) < column->texts.count)
        return SAYS_CASE;
    return column->words >= 2 * column->texts.count ? SAYS_HEADER : SAYS_NOTHING;
}

/* The first record says nothing. Where numbers have a word among them, that may be a second header. */
static bp_status fail_unknown_header(const table_learner *learner, const char *here, const char *advice)
{
    for (size_t i = 0; i < learner->column_count; i++) {
        const column_learner *seen = &learner->columns[i];
        if (seen->words > 0 && seen->numbers > 0)
            return bpi_fail(
                BP_ERROR_FORMAT,
                "%s: is this a header? Column %s has numbers, but also '%s' in line %zu: %s; if the "
                "table begins below, options.skip_lines leaves out what is above",
                here, bpi_column_label(learner->schema->columns, i).text, seen->first_word,
                seen->first_word_line, advice);
    }
    return bpi_fail(BP_ERROR_FORMAT, "%s: is this a header? No column has numbers: %s", here, advice);
}

static bp_status fail_header(const table_learner *learner, size_t name, size_t other)
{
    const schema_column *columns = learner->schema->columns;
    const char *advice = "set options.header to BP_CSV_HEADER_YES if this line names the columns, to "
                         "BP_CSV_HEADER_NO if it is a case";
    const csv_place here = bpi_csv_place(learner->reader, learner->first_line);
    if (other == learner->column_count)
        return fail_unknown_header(learner, here.text, advice);
    return bpi_fail(
        BP_ERROR_FORMAT,
        "%s: column %zu: '%s' looks like the name of a column, but '%s' in column %zu like a cell: "
        "%s, or options.skip_lines%s",
        here.text, name + 1, bpi_csv_excerpt(columns[name].name).text,
        bpi_csv_excerpt(columns[other].name).text, other + 1, advice,
        bpi_csv_delimiter_hint(learner->reader).text);
}

bp_status bpi_find_header(const table_learner *learner, bool *has_header)
{
    const size_t columns = learner->column_count;
    size_t name = columns, cell = columns; /* the first column that says so */
    for (size_t i = columns; i-- > 0;) {
        const header_evidence evidence = weigh(learner, i);
        name = evidence == SAYS_HEADER ? i : name;
        cell = evidence == SAYS_CASE ? i : cell;
    }
    if (name < columns && cell < columns)
        return fail_header(learner, name, cell);
    if (learner->records == 0) {
        *has_header = cell == columns;
        return BP_OK;
    }
    if (name == columns && cell == columns)
        return fail_header(learner, name, cell);
    *has_header = name < columns;
    return BP_OK;
}

bp_status bpi_find_last_delimiters(csv_reader *reader)
{
    bool found = true;
    while (found && bpi_csv_ends_in_delimiter(reader, reader->field_count - 1))
        BPI_TRY(bpi_csv_next_record(reader, &found));
    reader->drops_last = !found;
    return BP_OK;
}

bool bpi_has_names(const bp_csv_options *options)
{
    return options->header == BP_CSV_HEADER_YES || options->header == BP_CSV_HEADER_ROW_NAMES;
}

bp_status bpi_complete_names(csv_reader *reader, const bp_csv_options *options)
{
    static char empty[] = "";
    if (options->header != BP_CSV_HEADER_ROW_NAMES)
        return BP_OK;
    if (!bpi_grow(reader->allocator, (void **)&reader->fields, &reader->field_capacity, reader->field_count,
                  sizeof *reader->fields))
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for %zu fields", reader->input->path,
                        reader->field_count + 1);
    memmove(reader->fields + 1, reader->fields, reader->field_count * sizeof *reader->fields);
    reader->fields[0] = (csv_field){.text = empty};
    reader->field_count++;
    return BP_OK;
}
