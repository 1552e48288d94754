#include "measure.h"

#include <stdlib.h>
#include <string.h>

turn_plan full_plan(void)
{
    return (turn_plan){
        .turns = 7, .seconds = 0.25, .min_count = 20, .max_seconds = 2.5, .max_total = 18, .quantile = 0.5};
}

turn_plan quick_plan(void)
{
    return (turn_plan){
        .turns = 3, .seconds = 0.03, .min_count = 3, .max_seconds = 0.5, .max_total = 1.5, .quantile = 0.5};
}

turn_plan short_plan(void)
{
    return (turn_plan){
        .turns = 15, .seconds = 0.01, .min_count = 40, .max_seconds = 6, .max_total = 2, .quantile = 0.25};
}

turn_plan read_plan(int count, char **arguments, int *first)
{
    const char *name = count > 1 ? arguments[1] : "";
    *first = 2;
    if (strcmp(name, "--quick") == 0)
        return quick_plan();
    if (strcmp(name, "--short") == 0)
        return short_plan();
    *first = 1;
    return full_plan();
}

double now(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static double seconds_of(const contestant *c, unsigned long count)
{
    double start = now(c->clock);
    c->work(c->context, count);
    return now(c->clock) - start;
}

/* The time of a run. One that would end the search for the count is repeated, and the shorter time counts,
 * since the longer one may be an interruption. */
static double min_seconds(const contestant *c, unsigned long count, const turn_plan *plan)
{
    double first = seconds_of(c, count);
    if (first < plan->seconds / 4 || first > plan->max_seconds)
        return first;
    double second = seconds_of(c, count);
    return first < second ? first : second;
}

/* Determines how often the work fits into a turn; also serves as warm-up. */
static void calibrate(contestant *c, const turn_plan *plan)
{
    unsigned long count = 1;
    double seconds = min_seconds(c, count, plan);
    while (seconds < plan->seconds / 4) {
        count *= 2;
        seconds = min_seconds(c, count, plan);
    }
    double once = seconds / (double)count;
    c->count = (unsigned long)(plan->seconds / once) + 1;
    const unsigned long min_count = c->min_count > 0 ? c->min_count : plan->min_count;
    if (c->count < min_count)
        c->count = min_count;
    if ((double)c->count * once > plan->max_seconds)
        c->count = (unsigned long)(plan->max_seconds / once) + 1;
    c->turns = 0;
    c->quantile = plan->quantile;
}

static double spent(const contestant *c)
{
    double seconds = 0;
    for (int i = 0; i < c->turns; i++)
        seconds += c->seconds[i] * (double)c->count;
    return seconds;
}

void measure(contestant *contestants, int count, const turn_plan *plan)
{
    for (int i = 0; i < count; i++)
        calibrate(&contestants[i], plan);
    for (int turn = 0; turn < plan->turns; turn++)
        for (int i = 0; i < count; i++) {
            contestant *c = &contestants[i];
            if (turn == 0 || spent(c) < plan->max_total)
                c->seconds[c->turns++] = seconds_of(c, c->count) / (double)c->count;
        }
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Between the two values that are nearest to the quantile, if it falls between two. */
static double quantile_of(const double *values, int count, double quantile)
{
    double sorted[MAX_TURNS];
    memcpy(sorted, values, (size_t)count * sizeof *values);
    qsort(sorted, (size_t)count, sizeof sorted[0], by_size);
    const double place = quantile * (count - 1);
    const int below = (int)place, above = below + 1 < count ? below + 1 : below;
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}

double typical_seconds(const contestant *c)
{
    return quantile_of(c->seconds, c->turns, c->quantile);
}

double times_as_long(const contestant *c, const contestant *than)
{
    double ratios[MAX_TURNS];
    int turns = c->turns < than->turns ? c->turns : than->turns;
    for (int i = 0; i < turns; i++)
        ratios[i] = c->seconds[i] / than->seconds[i];
    return quantile_of(ratios, turns, 0.5);
}
