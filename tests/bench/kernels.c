/*
 * The speed of the three matrix products of a kernel table, compared with the multiply-add peak of one core
 * and, if it was found, with OpenBLAS on the same shapes; in turn.
 *
 *     kernels [--quick | --short] [isa]
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/kernel.h"
#include "kernel/select.h"

#include "fma_peak.h"
#include "measure.h"
#include "openblas_core.h"
#include "workload.h"

#ifdef BENCH_OPENBLAS
#include <cblas.h>
#endif

typedef enum product_need { FORWARD, BACKWARD, WEIGHTS } product_need;

typedef struct shape {
    const char *where;
    product_need need;
    size_t m, n, k;
} shape;

/* The three products of a layer of `out` units with `in` inputs, for a batch. */
#define LAYER(where, batch, in, out)                                                                         \
    {where, FORWARD, batch, out, in}, {where, BACKWARD, batch, in, out},                                     \
    {                                                                                                        \
        where, WEIGHTS, out, in, batch                                                                       \
    }

static const shape shapes[] = {
    LAYER("8-3, batch 32", 32, 8, 3),
    LAYER("3-8, batch 32", 32, 3, 8),
    LAYER("64-32, batch 32", 32, 64, 32),
    LAYER("32-10, batch 32", 32, 32, 10),
    LAYER("784-128, batch 64", 64, 784, 128),
    LAYER("128-10, batch 64", 64, 128, 10),
    LAYER("784-128, one case", 1, 784, 128),
    LAYER("1024-1024, one case", 1, 1024, 1024),
    LAYER("1024-1024, batch 256", 256, 1024, 1024),
    LAYER("17-33, batch 63", 63, 17, 33),
    LAYER("300-200, batch 7", 7, 300, 200),
    LAYER("300-200, batch 63", 63, 300, 200),
    LAYER("200-100, batch 100", 100, 200, 100),
    LAYER("1000-3, batch 100", 100, 1000, 3),
    LAYER("500-500, batch 1000", 1000, 500, 500),
};

typedef struct bench {
    const kernel_table *table;
    const shape *shape;
    matrix_product product;
} bench;

static void run_kernel(void *context, unsigned long count)
{
    const bench *b = context;
    for (unsigned long i = 0; i < count; i++)
        if (b->shape->need == FORWARD)
            b->table->product_forward(&b->product);
        else if (b->shape->need == BACKWARD)
            b->table->product_backward(&b->product);
        else
            b->table->product_weights(&b->product);
}

static double product_operations(const shape *s)
{
    return 2 * (double)s->m * (double)s->n * (double)s->k;
}

static void run_peak(void *context, unsigned long count)
{
    const bench *b = context;
    run_fma_peak((double)count * product_operations(b->shape));
}

#ifdef BENCH_OPENBLAS
/* A single case: matrix times vector, or the outer product of two vectors. */
static void openblas_single(product_need need, const matrix_product *p)
{
    int m = (int)p->m, n = (int)p->n, k = (int)p->k, stride = (int)p->b_stride;
    if (need == FORWARD)
        cblas_sgemv(CblasRowMajor, CblasNoTrans, n, k, 1, p->b, stride, p->a, 1, 0, p->c, 1);
    else if (need == BACKWARD)
        cblas_sgemv(CblasRowMajor, CblasTrans, k, n, 1, p->b, stride, p->a, 1, 0, p->c, 1);
    else
        cblas_sger(CblasRowMajor, m, n, 1, p->a, 1, p->b, 1, p->c, (int)p->c_stride);
}

static void openblas(product_need need, const matrix_product *p)
{
    enum CBLAS_TRANSPOSE a = need == WEIGHTS ? CblasTrans : CblasNoTrans;
    enum CBLAS_TRANSPOSE b = need == FORWARD ? CblasTrans : CblasNoTrans;
    cblas_sgemm(CblasRowMajor, a, b, (int)p->m, (int)p->n, (int)p->k, 1, p->a, (int)p->a_stride, p->b,
                (int)p->b_stride, 0, p->c, (int)p->c_stride);
}

static void run_openblas(void *context, unsigned long count)
{
    const bench *b = context;
    bool single = (b->shape->need == WEIGHTS ? b->shape->k : b->shape->m) == 1;
    for (unsigned long i = 0; i < count; i++)
        (single ? openblas_single : openblas)(b->shape->need, &b->product);
}
#endif

static float *numbers(size_t count)
{
    float *values = floats(count);
    for (size_t i = 0; i < count; i++)
        values[i] = (float)((double)(i * 7919 % 1009) / 1009 - 0.5);
    return values;
}

static matrix_product make_product(const kernel_table *table, const shape *s)
{
    matrix_product product = {.m = s->m, .n = s->n, .k = s->k};
    product.a = numbers(s->m * s->k);
    product.b = numbers(s->n * s->k);
    product.c = numbers(s->m * s->n);
    product.a_stride = s->need == WEIGHTS ? s->m : s->k;
    product.b_stride = s->need == FORWARD ? s->k : s->n;
    product.c_stride = s->n;
    product.scratch = numbers(table->product_scratch(s->m, s->n, s->k));
    return product;
}

static void free_product(matrix_product *product)
{
    free((void *)product->a);
    free((void *)product->b);
    free(product->c);
    free(product->scratch);
}

/* The first contestant is the kernel, the others its comparisons. */
static void report(const shape *s, const contestant *contestants, int count)
{
    static const char *const names[] = {"forward", "backward", "weights"};
    double seconds = typical_seconds(&contestants[0]);
    printf("%-22s %-9s %10.3f us %8.1f GFLOP/s", s->where, names[s->need], 1e6 * seconds,
           1e-9 * product_operations(s) / seconds);
    for (int i = 1; i < count; i++)
        printf("  %6.3f of %s", times_as_long(&contestants[i], &contestants[0]), contestants[i].name);
    putchar('\n');
    fflush(stdout);
}

static void measure_shape(const kernel_table *table, const shape *s, const turn_plan *plan)
{
    bench b = {.table = table, .shape = s, .product = make_product(table, s)};
    contestant contestants[3];
    int count = 0;
    contestants[count++] = (contestant){.name = table->name, .work = run_kernel};
    if (fma_peak_bits() > 0)
        contestants[count++] = (contestant){.name = "FMA peak", .work = run_peak};
#ifdef BENCH_OPENBLAS
    contestants[count++] = (contestant){.name = "OpenBLAS", .work = run_openblas};
#endif
    for (int i = 0; i < count; i++) {
        contestants[i].clock = CLOCK_PROCESS_CPUTIME_ID;
        contestants[i].context = &b;
    }
    measure(contestants, count, plan);
    report(s, contestants, count);
    free_product(&b.product);
}

int main(int count, char **arguments)
{
    const kernel_table *table = NULL;
    int first;
    const turn_plan plan = read_plan(count, arguments, &first);
    choose_openblas_core(arguments);
    if (bpi_kernel_select(&table, "kernels", count > first ? arguments[first] : NULL) != BP_OK) {
        fprintf(stderr, "%s\n", bp_error_message());
        return EXIT_FAILURE;
    }
    puts(table->name);
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
        measure_shape(table, &shapes[i], &plan);
    return EXIT_SUCCESS;
}
