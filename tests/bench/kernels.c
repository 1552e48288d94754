/*
 * How fast the three matrix products of a kernel table are, beside two limits taken in the same run: the
 * multiply-add peak of one core (a loop that touches registers only) and, where it was found, OpenBLAS on the
 * same shape. Each figure is the median of 7 repeats of at least 0.25 s, taken in turn, on the process CPU
 * clock.
 *
 *     kernels [isa [seconds per repeat]]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kernel/kernel.h"

#ifdef BENCH_OPENBLAS
#include <cblas.h>
#endif

enum { REPEATS = 7 };

typedef enum product_need { FORWARD, BACKWARD, WEIGHTS } product_need;

typedef struct shape {
    const char *where;
    product_need need;
    size_t m, n, k;
} shape;

/* A layer of `out` units on `in` units, for a batch: its three products. */
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

static double seconds_per_repeat = 0.25;

static double cpu_seconds(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* ---------------------------------------------------------------------- the multiply-add peak of one core */

#if defined(__x86_64__)
#define ALL_REGISTERS                                                                                        \
    "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11",        \
        "xmm12", "xmm13", "xmm14", "xmm15"
#define FMA(reg, i) "vfmadd231ps %%" reg "14, %%" reg "15, %%" reg #i "\n"
#define FMA_TEN(reg)                                                                                         \
    __asm__ volatile(FMA(reg, 0) FMA(reg, 1) FMA(reg, 2) FMA(reg, 3) FMA(reg, 4) FMA(reg, 5) FMA(reg, 6)     \
                         FMA(reg, 7) FMA(reg, 8) FMA(reg, 9)::                                               \
                             : ALL_REGISTERS)
#define CLEAR_REGISTERS() __asm__ volatile("vzeroall" ::: ALL_REGISTERS)

/* Operations of `steps` steps of ten multiply-adds on registers of the given bytes. */
static double run_peak(long steps)
{
    CLEAR_REGISTERS();
    bool wide = __builtin_cpu_supports("avx512f");
    for (long step = 0; step < steps; step++) {
        if (wide)
            FMA_TEN("zmm");
        else
            FMA_TEN("ymm");
    }
    return (double)steps * 20 * (wide ? 16 : 8) * (double)(sizeof(float)) / sizeof(bp_real);
}

static bool has_peak(void)
{
    return __builtin_cpu_supports("fma");
}
#else
static double run_peak(long steps)
{
    (void)steps;
    return 0;
}

static bool has_peak(void)
{
    return false;
}
#endif

static double peak_flops(void)
{
    double begin = cpu_seconds(), operations = 0, spent = 0;
    if (!has_peak())
        return 0;
    do {
        operations += run_peak(1000000);
        spent = cpu_seconds() - begin;
    } while (spent < seconds_per_repeat / 2);
    return operations / spent;
}

/* ------------------------------------------------------------------------------------------- the products */

typedef void (*runner)(const kernel_table *table, product_need need, const matrix_product *product);

static void run_kernel(const kernel_table *table, product_need need, const matrix_product *product)
{
    if (need == FORWARD)
        table->product_forward(product);
    else if (need == BACKWARD)
        table->product_backward(product);
    else
        table->product_weights(product);
}

#ifdef BENCH_OPENBLAS
#ifdef BP_DOUBLE
#define BLAS(name) cblas_d##name
#else
#define BLAS(name) cblas_s##name
#endif

/* One case: a matrix with a vector, or the outer product of two. */
static void run_openblas_single(product_need need, const matrix_product *p)
{
    if (need == FORWARD)
        BLAS(gemv)
    (CblasRowMajor, CblasNoTrans, (int)p->n, (int)p->k, 1, p->b, (int)p->b_stride, p->a, 1, 0, p->c, 1);
    else if (need == BACKWARD) BLAS(gemv)(CblasRowMajor, CblasTrans, (int)p->k, (int)p->n, 1, p->b,
                                          (int)p->b_stride, p->a, 1, 0, p->c, 1);
    else BLAS(ger)(CblasRowMajor, (int)p->m, (int)p->n, 1, p->a, 1, p->b, 1, p->c, (int)p->c_stride);
}

static void run_openblas(const kernel_table *table, product_need need, const matrix_product *p)
{
    (void)table;
    enum CBLAS_TRANSPOSE a = need == WEIGHTS ? CblasTrans : CblasNoTrans;
    enum CBLAS_TRANSPOSE b = need == FORWARD ? CblasTrans : CblasNoTrans;
    if ((need == WEIGHTS ? p->k : p->m) == 1)
        run_openblas_single(need, p);
    else
        BLAS(gemm)
    (CblasRowMajor, a, b, (int)p->m, (int)p->n, (int)p->k, 1, p->a, (int)p->a_stride, p->b, (int)p->b_stride,
     0, p->c, (int)p->c_stride);
}
#endif

/* Products per second. */
static double rate(runner run, const kernel_table *table, product_need need, const matrix_product *product)
{
    double begin = cpu_seconds(), spent = 0, done = 0;
    long calls = 1;
    do {
        for (long call = 0; call < calls; call++)
            run(table, need, product);
        done += (double)calls;
        spent = cpu_seconds() - begin;
        calls *= spent < 0.01 ? 2 : 1;
    } while (spent < seconds_per_repeat);
    return done / spent;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double values[REPEATS])
{
    qsort(values, REPEATS, sizeof *values, compare);
    return values[REPEATS / 2];
}

static bp_real *numbers(size_t count)
{
    bp_real *values = aligned_alloc(64, (count * sizeof *values + 63) / 64 * 64);
    if (!values)
        exit(EXIT_FAILURE);
    for (size_t i = 0; i < count; i++)
        values[i] = (bp_real)((double)(i * 7919 % 1009) / 1009 - 0.5);
    return values;
}

static matrix_product make_product(const kernel_table *table, const shape *s)
{
    matrix_product product = {.m = s->m, .n = s->n, .k = s->k, .activation = KERNEL_LINEAR};
    product.a = numbers(s->m * s->k);
    product.b = numbers(s->n * s->k);
    product.c = numbers(s->m * s->n);
    product.a_stride = s->need == WEIGHTS ? s->m : s->k;
    product.b_stride = s->need == FORWARD ? s->k : s->n;
    product.c_stride = s->n;
    product.scratch = numbers(table->product_scratch(s->m, s->n, s->k));
    return product;
}

/* What it is compared with, and the ratio; dashes where there is nothing to compare with. */
static void print_against(double flops, double other)
{
    if (other > 0)
        printf(" %9.1f %6.3f", other, flops / other);
    else
        printf(" %9s %6s", "-", "-");
}

static void measure(const kernel_table *table, const shape *s)
{
    static const char *const names[] = {"forward", "backward", "weights"};
    matrix_product product = make_product(table, s);
    double peak[REPEATS], own[REPEATS], peer[REPEATS] = {0};
    for (int repeat = 0; repeat < REPEATS; repeat++) {
        peak[repeat] = peak_flops();
        own[repeat] = rate(run_kernel, table, s->need, &product);
#ifdef BENCH_OPENBLAS
        peer[repeat] = rate(run_openblas, table, s->need, &product);
#endif
    }
    double gigaflop = 2e-9 * (double)s->m * (double)s->n * (double)s->k;
    double limit = median(peak) * 1e-9, flops = median(own) * gigaflop, peers = median(peer) * gigaflop;
    printf("%-22s %-9s %10.3f %8.1f", s->where, names[s->need], 1e6 * gigaflop / flops, flops);
    print_against(flops, limit);
    print_against(flops, peers);
    putchar('\n');
    fflush(stdout);
    free((void *)product.a);
    free((void *)product.b);
    free(product.c);
    free(product.scratch);
}

int main(int count, char **arguments)
{
    const kernel_table *table = NULL;
    if (bpi_kernel_select(&table, count > 1 ? arguments[1] : NULL) != BP_OK) {
        fprintf(stderr, "%s\n", bp_error_message());
        return EXIT_FAILURE;
    }
    if (count > 2)
        seconds_per_repeat = atof(arguments[2]);
#ifdef BENCH_OPENBLAS
    openblas_set_num_threads(1);
#endif
    printf("%s\n%-22s %-9s %10s %8s %9s %6s %9s %6s\n", table->name, "layer", "product", "us", "GFLOP/s",
           "peak", "ratio", "OpenBLAS", "ratio");
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        measure(table, &shapes[i]);
    return EXIT_SUCCESS;
}
