#include "train/line_search.h"

#include <float.h>
#include <math.h>

#include "base/status.h"
#include "train/objective.h"
#include "train/vectors.h"

/* A point on the line: phi and its derivative there. */
typedef struct line_point {
    double step, slope;
    objective_point at;
} line_point;

typedef struct line_walk {
    training_run *run;
    line_search *search;
    line_point start;
    line_point last; /* whose weights the network has */
    int evaluations;
    bool is_given_up;
} line_walk;

static bp_status evaluate(line_walk *walk, double step, line_point *found)
{
    training_run *run = walk->run;
    const bp_trainer *trainer = run->trainer;
    const bp_real *direction = walk->search->direction;
    BPI_TRY(bpi_objective_try(run, step, direction, &found->at));
    found->step = step;
    found->slope = isfinite(found->at.value)
                       ? bpi_dot(trainer->gradient, direction, trainer->network->weight_count)
                       : NAN;
    walk->last = *found;
    walk->evaluations++;
    return BP_OK;
}

static bool may_go_on(line_walk *walk)
{
    walk->is_given_up = walk->evaluations > 0 && bpi_objective_is_interrupted(walk->run);
    return walk->evaluations < LINE_SEARCH_EVALUATIONS && !walk->is_given_up;
}

/* F at b minus F at a. */
static double difference(const line_point *a, const line_point *b)
{
    return bpi_objective_difference(a->at.value, b->at.value, b->step - a->step, a->slope, b->slope);
}

/* Equation 3.7a; and F is lower at all, where rounding leaves nothing of the other term. */
static bool lowers_enough(const line_walk *walk, const line_point *point)
{
    const double change = difference(&walk->start, point);
    return change < 0 && change <= BPI_SUFFICIENT_DECREASE * point->step * walk->start.slope;
}

/* Equation 3.7b. */
static bool is_flat_enough(const line_walk *walk, const line_point *point)
{
    return fabs(point->slope) <= -BPI_CURVATURE * walk->start.slope;
}

/* The minimum of the cubic through both points with their slopes, equation 3.59; NaN without one. */
static double cubic_minimum(const line_point *a, const line_point *b)
{
    const double width = b->step - a->step;
    const double d1 = a->slope + b->slope - 3 * difference(a, b) / width;
    const double square = d1 * d1 - a->slope * b->slope;
    if (!(square >= 0))
        return NAN;
    const double d2 = width > 0 ? sqrt(square) : -sqrt(square);
    return b->step - width * ((b->slope + d2 - d1) / (b->slope - a->slope + 2 * d2));
}

/* ------------------------------------------------------------------- algorithm 3.6 */

/* Between two steps, not too near either; beyond a point where F is infinite, nearer to the other one. */
static double step_between(const line_point *low, const line_point *high)
{
    const double margin = 0.1, nearer = 0.25;
    const double width = high->step - low->step;
    if (!isfinite(high->at.value))
        return low->step + nearer * width;
    const double least = low->step + margin * width, most = high->step - margin * width;
    const double step = cubic_minimum(low, high);
    if (!isfinite(step))
        return low->step + width / 2;
    return fmin(fmax(step, fmin(least, most)), fmax(least, most));
}

/* Are the steps so close to each other that there is nothing between them? */
static bool are_equal(const line_point *a, const line_point *b)
{
    const double precision = sizeof(bp_real) == sizeof(float) ? FLT_EPSILON : DBL_EPSILON;
    return !(fabs(a->step - b->step) > precision * fmax(a->step, b->step));
}

/* Between low, the lowest point so far of those that lower F enough, and high there are steps that meet the
 * conditions. Narrows the interval until one is found. */
static bp_status zoom(line_walk *walk, line_point *low, line_point *high)
{
    while (!are_equal(low, high) && may_go_on(walk)) {
        line_point point;
        BPI_TRY(evaluate(walk, step_between(low, high), &point));
        if (!lowers_enough(walk, &point) || difference(low, &point) >= 0) {
            *high = point;
            continue;
        }
        if (point.slope * (high->step - low->step) >= 0)
            *high = *low;
        *low = point;
        if (is_flat_enough(walk, &point)) {
            walk->search->meets_conditions = true;
            return BP_OK;
        }
    }
    return BP_OK;
}

/* ------------------------------------------------------------------- algorithm 3.5 */

/* Beyond the last step. */
static double step_beyond(const line_point *before, const line_point *last)
{
    const double least = 1.1, most = 4; /* of the last stretch */
    const double stretch = last->step - before->step, step = cubic_minimum(before, last);
    if (!isfinite(step) || step <= last->step)
        return last->step + most * stretch;
    return fmin(fmax(step, last->step + least * stretch), last->step + most * stretch);
}

/* Longer steps until one meets the conditions, or is too long. *low: as in zoom. */
static bp_status find(line_walk *walk, line_point *low)
{
    line_point point;
    double step = walk->search->first_step;
    *low = walk->start;
    while (may_go_on(walk)) {
        BPI_TRY(evaluate(walk, step, &point));
        if (!lowers_enough(walk, &point) || difference(low, &point) >= 0)
            return zoom(walk, low, &point);
        line_point before = *low;
        *low = point;
        if (is_flat_enough(walk, &point)) {
            walk->search->meets_conditions = true;
            return BP_OK;
        }
        if (point.slope >= 0)
            return zoom(walk, low, &before);
        step = step_beyond(&before, &point);
    }
    return BP_OK;
}

/* To the lowest point, whose weights are no longer there if others were tried later. */
static bp_status move_to(line_walk *walk, const line_point *low)
{
    line_point again;
    if (walk->last.step != low->step)
        BPI_TRY(evaluate(walk, low->step, &again));
    walk->search->step = low->step;
    walk->run->point = low->at;
    walk->run->outcome = ITERATION_MOVED;
    return BP_OK;
}

bp_status bpi_line_search(training_run *run, line_search *search)
{
    line_walk walk = {.run = run, .search = search, .start = {.slope = search->slope, .at = run->point}};
    line_point low;
    search->step = 0;
    search->meets_conditions = false;
    run->outcome = ITERATION_NONE;
    bp_status status = find(&walk, &low);
    if (walk.is_given_up)
        run->outcome = ITERATION_GIVEN_UP;
    else if (status == BP_OK && low.step > 0)
        status = move_to(&walk, &low);
    if (status != BP_OK || run->outcome != ITERATION_MOVED)
        bpi_objective_take_back(run, search->gradient);
    return status;
}
