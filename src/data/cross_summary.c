#include "data/cross_summary.h"

#include <math.h>

#include "base/sized_struct.h"
#include "base/sum.h"

void bp_fold_result_init(bp_fold_result *results, size_t size, size_t count)
{
    bpi_init_structs(SIZED_FOLD_RESULT, results, size, count);
}

void bp_cross_summary_init(bp_cross_summary *summary, size_t size)
{
    bpi_init_struct(SIZED_CROSS_SUMMARY, summary, size, NULL);
}

/* Of the doubles that stand at `offset` in each result. */
static double value_of(const bp_fold_result *fold, size_t offset)
{
    return *(const double *)((const unsigned char *)fold + offset);
}

static double mean_of(const bp_fold_result *folds, size_t count, size_t offset)
{
    long_sum sum = {0};
    size_t known = 0;
    for (size_t i = 0; i < count; i++) {
        double value = value_of(&folds[i], offset);
        if (isnan(value))
            continue;
        bpi_sum_add(&sum, value);
        known++;
    }
    return known == 0 ? NAN : bpi_sum_value(&sum) / (double)known;
}

static bp_fold_figure figure_of(const bp_fold_result *folds, size_t count, size_t offset)
{
    const double mean = mean_of(folds, count, offset);
    long_sum squares = {0};
    size_t known = 0;
    for (size_t i = 0; i < count; i++) {
        double deviation = value_of(&folds[i], offset) - mean;
        if (isnan(deviation))
            continue;
        bpi_sum_add(&squares, deviation * deviation);
        known++;
    }
    return (bp_fold_figure){mean, known == 0 ? NAN : sqrt(bpi_sum_value(&squares) / (double)known)};
}

bp_cross_summary bpi_cross_summary(const bp_fold_result *folds, size_t count, double seconds)
{
#define FIGURE(member) .member = figure_of(folds, count, offsetof(bp_fold_result, member))
    bp_cross_summary summary = {
        .size = sizeof summary,
        .folds = count,
        FIGURE(test_error),
        FIGURE(accuracy),
        FIGURE(balanced_accuracy),
        FIGURE(macro_f1),
        FIGURE(log_loss),
        FIGURE(rmse),
        FIGURE(mae),
        FIGURE(r2),
        .seconds = seconds,
    };
#undef FIGURE
    for (size_t i = 0; i < count; i++) {
        summary.diverged += folds[i].status == BP_DIVERGED;
        summary.missing_training += folds[i].missing_training > 0;
        summary.missing_test += folds[i].missing_test > 0;
    }
    return summary;
}
