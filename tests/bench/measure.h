/*
 * Timing for the benchmark programs. Contestants take turns, A B C A B C ..., so that a slow second of the
 * machine hits all of them; each figure is the median of the turns, after a warm-up, on the CPU clock of the
 * process that does the work (the wall clock where threads share it).
 */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <time.h>

enum { MOST_TURNS = 15 };

typedef struct contestant {
    const char *name;
    clockid_t clock;
    void (*work)(void *context, unsigned long count); /* does the same thing `count` times */
    void *context;
    unsigned long count; /* how often it is done in one turn */
    int turns;
    double seconds[MOST_TURNS]; /* per unit of work */
} contestant;

typedef struct turn_plan {
    int turns;
    double seconds;      /* of each turn, at least, */
    unsigned long least; /* and this often, so that what a call does once does not count, */
    double longest;      /* unless that would take longer than this */
    double most;         /* a contestant that has worked so long takes no further turn */
} turn_plan;

/* Full: 7 turns of 0.25 s. Quick: 3 turns of 0.03 s, to see that all works. */
turn_plan full_plan(void);
turn_plan quick_plan(void);

double now(clockid_t clock);

void measure(contestant *contestants, int count, const turn_plan *plan);

/* Seconds per unit of work: the median of the turns. */
double median_seconds(const contestant *c);

/* How many times as long `c` takes as `than`: the median over the turns that both took. */
double times_as_long(const contestant *c, const contestant *than);

#endif
