#include "check/difference.h"

#include <math.h>

#include "base/real.h"

/* Maximum number of halvings of the step. Rounding or success ends the search before, unless there is no
 * noise. */
enum { LEVELS = 24 };

/* Number of consecutive steps that must agree, unless rounding ends the search: a single step may agree by
 * chance if kinks are between its points. */
enum { ENOUGH = 2 };

/* Differences between the values at -step, 0 and +step, about. */
typedef struct level {
    double central; /* slope of the parabola through the three points */
    double bend;    /* right slope minus left slope: about step * f'' */
} level;

/* False if the step is lost in rounding. */
static bool measure(const difference_curve *curve, double step, level *result)
{
    double right, left;
    double above = curve->value(curve->context, step, &right);
    double below = curve->value(curve->context, -step, &left);
    if (!(right > 0) || !(left < 0))
        return false;
    double right_slope = (above - curve->center) / right, left_slope = (below - curve->center) / left;
    result->central = (right * left_slope - left * right_slope) / (right - left);
    result->bend = right_slope - left_slope;
    return true;
}

/* Richardson extrapolation of two central slopes: the second-order errors cancel, the error is of order
 * step^4. */
static double extrapolate(const level *wide, const level *narrow)
{
    return (4 * narrow->central - wide->central) / 3;
}

/* Three consecutive levels, each of half the step of the one before it. */
enum { WIDE, MIDDLE, NARROW, LADDER };

/* An estimate of the error of the slope: the difference between two extrapolations, plus how much the bend
 * deviates from vanishing with the step. A kink exactly at the point shows only in the bend, not in central
 * slopes. */
static double uncertainty(const level *ladder)
{
    double disagreement =
        extrapolate(&ladder[MIDDLE], &ladder[NARROW]) - extrapolate(&ladder[WIDE], &ladder[MIDDLE]);
    return fabs(disagreement) + fabs(2 * ladder[NARROW].bend - ladder[MIDDLE].bend);
}

static bool is_constant(const level *ladder)
{
    for (int i = 0; i < LADDER; i++)
        if (ladder[i].central != 0 || ladder[i].bend != 0)
            return false;
    return true;
}

/* 8 times the step that balances truncation, of order step^4, and rounding. */
static double first_step(const difference_curve *curve)
{
    return 8 * pow((double)BPI_REAL_EPSILON, 0.2) * curve->unit;
}

bool bpi_difference(const difference_curve *curve, double tolerance, double scale, double *slope)
{
    level ladder[LADDER] = {{0}};
    double step = first_step(curve);
    double agreed_slope = 0;
    int agreed = 0;
    for (int i = 0; i < LEVELS && agreed < ENOUGH; i++, step /= 2) {
        ladder[WIDE] = ladder[MIDDLE];
        ladder[MIDDLE] = ladder[NARROW];
        if (!measure(curve, step, &ladder[NARROW]))
            break;
        if (i < NARROW)
            continue;
        double found = extrapolate(&ladder[MIDDLE], &ladder[NARROW]);
        double bound = tolerance * fmax(scale, fabs(found));
        if (curve->noise / step > bound && !(scale == 0 && is_constant(ladder)))
            break;
        agreed = uncertainty(ladder) <= bound ? agreed + 1 : 0;
        if (agreed > 0)
            agreed_slope = found;
    }
    if (agreed > 0)
        *slope = agreed_slope;
    return agreed > 0;
}

double bpi_max_abs(const bp_real *values, size_t count)
{
    double max = 0;
    for (size_t i = 0; i < count; i++) { /* not by fmax, at which GCC 12 breaks down on AArch64 */
        double size = fabs((double)values[i]);
        max = size > max ? size : max;
    }
    return max;
}
