#include "reference/second_order.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double *numbers(size_t count)
{
    return calloc(count + 1, sizeof(double));
}

static double dot(const double *a, const double *b, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += a[i] * b[i];
    return sum;
}

double reference_value(const reference_objective *objective, double *gradient)
{
    reference *ref = objective->ref;
    double error;
    reference_run(ref, objective->data, REFERENCE_SQUARED_ERROR,
                  &(reference_result){.error = &error, .gradient = gradient});
    for (size_t i = 0; gradient != NULL && i < ref->weight_count; i++)
        gradient[i] = gradient[i] / objective->divisor + objective->decay * ref->weights[i];
    return error / objective->divisor +
           objective->decay / 2 * dot(ref->weights, ref->weights, ref->weight_count);
}

/* ref->weights = from + step * direction */
static void move(reference *ref, const double *from, double step, const double *direction)
{
    for (size_t i = 0; i < ref->weight_count; i++)
        ref->weights[i] = from[i] + step * direction[i];
}

/* ------------------------------------------------------------------------------- SCG */

void reference_scg_step(reference_scg *scg, const reference_objective *objective, double sigma_1)
{
    reference *ref = objective->ref;
    const size_t n = ref->weight_count;
    double *w = numbers(n), *gradient = numbers(n), *moved = numbers(n), *p = scg->direction,
           *r = scg->residual;
    memcpy(w, ref->weights, n * sizeof *w);
    const double start = reference_value(objective, gradient);
    if (!scg->has_begun) { /* step 1 */
        scg->lambda = 1e-6;
        scg->successes = 0;
        scg->has_begun = 1;
        for (size_t i = 0; i < n; i++)
            p[i] = r[i] = -gradient[i];
    }
    const double square = dot(p, p, n), sigma = sigma_1 / sqrt(square);
    move(ref, w, sigma, p); /* step 2 */
    reference_value(objective, moved);
    double delta = 0, lambda_bar = 0;
    for (size_t i = 0; i < n; i++)
        delta += p[i] * (moved[i] - gradient[i]) / sigma;
    for (;;) {
        delta += (scg->lambda - lambda_bar) * square; /* step 3 */
        lambda_bar = scg->lambda;
        if (delta <= 0) { /* step 4 */
            lambda_bar = 2 * (scg->lambda - delta / square);
            delta = -delta + scg->lambda * square;
            scg->lambda = lambda_bar;
        }
        const double mu = dot(p, r, n), alpha = mu / delta; /* step 5 */
        move(ref, w, alpha, p);
        const double value = reference_value(objective, moved);
        const double comparison = 2 * delta * (start - value) / (mu * mu); /* step 6 */
        const double lambda = scg->lambda;
        if (comparison >= 0) { /* step 7 */
            double change = 0;
            for (size_t i = 0; i < n; i++)
                change += moved[i] * moved[i] + moved[i] * r[i]; /* |r'|^2 - r' r with r' = -moved */
            scg->successes++;
            const double beta = scg->successes % n == 0 ? 0 : change / mu;
            for (size_t i = 0; i < n; i++) {
                r[i] = -moved[i];
                p[i] = r[i] + beta * p[i];
            }
            if (comparison >= 0.75)
                scg->lambda = lambda / 4;
        }
        if (comparison < 0.25) /* step 8 */
            scg->lambda = lambda + delta * (1 - comparison) / square;
        if (comparison >= 0)
            break;
    }
    free(w);
    free(gradient);
    free(moved);
}

/* -------------------------------------------------------------------------------- LM */

/* a x = b by Gaussian elimination with pivots; b becomes x. */
static void solve(double *a, double *b, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        size_t pivot = k;
        for (size_t i = k + 1; i < n; i++)
            if (fabs(a[i * n + k]) > fabs(a[pivot * n + k]))
                pivot = i;
        for (size_t j = 0; j < n; j++) {
            const double other = a[k * n + j];
            a[k * n + j] = a[pivot * n + j];
            a[pivot * n + j] = other;
        }
        const double other = b[k];
        b[k] = b[pivot];
        b[pivot] = other;
        for (size_t i = k + 1; i < n; i++) {
            const double factor = a[i * n + k] / a[k * n + k];
            for (size_t j = k; j < n; j++)
                a[i * n + j] -= factor * a[k * n + j];
            b[i] -= factor * b[k];
        }
    }
    for (size_t k = n; k-- > 0;) {
        for (size_t j = k + 1; j < n; j++)
            b[k] -= a[k * n + j] * b[j];
        b[k] /= a[k * n + k];
    }
}

/* J^T J / divisor + decay */
static void find_matrix(const reference_objective *objective, double *matrix)
{
    reference *ref = objective->ref;
    const size_t n = ref->weight_count;
    double *row = numbers(n), *by_inputs = numbers(ref->input_width);
    memset(matrix, 0, n * n * sizeof *matrix);
    for (size_t c = 0; c < objective->data->cases; c++)
        for (size_t output = 0; output < ref->output_width; output++) {
            const bp_real *weights = objective->data->case_weights;
            const double weight = (weights == NULL ? 1 : (double)weights[c]) / objective->divisor;
            reference_output_gradient(ref, objective->data, c, output, row, by_inputs);
            for (size_t i = 0; i < n; i++)
                for (size_t j = 0; j < n; j++)
                    matrix[i * n + j] += weight * row[i] * row[j];
        }
    for (size_t i = 0; i < n; i++)
        matrix[i * n + i] += objective->decay;
    free(row);
    free(by_inputs);
}

void reference_lm_step(double *mu, const reference_objective *objective)
{
    reference *ref = objective->ref;
    const size_t n = ref->weight_count;
    double *w = numbers(n), *gradient = numbers(n), *step = numbers(n), *matrix = numbers(n * n),
           *damped = numbers(n * n), raise = 2;
    memcpy(w, ref->weights, n * sizeof *w);
    const double start = reference_value(objective, gradient);
    find_matrix(objective, matrix);
    for (size_t i = 0; *mu <= 0 && i < n; i++)
        for (size_t j = 0; j < n; j++)
            *mu = fmax(*mu, matrix[j * n + j]);
    for (int tries = 0; tries < 20; tries++) {
        memcpy(damped, matrix, n * n * sizeof *damped);
        for (size_t i = 0; i < n; i++) {
            damped[i * n + i] += *mu;
            step[i] = -gradient[i];
        }
        solve(damped, step, n);
        move(ref, w, 1, step);
        const double fall = start - reference_value(objective, NULL);
        double predicted = 0;
        for (size_t i = 0; i < n; i++)
            predicted += step[i] * (*mu * step[i] - gradient[i]) / 2;
        if (fall > 0) {
            *mu *= fmax(1.0 / 3, 1 - pow(2 * fmin(fall / predicted, 1) - 1, 3));
            break;
        }
        *mu *= raise;
        raise *= 2;
    }
    free(w);
    free(gradient);
    free(step);
    free(matrix);
    free(damped);
}
