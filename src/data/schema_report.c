/* The figures of a table's targets as text. */
#include <stdio.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/text_sink.h"
#include "data/schema.h"

/* What the parts of a report share. */
typedef struct report {
    const char *function;
    const bp_schema *schema;
    const bp_real *outputs;
    const bp_data *data;
    text_sink sink;
} report;

static bp_status fail_memory(const report *r)
{
    return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the figures", r->function);
}

static void write_heading(report *r, const schema_column *column)
{
    if (r->schema->target_count > 1 && column->name != NULL)
        bpi_text_format(&r->sink, "%s\n", column->name);
}

/* -------------------------------------------------------------------------- classes */

/* The memory for the figures of one target. */
typedef struct class_figures {
    bp_classification_result result;
    bp_class_result *each;
    double *confusion;
} class_figures;

/* Writes both tables to `text`, or finds how long each is. */
static bp_status write_class_tables(const class_figures *figures, const schema_column *column, char *text,
                                    size_t lengths[2])
{
    const char *const *names = (const char *const *)column->categories;
    char *second = text == NULL ? NULL : text + lengths[0] - 1;
    BPI_TRY(bp_classification_text(&figures->result, figures->each, names, text,
                                   text == NULL ? 0 : lengths[0], &lengths[0]));
    return bp_confusion_text(figures->confusion, column->category_count, names, second,
                             second == NULL ? 0 : lengths[1], &lengths[1]);
}

static bp_status measure_classes(report *r, const schema_column *column, class_figures *figures)
{
    bp_classification_options options;
    bp_classification_options_init(&options, sizeof options);
    options.allocator = r->schema->allocator;
    options.first_column = column->first;
    options.columns = column->width;
    bp_class_result_init(figures->each, sizeof *figures->each, column->width == 1 ? 2 : column->width);
    bp_classification_result_init(&figures->result, sizeof figures->result);
    return bpi_rename_function("bp_classification_metrics", r->function,
                               bp_classification_metrics(r->outputs, r->data, &options, figures->confusion,
                                                         figures->each, &figures->result));
}

static bp_status report_measured_classes(report *r, const schema_column *column, class_figures *figures)
{
    size_t lengths[2], length;
    BPI_TRY(measure_classes(r, column, figures));
    BPI_TRY(write_class_tables(figures, column, NULL, lengths));
    if (!bpi_add(lengths[0], lengths[1], &length))
        return fail_memory(r);
    char *text = bpi_allocate(&r->schema->allocator, length, 1);
    if (text == NULL)
        return fail_memory(r);
    bp_status status = write_class_tables(figures, column, text, lengths);
    if (status == BP_OK)
        bpi_text(&r->sink, text);
    bpi_release(&r->schema->allocator, text);
    return status;
}

static bp_status report_classes(report *r, const schema_column *column)
{
    const bp_allocator *allocator = &r->schema->allocator;
    const size_t count = column->width == 1 ? 2 : column->width; /* as bp_classification_metrics has it */
    class_figures figures = {.each = bpi_allocate(allocator, count, sizeof *figures.each),
                             .confusion = bpi_allocate(allocator, count, count * sizeof *figures.confusion)};
    bp_status status = figures.each == NULL || figures.confusion == NULL
                           ? fail_memory(r)
                           : report_measured_classes(r, column, &figures);
    bpi_release(allocator, figures.each);
    bpi_release(allocator, figures.confusion);
    return status;
}

/* -------------------------------------------------------------------------- numbers */

/* A column without a name has its number, as in the listing of the schema. */
static bp_status report_number(report *r, const schema_column *column, bp_regression_result *columns)
{
    enum { LENGTH = 1024 }; /* a heading and a line */
    char text[LENGTH], number[40];
    snprintf(number, sizeof number, "column %zu", (size_t)(column - r->schema->columns) + 1);
    const char *name = column->name == NULL ? number : column->name;
    BPI_TRY(bp_regression_text(&columns[column->first], 1, NULL, &name, text, sizeof text, NULL));
    bpi_text(&r->sink, text);
    return BP_OK;
}

/* ------------------------------------------------------------------------- the whole */

static bp_status report_targets(report *r, bp_regression_result *columns)
{
    bp_regression_result_init(columns, sizeof *columns, r->schema->target_width);
    BPI_TRY(bpi_rename_function("bp_regression_metrics", r->function,
                                bp_regression_metrics(r->outputs, r->data, columns, NULL)));
    for (size_t i = 0; i < r->schema->column_count; i++) {
        const schema_column *column = &r->schema->columns[i];
        if (column->role != BP_ROLE_TARGET)
            continue;
        if (column->kind == BP_COLUMN_CATEGORY) {
            write_heading(r, column);
            BPI_TRY(report_classes(r, column));
        } else
            BPI_TRY(report_number(r, column, columns));
    }
    return BP_OK;
}

bp_status bp_schema_report(const bp_schema *schema, const bp_real *outputs, const bp_data *data, char *buffer,
                           size_t capacity, size_t *needed)
{
    BPI_TRY(bpi_schema_require_learned(__func__, schema));
    BPI_REQUIRE(outputs);
    BPI_REQUIRE(data);
    if (schema->target_count == 0)
        return bpi_fail(BP_ERROR_STATE, "%s: the schema has no targets", __func__);
    if (data->target_width != schema->target_width)
        return bpi_fail(BP_ERROR_SIZE, "%s: data.target_width is %zu, but the schema has %zu targets",
                        __func__, data->target_width, schema->target_width);
    report r = {.function = __func__, .schema = schema, .outputs = outputs, .data = data};
    BPI_TRY(bpi_text_begin(&r.sink, __func__, buffer, capacity));
    bp_regression_result *columns = bpi_allocate(&schema->allocator, schema->target_width, sizeof *columns);
    bp_status status = columns == NULL ? fail_memory(&r) : report_targets(&r, columns);
    bpi_release(&schema->allocator, columns);
    BPI_TRY(status);
    return bpi_text_end(&r.sink, __func__, needed);
}
