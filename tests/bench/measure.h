/*
 * Timing for the benchmark programs: median of REPEATS repeats of at least a quarter of a second each, after
 * a warm-up, on the process's CPU clock (wall clock where threads work). Each figure is printed as a line
 *     workload,program,unit,value
 * which tests/bench/table.py gathers.
 */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

/* Does `count` units of work (steps, cases, sweeps). */
typedef void (*measured_work)(void *context, unsigned long count);

/* Seconds per unit of work. */
double measure(measured_work work, void *context);

/* The same by the wall clock, for work that is spread over threads. */
double measure_wall(measured_work work, void *context);

void report(const char *workload, const char *program, const char *unit, double value);

/* Is this workload among the program's arguments, or are there none? */
int is_wanted(int count, char **arguments, const char *workload);

/* Deterministic values in low..high. */
void fill_random(float *values, unsigned long count, float low, float high);

/* Ends the program with a message if the error after training is not below that before: no speed without
 * learning. */
void require_learning(const char *workload, double before, double after);

#endif
