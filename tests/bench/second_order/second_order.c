/*
 * L-BFGS, scaled conjugate gradient and Levenberg-Marquardt beside liblbfgs, MINPACK's lmder and R's nnet,
 * from the same weights; and the processor time that Levenberg-Marquardt and momentum take to the best known
 * E.
 *
 *     second_order [starts [starts for the best known]]     20 and 200 by default
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "backprop.h"
#include "peers.h"
#include "plain.h"

enum { MAX_STARTS = 1000 };

static void require(bp_status status)
{
    if (status == BP_OK)
        return;
    fprintf(stderr, "%s\n", bp_error_message());
    exit(1);
}

/* ---------------------------------------------------------------------------- the library */

static bp_network *make_network(const problem *p, uint64_t seed)
{
    const size_t units[] = {p->inputs, p->units, 1};
    bp_network *net = NULL;
    require(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_linear()));
    require(bp_network_initialize(net, seed));
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

static void train(const problem *p, uint64_t seed, trial *t)
{
    bp_network *net = make_network(p, seed);
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
    const double start = seconds();
    require(bp_trainer_run(trainer, &data, NULL, &result));
    t->time = seconds() - start;
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

static void print_row(const char *name, double *errors, size_t count, double best_known, double time,
                      double evaluations)
{
    double best_of_10 = errors[0];
    for (size_t i = 0; i < 10 && i < count; i++)
        best_of_10 = fmin(best_of_10, errors[i]);
    const double middle = median(errors, count);
    printf("  %-14s median %10.6f (%7.4f)  best %10.6f (%7.4f)  best of 10 (%7.4f)", name, middle,
           middle / best_known, errors[0], errors[0] / best_known, best_of_10 / best_known);
    if (time > 0)
        printf("  %8.2f ms  %6.0f evaluations", time * 1e3, evaluations);
    printf("\n");
    fflush(stdout);
}

static void compare_ours(const problem *p, const char *name, bp_optimizer optimizer, size_t epochs,
                         size_t starts, double best_known)
{
    double errors[MAX_STARTS], time = 0, evaluations = 0;
    for (size_t i = 0; i < starts; i++) {
        trial t = {.optimizer = optimizer, .epochs = epochs};
        train(p, i + 1, &t);
        errors[i] = t.error;
        time += t.time / (double)starts;
        evaluations += (double)t.evaluations / (double)starts;
    }
    print_row(name, errors, starts, best_known, time, evaluations);
}

static void compare_peers(const problem *p, size_t starts, double best_known)
{
    static double weights[MAX_STARTS * MAX_WEIGHTS], errors[MAX_STARTS];
    for (size_t i = 0; i < starts; i++) {
        bp_network *net = make_network(p, i + 1);
        read_weights(net, weights + i * p->weights);
        bp_network_destroy(net);
    }
    for (size_t i = 0; i < starts; i++)
        errors[i] = peer_lmder(p, weights + i * p->weights);
    print_row("lmder", errors, starts, best_known, 0, 0);
    for (size_t i = 0; i < starts; i++)
        errors[i] = peer_lbfgs(p, weights + i * p->weights);
    print_row("liblbfgs", errors, starts, best_known, 0, 0);
    peer_nnet(p, weights, starts, errors);
    print_row("nnet", errors, starts, best_known, 0, 0);
}

/* The mean time of a start, divided by the share of starts that got there. */
static void time_to_target(const problem *p, const char *name, bp_optimizer optimizer, size_t epochs,
                           size_t starts, double target)
{
    double time = 0;
    size_t reached = 0;
    for (size_t i = 0; i < starts; i++) {
        trial t = {.optimizer = optimizer, .epochs = epochs, .target = target};
        train(p, i + 1, &t);
        time += t.time;
        reached += t.error <= 1.0001 * target;
    }
    printf("  %-14s to 1.05 x best known: %zu of %zu starts, %.2f ms for each that got there\n", name,
           reached, starts, time / (double)reached * 1e3);
    fflush(stdout);
}

static double find_best_known(const problem *p, size_t starts)
{
    double best = INFINITY, w[MAX_WEIGHTS];
    for (size_t i = 0; i < starts; i++) {
        bp_network *net = make_network(p, 1000 + i);
        read_weights(net, w);
        bp_network_destroy(net);
        best = fmin(best, peer_lmder(p, w));
    }
    return best;
}

int main(int count, char **arguments)
{
    size_t starts = count > 1 ? (size_t)atoi(arguments[1]) : 20;
    const size_t many = count > 2 ? (size_t)atoi(arguments[2]) : 200;
    starts = starts < 1 ? 1 : starts > MAX_STARTS ? MAX_STARTS : starts;
    for (size_t i = 0; i < PROBLEMS; i++) {
        static problem p;
        problem_make(&p, i);
        const double best_known = find_best_known(&p, many);
        printf("%s: %zu-%zu-1, %zu cases; best known E %.6f\n", p.name, p.inputs, p.units, p.cases,
               best_known);
        compare_ours(&p, "our LM", bp_optimizer_levenberg_marquardt(), 1000, starts, best_known);
        compare_ours(&p, "our L-BFGS", bp_optimizer_lbfgs(10), 5000, starts, best_known);
        compare_ours(&p, "our SCG", bp_optimizer_scg(), 5000, starts, best_known);
        compare_peers(&p, starts, best_known);
        time_to_target(&p, "our LM", bp_optimizer_levenberg_marquardt(), 1000, starts, 1.05 * best_known);
        time_to_target(&p, "our L-BFGS", bp_optimizer_lbfgs(10), 5000, starts, 1.05 * best_known);
        time_to_target(&p, "momentum", bp_optimizer_momentum(BP_RATE_AUTO, 0.9), 5000, starts,
                       1.05 * best_known);
    }
    return 0;
}
