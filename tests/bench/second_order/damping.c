/*
 * Variants of Levenberg-Marquardt's damping in plain double-precision loops, on the choosing set alone, as
 * far as its functions have one input: the others take too long. The library's was chosen by these figures.
 *
 *     damping [starts]     20 by default
 *
 * All solve (J^T J + mu D^2) h = -g and end where, as in lmder, neither the fall of E nor the predicted one
 * is more than 1e-10 of E, or after 2,000 evaluations.
 */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "peers.h"
#include "plain.h"

/* Those of one input. */
enum { PROBLEMS = CHOOSING_PROBLEMS - 2 };

/* D: the unit matrix; the norms of the columns of J; the largest norms so far (More 1978). */
typedef enum scaling { UNIT, MARQUARDT, MORE } scaling;

/*
 * What mu follows from: Nielsen (1999), mu = tau max(diagonal) at first; the same with Marquardt's fixed
 * factors; a trust region as in lmder, of tau |D w| at first.
 */
typedef enum control { NIELSEN, FACTORS, REGION } control;

typedef struct variant {
    const char *name;
    scaling scaling;
    control control;
    double first;  /* tau */
    double accept; /* the gain that a step needs, 0: any fall */
} variant;

static const variant variants[] = {
    {"unit, Nielsen, 1", UNIT, NIELSEN, 1, 0},
    {"unit, Nielsen, 10", UNIT, NIELSEN, 10, 0},
    {"unit, Nielsen, 100", UNIT, NIELSEN, 100, 0},
    {"unit, Nielsen, 1e-3", UNIT, NIELSEN, 1e-3, 0},
    {"Marquardt, Nielsen, 1", MARQUARDT, NIELSEN, 1, 0},
    {"Marquardt, Nielsen, 1e-3", MARQUARDT, NIELSEN, 1e-3, 0},
    {"More, Nielsen, 1", MORE, NIELSEN, 1, 0},
    {"More, Nielsen, 1e-3", MORE, NIELSEN, 1e-3, 0},
    {"unit, factors, 1", UNIT, FACTORS, 1, 0},
    {"unit, factors, 1e-3", UNIT, FACTORS, 1e-3, 0},
    {"Marquardt, factors, 1e-3", MARQUARDT, FACTORS, 1e-3, 0},
    {"More, factors, 1e-3", MORE, FACTORS, 1e-3, 0},
    {"unit, region, 100", UNIT, REGION, 100, 1e-4},
    {"unit, region, 1", UNIT, REGION, 1, 1e-4},
    {"unit, region, 0.1", UNIT, REGION, 0.1, 1e-4},
    {"Marquardt, region, 1", MARQUARDT, REGION, 1, 1e-4},
    {"More, region, 100", MORE, REGION, 100, 1e-4},
    {"More, region, 1", MORE, REGION, 1, 1e-4},
    {"More, region, 0.1", MORE, REGION, 0.1, 1e-4},
    {"unit, Nielsen, 1, gain 0.25", UNIT, NIELSEN, 1, 0.25},
    {"unit, region, 1, gain 0.25", UNIT, REGION, 1, 0.25},
};
enum { VARIANTS = sizeof variants / sizeof *variants, MAX_EVALUATIONS = 2000, MAX_STARTS = 1000 };

/* ------------------------------------------------------------------------------ a training */

typedef struct training {
    const problem *p;
    const variant *v;
    size_t n;
    double w[MAX_WEIGHTS], tried[MAX_WEIGHTS], gradient[MAX_WEIGHTS], d[MAX_WEIGHTS], step[MAX_WEIGHTS];
    double matrix[MAX_WEIGHTS * MAX_WEIGHTS], factor[MAX_WEIGHTS * MAX_WEIGHTS];
    double mu, radius, raise, error;
    int evaluations;
} training;

static double residuals[MAX_CASES], jacobian[MAX_CASES * MAX_WEIGHTS];

static void find_matrix(training *t)
{
    const size_t n = t->n;
    plain_error(t->p, t->w, t->gradient, residuals, jacobian);
    memset(t->matrix, 0, n * n * sizeof *t->matrix);
    for (size_t c = 0; c < t->p->cases; c++)
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j <= i; j++)
                t->matrix[i * n + j] += jacobian[c * n + i] * jacobian[c * n + j];
}

static void find_scaling(training *t, int is_first)
{
    for (size_t i = 0; i < t->n; i++) {
        const double norm = sqrt(t->matrix[i * t->n + i]);
        if (t->v->scaling == UNIT)
            t->d[i] = 1;
        else if (t->v->scaling == MARQUARDT || is_first)
            t->d[i] = norm > 0 ? norm : 1;
        else
            t->d[i] = fmax(t->d[i], norm);
    }
}

static double scaled_norm(const training *t, const double *x)
{
    double sum = 0;
    for (size_t i = 0; i < t->n; i++)
        sum += t->d[i] * t->d[i] * x[i] * x[i];
    return sqrt(sum);
}

/* L of J^T J + mu D^2; 0 if that is singular. */
static int factorize(training *t, double mu)
{
    const size_t n = t->n;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) {
            const double given = t->matrix[i * n + j] + (i == j ? mu * t->d[i] * t->d[i] : 0);
            double sum = given;
            for (size_t k = 0; k < j; k++)
                sum -= t->factor[i * n + k] * t->factor[j * n + k];
            if (i == j && !(sum > given * (double)n * DBL_EPSILON))
                return 0;
            t->factor[i * n + j] = i == j ? sqrt(sum) : sum / t->factor[j * n + j];
        }
    return 1;
}

/* x = L^-1 x */
static void solve_lower(const training *t, double *x)
{
    for (size_t i = 0; i < t->n; i++) {
        for (size_t k = 0; k < i; k++)
            x[i] -= t->factor[i * t->n + k] * x[k];
        x[i] /= t->factor[i * t->n + i];
    }
}

static int find_step(training *t, double mu)
{
    const size_t n = t->n;
    if (!factorize(t, mu))
        return 0;
    for (size_t i = 0; i < n; i++)
        t->step[i] = -t->gradient[i];
    solve_lower(t, t->step);
    for (size_t i = n; i-- > 0;) {
        for (size_t k = i + 1; k < n; k++)
            t->step[i] -= t->factor[k * n + i] * t->step[k];
        t->step[i] /= t->factor[i * n + i];
    }
    return 1;
}

/* 1/2 h^T (mu D^2 h - g) */
static double predicted_fall(const training *t, double mu)
{
    double sum = 0;
    for (size_t i = 0; i < t->n; i++)
        sum += t->step[i] * (mu * t->d[i] * t->d[i] * t->step[i] - t->gradient[i]) / 2;
    return sum;
}

static double try_step(training *t)
{
    for (size_t i = 0; i < t->n; i++)
        t->tried[i] = t->w[i] + t->step[i];
    t->evaluations++;
    const double error = plain_error(t->p, t->tried, NULL, NULL, NULL);
    return isfinite(error) ? error : INFINITY;
}

/* ----------------------------------------------------------------------------------- mu */

/* Moré (1978), section 5: the mu whose step is as long as the radius, within a tenth, or 0 with a shorter
 * one. */
static void find_mu(training *t)
{
    double low = 0, high, x[MAX_WEIGHTS], norm;
    for (size_t i = 0; i < t->n; i++)
        x[i] = t->gradient[i] / t->d[i] / t->d[i];
    high = scaled_norm(t, x) / t->radius;
    for (int i = 0; i < 10; i++) {
        if (i == 0 && find_step(t, 0)) {
            norm = scaled_norm(t, t->step);
            if (norm <= 1.1 * t->radius) {
                t->mu = 0;
                return;
            }
            memcpy(x, t->step, sizeof x);
            for (size_t k = 0; k < t->n; k++)
                x[k] *= t->d[k] * t->d[k] / norm;
            solve_lower(t, x);
            double square = 0;
            for (size_t k = 0; k < t->n; k++)
                square += x[k] * x[k];
            low = (norm - t->radius) / t->radius / square;
        }
        t->mu = fmin(fmax(t->mu, low), high);
        if (t->mu == 0)
            t->mu = fmax(DBL_MIN, 0.001 * high);
        if (!find_step(t, t->mu)) {
            low = fmax(low, t->mu);
            t->mu = fmin(high, fmax(t->mu * 10, 1e-14 * high));
            continue;
        }
        norm = scaled_norm(t, t->step);
        const double excess = norm - t->radius;
        if (fabs(excess) <= 0.1 * t->radius)
            return;
        if (excess > 0)
            low = fmax(low, t->mu);
        else
            high = fmin(high, t->mu);
        for (size_t k = 0; k < t->n; k++)
            x[k] = t->step[k] * t->d[k] * t->d[k] / norm;
        solve_lower(t, x);
        double square = 0;
        for (size_t k = 0; k < t->n; k++)
            square += x[k] * x[k];
        t->mu = fmax(low, t->mu + excess / t->radius / square);
    }
}

/* As lmder changes it after a step. */
static void change_radius(training *t, double fall, double gain, double norm)
{
    if (gain <= 0.25) {
        double slope = 0, factor = 0.5;
        for (size_t i = 0; i < t->n; i++)
            slope += t->step[i] * t->gradient[i];
        if (fall < 0)
            factor = isfinite(fall) ? fmax(0.1, slope / 2 / (slope + fall)) : 0.1;
        t->radius = factor * fmin(t->radius, 10 * norm);
        t->mu /= factor;
    } else if (t->mu == 0 || gain >= 0.75) {
        t->radius = 2 * norm;
        t->mu /= 2;
    }
}

static void change_mu(training *t, int is_taken, double gain)
{
    if (t->v->control == FACTORS) {
        t->mu *= is_taken ? 0.1 : 10;
    } else if (is_taken) {
        t->mu *= fmax(1.0 / 3, 1 - pow(2 * fmin(gain, 1) - 1, 3));
        t->raise = 2;
    } else {
        t->mu *= t->raise;
        t->raise *= 2;
    }
    t->mu = fmax(t->mu, 1e-30);
}

/* Steps until one is taken. 0 if the training ends. */
static int iterate(training *t, int is_first)
{
    find_matrix(t);
    find_scaling(t, is_first);
    for (size_t i = 0; is_first && i < t->n; i++)
        t->mu = fmax(t->mu, t->v->first * t->matrix[i * t->n + i] / t->d[i] / t->d[i]);
    if (is_first && t->v->control == REGION) {
        t->mu = 0;
        t->radius = t->v->first * scaled_norm(t, t->w);
    }
    for (int tries = 0; tries < 40 && t->evaluations < MAX_EVALUATIONS; tries++) {
        int is_solved = 1;
        if (t->v->control == REGION)
            find_mu(t);
        else
            is_solved = find_step(t, t->mu);
        const double norm = scaled_norm(t, t->step), predicted = is_solved ? predicted_fall(t, t->mu) : 0;
        const double found = is_solved ? try_step(t) : INFINITY, fall = t->error - found,
                     gain = fall / predicted;
        const int is_taken = is_solved && fall > 0 && gain >= t->v->accept;
        const int is_end = is_solved && fabs(fall) <= 1e-10 * t->error && predicted <= 1e-10 * t->error;
        if (is_first && tries == 0 && t->v->control == REGION)
            t->radius = fmin(t->radius, norm);
        if (t->v->control == REGION)
            change_radius(t, fall, gain, norm);
        else
            change_mu(t, is_taken, gain);
        if (is_taken) {
            memcpy(t->w, t->tried, sizeof t->w);
            t->error = found;
        }
        if (is_end)
            return 0;
        if (is_taken)
            return 1;
    }
    return 0;
}

static double train(const problem *p, const variant *v, size_t start, int *evaluations)
{
    static training t;
    t = (training){.p = p, .v = v, .n = p->weights, .raise = 2, .evaluations = 1};
    problem_start(p, start, t.w);
    t.error = plain_error(p, t.w, NULL, NULL, NULL);
    int is_first = 1;
    while (t.evaluations < MAX_EVALUATIONS && iterate(&t, is_first))
        is_first = 0;
    *evaluations += t.evaluations;
    return t.error;
}

/* ---------------------------------------------------------------------------------- figures */

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The first row is lmder's. */
enum { ROWS = VARIANTS + 1 };
static double errors[ROWS][PROBLEMS][MAX_STARTS], evaluations[ROWS];

static void run(const problem *p, size_t number, size_t starts)
{
    double w[MAX_WEIGHTS];
    fprintf(stderr, "%s: lmder", p->name);
    for (size_t k = 0; k < starts; k++) {
        problem_start(p, k, w);
        errors[0][number][k] = peer_lmder(p, w);
    }
    for (size_t v = 0; v < VARIANTS; v++) {
        int count = 0;
        for (size_t k = 0; k < starts; k++)
            errors[v + 1][number][k] = train(p, &variants[v], k, &count);
        evaluations[v + 1] += (double)count / (double)starts / PROBLEMS;
        fprintf(stderr, ", %s", variants[v].name);
    }
    fprintf(stderr, "\n");
}

/* The lowest E that any of them found. */
static double best_of(size_t number, size_t starts)
{
    double best = INFINITY;
    for (size_t row = 0; row < ROWS; row++)
        for (size_t k = 0; k < starts; k++)
            best = fmin(best, errors[row][number][k]);
    return best;
}

/* The mean logarithm of the best of 10. */
static double best_of_10(const double *found, size_t starts)
{
    double sum = 0;
    for (size_t i = 0; i + 10 <= starts; i += 10) {
        double least = found[i];
        for (size_t k = 1; k < 10; k++)
            least = fmin(least, found[i + k]);
        sum += log(least) / (double)(starts / 10);
    }
    return sum;
}

static void print_row(const char *name, size_t row, size_t starts)
{
    double log_median = 0, near = 0, of_10 = 0;
    int within = 0;
    for (size_t i = 0; i < PROBLEMS; i++) {
        double *found = errors[row][i];
        const double best = best_of(i, starts);
        of_10 += (best_of_10(found, starts) - log(best)) / PROBLEMS;
        for (size_t k = 0; k < starts; k++)
            near += (found[k] <= 1.05 * best) / (double)starts / PROBLEMS;
        qsort(found, starts, sizeof *found, compare);
        const double median = (found[(starts - 1) / 2] + found[starts / 2]) / 2 / best;
        printf(" %6.3f", median);
        log_median += log(median) / PROBLEMS;
        within += median <= 1.01;
    }
    printf("  | %.4f  %2d  %.3f  %.4f  %5.0f  %s\n", exp(log_median), within, near, exp(of_10),
           evaluations[row], name);
}

int main(int count, char **arguments)
{
    const size_t starts = count > 1 ? (size_t)atoi(arguments[1]) : 20;
    static problem p;
    if (starts < 10 || starts > MAX_STARTS) {
        fprintf(stderr, "usage: damping [starts: 10 to 1000]\n");
        return 1;
    }
    for (size_t i = 0; i < PROBLEMS; i++) {
        problem_make(&p, CHOOSING, i);
        run(&p, i, starts);
    }
    printf("Medians of E by problem, as multiples of the lowest E that was found | their geometric mean, how "
           "many "
           "are within 1 %%, starts within 5 %% of the lowest E, best of 10, evaluations\n");
    print_row("lmder", 0, starts);
    for (size_t v = 0; v < VARIANTS; v++)
        print_row(variants[v].name, v + 1, starts);
    return 0;
}
