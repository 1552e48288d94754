/* The figures of predictions as tables: bp_regression_text, bp_classification_text, bp_confusion_text,
 * bp_importance_text. */
#include <math.h>
#include <stdbool.h>

#include "base/numeric.h"
#include "base/sized_struct.h"
#include "base/text_table.h"

/* The characters of a name that are written at the left of a line, and above a column. */
enum { MOST_LEFT = 24, MOST_ABOVE = 12 };

/* The widest of `count` names, and of a heading. */
static size_t width_of_names(const char *heading, const char *const *names, size_t count, size_t most)
{
    size_t width = bpi_table_text(heading).width;
    for (size_t i = 0; i < count; i++)
        width = bpi_max(width, bpi_table_name(names, i, most).width);
    return width;
}

/* The headings of a table's columns, and how wide they are. */
typedef struct table_shape {
    size_t left;
    const char *const *headings;
    size_t count;
} table_shape;

static void write_cell(text_sink *sink, const table_shape *shape, size_t column, const table_cell *cell)
{
    enum { LEAST = 9 };
    bpi_table_right(sink, cell, bpi_max(LEAST, bpi_table_text(shape->headings[column]).width));
}

static void write_headings(text_sink *sink, const table_shape *shape)
{
    const table_cell nothing = bpi_table_text("");
    bpi_table_left(sink, &nothing, shape->left);
    for (size_t i = 0; i < shape->count; i++) {
        const table_cell cell = bpi_table_text(shape->headings[i]);
        write_cell(sink, shape, i, &cell);
    }
    bpi_text(sink, "\n");
}

/* One line: a name and a cell for each heading; empty cells at its end are left out. */
static void write_line(text_sink *sink, const table_shape *shape, const table_cell *name,
                       const table_cell *cells)
{
    size_t filled = shape->count;
    while (filled > 0 && cells[filled - 1].width == 0)
        filled--;
    bpi_table_left(sink, name, shape->left);
    for (size_t i = 0; i < filled; i++)
        write_cell(sink, shape, i, &cells[i]);
    bpi_text(sink, "\n");
}

/* How many cases, and their weight if it is another number. */
static void write_cases(text_sink *sink, size_t cases, double weight)
{
    bpi_text_format(sink, "%zu case%s", cases, cases == (size_t)1 ? "" : "s");
    if (weight != (double)cases)
        bpi_text_format(sink, " with the weight %s", bpi_table_count(weight).text);
}

/* ----------------------------------------------------------------------- regression */

static const char *const regression_headings[] = {"RMSE",       "MAE",           "R2",
                                                  "mean error", "largest error", "in case"};
enum { REGRESSION_HEADINGS = sizeof regression_headings / sizeof regression_headings[0] };

static void write_regression_line(text_sink *sink, const table_shape *shape, const table_cell *name,
                                  const bp_regression_result *found)
{
    enum { DIGITS = 5 };
    const table_cell cells[REGRESSION_HEADINGS] = {bpi_table_number(found->rmse, DIGITS),
                                                   bpi_table_number(found->mae, DIGITS),
                                                   bpi_table_number(found->r2, DIGITS),
                                                   bpi_table_number(found->mean_error, DIGITS),
                                                   bpi_table_number(found->max_abs_error, DIGITS),
                                                   bpi_table_count((double)found->worst_case)};
    write_line(sink, shape, name, cells);
}

static bp_status write_regression(const char *function, text_sink *sink, const table_shape *shape,
                                  const bp_regression_result *columns, size_t count, const char *const *names)
{
    for (size_t i = 0; i < count; i++) {
        bp_regression_result column;
        const table_cell name = bpi_table_name(names, i, MOST_LEFT);
        BPI_TRY(bpi_read_element(function, SIZED_REGRESSION_RESULT, columns, i, &column));
        write_regression_line(sink, shape, &name, &column);
    }
    return BP_OK;
}

bp_status bp_regression_text(const bp_regression_result *columns, size_t count,
                             const bp_regression_result *all, const char *const *names, char *buffer,
                             size_t capacity, size_t *needed)
{
    text_sink sink;
    bp_regression_result of_all;
    if (columns == NULL && count > 0)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: columns is NULL, but count is %zu", __func__, count);
    if (count > 0)
        BPI_TRY(bpi_check_result_structs(__func__, SIZED_REGRESSION_RESULT, "columns", columns, count));
    if (all != NULL)
        BPI_TRY(bpi_read_struct(__func__, SIZED_REGRESSION_RESULT, all, &of_all));
    BPI_TRY(bpi_text_begin(&sink, __func__, buffer, capacity));
    const table_cell name = bpi_table_text("all columns");
    const table_shape shape = {width_of_names(name.text, names, count, MOST_LEFT), regression_headings,
                               REGRESSION_HEADINGS};
    write_headings(&sink, &shape);
    BPI_TRY(write_regression(__func__, &sink, &shape, columns, count, names));
    if (all != NULL) {
        write_regression_line(&sink, &shape, &name, &of_all);
        write_cases(&sink, of_all.cases, of_all.weight);
        bpi_text(&sink, "\n");
    }
    return bpi_text_end(&sink, __func__, needed);
}

/* ------------------------------------------------------------------- classification */

static const char *const class_headings[] = {"precision", "recall", "F1", "AUC", "cases"};
enum { CLASS_HEADINGS = sizeof class_headings / sizeof class_headings[0] };

static void write_class_line(text_sink *sink, const table_shape *shape, const char *const *names,
                             size_t index, const bp_class_result *class)
{
    const table_cell name = bpi_table_name(names, index, MOST_LEFT);
    const table_cell cells[CLASS_HEADINGS] = {
        bpi_table_share(class->precision), bpi_table_share(class->recall), bpi_table_share(class->f1),
        bpi_table_share(class->auc), bpi_table_count((double)class->cases)};
    write_line(sink, shape, &name, cells);
}

static void write_means(text_sink *sink, const table_shape *shape, const bp_classification_result *result)
{
    const table_cell macro = bpi_table_text("macro mean"), weighted = bpi_table_text("weighted mean");
    const table_cell macro_cells[CLASS_HEADINGS] = {
        bpi_table_share(result->macro_precision), bpi_table_share(result->balanced_accuracy),
        bpi_table_share(result->macro_f1), bpi_table_share(result->macro_auc), bpi_table_text("")};
    const table_cell weighted_cells[CLASS_HEADINGS] = {
        bpi_table_share(result->weighted_precision), bpi_table_share(result->accuracy),
        bpi_table_share(result->weighted_f1), bpi_table_text(""), bpi_table_text("")};
    write_line(sink, shape, &macro, macro_cells);
    write_line(sink, shape, &weighted, weighted_cells);
}

static void write_summary(text_sink *sink, const bp_classification_result *result)
{
    enum { DIGITS = 4 };
    write_cases(sink, result->cases, result->weight);
    bpi_text_format(sink, ", %zu right: accuracy %s, balanced accuracy %s, top-%zu accuracy %s\n",
                    result->correct, bpi_table_share(result->accuracy).text,
                    bpi_table_share(result->balanced_accuracy).text, result->top_k,
                    bpi_table_share(result->top_k_accuracy).text);
    if (isnan(result->log_loss))
        bpi_text(sink, "no log loss and Brier score: the outputs are no probabilities\n");
    else
        bpi_text_format(sink, "log loss %s, Brier score %s\n",
                        bpi_table_number(result->log_loss, DIGITS).text,
                        bpi_table_number(result->brier, DIGITS).text);
    if (!isnan(result->threshold))
        bpi_text_format(sink, "class 1 is an output above %s\n",
                        bpi_table_number(result->threshold, DIGITS).text);
}

static bp_status write_classes(const char *function, text_sink *sink, const table_shape *shape,
                               const bp_class_result *each, size_t classes, const char *const *names)
{
    for (size_t k = 0; k < classes; k++) {
        bp_class_result class;
        BPI_TRY(bpi_read_element(function, SIZED_CLASS_RESULT, each, k, &class));
        write_class_line(sink, shape, names, k, &class);
    }
    return BP_OK;
}

bp_status bp_classification_text(const bp_classification_result *result, const bp_class_result *each,
                                 const char *const *names, char *buffer, size_t capacity, size_t *needed)
{
    text_sink sink;
    bp_classification_result read;
    BPI_REQUIRE(result);
    BPI_TRY(bpi_read_struct(__func__, SIZED_CLASSIFICATION_RESULT, result, &read));
    const size_t lines = each == NULL ? 0 : read.classes;
    if (lines > 0)
        BPI_TRY(bpi_check_result_structs(__func__, SIZED_CLASS_RESULT, "each", each, lines));
    BPI_TRY(bpi_text_begin(&sink, __func__, buffer, capacity));
    const table_shape shape = {width_of_names("weighted mean", names, lines, MOST_LEFT), class_headings,
                               CLASS_HEADINGS};
    write_headings(&sink, &shape);
    BPI_TRY(write_classes(__func__, &sink, &shape, each, lines, names));
    write_means(&sink, &shape, &read);
    write_summary(&sink, &read);
    return bpi_text_end(&sink, __func__, needed);
}

/* ------------------------------------------------------------------ confusion matrix */

static bp_status check_confusion(const char *function, const double *confusion, size_t classes)
{
    if (classes == 0)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: classes is 0, it must be >= 1", function);
    for (size_t i = 0; i < classes * classes; i++)
        if (!isfinite(confusion[i]))
            return bpi_fail(BP_ERROR_NOT_FINITE, "%s: confusion: row %zu, column %zu is %s", function,
                            i / classes, i % classes, bpi_format_real(confusion[i]).text);
    return BP_OK;
}

/* Of all columns, which have the same width. */
static size_t width_of_numbers(const double *confusion, size_t classes, const char *const *names)
{
    size_t width = width_of_names("", names, classes, MOST_ABOVE);
    for (size_t i = 0; i < classes * classes; i++)
        width = bpi_max(width, bpi_table_count(confusion[i]).width);
    return width;
}

bp_status bp_confusion_text(const double *confusion, size_t classes, const char *const *names, char *buffer,
                            size_t capacity, size_t *needed)
{
    text_sink sink;
    BPI_REQUIRE(confusion);
    BPI_TRY(check_confusion(__func__, confusion, classes));
    BPI_TRY(bpi_text_begin(&sink, __func__, buffer, capacity));
    const table_cell corner = bpi_table_text("true \\ predicted");
    const size_t left = width_of_names(corner.text, names, classes, MOST_LEFT);
    const size_t width = width_of_numbers(confusion, classes, names);
    bpi_table_left(&sink, &corner, left);
    for (size_t k = 0; k < classes; k++) {
        const table_cell name = bpi_table_name(names, k, MOST_ABOVE);
        bpi_table_right(&sink, &name, width);
    }
    for (size_t i = 0; i < classes * classes; i++) {
        const table_cell name = bpi_table_name(names, i / classes, MOST_LEFT);
        const table_cell number = bpi_table_count(confusion[i]);
        if (i % classes == 0) {
            bpi_text(&sink, "\n");
            bpi_table_left(&sink, &name, left);
        }
        bpi_table_right(&sink, &number, width);
    }
    bpi_text(&sink, "\n");
    return bpi_text_end(&sink, __func__, needed);
}

/* ----------------------------------------------------------------------- importances */

static const char *const importance_headings[] = {"increase", "deviation"};
enum { IMPORTANCE_HEADINGS = sizeof importance_headings / sizeof importance_headings[0] };

/* A group with its importance. */
typedef struct ranked_group {
    size_t index;
    bp_importance importance;
} ranked_group;

/* Of equal ones the first is the more important. */
static bool is_more_important(const ranked_group *a, const ranked_group *b)
{
    const double difference = a->importance.increase - b->importance.increase;
    return difference > 0 || (difference == 0 && a->index < b->index);
}

/* The most important group of those below `above`; NULL: of all. */
static bp_status find_next_group(const char *function, const bp_importance *each, size_t count,
                                 const ranked_group *above, ranked_group *next)
{
    bool found = false;
    for (size_t i = 0; i < count; i++) {
        ranked_group group = {.index = i};
        BPI_TRY(bpi_read_element(function, SIZED_IMPORTANCE, each, i, &group.importance));
        if (!isfinite(group.importance.increase))
            return bpi_fail(BP_ERROR_NOT_FINITE, "%s: each[%zu].increase is %s", function, i,
                            bpi_format_real(group.importance.increase).text);
        const bool is_left = above == NULL || is_more_important(above, &group);
        if (is_left && (!found || is_more_important(&group, next)))
            *next = group;
        found |= is_left;
    }
    return BP_OK;
}

bp_status bp_importance_text(const bp_importance *each, size_t count, const char *const *names, char *buffer,
                             size_t capacity, size_t *needed)
{
    enum { DIGITS = 4 };
    text_sink sink;
    ranked_group group, above;
    BPI_REQUIRE(each);
    if (count == 0)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: count is 0, it must be >= 1", __func__);
    BPI_TRY(bpi_check_result_structs(__func__, SIZED_IMPORTANCE, "each", each, count));
    BPI_TRY(find_next_group(__func__, each, count, NULL, &group));
    BPI_TRY(bpi_text_begin(&sink, __func__, buffer, capacity));
    const table_shape shape = {width_of_names("column", names, count, MOST_LEFT), importance_headings,
                               IMPORTANCE_HEADINGS};
    write_headings(&sink, &shape);
    for (size_t i = 0; i < count; i++) {
        const table_cell name = bpi_table_name(names, group.index, MOST_LEFT);
        const table_cell cells[IMPORTANCE_HEADINGS] = {bpi_table_number(group.importance.increase, DIGITS),
                                                       bpi_table_number(group.importance.deviation, DIGITS)};
        write_line(&sink, &shape, &name, cells);
        above = group;
        BPI_TRY(find_next_group(__func__, each, count, &above, &group));
    }
    return bpi_text_end(&sink, __func__, needed);
}
