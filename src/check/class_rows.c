#include "check/class_rows.h"

#include <math.h>

#include "base/memory.h"
#include "base/status.h"
#include "engine/evaluate.h"

static bp_status choose_columns(const char *function, const bp_classification_options *options,
                                class_rows *classes)
{
    const size_t width = classes->all.width, first = options->first_column, columns = options->columns;
    if (first >= width)
        return bpi_fail(BP_ERROR_SIZE, "%s: options.first_column is %zu, but data.target_width is %zu",
                        function, first, width);
    if (columns > width - first)
        return bpi_fail(BP_ERROR_SIZE,
                        "%s: options.columns is %zu from first_column %zu on, but data.target_width is %zu",
                        function, columns, first, width);
    classes->first = first;
    classes->columns = columns == 0 ? width - first : columns;
    classes->classes = classes->columns == 1 ? 2 : classes->columns;
    if (options->threshold != BP_THRESHOLD_AUTO && classes->columns != 1)
        return bpi_fail(BP_ERROR_ARGUMENT,
                        "%s: options.threshold is %s, but there are %zu columns; it is for a single one",
                        function, bpi_format_real(options->threshold).text, classes->columns);
    return BP_OK;
}

static const bp_real *targets_of(const class_rows *classes, size_t row)
{
    return target_of(&classes->all, row) + classes->first;
}

/* ------------------------------------------------------------------ a single column */

static bp_status fail_third_value(const char *function, const class_rows *classes, size_t row, double low,
                                  double high)
{
    return bpi_fail(BP_ERROR_ARGUMENT,
                    "%s: data.targets: case %zu, column %zu is %s, a third value beside %s and %s; a single "
                    "column has two classes",
                    function, row / classes->all.steps, classes->first,
                    bpi_format_real((double)*targets_of(classes, row)).text, bpi_format_real(low).text,
                    bpi_format_real(high).text);
}

/* The two values of the targets, which are the same if there is only one. */
static bp_status find_values(const char *function, const class_rows *classes, double *low, double *high)
{
    *low = *high = (double)*targets_of(classes, 0);
    for (size_t row = 1; row < classes->all.count; row++) {
        const double target = (double)*targets_of(classes, row);
        if (target == *low || target == *high)
            continue;
        if (*low != *high)
            return fail_third_value(function, classes, row, *low, *high);
        *low = fmin(*low, target);
        *high = fmax(*high, target);
    }
    return BP_OK;
}

static bp_status find_two_classes(const char *function, double threshold, class_rows *classes)
{
    double low, high;
    BPI_TRY(find_values(function, classes, &low, &high));
    const double between = low < high ? low / 2 + high / 2 : low < 0 ? 0 : 0.5;
    for (size_t row = 0; row < classes->all.count; row++) {
        const double target = (double)*targets_of(classes, row);
        classes->truths[row] = low < high ? target == high : target > between;
    }
    classes->threshold = threshold == BP_THRESHOLD_AUTO ? between : threshold;
    classes->has_negative_target = low < 0;
    return BP_OK;
}

/* ------------------------------------------------------------------ several columns */

static bp_status fail_no_class(const char *function, const class_rows *classes, size_t row, size_t first,
                               size_t second)
{
    return bpi_fail(BP_ERROR_ARGUMENT,
                    "%s: data.targets: case %zu is of no class: columns %zu and %zu both have the highest "
                    "target, %s",
                    function, row / classes->all.steps, classes->first + first, classes->first + second,
                    bpi_format_real((double)targets_of(classes, row)[first]).text);
}

static bp_status find_classes(const char *function, class_rows *classes)
{
    classes->threshold = NAN;
    for (size_t row = 0; row < classes->all.count; row++) {
        const bp_real *targets = targets_of(classes, row);
        size_t truth = bpi_class_of(targets, classes->columns, 0);
        for (size_t k = truth + 1; k < classes->columns; k++)
            if (targets[k] == targets[truth])
                return fail_no_class(function, classes, row, truth, k);
        classes->truths[row] = truth;
    }
    return BP_OK;
}

bp_status bpi_class_rows(const char *function, const bp_classification_options *options,
                         const bp_allocator *allocator, class_rows *classes)
{
    BPI_TRY(choose_columns(function, options, classes));
    classes->has_negative_target = false;
    classes->truths = bpi_allocate(allocator, classes->all.count, sizeof *classes->truths);
    if (classes->truths == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: out of memory for the classes of %zu cases", function,
                        classes->all.count);
    bp_status status = classes->columns == 1 ? find_two_classes(function, options->threshold, classes)
                                             : find_classes(function, classes);
    if (status != BP_OK)
        bpi_release(allocator, classes->truths);
    return status;
}
