/*
 * Timing for the benchmark programs. Contestants take turns, A B C A B C ..., so that a slow phase of the
 * machine affects all of them; each figure is the median of the turns, or their lower quartile, after a
 * warm-up, on the CPU clock of the process that does the work (the wall clock where threads share it).
 */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <time.h>

enum { MAX_TURNS = 32 };

typedef struct contestant {
    const char *name;
    clockid_t clock;
    void (*work)(void *context, unsigned long count); /* does the same thing `count` times */
    void *context;
    unsigned long count;     /* how often it is done in one turn */
    unsigned long min_count; /* 0: that of the plan */
    double quantile;         /* that of the plan */
    int turns;
    double seconds[MAX_TURNS]; /* per unit of work */
} contestant;

typedef struct turn_plan {
    int turns;
    double seconds;          /* minimum length of a turn */
    unsigned long min_count; /* minimum count, so that set-up done once per call carries no weight */
    double max_seconds;      /* but no turn is longer than this */
    double max_total;        /* no further turns for a contestant after so many seconds in all */
    double quantile;         /* which of the turns counts: 0.5 the median, 0.25 the lower quartile */
} turn_plan;

/* Full: the median of 7 turns of 0.25 s. Quick: of 3 turns of 0.03 s, as a functional check. Short: the
 * lower quartile of 15 turns of 0.01 s, for a machine on which others work at the same time. */
turn_plan full_plan(void);
turn_plan quick_plan(void);
turn_plan short_plan(void);

/* The plan that the first argument names, --quick or --short, or the full one. *first becomes the index of
 * the argument after it. */
turn_plan read_plan(int count, char **arguments, int *first);

double now(clockid_t clock);

void measure(contestant *contestants, int count, const turn_plan *plan);

/* Seconds per unit of work: the plan's quantile of the turns. */
double typical_seconds(const contestant *c);

/* The ratio of the times of `c` and `than`: the median over the turns of both. */
double times_as_long(const contestant *c, const contestant *than);

#endif
