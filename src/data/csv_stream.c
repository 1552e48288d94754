/* Streams over CSV files. */
#include <string.h>

#include "base/memory.h"
#include "base/read_file.h"
#include "base/status.h"
#include "data/csv.h"
#include "data/schema_match.h"
#include "data/table_fills.h"
#include "data/table_header.h"
#include "data/table_learner.h"
#include "data/table_reader.h"
#include "engine/stream.h"

typedef struct csv_stream {
    bp_csv_options options; /* a copy; of what is borrowed it has the markers alone */
    char *path;
    char **markers;
    input_file input; /* without a path if it is not open */
    csv_reader reader;
    bp_schema *schema;
    table_reader table;
    bool is_learned_here, has_header;
    bool has_record;                        /* the reader has read a case that is not used yet */
    bool is_open, has_targets, has_weights; /* as the table had them when it was opened */
    stream_counts counts;
} csv_stream;

/* ------------------------------------------------------------------------ learning */

static bp_status rewind_to_records(csv_stream *stream)
{
    BPI_TRY(bpi_csv_reader_rewind(&stream->reader));
    return bpi_csv_skip_lines(&stream->reader, stream->options.skip_lines);
}

/* The first record, which must be there. */
static bp_status read_first(csv_stream *stream)
{
    bool found;
    BPI_TRY(bpi_csv_next_record(&stream->reader, &found));
    return found ? BP_OK : bpi_fail(BP_ERROR_FORMAT, "%s: no cases", stream->input.path);
}

/* The same, of which a delimiter at the end of every line is no part. */
static bp_status read_first_of_table(csv_stream *stream)
{
    csv_reader *reader = &stream->reader;
    BPI_TRY(read_first(stream));
    if (bpi_csv_ends_in_delimiter(reader, reader->field_count - 1)) {
        BPI_TRY(bpi_find_last_delimiters(reader));
        BPI_TRY(rewind_to_records(stream));
        BPI_TRY(read_first(stream));
    }
    return bpi_complete_names(reader, &stream->options);
}

static bp_status learn_records(csv_stream *stream, table_learner *learner)
{
    bool found = true;
    while (found) {
        BPI_TRY(bpi_csv_next_record(&stream->reader, &found));
        if (found)
            BPI_TRY(bpi_table_learner_add(learner));
    }
    return BP_OK;
}

/* From the caller's options, whose rules and classes are needed now. */
static bp_status learn(csv_stream *stream, table_learner *learner, const bp_csv_options *options)
{
    BPI_TRY(read_first_of_table(stream));
    BPI_TRY(bpi_table_learner_begin(learner, &stream->reader, options));
    BPI_TRY(learn_records(stream, learner));
    BPI_TRY(bpi_table_learner_decide_header(learner));
    stream->has_header = learner->has_header;
    while (bpi_table_learner_needs_more(learner)) {
        BPI_TRY(rewind_to_records(stream));
        if (stream->has_header)
            BPI_TRY(read_first(stream));
        BPI_TRY(learn_records(stream, learner));
    }
    return bpi_table_learner_finish(learner, &stream->schema);
}

/* ------------------------------------------------------------------------- records */

/* To the first case of a table that is read by its own schema. */
static bp_status begin_own_table(csv_stream *stream)
{
    stream->has_record = false;
    return stream->has_header ? read_first(stream) : BP_OK;
}

/* The same by the schema of another one: whose columns are found anew. */
static bp_status begin_other_table(csv_stream *stream)
{
    bool is_case;
    bpi_table_reader_clear(&stream->table);
    BPI_TRY(
        bpi_table_reader_begin(&stream->table, &stream->reader, stream->schema, &stream->options, &is_case));
    if (!is_case)
        BPI_TRY(bpi_csv_next_record(&stream->reader, &is_case));
    if (is_case)
        bpi_table_reader_look_for_targets(&stream->table);
    stream->has_record = is_case;
    return BP_OK;
}

static bp_status begin_table(csv_stream *stream)
{
    return stream->is_learned_here ? begin_own_table(stream) : begin_other_table(stream);
}

/* The next row that is not left out; *found is false at the end. */
static bp_status read_row(csv_stream *stream, const table_row *row, bool *found)
{
    const size_t before = stream->table.rows;
    do {
        *found = stream->has_record;
        stream->has_record = false;
        if (!*found)
            BPI_TRY(bpi_csv_next_record(&stream->reader, found));
        if (*found)
            BPI_TRY(bpi_table_reader_read(&stream->table, row));
    } while (*found && stream->table.rows == before);
    return BP_OK;
}

/* -------------------------------------------------------------------- the source */

static bp_status read_rows(csv_stream *stream, size_t count, const bp_data *to, size_t *rows)
{
    bool found = true;
    *rows = 0;
    while (*rows < count && found) {
        size_t group;
        bp_real weight;
        const table_row row = {
            .inputs = (bp_real *)to->inputs + *rows * to->input_width,
            .targets = to->targets == NULL ? NULL : (bp_real *)to->targets + *rows * to->target_width,
            .weight = to->case_weights == NULL ? &weight : (bp_real *)to->case_weights + *rows,
            .group = &group};
        BPI_TRY(read_row(stream, &row, &found));
        *rows += found;
    }
    stream->counts = (stream_counts){stream->table.skipped, stream->table.filled, stream->table.unknown};
    return found ? BP_OK : bpi_input_check_unchanged(&stream->input);
}

/* Numbers are read in the C locale. */
static bp_status enter_locale(const csv_stream *stream, c_locale *locale)
{
    if (bpi_c_locale_enter(locale))
        return BP_OK;
    return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the C locale", stream->path);
}

static bp_status read_cases(void *context, size_t count, bp_real *inputs, bp_real *targets,
                            bp_real *case_weights, size_t *cases)
{
    csv_stream *stream = context;
    bp_data to =
        bp_data_view(count, inputs, stream->schema->input_width, targets, stream->schema->target_width);
    to.case_weights = case_weights;
    c_locale locale;
    BPI_TRY(enter_locale(stream, &locale));
    bp_status status = read_rows(stream, count, &to, cases);
    bpi_c_locale_leave(&locale);
    return status;
}

/* In another file of the same name there may be targets where there were none. */
static bp_status check_columns(const csv_stream *stream)
{
    const table_reader *table = &stream->table;
    if (!stream->is_open ||
        (table->has_targets == stream->has_targets && table->has_weights == stream->has_weights))
        return BP_OK;
    return bpi_fail_changed(stream->path);
}

static bp_status rewind_in_c_locale(csv_stream *stream)
{
    BPI_TRY(bpi_input_check_unchanged(&stream->input));
    BPI_TRY(rewind_to_records(stream));
    BPI_TRY(begin_table(stream));
    BPI_TRY(check_columns(stream));
    stream->table.rows = stream->table.skipped = stream->table.filled = stream->table.unknown = 0;
    stream->counts = (stream_counts){0};
    return BP_OK;
}

static bp_status rewind_table(void *context)
{
    csv_stream *stream = context;
    c_locale locale;
    BPI_TRY(enter_locale(stream, &locale));
    bp_status status = rewind_in_c_locale(stream);
    bpi_c_locale_leave(&locale);
    return status;
}

/* ----------------------------------------------------------------- filling in */

/* Finds what is filled in, from the rows as they are without it. */
static bp_status add_rows_to_fills(csv_stream *stream, table_fills *fills, const table_row *row)
{
    bool found = true;
    stream->table.leaves_unknown_open = true;
    while (found) {
        BPI_TRY(read_row(stream, row, &found));
        if (found)
            bpi_table_fills_add(fills, row->inputs);
    }
    stream->table.leaves_unknown_open = false;
    bpi_table_fills_set(fills, stream->schema);
    return BP_OK;
}

static bp_status find_fills(csv_stream *stream)
{
    const bp_allocator *allocator = &stream->options.allocator;
    const bp_schema *schema = stream->schema;
    table_fills fills;
    bp_real weight;
    size_t group;
    table_row row = {.weight = &weight, .group = &group};
    BPI_TRY(bpi_table_fills_create(&fills, stream->path, schema, allocator));
    if (fills.count == 0)
        return BP_OK;
    bp_status status = rewind_in_c_locale(stream);
    row.inputs = bpi_allocate(allocator, schema->input_width, sizeof *row.inputs);
    row.targets = bpi_allocate(allocator, schema->target_width, sizeof *row.targets);
    if (status == BP_OK && (row.inputs == NULL || row.targets == NULL))
        status = bpi_fail(BP_ERROR_MEMORY, "%s: no memory for a row", stream->path);
    if (status == BP_OK)
        status = add_rows_to_fills(stream, &fills, &row);
    bpi_release(allocator, row.inputs);
    bpi_release(allocator, row.targets);
    bpi_table_fills_release(&fills, allocator);
    return status;
}

/* ------------------------------------------------------------- opening, releasing */

static void release(void *context)
{
    csv_stream *stream = context;
    const bp_allocator allocator = stream->options.allocator;
    bpi_table_reader_clear(&stream->table);
    if (stream->reader.allocator != NULL)
        bpi_csv_reader_clear(&stream->reader);
    bp_schema_destroy(stream->schema);
    if (stream->input.path != NULL)
        bpi_input_close(&stream->input);
    bpi_release_strings(&allocator, stream->markers, stream->options.missing_marker_count);
    bpi_release(&allocator, stream->path);
    bpi_release(&allocator, stream);
}

/* The options that reading needs, with markers of its own. */
static bp_status keep_options(csv_stream *stream, const bp_csv_options *options, const char *path)
{
    stream->path = bpi_copy_string(&options->allocator, path);
    if (stream->path == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for its name", path);
    stream->options.classes_of = NULL;
    stream->options.schema = NULL;
    stream->options.target_name = NULL;
    if (options->missing_markers == NULL)
        return BP_OK;
    BPI_TRY(bpi_copy_strings(&stream->markers, path, &options->allocator, options->missing_markers,
                             options->missing_marker_count));
    stream->options.missing_markers = (const char *const *)stream->markers;
    return BP_OK;
}

static bp_status open_input(csv_stream *stream)
{
    bp_status status = bpi_input_open_any(&stream->input, stream->path, &stream->options.allocator);
    if (status != BP_OK)
        stream->input.path = NULL;
    return status;
}

/* A schema of its own, or a copy of the learned one in the options. */
static bp_status find_schema(csv_stream *stream, const bp_csv_options *options)
{
    stream->is_learned_here = options->schema == NULL || !options->schema->is_learned;
    if (!stream->is_learned_here)
        return bpi_schema_copy(&stream->schema, stream->path, options->schema, &options->allocator);
    table_learner learner = {0};
    bp_status status = learn(stream, &learner, options);
    bpi_table_learner_clear(&learner);
    BPI_TRY(status);
    return bpi_table_reader_init(&stream->table, &stream->reader, stream->schema, &stream->options);
}

static bp_status open_in_c_locale(csv_stream *stream, const bp_csv_options *options)
{
    BPI_TRY(bpi_csv_reader_init(&stream->reader, &stream->options.allocator, &stream->input,
                                options->delimiter, (char)options->decimal_point));
    BPI_TRY(bpi_csv_skip_lines(&stream->reader, options->skip_lines));
    BPI_TRY(find_schema(stream, options));
    if (stream->is_learned_here)
        BPI_TRY(find_fills(stream));
    return rewind_in_c_locale(stream);
}

static bp_status open_stream(csv_stream *stream, const bp_csv_options *options, const char *path)
{
    c_locale locale;
    BPI_TRY(keep_options(stream, options, path));
    BPI_TRY(open_input(stream));
    BPI_TRY(bpi_input_unpack(&stream->input, &stream->options.allocator));
    BPI_TRY(enter_locale(stream, &locale));
    bp_status status = open_in_c_locale(stream, options);
    bpi_c_locale_leave(&locale);
    return status;
}

static bp_status check_schema(const stream_use *use, const bp_schema *schema, const bp_network *net,
                              bool with_targets)
{
    const bp_schema *known = bp_network_schema(net);
    return known == NULL ? BP_OK : bpi_schema_match(use->function, use->name, schema, known, with_targets);
}

/* May a target be missing? */
static bool keeps_missing(const bp_schema *schema)
{
    for (size_t i = 0; i < schema->column_count; i++)
        if (bpi_keeps_missing(&schema->columns[i]))
            return true;
    return false;
}

static bp_status make_stream(bp_stream **out, csv_stream *context)
{
    const table_reader *table = &context->table;
    context->is_open = true;
    context->has_targets = table->has_targets;
    context->has_weights = table->has_weights;
    const bp_stream_source source = {.size = sizeof source,
                                     .input_width = context->schema->input_width,
                                     .target_width = table->has_targets ? context->schema->target_width : 0,
                                     .has_case_weights = table->has_weights,
                                     .read = read_cases,
                                     .rewind = rewind_table,
                                     .release = release,
                                     .context = context,
                                     .missing_targets = table->has_targets && keeps_missing(context->schema)};
    bp_stream *stream;
    BPI_TRY(bpi_stream_new(&stream, "bp_stream_open_csv", &source, &context->options.allocator));
    stream->has_messages = true;
    stream->schema = context->schema;
    stream->check_schema = check_schema;
    stream->counts = &context->counts;
    *out = stream;
    return BP_OK;
}

bp_status bp_stream_open_csv(bp_stream **out, const char *path, const bp_csv_options *options)
{
    BPI_REQUIRE(out);
    BPI_REQUIRE(path);
    bp_csv_options checked;
    BPI_TRY(bpi_csv_check_options(__func__, options, &checked));
    csv_stream *context = bpi_allocate_zeroed(&checked.allocator, 1, sizeof *context);
    if (context == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for a stream", __func__);
    context->options = checked;
    context->options.missing_marker_count =
        checked.missing_markers == NULL ? 0 : checked.missing_marker_count;
    bp_status status = open_stream(context, &checked, path);
    if (status == BP_OK)
        status = make_stream(out, context);
    if (status != BP_OK)
        release(context);
    return status;
}
