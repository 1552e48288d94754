#include "plain.h"

#include <math.h>
#include <string.h>

/* y of a case, and its derivatives by all weights. */
static double output(const problem *p, const double *w, const double *x, double *by_weights)
{
    const size_t n = p->inputs, m = p->units;
    const double *biases = w + m * n, *out = biases + m;
    double y = out[m];
    for (size_t j = 0; j < m; j++) {
        double total = biases[j];
        for (size_t k = 0; k < n; k++)
            total += w[j * n + k] * x[k];
        const double h = tanh(total), slope = out[j] * (1 - h * h);
        y += out[j] * h;
        for (size_t k = 0; k < n; k++)
            by_weights[j * n + k] = slope * x[k];
        by_weights[m * n + j] = slope;
        by_weights[m * n + m + j] = h;
    }
    by_weights[m * n + 2 * m] = 1;
    return y;
}

double plain_error(const problem *p, const double *w, double *gradient, double *residuals, double *jacobian)
{
    double error = 0, row[MAX_WEIGHTS];
    if (gradient != NULL)
        memset(gradient, 0, p->weights * sizeof *gradient);
    for (size_t i = 0; i < p->cases; i++) {
        const double r = output(p, w, p->x + i * p->inputs, row) - p->d[i];
        error += r * r / 2;
        for (size_t k = 0; gradient != NULL && k < p->weights; k++)
            gradient[k] += r * row[k];
        if (residuals != NULL)
            residuals[i] = r;
        if (jacobian != NULL)
            memcpy(jacobian + i * p->weights, row, p->weights * sizeof *row);
    }
    return error;
}
