/*
 * L-BFGS, scaled conjugate gradient and Levenberg-Marquardt beside liblbfgs, MINPACK's lmder and R's nnet,
 * from the same 20 starts; and the processor time that Levenberg-Marquardt and momentum take to 1.05 times
 * the best known E.
 *
 *     second_order [first [last]]            problems of the judged set, 0 to 7: all by default
 *     second_order choosing [first [last]]   those of the choosing set, 0 to 13
 *     second_order best [first [last]]       the best known E of the judged set, which lmder finds
 *     second_order speed                     the time of an iteration of Levenberg-Marquardt
 *
 * best_known.txt has what `best` printed, the best of 200 other starts; for Ishigami's function, 7, the best
 * of the first 86 of them. For the choosing set it is the best of 20 starts.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "backprop.h"
#include "peers.h"
#include "plain.h"
#include "speed.h"

enum { STARTS = 20, STARTS_FOR_BEST = 200 };

static void require(bp_status status)
{
    if (status == BP_OK)
        return;
    fprintf(stderr, "%s\n", bp_error_message());
    exit(1);
}

/* ---------------------------------------------------------------------------- the library */

static bp_network *make_network(const problem *p, size_t start)
{
    const size_t units[] = {p->inputs, p->units, 1};
    bp_network *net = NULL;
    double w[MAX_WEIGHTS];
    bp_real weights[MAX_WEIGHTS];
    problem_start(p, start, w);
    for (size_t i = 0; i < p->weights; i++)
        weights[i] = (bp_real)w[i];
    require(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_linear()));
    require(bp_network_set_weights(net, weights, p->weights));
    return net;
}

static void read_weights(const bp_network *net, double *w)
{
    size_t count;
    const bp_real *weights = bp_network_weights(net, &count);
    for (size_t i = 0; i < count; i++)
        w[i] = (double)weights[i];
}

static bp_data view(const problem *p)
{
    static bp_real x[MAX_CASES * MAX_INPUTS], d[MAX_CASES];
    for (size_t i = 0; i < p->cases * p->inputs; i++)
        x[i] = (bp_real)p->x[i];
    for (size_t i = 0; i < p->cases; i++)
        d[i] = (bp_real)p->d[i];
    return bp_data_view(p->cases, x, p->inputs, d, 1);
}

static double seconds(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

/* A training that ends at a target of E, if one is given. */
typedef struct trial {
    bp_optimizer optimizer;
    size_t epochs;
    double target;        /* 0: none */
    double error, time;   /* results, in E of the plain loops ... */
    uint64_t evaluations; /* ... likewise */
} trial;

static void train(const problem *p, size_t start, trial *t)
{
    bp_network *net = make_network(p, start);
    bp_trainer *trainer = NULL;
    bp_trainer_options options;
    const bp_stop_rule rules[] = {bp_stop_epochs(t->epochs), bp_stop_error_below(t->target)};
    bp_trainer_options_init(&options, sizeof options);
    options.optimizer = t->optimizer;
    options.loss = bp_loss_squared_error();
    options.weight_decay = 0;
    options.scale_data = 0;
    options.stop_rules = rules;
    options.stop_rule_count = t->target > 0 ? 2 : 1;
    require(bp_trainer_create(&trainer, net, &options));
    const bp_data data = view(p);
    bp_result result;
    bp_result_init(&result, sizeof result);
    const double began = seconds();
    require(bp_trainer_run(trainer, &data, NULL, &result));
    t->time = seconds() - began;
    t->evaluations = result.evaluations;
    double w[MAX_WEIGHTS];
    read_weights(net, w);
    t->error = plain_error(p, w, NULL, NULL, NULL);
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
}

/* ------------------------------------------------------------------------------- figures */

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sorts. */
static double median(double *errors, size_t count)
{
    qsort(errors, count, sizeof *errors, compare);
    return (errors[(count - 1) / 2] + errors[count / 2]) / 2;
}

/* As multiples of the best known E. */
typedef struct figures {
    double median, best, best_of_10;
} figures;

static figures print_row(const char *name, double *errors, double best_known, double time, double evaluations)
{
    figures f = {.best_of_10 = INFINITY};
    for (size_t i = 0; i < 10; i++)
        f.best_of_10 = fmin(f.best_of_10, errors[i] / best_known);
    f.median = median(errors, STARTS) / best_known;
    f.best = errors[0] / best_known;
    printf("  %-14s median %8.4f  best %8.4f  best of 10 %8.4f", name, f.median, f.best, f.best_of_10);
    if (time > 0)
        printf("  %8.2f ms", time * 1e3);
    if (evaluations > 0)
        printf("  %6.0f evaluations", evaluations);
    printf("\n");
    fflush(stdout);
    return f;
}

static figures run_ours(const problem *p, const char *name, bp_optimizer optimizer, size_t epochs,
                        double best_known)
{
    double errors[STARTS], time = 0, evaluations = 0;
    for (size_t i = 0; i < STARTS; i++) {
        trial t = {.optimizer = optimizer, .epochs = epochs};
        train(p, i, &t);
        errors[i] = t.error;
        time += t.time / STARTS;
        evaluations += (double)t.evaluations / STARTS;
    }
    return print_row(name, errors, best_known, time, evaluations);
}

static figures run_peer(const problem *p, const char *name,
                        double (*peer)(const problem *p, const double *start), double best_known)
{
    double errors[STARTS], w[MAX_WEIGHTS], began = seconds();
    for (size_t i = 0; i < STARTS; i++) {
        problem_start(p, i, w);
        errors[i] = peer(p, w);
    }
    return print_row(name, errors, best_known, (seconds() - began) / STARTS, 0);
}

static figures run_nnet(const problem *p, double best_known)
{
    static double weights[STARTS * MAX_WEIGHTS], errors[STARTS];
    for (size_t i = 0; i < STARTS; i++)
        problem_start(p, i, weights + i * p->weights);
    peer_nnet(p, weights, STARTS, errors);
    return print_row("nnet", errors, best_known, 0, 0);
}

/* Is what we reach at most 1 % above theirs? */
static void compare_figures(const char *ours, const figures *a, const char *theirs, const figures *b)
{
    printf("  %s beside %s: median %+.2f %% %s, best %+.2f %% %s\n", ours, theirs,
           100 * (a->median / b->median - 1), a->median <= 1.01 * b->median ? "met" : "NOT MET",
           100 * (a->best / b->best - 1), a->best <= 1.01 * b->best ? "met" : "NOT MET");
}

/* The mean time of a start, divided by the share of starts that got there. */
static void time_to_target(const problem *p, const char *name, bp_optimizer optimizer, size_t epochs,
                           double target)
{
    double time = 0;
    size_t reached = 0;
    for (size_t i = 0; i < STARTS; i++) {
        trial t = {.optimizer = optimizer, .epochs = epochs, .target = target};
        train(p, i, &t);
        time += t.time;
        reached += t.error <= 1.0001 * target;
    }
    printf("  %-14s to 1.05 x best known: %zu of %d starts, %.2f ms for each that got there\n", name, reached,
           STARTS, time / (double)reached * 1e3);
    fflush(stdout);
}

static double find_best_known(const problem *p, size_t starts)
{
    double best = INFINITY, w[MAX_WEIGHTS];
    for (size_t i = 0; i < starts; i++) {
        problem_start(p, FIRST_START_FOR_BEST + i, w);
        best = fmin(best, peer_lmder(p, w));
    }
    return best;
}

/* Of the file; NaN if it has none. */
static double read_best_known(size_t number)
{
    FILE *file = fopen(BENCH_BEST_KNOWN, "r");
    double best = NAN, value;
    size_t line;
    while (file != NULL && fscanf(file, "%zu %lf", &line, &value) == 2)
        if (line == number)
            best = value;
    if (file != NULL)
        fclose(file);
    return best;
}

static void compare_all(const problem *p, double best_known)
{
    printf("%s: %zu-%zu-1, %zu cases; best known E %.6f\n", p->name, p->inputs, p->units, p->cases,
           best_known);
    const figures lm = run_ours(p, "our LM", bp_optimizer_levenberg_marquardt(), 2000, best_known);
    const figures lbfgs = run_ours(p, "our L-BFGS", bp_optimizer_lbfgs(10), 5000, best_known);
    const figures bfgs = run_ours(p, "our L-BFGS 40", bp_optimizer_lbfgs(40), 5000, best_known);
    run_ours(p, "our SCG", bp_optimizer_scg(), 5000, best_known);
    const figures lmder = run_peer(p, "lmder", peer_lmder, best_known);
    const figures liblbfgs = run_peer(p, "liblbfgs", peer_lbfgs, best_known), nnet = run_nnet(p, best_known);
    compare_figures("LM", &lm, "lmder", &lmder);
    compare_figures("L-BFGS", &lbfgs, "liblbfgs", &liblbfgs);
    compare_figures("L-BFGS 40", &bfgs, "nnet", &nnet);
    time_to_target(p, "our LM", bp_optimizer_levenberg_marquardt(), 2000, 1.05 * best_known);
    time_to_target(p, "our L-BFGS", bp_optimizer_lbfgs(10), 5000, 1.05 * best_known);
    time_to_target(p, "momentum", bp_optimizer_momentum(BP_RATE_AUTO, 0.9), 5000, 1.05 * best_known);
}

int main(int count, char **arguments)
{
    static problem p;
    const char *what = count > 1 ? arguments[1] : "";
    if (strcmp(what, "speed") == 0)
        return print_speed();
    const int only_best = strcmp(what, "best") == 0;
    const problem_set set = strcmp(what, "choosing") == 0 ? CHOOSING : JUDGED;
    const int skipped = only_best || set == CHOOSING;
    const size_t first = count > 1 + skipped ? (size_t)atoi(arguments[1 + skipped]) : 0;
    const size_t last = count > 2 + skipped   ? (size_t)atoi(arguments[2 + skipped])
                        : count > 1 + skipped ? first
                                              : problem_count(set) - 1;
    for (size_t i = first; i <= last && i < problem_count(set); i++) {
        problem_make(&p, set, i);
        if (only_best)
            printf("%zu %.9g\n", i, find_best_known(&p, STARTS_FOR_BEST));
        else
            compare_all(&p, set == CHOOSING ? find_best_known(&p, STARTS) : read_best_known(i));
        fflush(stdout);
    }
    return 0;
}
