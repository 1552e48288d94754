#include "check/difference.h"

#include <math.h>

#include "base/real.h"

/* Halvings of the step. Rounding or success ends the search before, unless there is no noise. */
enum { LEVELS = 24 };

/* As many steps that follow on each other must be certain, or all before rounding drowns the next: a single
 * one may be so by chance where kinks lie between its points. */
enum { ENOUGH = 2 };

/* What the values at about -step and +step say. */
typedef struct level {
    double central; /* slope of the parabola through the three points */
    double bend;    /* slope to the right less slope to the left: about step * f'' */
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

/* Of fourth order in the step: what the second-order term adds to two central slopes cancels out. */
static double refined(const level *wide, const level *narrow)
{
    return (4 * narrow->central - wide->central) / 3;
}

/* Three levels that follow on each other, each of half the step of the one before it. */
enum { WIDE, MIDDLE, NARROW, LADDER };

/*
 * How far off the slope may be: two steps must agree on it, and the bend must vanish with the step, as it
 * does unless the function has a kink right at the point, of which central differences see nothing.
 */
static double uncertainty(const level *ladder)
{
    double disagreement = refined(&ladder[MIDDLE], &ladder[NARROW]) - refined(&ladder[WIDE], &ladder[MIDDLE]);
    return fabs(disagreement) + fabs(2 * ladder[NARROW].bend - ladder[MIDDLE].bend);
}

static bool is_constant(const level *ladder)
{
    for (int i = 0; i < LADDER; i++)
        if (ladder[i].central != 0 || ladder[i].bend != 0)
            return false;
    return true;
}

/* The step that balances truncation, of order step^4, and rounding, times 8 as a start from above. */
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
        double found = refined(&ladder[MIDDLE], &ladder[NARROW]);
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
