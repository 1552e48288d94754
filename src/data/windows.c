/* Sliding windows over the rows of series: as a copy, or as a view. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/sized_struct.h"
#include "base/status.h"
#include "data/dataset.h"
#include "data/input_names.h"
#include "engine/check_data.h"

static const bp_window_options default_options = {.size = sizeof default_options, .horizon = 1, .step = 1};

void bp_window_options_init(bp_window_options *options, size_t size)
{
    bpi_init_struct(SIZED_WINDOW_OPTIONS, options, size, &default_options);
}

/* Some columns of the rows; those of targets are numbered on from the inputs. NULL: from `first` on. */
typedef struct column_list {
    const size_t *columns;
    size_t first, count;
} column_list;

static size_t column_of(const column_list *list, size_t index)
{
    return list->columns == NULL ? list->first + index : list->columns[index];
}

/* What a window is made of, in rows counted from its first one. */
typedef struct window_shape {
    const char *function;
    bp_window_options options;
    column_list inputs, targets;
    size_t first_target, target_rows; /* 0 rows: no targets */
    size_t span;                      /* rows from its first to its last target */
    size_t input_width, target_width; /* of all rows together */
} window_shape;

/* ------------------------------------------------------------------------------ options */

static bp_status check_columns(const char *function, const char *name, const column_list *list,
                               size_t columns)
{
    if ((list->columns == NULL) != (list->count == 0))
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: options.%ss is %s, but options.%s_count is %zu", function,
                        name, list->columns == NULL ? "NULL" : "set", name, list->count);
    for (size_t i = 0; i < list->count; i++)
        if (list->columns[i] >= columns)
            return bpi_fail(BP_ERROR_SIZE, "%s: options.%ss[%zu] is %zu, but the rows have %zu columns",
                            function, name, i, list->columns[i], columns);
    return BP_OK;
}

static bp_status check_options(const char *function, const bp_window_options *options)
{
    if (options->width == 0)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: options.width is 0; it must be set", function);
    if (options->step == 0)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: options.step is 0, it must be >= 1", function);
    if (options->each_step > 1)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: options.each_step is %zu, it must be 0 or 1", function,
                        options->each_step);
    if (options->each_step && options->horizon != 1)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: options.horizon is %zu, but with each_step it must be 1",
                        function, options->horizon);
    if (options->horizon == 0 && (options->gap > 0 || options->target_count > 0))
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: options.horizon is 0, so there can be no %s", function,
                        options->gap > 0 ? "gap" : "targets");
    if ((options->lengths == NULL) != (options->length_count == 0))
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: options.lengths is %s, but options.length_count is %zu",
                        function, options->lengths == NULL ? "NULL" : "set", options->length_count);
    return BP_OK;
}

static bp_status choose_columns(window_shape *shape, size_t row_inputs, size_t row_targets)
{
    const bp_window_options *options = &shape->options;
    const char *function = shape->function;
    shape->inputs = (column_list){options->inputs, 0, options->input_count};
    shape->targets = (column_list){options->targets, row_targets > 0 ? row_inputs : 0, options->target_count};
    BPI_TRY(check_columns(function, "input", &shape->inputs, row_inputs + row_targets));
    BPI_TRY(check_columns(function, "target", &shape->targets, row_inputs + row_targets));
    if (options->inputs == NULL)
        shape->inputs.count = row_inputs;
    if (options->targets == NULL)
        shape->targets.count = row_targets > 0 ? row_targets : row_inputs;
    return BP_OK;
}

static bp_status find_span(window_shape *shape)
{
    const bp_window_options *options = &shape->options;
    const size_t before = options->each_step ? 1 : options->width;
    shape->target_rows = options->each_step ? options->width : options->horizon;
    bool fits = bpi_add(before, options->gap, &shape->first_target) &&
                bpi_add(shape->first_target, shape->target_rows, &shape->span) &&
                bpi_multiply(options->width, shape->inputs.count, &shape->input_width) &&
                bpi_multiply(shape->target_rows, shape->targets.count, &shape->target_width);
    return fits ? BP_OK
                : bpi_fail(BP_ERROR_OVERFLOW, "%s: a window of %zu rows is more than a size can count",
                           shape->function, options->width);
}

static bp_status find_shape(window_shape *shape, const char *function, const bp_window_options *options,
                            size_t row_inputs, size_t row_targets)
{
    shape->function = function;
    BPI_TRY(bpi_read_struct(function, SIZED_WINDOW_OPTIONS, options, &shape->options));
    BPI_TRY(check_options(function, &shape->options));
    BPI_TRY(choose_columns(shape, row_inputs, row_targets));
    return find_span(shape);
}

/* Of a series of so many rows. */
static size_t count_windows(const window_shape *shape, size_t rows)
{
    return rows < shape->span ? 0 : (rows - shape->span) / shape->options.step + 1;
}

static bp_status fail_too_short(const window_shape *shape)
{
    return bpi_fail(BP_ERROR_ARGUMENT,
                    "%s: a window takes %zu rows with its targets, but no series has so many",
                    shape->function, shape->span);
}

/* ----------------------------------------------------------------------------- series */

/* A row of a series, and where it stands in the dataset. */
typedef struct series_row {
    size_t series, origin, index;
} series_row;

static int compare_rows(const void *a, const void *b)
{
    const series_row *x = a, *y = b;
    if (x->series != y->series)
        return x->series < y->series ? -1 : 1;
    return (x->origin > y->origin) - (x->origin < y->origin);
}

static bp_status check_lengths(const window_shape *shape, size_t rows)
{
    const bp_window_options *options = &shape->options;
    size_t sum = 0;
    for (size_t i = 0; i < options->length_count; i++)
        if (!bpi_add(sum, options->lengths[i], &sum))
            sum = SIZE_MAX;
    if (options->length_count > 0 && sum != rows)
        return bpi_fail(BP_ERROR_SIZE, "%s: options.lengths add up to %zu rows, but there are %zu",
                        shape->function, sum, rows);
    return BP_OK;
}

/* Numbers the series of sorted rows by their lengths. */
static void number_by_lengths(series_row *rows, const bp_window_options *options)
{
    for (size_t i = 0; i < options->length_count; i++)
        for (size_t k = 0; k < options->lengths[i]; k++)
            (rows++)->series = i;
}

/* The rows, one series after another. MEMORY; the caller releases them. */
static bp_status sort_rows(series_row **out, const window_shape *shape, const bp_dataset *dataset)
{
    const bool has_lengths = shape->options.lengths != NULL;
    series_row *rows = bpi_allocate(&dataset->allocator, dataset->cases, sizeof *rows);
    if (rows == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the order of %zu rows", shape->function,
                        dataset->cases);
    for (size_t i = 0; i < dataset->cases; i++)
        rows[i] = (series_row){dataset->groups == NULL || has_lengths ? 0 : dataset->groups[i],
                               dataset->origin[i], i};
    qsort(rows, dataset->cases, sizeof *rows, compare_rows);
    number_by_lengths(rows, &shape->options);
    *out = rows;
    return BP_OK;
}

/* The rows of the series that begins at rows[first]. */
static size_t series_length(const series_row *rows, size_t count, size_t first)
{
    size_t end = first;
    while (end < count && rows[end].series == rows[first].series)
        end++;
    return end - first;
}

/* Counts the windows of all series, and the series that have none. */
static size_t count_all(const window_shape *shape, const series_row *rows, size_t count, size_t *too_short)
{
    size_t windows = 0;
    *too_short = 0;
    for (size_t i = 0; i < shape->options.length_count; i++)
        *too_short += shape->options.lengths[i] == 0;
    for (size_t first = 0, length; first < count; first += length) {
        length = series_length(rows, count, first);
        windows += count_windows(shape, length);
        *too_short += length < shape->span;
    }
    return windows;
}

/* ------------------------------------------------------------------------------- copying */

static bp_real cell_of(const bp_dataset *dataset, size_t row, size_t column)
{
    if (column < dataset->input_width)
        return dataset->inputs[row * dataset->input_width + column];
    return dataset->targets[row * dataset->target_width + column - dataset->input_width];
}

/* Copies columns of `count` rows, row after row. */
static void copy_columns(bp_real *to, const bp_dataset *from, const series_row *rows, size_t count,
                         const column_list *list)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < list->count; k++)
            *to++ = cell_of(from, rows[i].index, column_of(list, k));
}

static void copy_window(bp_dataset *windows, size_t index, const bp_dataset *from, const window_shape *shape,
                        const series_row *rows)
{
    const size_t last = shape->options.width - 1;
    copy_columns(windows->inputs + index * windows->input_width, from, rows, shape->options.width,
                 &shape->inputs);
    if (shape->target_rows > 0)
        copy_columns(windows->targets + index * windows->target_width, from, rows + shape->first_target,
                     shape->target_rows, &shape->targets);
    if (windows->case_weights != NULL)
        windows->case_weights[index] =
            from->case_weights[rows[shape->target_rows > 0 ? shape->first_target : last].index];
    if (windows->groups != NULL)
        windows->groups[index] = rows[0].series;
}

static void copy_windows(bp_dataset *windows, const bp_dataset *from, const window_shape *shape,
                         const series_row *rows)
{
    size_t index = 0;
    for (size_t first = 0, length; first < from->cases; first += length) {
        length = series_length(rows, from->cases, first);
        const size_t count = count_windows(shape, length);
        for (size_t i = 0; i < count; i++)
            copy_window(windows, index++, from, shape, rows + first + i * shape->options.step);
    }
}

/* Are the targets the classes of one row? */
static bool have_classes(const bp_dataset *from, const window_shape *shape)
{
    if (from->class_names == NULL || shape->target_rows != 1 || shape->targets.count != from->target_width)
        return false;
    for (size_t k = 0; k < shape->targets.count; k++)
        if (column_of(&shape->targets, k) != from->input_width + k)
            return false;
    return true;
}

static bp_status add_arrays(bp_dataset *windows, const bp_dataset *from, const window_shape *shape)
{
    const bp_allocator *allocator = &windows->allocator;
    windows->missing_targets = shape->target_rows > 0 ? from->missing_targets : 0;
    if (from->case_weights != NULL)
        windows->case_weights = bpi_allocate(allocator, windows->cases, sizeof *windows->case_weights);
    const bool has_series = shape->options.lengths != NULL || from->groups != NULL;
    if (has_series)
        windows->groups = bpi_allocate(allocator, windows->cases, sizeof *windows->groups);
    if ((from->case_weights != NULL && windows->case_weights == NULL) ||
        (has_series && windows->groups == NULL))
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for %zu windows", shape->function, windows->cases);
    BPI_TRY(bpi_dataset_number_cases(windows, shape->function));
    if (!have_classes(from, shape))
        return BP_OK;
    BPI_TRY(bpi_copy_strings(&windows->class_names, shape->function, allocator,
                             (const char *const *)from->class_names, from->class_count));
    windows->class_count = from->class_count;
    return BP_OK;
}

static bp_status name_inputs(bp_dataset *windows, const bp_dataset *from, const window_shape *shape)
{
    const size_t count = shape->inputs.count, last = shape->options.width - 1;
    if (from->input_names == NULL)
        return BP_OK;
    windows->input_names =
        bpi_allocate_zeroed(&windows->allocator, windows->input_width, sizeof *windows->input_names);
    if (windows->input_names == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for names of inputs", shape->function);
    for (size_t i = 0; i < windows->input_width; i++)
        BPI_TRY(bpi_name_window_input(&windows->input_names[i], shape->function, from,
                                      column_of(&shape->inputs, i % count), last - i / count));
    return BP_OK;
}

static bp_status make_windows(bp_dataset **out, const bp_dataset *from, const window_shape *shape,
                              const series_row *rows, size_t *too_short)
{
    size_t short_ones;
    const size_t count = count_all(shape, rows, from->cases, &short_ones);
    bp_dataset *windows = NULL;
    if (count == 0)
        return fail_too_short(shape);
    BPI_TRY(bpi_dataset_new(&windows, shape->function, &from->allocator, count, shape->input_width,
                            shape->target_width));
    bp_status status = add_arrays(windows, from, shape);
    if (status == BP_OK)
        status = name_inputs(windows, from, shape);
    if (status != BP_OK) {
        bp_dataset_destroy(windows);
        return status;
    }
    copy_windows(windows, from, shape, rows);
    if (too_short != NULL)
        *too_short = short_ones;
    *out = windows;
    return BP_OK;
}

bp_status bp_dataset_windows(bp_dataset **out, const bp_dataset *rows, const bp_window_options *options,
                             size_t *too_short)
{
    BPI_REQUIRE(out);
    BPI_REQUIRE(rows);
    BPI_REQUIRE(options);
    window_shape shape;
    series_row *sorted = NULL;
    BPI_TRY(find_shape(&shape, __func__, options, rows->input_width, rows->target_width));
    BPI_TRY(check_lengths(&shape, rows->cases));
    BPI_TRY(sort_rows(&sorted, &shape, rows));
    bp_status status = make_windows(out, rows, &shape, sorted, too_short);
    bpi_release(&rows->allocator, sorted);
    return status;
}

/* --------------------------------------------------------------------------------- views */

/* Columns of rows that stand in memory like one long row. */
typedef struct column_view {
    const bp_real *values;
    size_t width, stride; /* of a row */
} column_view;

static bp_status fail_view(const window_shape *shape, const char *reason)
{
    return bpi_fail(BP_ERROR_UNSUPPORTED, "%s: %s; bp_dataset_windows copies such windows", shape->function,
                    reason);
}

/* Neighbouring columns, either all inputs or all targets, `count` rows of which have no gaps. */
static bp_status view_columns(column_view *view, const window_shape *shape, const bp_data *rows,
                              const column_list *list, size_t count)
{
    const size_t first = column_of(list, 0), inputs = rows->input_width;
    for (size_t k = 1; k < list->count; k++)
        if (column_of(list, k) != first + k)
            return fail_view(shape, "the columns of a view must be neighbours");
    if (first < inputs && first + list->count > inputs)
        return fail_view(shape, "columns of inputs and of targets do not stand side by side");
    *view = first < inputs ? (column_view){rows->inputs + first, list->count, rows->input_stride}
                           : (column_view){rows->targets + first - inputs, list->count, rows->target_stride};
    if (count > 1 && view->width != view->stride)
        return fail_view(shape, "several rows of some columns have others between them");
    return BP_OK;
}

static bp_status view_targets(bp_data *view, const window_shape *shape, const bp_data *rows)
{
    column_view targets;
    if (shape->target_rows == 0)
        return BP_OK;
    if (shape->target_rows > 1 && shape->options.step < shape->target_rows)
        return fail_view(shape, "the targets of neighbouring windows overlap");
    BPI_TRY(view_columns(&targets, shape, rows, &shape->targets, shape->target_rows));
    view->targets = targets.values + shape->first_target * targets.stride;
    view->target_width = shape->target_width;
    view->missing_targets = rows->missing_targets;
    if (!bpi_multiply(targets.stride, shape->options.step, &view->target_stride))
        return bpi_fail(BP_ERROR_OVERFLOW, "%s: options.step is %zu, too many rows to be addressed",
                        shape->function, shape->options.step);
    if (rows->case_weights != NULL && shape->options.step > 1)
        return fail_view(shape, "the rows have case weights, and with steps they do not stand side by side");
    view->case_weights = rows->case_weights == NULL ? NULL : rows->case_weights + shape->first_target;
    return BP_OK;
}

static bp_status make_view(bp_data *view, const window_shape *shape, const bp_data *rows)
{
    column_view inputs;
    const size_t count = count_windows(shape, rows->cases);
    if (shape->options.length_count > 1)
        return fail_view(shape, "there are several series, at whose borders no view stops");
    if (count == 0)
        return fail_too_short(shape);
    BPI_TRY(view_columns(&inputs, shape, rows, &shape->inputs, shape->options.width));
    *view = bp_data_view(count, inputs.values, shape->input_width, NULL, 0);
    if (!bpi_multiply(inputs.stride, shape->options.step, &view->input_stride))
        return bpi_fail(BP_ERROR_OVERFLOW, "%s: options.step is %zu, too many rows to be addressed",
                        shape->function, shape->options.step);
    return view_targets(view, shape, rows);
}

/* Rows with their strides made explicit. */
static bp_status check_rows(const char *function, const bp_data *rows, bp_data *checked)
{
    bp_data given;
    BPI_TRY(bpi_read_struct(function, SIZED_DATA, rows, &given));
    if (given.steps > 1)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: rows.steps is %zu, but a row is one step", function,
                        given.steps);
    BPI_TRY(bpi_check_data_alone(function, "rows", rows,
                                 given.targets == NULL ? DATA_INPUTS : DATA_BOTH | DATA_MAY_MISS, checked));
    if (given.targets == NULL)
        checked->target_width = 0;
    return BP_OK;
}

bp_status bp_data_windows(bp_data *windows, const bp_data *rows, const bp_window_options *options)
{
    BPI_REQUIRE(windows);
    BPI_REQUIRE(rows);
    BPI_REQUIRE(options);
    bp_data checked, view;
    window_shape shape;
    BPI_TRY(bpi_check_result_struct(__func__, SIZED_DATA, windows));
    BPI_TRY(check_rows(__func__, rows, &checked));
    BPI_TRY(find_shape(&shape, __func__, options, checked.input_width, checked.target_width));
    BPI_TRY(check_lengths(&shape, checked.cases));
    BPI_TRY(make_view(&view, &shape, &checked));
    bpi_write_struct(SIZED_DATA, windows, &view);
    return BP_OK;
}
