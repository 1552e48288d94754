#include "problems.h"

#include <math.h>
#include <stdint.h>

static const double pi = 3.14159265358979323846;

/* ------------------------------------------------------------------------ random numbers */

/* SplitMix64, in (0, 1). */
static double uniform(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return ((double)((z ^ (z >> 31)) >> 11) + 0.5) * 0x1p-53;
}

static double normal(uint64_t *state)
{
    const double radius = sqrt(-2 * log(uniform(state)));
    return radius * cos(2 * pi * uniform(state));
}

/* ---------------------------------------------------------------------------- functions */

static double bell(double x, double centre, double width)
{
    return exp(-(x - centre) * (x - centre) / (width * width));
}

static double step(double x, double place, double width)
{
    return 1 / (1 + exp(-(x - place) / width));
}

static double line_and_sine(const double *x)
{
    return 0.4 * x[0] + sin(1.6 * x[0]);
}

static double line_and_fast_sine(const double *x)
{
    return x[0] < 0 ? 0.8 * x[0] : sin(2.5 * x[0]) + 0.2 * x[0];
}

static double two_bells(const double *x)
{
    return exp(-0.25 * (x[0] + 4)) + bell(x[0], -1, 0.8) + 0.7 * bell(x[0], 2, 0.6);
}

static double three_bells(const double *x)
{
    return bell(x[0], -2.5, 0.9) - 0.8 * bell(x[0], 0, 0.7) + 0.6 * bell(x[0], 2.4, 1.1);
}

static double steps(const double *x)
{
    return step(x[0], -2, 0.25) - 0.6 * step(x[0], 0.5, 0.15) + 0.8 * step(x[0], 2.5, 0.4);
}

static double one_step(const double *x)
{
    return 0.5 * step(x[0], -1, 0.4) + step(x[0], 1.5, 0.2);
}

/* Friedman (1991), "Multivariate adaptive regression splines". Inputs in 0..1 */
static double friedman(const double *x)
{
    return 10 * sin(pi * x[0] * x[1]) + 20 * (x[2] - 0.5) * (x[2] - 0.5) + 10 * x[3] + 5 * x[4];
}

/* Ishigami & Homma (1990). Inputs in -pi..pi */
static double ishigami(const double *x)
{
    return sin(x[0]) + 7 * sin(x[1]) * sin(x[1]) + 0.1 * pow(x[2], 4) * sin(x[0]);
}

/* noise: its standard deviation. */
typedef struct recipe {
    const char *name;
    double (*function)(const double *x);
    size_t inputs, units, cases;
    double low, high, noise;
} recipe;

static const recipe recipes[PROBLEMS] = {
    {"line and sine", line_and_sine, 1, 4, 101, -4, 4, 0.1},
    {"line, then sine", line_and_fast_sine, 1, 5, 101, -4, 4, 0.05},
    {"two bells", two_bells, 1, 5, 250, -4, 4, 0.05},
    {"three bells", three_bells, 1, 7, 250, -5, 5, 0.05},
    {"three steps", steps, 1, 3, 101, -4, 4, 0.05},
    {"two steps", one_step, 1, 2, 51, -4, 4, 0.02},
    {"Friedman 1", friedman, 5, 5, 500, 0, 1, 1},
    {"Ishigami", ishigami, 3, 10, 500, -3.14159265358979323846, 3.14159265358979323846, 0.2},
};

/* -------------------------------------------------------------------------------- making */

/* To mean 0 and variance 1, rounded to float. */
static void standardize(double *values, size_t count, size_t stride)
{
    double mean = 0, square = 0;
    for (size_t i = 0; i < count; i++)
        mean += values[i * stride] / (double)count;
    for (size_t i = 0; i < count; i++)
        square += (values[i * stride] - mean) * (values[i * stride] - mean) / (double)count;
    for (size_t i = 0; i < count; i++)
        values[i * stride] = (double)(float)((values[i * stride] - mean) / sqrt(square));
}

/* One input runs through its range at equal distances; several are drawn. */
void problem_make(problem *p, size_t number)
{
    const recipe *from = &recipes[number];
    uint64_t state = 1000 + number;
    *p = (problem){.name = from->name, .inputs = from->inputs, .units = from->units, .cases = from->cases};
    p->weights = p->units * (p->inputs + 2) + 1;
    for (size_t i = 0; i < p->cases; i++) {
        double *x = p->x + i * p->inputs;
        for (size_t k = 0; k < p->inputs; k++) {
            const double place = p->inputs == 1 ? (double)i / (double)(p->cases - 1) : uniform(&state);
            x[k] = from->low + (from->high - from->low) * place;
        }
        p->d[i] = from->function(x) + from->noise * normal(&state);
    }
    for (size_t k = 0; k < p->inputs; k++)
        standardize(p->x + k, p->cases, p->inputs);
    standardize(p->d, p->cases, 1);
}
