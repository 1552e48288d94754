/*
 * What the library costs besides CPU time: memory in excess of what the task itself needs, and wall time and
 * memory of a whole process that learns XOR, compared with an empty one.
 *
 *     footprint [--quick]        prints lines "workload,program,unit,value,"
 *     footprint --train <name>   used for the first: trains a workload for two sweeps
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure.h"
#include "program.h"

enum { MIB = 1 << 20, MAX_RUNS = 401 };

static const workload *find(const char *name)
{
    for (size_t i = 0; i < workload_count; i++)
        if (strcmp(workloads[i].name, name) == 0)
            return &workloads[i];
    fprintf(stderr, "footprint: no workload is named '%s'\n", name);
    exit(EXIT_FAILURE);
}

/* Runs a program, without its output; returns its peak memory in bytes. */
static double peak_of(const char *const *arguments)
{
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        if (freopen("/dev/null", "w", stdout) != NULL)
            execv(arguments[0], (char *const *)arguments);
        _exit(127);
    }
    int status;
    struct rusage usage;
    if (child < 0 || wait4(child, &status, 0, &usage) != child || status != 0) {
        fprintf(stderr, "footprint: %s failed\n", arguments[0]);
        exit(EXIT_FAILURE);
    }
    return 1024 * (double)usage.ru_maxrss;
}

static void report(const char *what, const char *who, const char *unit, double value)
{
    printf("\"%s\",%s,%s,%.4g,\n", what, who, unit, value);
}

/* -------------------------------------------------------------------------------- memory of training */

static int train_only(const char *name)
{
    task t;
    make_task(&t, find(name));
    void *self = program_backprop.create(&t);
    program_backprop.train(self, 2);
    program_backprop.destroy(self);
    free_task(&t);
    return EXIT_SUCCESS;
}

/* The cases; weights, gradient, last updates, one snapshot of the weights, and the task's weights; x, y and
 * delta of one batch. */
static double bytes_needed(const workload *work)
{
    size_t numbers = work->cases * (work->units[0] + 2 * work->units[work->layers - 1]);
    for (size_t l = 1; l < work->layers; l++)
        numbers += 5 * (work->units[l - 1] + 1) * work->units[l] + 3 * work->batch * work->units[l];
    return (double)(numbers * sizeof(float));
}

static void report_memory(const char *self, const char *name, double empty)
{
    const char *arguments[] = {self, "--train", name, NULL};
    char title[80];
    snprintf(title, sizeof title, "W7 memory of %s", name + 3);
    report(title, "backprop", "MiB", (peak_of(arguments) - empty) / MIB);
    report(title, "data + weights + batch", "MiB", bytes_needed(find(name)) / MIB);
}

/* ---------------------------------------------------------------------------- a process that learns XOR */

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double wall_seconds(const char *const *arguments)
{
    double start = now(CLOCK_MONOTONIC);
    peak_of(arguments);
    return now(CLOCK_MONOTONIC) - start;
}

/* Both in turn, the median of many runs: the time to start a process varies much. */
static void report_process(int runs)
{
    static double xor_seconds[MAX_RUNS], empty_seconds[MAX_RUNS];
    const char *xor_program[] = {BENCH_XOR, NULL}, *empty_program[] = {BENCH_EMPTY, NULL};
    for (int i = 0; i < runs; i++) {
        empty_seconds[i] = wall_seconds(empty_program);
        xor_seconds[i] = wall_seconds(xor_program);
    }
    qsort(xor_seconds, (size_t)runs, sizeof(double), by_size);
    qsort(empty_seconds, (size_t)runs, sizeof(double), by_size);
    report("W7 process that learns XOR", "backprop", "ms", 1e3 * xor_seconds[runs / 2]);
    report("W7 process that learns XOR", "empty program", "ms", 1e3 * empty_seconds[runs / 2]);
    report("W7 memory of that process", "backprop", "MiB", peak_of(xor_program) / MIB);
    report("W7 memory of that process", "empty program", "MiB", peak_of(empty_program) / MIB);
}

int main(int count, char **arguments)
{
    if (count > 2 && strcmp(arguments[1], "--train") == 0)
        return train_only(arguments[2]);
    bool quick = count > 1 && strcmp(arguments[1], "--quick") == 0;
    const char *empty_program[] = {BENCH_EMPTY, NULL};
    double empty = peak_of(empty_program);
    report_memory(arguments[0], "W4 784-128-10 batch 64", empty);
    report_memory(arguments[0], "W5 1024^3 batch 256", empty);
    report_process(quick ? 21 : MAX_RUNS);
    return EXIT_SUCCESS;
}
