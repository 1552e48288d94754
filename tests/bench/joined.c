/*
 * Is one call with a + b cases ever slower than one with a and one with b? T(n) is the time of a prediction
 * of n cases, or of the update by a batch of n. For so many nets of 2 to 4 layers of 1 to 1024 units, drawn
 * at random, or for those that are named:
 *
 *     bench_joined [--quick] [--seed N] [--nets N | net...]        a net: 784-128-10
 *
 * T(n) is measured for n up to 600, the shortest of several rounds over all n. The pairs a <= b <= 300 with
 * the largest T(a + b) / (T(a) + T(b)) are measured more often, until they stay the worst; a few of them then
 * in turns a, b, a + b, whose lower quartiles are printed:
 *
 *     kind,net,weights,a,b,T(a),T(b),T(a+b),ratio          in microseconds
 *
 * After them, in lines that begin with "#": T(2) / T(1), and the cost of a case at 8 divided by that at 64.
 */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"
#include "program.h"

enum { MAX_PART = 300, MAX_CASES = 2 * MAX_PART, MAX_UNITS = 1024, LARGE = 50000, PAIRS = 4 };

typedef struct net {
    char name[64];
    size_t units[MAX_LAYERS], layers;
} net;

typedef struct time_of_runs {
    size_t batches; /* of a sweep, in training */
    unsigned long count;
    double longer, shorter; /* runs of count + 1 sweeps, and of 1 */
} time_of_runs;

/* What is measured: one net and kind, with the data for MAX_CASES. */
typedef struct subject {
    workload work;
    task task;
    time_of_runs times[MAX_CASES + 1];
    double seconds[MAX_CASES + 1];
} subject;

typedef struct pair {
    size_t a, b;
    double ratio;
} pair;

/* Rounds over all n: for so many seconds, at least so many; a turn is so many seconds of work. */
typedef struct effort {
    double seconds, turn;
    int rounds, turns; /* turns: of a pair */
} effort;

/* -------------------------------------------------------------------------------------------- nets */

static uint64_t random_state;

static double uniform(void)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (double)(random_state >> 11) * 0x1p-53;
}

static void name_net(net *n)
{
    size_t used = 0;
    for (size_t l = 0; l < n->layers; l++)
        used +=
            (size_t)snprintf(n->name + used, sizeof n->name - used, "%s%zu", l > 0 ? "-" : "", n->units[l]);
}

/* Small layers as often as large ones. */
static net draw_net(void)
{
    net n = {.layers = 2 + (size_t)(3 * uniform())};
    for (size_t l = 0; l < n.layers; l++)
        n.units[l] = (size_t)round(pow(MAX_UNITS, uniform()));
    name_net(&n);
    return n;
}

static net read_net(const char *text)
{
    net n = {.layers = 0};
    char *end;
    do {
        n.units[n.layers++] = strtoul(text, &end, 10);
        text = end + 1;
    } while (*end == '-' && n.layers < MAX_LAYERS);
    name_net(&n);
    if (n.layers < 2 || *end != '\0') {
        fprintf(stderr, "joined: \"%s\" is not a net\n", n.name);
        exit(EXIT_FAILURE);
    }
    return n;
}

/* --------------------------------------------------------------------------------------- measuring */

static subject *make_subject(const net *n, work_kind kind)
{
    subject *s = calloc(1, sizeof *s);
    if (s == NULL)
        exit(EXIT_FAILURE);
    const size_t out = n->units[n->layers - 1];
    s->work = (workload){.name = n->name,
                         .kind = kind,
                         .source = out > 1 ? CLASSES : BITS,
                         .layers = n->layers,
                         .batch = 1,
                         .cases = 1,
                         .rate = 1e-7,
                         .rule = MOMENTUM};
    memcpy(s->work.units, n->units, sizeof n->units);
    s->work.cases = 4 * MAX_CASES;
    make_task(&s->task, &s->work);
    return s;
}

static void free_subject(subject *s)
{
    free_task(&s->task);
    free(s);
}

/* Calls with the first cases of the subject, or updates by them. A run of the trainer has a cost of its own,
 * which is that of the short run here, too. */
typedef struct part {
    workload work;
    task task;
    void *longer, *shorter; /* with count + 1 sweeps, and with 1 */
    unsigned long count;
} part;

/* Sweeps of about as many cases whatever n is, so that they come from the same cache; where it is the weights
 * that do not fit into one, four batches. */
static size_t batches_of(const subject *s, size_t cases)
{
    if (s->work.kind == PREDICTION)
        return 1;
    return s->task.weight_count < LARGE ? (2 * MAX_CASES + cases / 2) / cases : 4;
}

static double time_runs(const part *p, void *self, unsigned long count)
{
    const double start = now(CLOCK_PROCESS_CPUTIME_ID);
    (p->work.kind == TRAINING ? program_backprop.train : program_backprop.predict)(self, count);
    return now(CLOCK_PROCESS_CPUTIME_ID) - start;
}

/* Memory is new in the first call, and the copies of weights that the library keeps are made in the second.
 * count: of the longer run, or 0: what fits into a turn. */
static void make_part(part *p, const subject *s, size_t cases, unsigned long count, double turn)
{
    p->work = s->work;
    p->work.batch = cases;
    p->work.cases = cases * batches_of(s, cases);
    p->task = s->task;
    p->task.work = &p->work;
    p->longer = program_backprop.create(&p->task);
    p->shorter = program_backprop.create(&p->task);
    time_runs(p, p->longer, 2);
    time_runs(p, p->shorter, 1);
    p->count = count > 0 ? count : (unsigned long)(turn / time_runs(p, p->shorter, 1)) + 1;
    time_runs(p, p->longer, p->count + 1);
}

/* Seconds of a call or an update. */
static double seconds_of(const time_of_runs *t)
{
    return (t->longer - t->shorter) / (double)(t->count * t->batches);
}

static void destroy_part(part *p)
{
    program_backprop.destroy(p->longer);
    program_backprop.destroy(p->shorter);
}

/* All numbers of cases; of large nets those up to 40, and then multiples of eight, and one and two more. */
static bool is_measured(const subject *s, size_t cases)
{
    return s->task.weight_count < LARGE || cases <= 40 || cases % 8 <= 2;
}

/* Once more: the shortest runs so far, longer and shorter ones. */
static void measure_cases(subject *s, size_t cases, double turn)
{
    time_of_runs *t = &s->times[cases];
    part p;
    make_part(&p, s, cases, t->count, turn);
    const double longer = time_runs(&p, p.longer, p.count + 1), shorter = time_runs(&p, p.shorter, 1);
    t->longer = t->count == 0 || longer < t->longer ? longer : t->longer;
    t->shorter = t->count == 0 || shorter < t->shorter ? shorter : t->shorter;
    t->batches = batches_of(s, cases);
    t->count = p.count;
    s->seconds[cases] = seconds_of(t);
    destroy_part(&p);
}

static void measure_all(subject *s, const effort *e)
{
    const double start = now(CLOCK_MONOTONIC);
    for (int round = 0; round < e->rounds || now(CLOCK_MONOTONIC) - start < e->seconds; round++)
        for (size_t i = 1; i <= MAX_CASES; i++) {
            const size_t cases = round % 2 == 0 ? i : MAX_CASES + 1 - i;
            if (is_measured(s, cases))
                measure_cases(s, cases, e->turn);
        }
}

/* ------------------------------------------------------------------------------------------- pairs */

static double ratio_of(const subject *s, size_t a, size_t b)
{
    return s->seconds[a + b] / (s->seconds[a] + s->seconds[b]);
}

/* The worst pair whose sum is not that of one of `others`. */
static pair find_worst(const subject *s, const pair *others, int count)
{
    pair worst = {0, 0, 0};
    for (size_t sum = 2; sum <= MAX_CASES; sum++) {
        bool is_new = is_measured(s, sum);
        for (int i = 0; i < count; i++)
            is_new &= others[i].a + others[i].b != sum;
        for (size_t a = sum > MAX_PART ? sum - MAX_PART : 1; is_new && 2 * a <= sum; a++)
            if (is_measured(s, a) && is_measured(s, sum - a) && ratio_of(s, a, sum - a) > worst.ratio)
                worst = (pair){a, sum - a, ratio_of(s, a, sum - a)};
    }
    return worst;
}

/* The worst pair that still is the worst after its three have been measured several times more; one that only
 * met an interruption is not. */
static pair find_lasting(subject *s, const pair *others, int count, const effort *e)
{
    enum { LASTING = 6, MAX_TRIES = 300 };
    pair worst = find_worst(s, others, count);
    for (int tries = 0, lasting = 0; lasting < LASTING && tries < MAX_TRIES; tries++) {
        measure_cases(s, worst.a, e->turn);
        measure_cases(s, worst.b, e->turn);
        measure_cases(s, worst.a + worst.b, e->turn);
        const pair now_worst = find_worst(s, others, count);
        lasting = now_worst.a == worst.a && now_worst.b == worst.b ? lasting + 1 : 0;
        worst = now_worst;
    }
    return worst;
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double lower_quartile(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, by_size);
    return values[count / 4];
}

/* Again, the three of a pair in turns. */
static double measure_pair(const subject *s, const pair *p, const effort *e)
{
    const size_t cases[] = {p->a, p->b, p->a + p->b};
    part parts[3];
    double longer[3][MAX_TURNS], shorter[3][MAX_TURNS], us[3];
    for (int i = 0; i < 3; i++)
        make_part(&parts[i], s, cases[i], 0, 4 * e->turn);
    for (int turn = 0; turn < e->turns; turn++)
        for (int i = 0; i < 3; i++) {
            longer[i][turn] = time_runs(&parts[i], parts[i].longer, parts[i].count + 1);
            shorter[i][turn] = time_runs(&parts[i], parts[i].shorter, 1);
        }
    for (int i = 0; i < 3; i++) {
        const time_of_runs t = {batches_of(s, cases[i]), parts[i].count, lower_quartile(longer[i], e->turns),
                                lower_quartile(shorter[i], e->turns)};
        us[i] = 1e6 * seconds_of(&t);
        destroy_part(&parts[i]);
    }
    const double ratio = us[2] / (us[0] + us[1]);
    printf("%s,%s,%zu,%zu,%zu,%.4g,%.4g,%.4g,%.3f\n", s->work.kind == TRAINING ? "train" : "predict",
           s->work.name, s->task.weight_count, p->a, p->b, us[0], us[1], us[2], ratio);
    fflush(stdout);
    return ratio;
}

/* Returns the largest ratio of those measured again. */
static double examine(const net *n, work_kind kind, const effort *e)
{
    subject *s = make_subject(n, kind);
    pair pairs[PAIRS];
    double worst = 0;
    measure_all(s, e);
    for (int i = 0; i < PAIRS; i++) {
        pairs[i] = find_lasting(s, pairs, i, e);
        worst = fmax(worst, measure_pair(s, &pairs[i], e));
    }
    printf("# %s %s: T(2) / T(1) %.2f, a case at 8 / at 64 %.2f\n", kind == TRAINING ? "train" : "predict",
           n->name, s->seconds[2] / s->seconds[1], 8 * s->seconds[8] / s->seconds[64]);
    fflush(stdout);
    free_subject(s);
    return worst;
}

/* ---------------------------------------------------------------------------------------- the whole */

/* The number after the option `name` at *at, which is moved on, or `otherwise`. */
static size_t read_option(int count, char **arguments, int *at, const char *name, size_t otherwise)
{
    if (*at + 1 >= count || strcmp(arguments[*at], name) != 0)
        return otherwise;
    *at += 2;
    return strtoul(arguments[*at - 1], NULL, 10);
}

int main(int count, char **arguments)
{
    const bool is_quick = count > 1 && strcmp(arguments[1], "--quick") == 0;
    const effort spent = is_quick ? (effort){0, 2e-4, 2, 7} : (effort){6, 5e-4, 2, 25};
    int at = is_quick ? 2 : 1;
    double worst[2] = {0, 0};
    random_state = read_option(count, arguments, &at, "--seed", 1986);
    const size_t drawn = read_option(count, arguments, &at, "--nets", at < count ? 0 : 10);
    const size_t nets = drawn + (size_t)(count - at);
    puts("kind,net,weights,a,b,T(a),T(b),T(a+b),ratio");
    for (size_t i = 0; i < nets; i++) {
        const net n = i < drawn ? draw_net() : read_net(arguments[(size_t)at + i - drawn]);
        for (int kind = TRAINING; kind <= PREDICTION; kind++)
            worst[kind] = fmax(worst[kind], examine(&n, (work_kind)kind, &spent));
    }
    printf("# worst of %zu nets: train %.3f, predict %.3f\n", nets, worst[TRAINING], worst[PREDICTION]);
    return EXIT_SUCCESS;
}
