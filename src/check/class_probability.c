#include "check/class_probability.h"

#include <math.h>

#include "base/real.h"

/* A sum of probabilities may be so far from 1: those of softmax units are rounded, their means too. */
static bool is_one(double sum)
{
    return fabs(sum - 1) <= sqrt((double)BPI_REAL_EPSILON);
}

static bool has_probabilities(const class_rows *classes, size_t row)
{
    const bp_real *y = class_outputs(classes, row);
    double sum = 0;
    for (size_t k = 0; k < classes->columns; k++) {
        if (!(y[k] >= 0 && y[k] <= 1))
            return false;
        sum += (double)y[k];
    }
    return classes->columns == 1 || is_one(sum);
}

bool bpi_class_has_probabilities(const class_rows *classes)
{
    if (classes->columns == 1 && classes->has_negative_target)
        return false;
    for (size_t row = 0; row < classes->all.count; row++)
        if (!has_probabilities(classes, row))
            return false;
    return true;
}

/* So that its logarithm is finite. */
static double clipped(bp_real probability)
{
    return fmin(fmax((double)probability, DBL_EPSILON), 1 - DBL_EPSILON);
}

double bpi_class_log_loss(const class_rows *classes, size_t row)
{
    const bp_real *y = class_outputs(classes, row);
    const size_t truth = classes->truths[row];
    double sum = 0;
    if (classes->columns == 1)
        return -log(truth == 1 ? clipped(y[0]) : 1 - clipped(y[0]));
    for (size_t k = 0; k < classes->columns; k++)
        sum += clipped(y[k]);
    return -log(clipped(y[truth]) / sum);
}

double bpi_class_brier(const class_rows *classes, size_t row)
{
    const bp_real *y = class_outputs(classes, row);
    const size_t truth = classes->truths[row];
    double sum = 0;
    if (classes->classes == 2) {
        double difference = (double)y[classes->columns - 1] - (double)truth;
        return difference * difference;
    }
    for (size_t k = 0; k < classes->columns; k++) {
        double difference = (double)y[k] - (k == truth ? 1 : 0);
        sum += difference * difference;
    }
    return sum;
}
