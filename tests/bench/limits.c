/*
 * The limits of one core in plain units: multiply-adds, OpenBLAS sgemm, and bandwidth of the second- and
 * third-level cache and of memory.
 *
 *     limits [--quick | --short]
 *
 * prints lines "limit,what,unit,value,".
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fma_peak.h"
#include "measure.h"
#include "openblas_core.h"
#include "stream.h"
#include "workload.h"

#ifdef BENCH_OPENBLAS
#include <cblas.h>
#endif

enum { SIDE = 1024 };

typedef struct memory {
    float *values;
    size_t count;
} memory;

static void gigaflops(void *context, unsigned long count)
{
    (void)context;
    for (unsigned long i = 0; i < count; i++)
        run_fma_peak(1e9);
}

static void gigaflops_256(void *context, unsigned long count)
{
    (void)context;
    for (unsigned long i = 0; i < count; i++)
        run_fma_peak_256(1e9);
}

static void read_all(void *context, unsigned long count)
{
    memory *m = context;
    for (unsigned long i = 0; i < count; i++)
        stream_read(m->values, m->count);
}

static void update_all(void *context, unsigned long count)
{
    memory *m = context;
    for (unsigned long i = 0; i < count; i++)
        stream_update(m->values, m->count);
}

#ifdef BENCH_OPENBLAS
/* C = A B^T of square matrices, A, B and C consecutive in memory. */
static void square_product(void *context, unsigned long count)
{
    float *a = context, *b = a + SIDE * SIDE, *c = b + SIDE * SIDE;
    for (unsigned long i = 0; i < count; i++)
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, SIDE, SIDE, SIDE, 1, a, SIDE, b, SIDE, 0, c,
                    SIDE);
}
#endif

/* amount: units in one piece of work */
static void report(const char *what, const char *unit, double amount, void (*work)(void *, unsigned long),
                   void *context, const turn_plan *plan)
{
    contestant c = {.name = what, .clock = CLOCK_PROCESS_CPUTIME_ID, .work = work, .context = context};
    measure(&c, 1, plan);
    printf("limit,%s,%s,%.4g,\n", what, unit, amount / typical_seconds(&c));
    fflush(stdout);
}

static void report_memory(const char *name, size_t bytes, const turn_plan *plan)
{
    char what[64];
    memory m = {floats(bytes / sizeof(float)), bytes / sizeof(float)};
    snprintf(what, sizeof what, "%s read", name);
    report(what, "GB/s", 1e-9 * (double)bytes, read_all, &m, plan);
    snprintf(what, sizeof what, "%s read and write", name);
    report(what, "GB/s", 2e-9 * (double)bytes, update_all, &m, plan);
    free(m.values);
}

static void report_peak(const turn_plan *plan)
{
    char what[64];
    if (fma_peak_bits() > 0) {
        snprintf(what, sizeof what, "FMA peak (%d bits)", fma_peak_bits());
        report(what, "GFLOP/s", 1, gigaflops, NULL, plan);
    }
    if (fma_peak_bits() > 256)
        report("FMA peak (256 bits)", "GFLOP/s", 1, gigaflops_256, NULL, plan);
}

static void report_openblas(const turn_plan *plan)
{
#ifdef BENCH_OPENBLAS
    char what[64];
    float *matrices = floats(3 * SIDE * SIDE);
    snprintf(what, sizeof what, "OpenBLAS sgemm 1024^3 (%s)", openblas_core());
    report(what, "GFLOP/s", 2e-9 * SIDE * SIDE * SIDE, square_product, matrices, plan);
    free(matrices);
#else
    (void)plan;
#endif
}

int main(int count, char **arguments)
{
    int first;
    const turn_plan plan = read_plan(count, arguments, &first);
    choose_openblas_core(arguments);
    report_peak(&plan);
    report_openblas(&plan);
    report_memory("256 KiB", (size_t)256 << 10, &plan);
    report_memory("8 MiB", (size_t)8 << 20, &plan);
    report_memory("256 MiB", (size_t)256 << 20, &plan);
    return EXIT_SUCCESS;
}
