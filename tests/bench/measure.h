/*
 * Timing for the benchmark programs. Contestants take turns, A B C A B C ..., so that a slow phase of the
 * machine affects all of them; each figure is the median of the turns, after a warm-up, on the CPU clock of
 * the process that does the work (the wall clock where threads share it).
 */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <time.h>

enum { MAX_TURNS = 15 };

typedef struct contestant {
    const char *name;
    clockid_t clock;
    void (*work)(void *context, unsigned long count); /* does the same thing `count` times */
    void *context;
    unsigned long count; /* how often it is done in one turn */
    int turns;
    double seconds[MAX_TURNS]; /* per unit of work */
} contestant;

typedef struct turn_plan {
    int turns;
    double seconds;          /* minimum length of a turn */
    unsigned long min_count; /* minimum count, so that set-up done once per call carries no weight */
    double max_seconds;      /* but no turn is longer than this */
    double max_total;        /* no further turns for a contestant after so many seconds in all */
} turn_plan;

/* Full: 7 turns of 0.25 s. Quick: 3 turns of 0.03 s, as a functional check. */
turn_plan full_plan(void);
turn_plan quick_plan(void);

double now(clockid_t clock);

void measure(contestant *contestants, int count, const turn_plan *plan);

/* Seconds per unit of work: the median of the turns. */
double median_seconds(const contestant *c);

/* The ratio of the times of `c` and `than`: the median over the turns of both. */
double times_as_long(const contestant *c, const contestant *than);

#endif
