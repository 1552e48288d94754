/*
 * The workloads, each done by every program there is, in turn.
 *
 *     contest [--quick] [beginning of a workload's name]...
 *
 * NumPy and PyTorch take part if the environment variable BENCH_PYTHON names a Python that has them. It
 * prints lines "workload,program,unit,value,ratio": ratio is how many times as long as this library the
 * program takes. Ends with an error if a program's E does not fall, or if one that should compute the same as
 * the library computes something else.
 */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"
#include "program.h"

/* The library first: the others are held against it. */
static const program *const programs[] = {
    &program_backprop, &program_by_hand,
#ifdef BENCH_OPENBLAS
    &program_openblas,
#endif
#ifdef BENCH_FANN
    &program_fann,
#endif
    &program_numpy,    &program_torch,   &program_fma_limit, &program_memory_limit,
};

enum { PROGRAMS = sizeof programs / sizeof programs[0] };

typedef struct entry {
    const program *program;
    void *self;
    double before, first; /* E at the start, and after one sweep */
} entry;

static void fail(const task *t, const program *p, const char *what, double a, double b)
{
    fprintf(stderr, "%s, %s: %s: %g and %g\n", t->work->name, p->name, what, a, b);
    exit(EXIT_FAILURE);
}

/* One sweep, or one prediction, that must come to what the library comes to. */
static void check_arithmetic(const task *t, entry *e, const entry *library)
{
    if (e->program->arithmetic == LIMIT)
        return;
    e->before = e->program->error(e->self);
    if (t->work->kind == TRAINING)
        e->program->train(e->self, 1);
    e->first = e->program->error(e->self);
    bool close = fabs(e->first - library->first) <= 1e-3 * fabs(library->first);
    if (e->program->arithmetic == SAME_ARITHMETIC && !close)
        fail(t, e->program, "E after a sweep is not the library's", e->first, library->first);
}

static void check_learning(const task *t, const entry *e)
{
    if (e->program->arithmetic == LIMIT || t->work->kind == PREDICTION)
        return;
    double after = e->program->error(e->self);
    if (!(after >= 0 && after < e->before))
        fail(t, e->program, "nothing was learned, E before and after", e->before, after);
}

static int enter(const task *t, entry *entries)
{
    int count = 0;
    for (int i = 0; i < PROGRAMS; i++) {
        entry *e = &entries[count];
        *e = (entry){.program = programs[i], .self = programs[i]->create(t)};
        if (e->self == NULL)
            continue;
        check_arithmetic(t, e, &entries[0]);
        count++;
    }
    return count;
}

static void report(const task *t, const contestant *c, const contestant *library)
{
    printf("\"%s\",%s,%s,%.6g,%.4g\n", t->work->name, c->name, t->work->unit,
           in_unit(t->work, median_seconds(c)), times_as_long(c, library));
    fflush(stdout);
}

static void run(const workload *work, const turn_plan *plan)
{
    task t;
    entry entries[PROGRAMS];
    contestant contestants[PROGRAMS];
    make_task(&t, work);
    int count = enter(&t, entries);
    for (int i = 0; i < count; i++) {
        const program *p = entries[i].program;
        contestants[i] =
            (contestant){.name = p->name,
                         .clock = p->clock ? p->clock(entries[i].self) : CLOCK_PROCESS_CPUTIME_ID,
                         .work = work->kind == TRAINING ? p->train : p->predict,
                         .context = entries[i].self};
    }
    measure(contestants, count, plan);
    for (int i = 0; i < count; i++) {
        check_learning(&t, &entries[i]);
        report(&t, &contestants[i], &contestants[0]);
        entries[i].program->destroy(entries[i].self);
    }
    free_task(&t);
}

static bool is_wanted(const workload *work, int count, char **names)
{
    for (int i = 0; i < count; i++)
        if (strncmp(names[i], work->name, strlen(names[i])) == 0)
            return true;
    return count == 0;
}

int main(int count, char **arguments)
{
    turn_plan plan = full_plan();
    int first = 1;
    if (count > 1 && strcmp(arguments[1], "--quick") == 0) {
        plan = quick_plan();
        first = 2;
    }
    for (size_t i = 0; i < workload_count; i++)
        if (is_wanted(&workloads[i], count - first, arguments + first))
            run(&workloads[i], &plan);
    return EXIT_SUCCESS;
}
