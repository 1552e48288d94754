#include "check/rest.h"

#include <math.h>

#include "base/memory.h"
#include "base/numeric.h"
#include "base/status.h"
#include "engine/gradient.h"
#include "engine/workspace.h"
#include "network/change_weights.h"
#include "network/copy.h"

/* Steps, and cases at most; as many as keep cases times weights below a bound, which take some tenths of a
 * second. */
enum { STEPS = 25, MAX_CASES = 512, MIN_CASES = 50 };
static const double max_work = 3e7;

/* The first step changes the weights by this part of their norm. */
static const double first_step = 0.01;

/* The way down, on a copy of the network. */
typedef struct descent {
    const baseline *b;
    bp_network *net;
    bp_workspace *workspace;
    batch cases;
    bp_real *gradient, *last; /* at the present weights, and those before */
} descent;

static bp_status find_gradient(const descent *way, double *error)
{
    batch_error found;
    BPI_TRY(bpi_batch_gradient(way->b->d->function, way->workspace, &way->cases, &way->b->d->loss,
                               way->gradient, &found));
    *error = found.error;
    return BP_OK;
}

/* Goes against the gradient, whose memory then is free for the next one. */
static void move(descent *way, double step)
{
    bp_real *const gradient = way->gradient;
    bp_real *weights = bpi_change_weights(way->net);
    for (size_t i = 0; i < way->net->weight_count; i++)
        weights[i] -= (bp_real)step * gradient[i];
    way->gradient = way->last;
    way->last = gradient;
}

static double norm(const bp_real *values, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)values[i] * (double)values[i];
    return sqrt(sum);
}

/* The step that the last one suggests: its length squared over its product with the change of the gradient
 * (Barzilai and Borwein, "Two-point step size gradient methods", 1988). The same again where E is concave. */
static double next_step(const descent *way, double step)
{
    double squares = 0, product = 0;
    for (size_t i = 0; i < way->net->weight_count; i++) {
        const double before = (double)way->last[i], change = (double)way->gradient[i] - before;
        squares += before * before;
        product -= before * change;
    }
    return product > 0 ? step * squares / product : step;
}

/* A derivative that is not finite ends the way, and leaves no message: the network itself has passed. */
static bool descend(descent *way, double *start, double *least)
{
    saved_message before;
    bpi_save_message(&before);
    bool is_finite = find_gradient(way, start) == BP_OK;
    const double size = norm(way->gradient, way->net->weight_count);
    double step = size > 0 ? first_step * norm(way->net->weights, way->net->weight_count) / size : 0;
    *least = *start;
    for (int i = 0; is_finite && step > 0 && i < STEPS; i++) {
        double error = 0;
        move(way, step);
        is_finite = way->net->kernel->all_finite(way->net->weights, way->net->weight_count) &&
                    find_gradient(way, &error) == BP_OK;
        if (!is_finite)
            break;
        *least = fmin(*least, error);
        step = next_step(way, step);
    }
    bpi_restore_message(&before);
    return *start > 0;
}

static bp_status prepare(descent *way, const bp_allocator *allocator, size_t weights)
{
    BPI_TRY(bpi_copy(&way->net, way->b->d->function, way->b->d->net));
    BPI_TRY(bp_workspace_create(&way->workspace, way->net, way->cases.count));
    BPI_TRY(bpi_workspace_reserve(way->b->d->function, way->workspace, way->cases.count, true));
    way->gradient = bpi_allocate(allocator, weights, sizeof *way->gradient);
    way->last = bpi_allocate(allocator, weights, sizeof *way->last);
    return way->gradient == NULL || way->last == NULL ? bpi_diagnosis_fail_memory(way->b->d) : BP_OK;
}

bp_status bpi_find_fall(const baseline *b, double *fall)
{
    const diagnosis *d = b->d;
    const size_t weights = d->net->weight_count;
    const size_t affordable = (size_t)(max_work / (double)weights);
    descent way = {.b = b,
                   .cases = {.data = &d->training,
                             .order = b->training.order,
                             .count = bpi_min(bpi_min(b->training.rows.count, MAX_CASES), affordable)}};
    double start = 0, least = 0;
    *fall = 1;
    if (way.cases.count < MIN_CASES)
        return BP_OK;
    bp_status status = prepare(&way, d->allocator, weights);
    if (status == BP_OK && descend(&way, &start, &least))
        *fall = 1 - least / start;
    bpi_release(d->allocator, way.gradient);
    bpi_release(d->allocator, way.last);
    bp_workspace_destroy(way.workspace);
    bp_network_destroy(way.net);
    return status;
}
