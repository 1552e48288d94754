/*
 * NumPy and PyTorch: peers.py, one process for each, which reads commands line by line and sleeps while
 * others are measured. It is timed by its own CPU clock.
 *
 *     we write                                               it answers
 *     "net softmax|logistic momentum|adam|rprop <cases> <batch> <rate> <units>..."
 *         and, as floats, inputs, targets and weights        "ready"
 *     "train N", "predict N", "forget 0"                     "done"
 *     "error 0"                                              E
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "program.h"

/* One for each library, from its first workload to the end of this program. */
typedef struct peer {
    const char *library;
    enum { NOT_STARTED, RUNNING, ABSENT } state;
    pid_t process;
    FILE *to, *from;
} peer;

static peer numpy = {.library = "numpy"}, torch = {.library = "torch"};

static void fail(const char *what)
{
    fprintf(stderr, "bench: the Python peer: %s\n", what);
    exit(EXIT_FAILURE);
}

static void become_python(const char *library)
{
    const char *python = getenv("BENCH_PYTHON");
    execlp(python, python, BENCH_PEERS, library, (char *)NULL);
    _exit(127);
}

bool has_python(void)
{
    return getenv("BENCH_PYTHON") != NULL;
}

static void start_process(peer *p)
{
    int to[2], from[2];
    fflush(stdout);
    if (pipe(to) != 0 || pipe(from) != 0 || (p->process = fork()) < 0)
        fail("cannot be started");
    if (p->process == 0) {
        dup2(to[0], STDIN_FILENO);
        dup2(from[1], STDOUT_FILENO);
        close(to[1]);
        close(from[0]);
        become_python(p->library);
    }
    close(to[0]);
    close(from[1]);
    fcntl(to[1], F_SETFD, FD_CLOEXEC); /* else the other peer would keep this one from seeing the end */
    fcntl(from[0], F_SETFD, FD_CLOEXEC);
    p->to = fdopen(to[1], "w");
    p->from = fdopen(from[0], "r");
    if (p->to == NULL || p->from == NULL)
        fail("has no pipe");
}

/* Can it take part? It sends a greeting if its library is installed. */
static bool start(peer *p)
{
    char greeting[32];
    if (p->state != NOT_STARTED || !has_python())
        return p->state == RUNNING;
    start_process(p);
    p->state = fgets(greeting, sizeof greeting, p->from) != NULL ? RUNNING : ABSENT;
    return p->state == RUNNING;
}

/* Waits for its answer, and returns it as a number. */
static double hear(peer *p)
{
    char answer[64];
    if (fgets(answer, sizeof answer, p->from) == NULL)
        fail("has gone");
    return strtod(answer, NULL);
}

static double tell(peer *p, const char *command, unsigned long count)
{
    fprintf(p->to, "%s %lu\n", command, count);
    fflush(p->to);
    return hear(p);
}

static void send_floats(peer *p, const float *values, size_t count)
{
    fwrite(values, sizeof *values, count, p->to);
}

static const char *const rule_names[] = {[MOMENTUM] = "momentum", [ADAM] = "adam", [RPROP] = "rprop"};

static void *create(const task *t, peer *p)
{
    const workload *work = t->work;
    if (work->source == LABELS || !start(p))
        return NULL;
    fprintf(p->to, "net %s %s %zu %zu %.17g", is_softmax(work) ? "softmax" : "logistic",
            rule_names[work->rule], work->cases, work->batch, work->rate);
    for (size_t l = 0; l < work->layers; l++)
        fprintf(p->to, " %zu", work->units[l]);
    fputc('\n', p->to);
    send_floats(p, t->inputs, work->cases * t->in);
    send_floats(p, t->targets, work->cases * t->out);
    send_floats(p, t->weights, t->weight_count);
    fflush(p->to);
    hear(p);
    return p;
}

static void *create_numpy(const task *t)
{
    return t->work->rule == MOMENTUM ? create(t, &numpy) : NULL;
}

static void *create_torch(const task *t)
{
    return create(t, &torch);
}

static void destroy(void *self)
{
    tell(self, "forget", 0);
}

static void train(void *self, unsigned long sweeps)
{
    tell(self, "train", sweeps);
}

static void predict(void *self, unsigned long calls)
{
    tell(self, "predict", calls);
}

static double error(void *self)
{
    return tell(self, "error", 0);
}

static clockid_t clock_of(void *self)
{
    peer *p = self;
    clockid_t clock;
    if (clock_getcpuclockid(p->process, &clock) != 0)
        fail("has no clock");
    return clock;
}

const program program_numpy = {
    "NumPy", SAME_ARITHMETIC, create_numpy, train, predict, error, destroy, clock_of,
};

const program program_torch = {
    "PyTorch", SAME_ARITHMETIC, create_torch, train, predict, error, destroy, clock_of,
};
