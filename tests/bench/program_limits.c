/*
 * Lower bounds on the time of any program on this core, in the unit of each workload. Batches: the products'
 * operations at the multiply-add peak. One case: every weight read once and, in training, every weight and
 * its last update read and written, with no arithmetic.
 */
#include <stdlib.h>

#include "fma_peak.h"
#include "program.h"
#include "stream.h"

typedef struct limit {
    const task *task;
    float *weights, *last_update; /* of memory_limit */
} limit;

enum { TINY = 1000 }; /* nets with fewer weights fit into the first-level cache and are limited by latency */

static limit *make_limit(const task *t)
{
    limit *l = calloc(1, sizeof *l);
    if (l == NULL)
        exit(EXIT_FAILURE);
    l->task = t;
    return l;
}

static void destroy(void *self)
{
    limit *l = self;
    free(l->weights);
    free(l->last_update);
    free(l);
}

static void *create_fma(const task *t)
{
    return fma_peak_bits() > 0 && t->work->batch > 1 && t->work->source != SYMMETRY ? make_limit(t) : NULL;
}

static void run_fma(void *self, unsigned long count)
{
    limit *l = self;
    for (unsigned long i = 0; i < count; i++)
        run_fma_peak(operations(l->task->work));
}

static void *create_memory(const task *t)
{
    if (t->work->batch > 1 || t->weight_count < TINY)
        return NULL;
    limit *l = make_limit(t);
    l->weights = floats(t->weight_count);
    l->last_update = floats(t->weight_count);
    return l;
}

static void read_weights(void *self, unsigned long count)
{
    limit *l = self;
    for (unsigned long i = 0; i < count * l->task->work->cases; i++)
        stream_read(l->weights, l->task->weight_count);
}

static void update_weights(void *self, unsigned long count)
{
    limit *l = self;
    for (unsigned long i = 0; i < count * l->task->work->cases; i++) {
        stream_read(l->weights, l->task->weight_count);
        stream_update(l->weights, l->task->weight_count);
        stream_update(l->last_update, l->task->weight_count);
    }
}

const program program_fma_limit = {
    "FMA peak", LIMIT, create_fma, run_fma, run_fma, NULL, destroy, NULL,
};

const program program_memory_limit = {
    "memory", LIMIT, create_memory, update_weights, read_weights, NULL, destroy, NULL,
};
