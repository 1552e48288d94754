#define _POSIX_C_SOURCE 200809L
#include "measure.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { REPEATS = 7 };

static const double least_seconds = 0.25;

static double now(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static double time_of(clockid_t clock, measured_work work, void *context, unsigned long count)
{
    double start = now(clock);
    work(context, count);
    return now(clock) - start;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double measure_by(clockid_t clock, measured_work work, void *context)
{
    unsigned long count = 1;
    double seconds;
    while ((seconds = time_of(clock, work, context, count)) < least_seconds / 4)
        count *= 2;
    count = (unsigned long)((double)count * least_seconds / seconds) + 1;
    double times[REPEATS];
    for (int i = 0; i < REPEATS; i++)
        times[i] = time_of(clock, work, context, count) / (double)count;
    qsort(times, REPEATS, sizeof times[0], by_size);
    return times[REPEATS / 2];
}

double measure(measured_work work, void *context)
{
    return measure_by(CLOCK_PROCESS_CPUTIME_ID, work, context);
}

double measure_wall(measured_work work, void *context)
{
    return measure_by(CLOCK_MONOTONIC, work, context);
}

void report(const char *workload, const char *program, const char *unit, double value)
{
    printf("%s,%s,%s,%.6g\n", workload, program, unit, value);
    fflush(stdout);
}

int is_wanted(int count, char **arguments, const char *workload)
{
    if (count < 2)
        return 1;
    for (int i = 1; i < count; i++)
        if (strncmp(arguments[i], workload, strlen(arguments[i])) == 0)
            return 1;
    return 0;
}

void fill_random(float *values, unsigned long count, float low, float high)
{
    static uint64_t state = 1986;
    for (unsigned long i = 0; i < count; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        values[i] = low + (high - low) * (float)(state >> 40) * 0x1p-24f;
    }
}

void require_learning(const char *workload, double before, double after)
{
    if (after < before)
        return;
    fprintf(stderr, "%s: the error went from %g to %g: nothing was learned\n", workload, before, after);
    exit(EXIT_FAILURE);
}
