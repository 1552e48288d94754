#include "data/fold_metrics.h"

#include <math.h>

#include "base/memory.h"
#include "base/status.h"
#include "engine/evaluate.h"

/* Are there figures? Not of cases without weight. */
static bool have_weight(const bp_data *test)
{
    if (test->case_weights == NULL)
        return true;
    for (size_t i = 0; i < test->cases; i++)
        if (test->case_weights[i] > 0)
            return true;
    return false;
}

static bp_status measure_numbers(const bp_data *test, const bp_real *outputs, bp_fold_result *result)
{
    bp_regression_result all;
    bp_regression_result_init(&all, sizeof all, 1);
    BPI_TRY(bp_regression_metrics(outputs, test, NULL, &all));
    result->rmse = all.rmse;
    result->mae = all.mae;
    result->r2 = all.r2;
    return BP_OK;
}

static bp_status measure_classes(const bp_allocator *allocator, double threshold, const bp_data *test,
                                 const bp_real *outputs, bp_fold_result *result)
{
    bp_classification_options options;
    bp_classification_options_init(&options, sizeof options);
    options.allocator = *allocator;
    if (test->target_width == 1)
        options.threshold = threshold;
    bp_classification_result all;
    bp_classification_result_init(&all, sizeof all);
    BPI_TRY(bp_classification_metrics(outputs, test, &options, NULL, NULL, &all));
    result->accuracy = all.accuracy;
    result->balanced_accuracy = all.balanced_accuracy;
    result->macro_f1 = all.macro_f1;
    result->log_loss = all.log_loss;
    return BP_OK;
}

/* Where one column has two values, whatever they are, as 0 and 1: of the test cases all may have the same
 * one. Outputs are probabilities only if the values were these already. */
static bp_status measure_column(const bp_allocator *allocator, const case_classes *classes,
                                const bp_data *test, const bp_real *outputs, bp_fold_result *result)
{
    bp_real *truths = bpi_allocate(allocator, test->cases, sizeof *truths);
    if (truths == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "no memory for the classes of %zu cases", test->cases);
    bool is_same = true;
    for (size_t i = 0; i < test->cases; i++) {
        truths[i] = (bp_real)bpi_class_of(test->targets + i, 1, classes->threshold);
        is_same = is_same && truths[i] == test->targets[i];
    }
    bp_data numbered = *test;
    numbered.targets = truths;
    bp_status status = measure_classes(allocator, classes->threshold, &numbered, outputs, result);
    if (!is_same)
        result->log_loss = NAN;
    bpi_release(allocator, truths);
    return status;
}

bp_status bpi_fold_metrics(const bp_allocator *allocator, const case_classes *classes, const bp_data *test,
                           const bp_real *outputs, bp_fold_result *result)
{
    result->accuracy = result->balanced_accuracy = result->macro_f1 = result->log_loss = NAN;
    result->rmse = result->mae = result->r2 = NAN;
    if (!have_weight(test))
        return BP_OK;
    if (classes->count == 0)
        return measure_numbers(test, outputs, result);
    if (test->target_width == 1)
        return measure_column(allocator, classes, test, outputs, result);
    return measure_classes(allocator, 0, test, outputs, result);
}
