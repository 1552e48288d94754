#include "contest.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"

enum { MAX_PROGRAMS = 16 };

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

/* One sweep, or one prediction, whose E must be that of the first program. */
static void check_arithmetic(const task *t, entry *e, const entry *first)
{
    arithmetic kind = e->program->arithmetic;
    if (kind == LIMIT)
        return;
    e->before = e->program->error(e->self);
    if (t->work->kind == TRAINING)
        e->program->train(e->self, 1);
    e->first = e->program->error(e->self);
    double allowed = kind == SAME_BITS ? 0 : 1e-3 * fabs(first->first);
    if (kind != OTHER_ARITHMETIC && !(fabs(e->first - first->first) <= allowed))
        fail(t, e->program, "E after a sweep is not that of the first program", e->first, first->first);
}

static void check_learning(const task *t, const entry *e)
{
    if (e->program->arithmetic == LIMIT || t->work->kind == PREDICTION)
        return;
    double after = e->program->error(e->self);
    if (!(after >= 0 && after < e->before))
        fail(t, e->program, "nothing was learned, E before and after", e->before, after);
}

static int enter(const task *t, const program *const *programs, int count, entry *entries)
{
    int entered = 0;
    for (int i = 0; i < count; i++) {
        entry *e = &entries[entered];
        *e = (entry){.program = programs[i], .self = programs[i]->create(t)};
        if (e->self == NULL)
            continue;
        check_arithmetic(t, e, &entries[0]);
        entered++;
    }
    return entered;
}

static void report(const task *t, const contestant *c, const contestant *first)
{
    printf("\"%s\",%s,%s,%.6g,%.4g\n", t->work->name, c->name, t->work->unit,
           in_unit(t->work, typical_seconds(c)), times_as_long(c, first));
    fflush(stdout);
}

/* Only the library's training has a cost per call. */
static bool has_cost_per_call(const workload *work, const program *p, const program *library)
{
    return work->kind == TRAINING && p->train == library->train;
}

void run_workload(const workload *work, const program *const *programs, int program_count,
                  const turn_plan *plan)
{
    task t;
    entry entries[MAX_PROGRAMS];
    contestant contestants[MAX_PROGRAMS];
    make_task(&t, work);
    int count = enter(&t, programs, program_count, entries);
    for (int i = 0; i < count; i++) {
        const program *p = entries[i].program;
        contestants[i] =
            (contestant){.name = p->name,
                         .clock = p->clock ? p->clock(entries[i].self) : CLOCK_PROCESS_CPUTIME_ID,
                         .work = work->kind == TRAINING ? p->train : p->predict,
                         .context = entries[i].self,
                         .min_count = has_cost_per_call(work, p, programs[0]) ? 0 : 1};
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

void run_contest(const program *const *programs, int program_count, int count, char **arguments)
{
    int first;
    const turn_plan plan = read_plan(count, arguments, &first);
    int runs = 0;
    for (size_t i = 0; i < workload_count; i++)
        if (is_wanted(&workloads[i], count - first, arguments + first)) {
            run_workload(&workloads[i], programs, program_count, &plan);
            runs++;
        }
    if (runs == 0) {
        fprintf(stderr, "%s: no workload has a name that begins so\n", arguments[0]);
        exit(EXIT_FAILURE);
    }
}
