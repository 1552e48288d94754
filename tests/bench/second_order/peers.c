#include "peers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plain.h"

#ifdef BENCH_LBFGS
#include <lbfgs.h>

static lbfgsfloatval_t evaluate(void *context, const lbfgsfloatval_t *w, lbfgsfloatval_t *gradient, int count,
                                lbfgsfloatval_t step)
{
    (void)count;
    (void)step;
    return plain_error(context, w, gradient, NULL, NULL);
}

double peer_lbfgs(const problem *p, const double *start)
{
    lbfgs_parameter_t options;
    lbfgs_parameter_init(&options);
    options.m = 10;
    options.epsilon = 1e-9;
    options.max_iterations = 5000;
    problem copy = *p;
    lbfgsfloatval_t *w = lbfgs_malloc((int)p->weights), error = NAN;
    memcpy(w, start, p->weights * sizeof *w);
    lbfgs((int)p->weights, w, &error, evaluate, NULL, &copy, &options);
    error = plain_error(p, w, NULL, NULL, NULL);
    lbfgs_free(w);
    return error;
}
#else
double peer_lbfgs(const problem *p, const double *start)
{
    (void)p;
    (void)start;
    return NAN;
}
#endif

#ifdef BENCH_CMINPACK
#include <cminpack.h>

/* MINPACK keeps matrices by columns. */
static int evaluate_rows(void *context, int cases, int weights, const double *w, double *residuals,
                         double *jacobian, int stride, int what)
{
    const problem *p = context;
    static double rows[MAX_CASES * MAX_WEIGHTS];
    (void)cases;
    if (what == 1) {
        plain_error(p, w, NULL, residuals, NULL);
        return 0;
    }
    plain_error(p, w, NULL, NULL, rows);
    for (size_t i = 0; i < p->cases; i++)
        for (size_t k = 0; k < (size_t)weights; k++)
            jacobian[k * (size_t)stride + i] = rows[i * p->weights + k];
    return 0;
}

double peer_lmder(const problem *p, const double *start)
{
    static double jacobian[MAX_CASES * MAX_WEIGHTS], residuals[MAX_CASES], work[4][MAX_CASES];
    double w[MAX_WEIGHTS], scale[MAX_WEIGHTS], product[MAX_WEIGHTS];
    int pivots[MAX_WEIGHTS], evaluations, jacobians;
    problem copy = *p;
    memcpy(w, start, p->weights * sizeof *w);
    lmder(evaluate_rows, &copy, (int)p->cases, (int)p->weights, w, residuals, jacobian, (int)p->cases, 1e-10,
          1e-10, 1e-10, 2000, scale, 1, 100, 0, &evaluations, &jacobians, pivots, product, work[0], work[1],
          work[2], work[3]);
    return plain_error(p, w, NULL, NULL, NULL);
}
#else
double peer_lmder(const problem *p, const double *start)
{
    (void)p;
    (void)start;
    return NAN;
}
#endif

/* ------------------------------------------------------------------------------------ nnet */

/* tanh(x) = 2 logistic(2 x) - 1. nnet keeps the weights unit by unit, the bias first. */
static void convert(const problem *p, const double *w, double *nnet)
{
    const size_t n = p->inputs, m = p->units;
    const double *biases = w + m * n, *out = biases + m;
    double bias = out[m];
    for (size_t j = 0; j < m; j++) {
        nnet[j * (n + 1)] = 2 * biases[j];
        for (size_t k = 0; k < n; k++)
            nnet[j * (n + 1) + 1 + k] = 2 * w[j * n + k];
        nnet[m * (n + 1) + 1 + j] = 2 * out[j];
        bias -= out[j];
    }
    nnet[m * (n + 1)] = bias;
}

static void write_problem(FILE *file, const problem *p, const double *starts, size_t count)
{
    double nnet[MAX_WEIGHTS];
    fprintf(file, "%zu %zu %zu %zu\n", p->cases, p->inputs, p->units, count);
    for (size_t i = 0; i < p->cases; i++) {
        for (size_t k = 0; k < p->inputs; k++)
            fprintf(file, "%.17g ", p->x[i * p->inputs + k]);
        fprintf(file, "%.17g\n", p->d[i]);
    }
    for (size_t i = 0; i < count; i++) {
        convert(p, starts + i * p->weights, nnet);
        for (size_t k = 0; k < p->weights; k++)
            fprintf(file, "%.17g ", nnet[k]);
        fprintf(file, "\n");
    }
}

/* nnet minimizes the sum of squares, 2 E. */
void peer_nnet(const problem *p, const double *starts, size_t count, double *errors)
{
    char path[500], command[1200];
    const char *folder = getenv("TMPDIR");
    for (size_t i = 0; i < count; i++)
        errors[i] = NAN;
    snprintf(path, sizeof path, "%s/second_order_XXXXXX", folder != NULL ? folder : "/tmp");
    const int descriptor = mkstemp(path);
    FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "w");
    if (file == NULL)
        return;
    write_problem(file, p, starts, count);
    fclose(file);
    snprintf(command, sizeof command, "Rscript %s %s 2>/dev/null", BENCH_NNET, path);
    FILE *answers = popen(command, "r");
    for (size_t i = 0; answers != NULL && i < count && fscanf(answers, "%lf", &errors[i]) == 1; i++)
        errors[i] /= 2;
    if (answers != NULL)
        pclose(answers);
    remove(path);
}
