#include "problems.h"

#include <math.h>
#include <stdio.h>

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

static double between(uint64_t *state, double low, double high)
{
    return low + (high - low) * uniform(state);
}

static double normal(uint64_t *state)
{
    const double radius = sqrt(-2 * log(uniform(state)));
    return radius * cos(2 * pi * uniform(state));
}

/* ---------------------------------------------------------------------------- functions */

/* Of one input in -4..4: a slope, and half waves, bells or steps with a place, width and height each. */
enum { MAX_PARTS = 5 };
typedef struct curve {
    size_t parts;
    double slope, phase;
    double place[MAX_PARTS], width[MAX_PARTS], height[MAX_PARTS];
} curve;

/* The parts lie side by side, of sizes that differ up to a factor of 2; every second one falls. */
static void draw_curve(curve *c, size_t parts, uint64_t *state)
{
    const double room = 8 / (double)parts;
    *c = (curve){.parts = parts, .slope = between(state, -0.5, 0.5), .phase = between(state, 0, 2 * pi)};
    for (size_t i = 0; i < parts; i++) {
        c->place[i] = -4 + room * ((double)i + between(state, 0.3, 0.7));
        c->width[i] = room * between(state, 0.15, 0.3);
        c->height[i] = between(state, 0.5, 1) * (i % 2 == 0 ? 1 : -1);
    }
}

/* As many half waves as parts. */
static double line_and_sine(const curve *c, const double *x)
{
    return c->slope * x[0] + sin(c->phase + (double)c->parts * pi / 8 * x[0]);
}

static double bells(const curve *c, const double *x)
{
    double sum = 0;
    for (size_t i = 0; i < c->parts; i++) {
        const double distance = (x[0] - c->place[i]) / c->width[i];
        sum += c->height[i] * exp(-distance * distance);
    }
    return sum;
}

static double steps(const curve *c, const double *x)
{
    double sum = 0;
    for (size_t i = 0; i < c->parts; i++)
        sum += c->height[i] / (1 + exp(-4 * (x[0] - c->place[i]) / c->width[i]));
    return sum;
}

/* Friedman (1991), "Multivariate adaptive regression splines". Inputs in 0..1 */
static double friedman(const curve *c, const double *x)
{
    (void)c;
    return 10 * sin(pi * x[0] * x[1]) + 20 * (x[2] - 0.5) * (x[2] - 0.5) + 10 * x[3] + 5 * x[4];
}

/* Ishigami & Homma (1990). Inputs in -pi..pi */
static double ishigami(const curve *c, const double *x)
{
    (void)c;
    return sin(x[0]) + 7 * sin(x[1]) * sin(x[1]) + 0.1 * pow(x[2], 4) * sin(x[0]);
}

/* noise: its standard deviation. A unit for each half wave and the line, two for a bell, one for a step. */
typedef struct recipe {
    const char *name;
    double (*function)(const curve *c, const double *x);
    size_t parts, inputs, units, cases;
    double low, high, noise;
} recipe;

/* A set goes round the ones of one input. */
enum { RECIPES_OF_ONE_INPUT = 6 };
static const recipe recipes[] = {
    {"line and sine", line_and_sine, 3, 1, 4, 101, -4, 4, 0.1},
    {"bells", bells, 2, 1, 4, 250, -4, 4, 0.05},
    {"steps", steps, 2, 1, 2, 51, -4, 4, 0.03},
    {"line and fast sine", line_and_sine, 5, 1, 6, 101, -4, 4, 0.05},
    {"three bells", bells, 3, 1, 6, 250, -4, 4, 0.05},
    {"five steps", steps, 5, 1, 5, 101, -4, 4, 0.03},
    {"Friedman", friedman, 0, 5, 5, 500, 0, 1, 1},
    {"Ishigami", ishigami, 0, 3, 10, 500, -3.14159265358979323846, 3.14159265358979323846, 0.2},
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

size_t problem_count(problem_set set)
{
    return set == CHOOSING ? CHOOSING_PROBLEMS : JUDGED_PROBLEMS;
}

/* One input runs through its range at equal distances; several are drawn. */
void problem_make(problem *p, problem_set set, size_t number)
{
    const size_t of_one_input = problem_count(set) - 2;
    const recipe *from = &recipes[number < of_one_input ? number % RECIPES_OF_ONE_INPUT
                                                        : RECIPES_OF_ONE_INPUT + number - of_one_input];
    uint64_t state = (set == CHOOSING ? 1000 : 2000) + number;
    curve c = {0};
    if (from->parts > 0)
        draw_curve(&c, from->parts, &state);
    *p = (problem){.inputs = from->inputs, .units = from->units, .cases = from->cases, .seed = state};
    snprintf(p->name, sizeof p->name, "%s", from->name);
    p->weights = p->units * (p->inputs + 2) + 1;
    for (size_t i = 0; i < p->cases; i++) {
        double *x = p->x + i * p->inputs;
        for (size_t k = 0; k < p->inputs; k++) {
            const double place = p->inputs == 1 ? (double)i / (double)(p->cases - 1) : uniform(&state);
            x[k] = from->low + (from->high - from->low) * place;
        }
        p->d[i] = from->function(&c, x) + from->noise * normal(&state);
    }
    for (size_t k = 0; k < p->inputs; k++)
        standardize(p->x + k, p->cases, p->inputs);
    standardize(p->d, p->cases, 1);
}

void problem_start(const problem *p, size_t number, double *weights)
{
    const double range = 0.7;
    uint64_t state = p->seed ^ ((uint64_t)(number + 1) << 32);
    for (size_t i = 0; i < p->weights; i++)
        weights[i] = (double)(float)between(&state, -range, range);
}
