/*
 * Accuracy of the vector kernels' logistic function and tanh: within LIMIT units in the last place for every
 * result that is a normal number; smaller ones may be flushed to zero. By default with samples of every sign
 * and exponent;
 *
 *     kernel_test_math all
 *
 * checks all 2^32 floats, in some minutes, and prints the largest error (target `exhaustive`).
 */
#include "kernel/table_checks.h"

#include <fenv.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#ifdef BP_DOUBLE
typedef uint64_t real_bits;
typedef long double exact;
#define EXACT(function) function##l
enum { MANTISSA_BITS = 52, EXPONENT_BITS = 11 };
#else
typedef uint32_t real_bits;
typedef double exact;
#define EXACT(function) function
enum { MANTISSA_BITS = 23, EXPONENT_BITS = 8 };
#endif

enum { ROOM = 4096 };
static const double LIMIT = 2;

typedef struct worst_case {
    double units;
    bp_real at;
} worst_case;

static exact exact_value(int32_t activation, exact x)
{
    return activation == KERNEL_TANH ? EXACT(tanh)(x) : 1 / (1 + EXACT(exp)(-x));
}

/* |got - wanted| in units in the last place of `wanted` as a bp_real. */
static double units_between(exact got, exact wanted)
{
    int exponent;
    EXACT(frexp)(wanted, &exponent);
    return (double)EXACT(fabs)(EXACT(ldexp)(got - wanted, MANTISSA_BITS + 1 - exponent));
}

static void check_value(int32_t activation, bp_real x, bp_real y, worst_case *worst)
{
    if (isnan(x)) {
        assert_true(isnan(y));
        return;
    }
    exact wanted = exact_value(activation, (exact)x);
    if (EXACT(fabs)(wanted) < (exact)TEST_LEAST_NORMAL) {
        assert_true(fabs((double)y) <= TEST_LEAST_NORMAL);
        return;
    }
    double units = units_between((exact)y, wanted);
    if (units > worst->units || units != units)
        *worst = (worst_case){units, x};
}

static void check_values(int32_t activation, const bp_real *x, size_t count, worst_case *worst)
{
    bp_real y[ROOM];
    test_kernel->activate(activation, x, y, count);
    for (size_t i = 0; i < count; i++)
        check_value(activation, x[i], y[i], worst);
}

static bp_real from_bits(real_bits bits)
{
    bp_real value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* The ends of the range of values with this sign and exponent, and random values between. */
static size_t sample(real_bits sign_and_exponent, bp_real *x)
{
    const real_bits first = sign_and_exponent << MANTISSA_BITS, last = ((real_bits)1 << MANTISSA_BITS) - 1;
    size_t count = 0;
    x[count++] = from_bits(first);
    x[count++] = from_bits(first + 1);
    x[count++] = from_bits(first + last);
    while (count < 100)
        x[count++] = from_bits(first + (real_bits)(test_uniform(&test_stream, 0, 1) * (double)last));
    return count;
}

static bool is_vector_kernel(void)
{
    return strcmp(test_kernel->name, "portable") != 0; /* its accuracy is that of the C library */
}

static void assert_within_limit(int32_t activation, worst_case worst)
{
    if (worst.units <= LIMIT)
        return;
    print_error("%s: %s(%a) is %.3f units off\n", test_kernel->name,
                activation == KERNEL_TANH ? "tanh" : "logistic", (double)worst.at, worst.units);
    fail();
}

static void check_sample(int32_t activation)
{
    worst_case worst = {0, 0};
    bp_real x[ROOM];
    for (real_bits i = 0; i < (real_bits)2 << EXPONENT_BITS; i++)
        check_values(activation, x, sample(i, x), &worst);
    assert_within_limit(activation, worst);
}

static void check_logistic(void)
{
    if (is_vector_kernel())
        check_sample(KERNEL_LOGISTIC);
}

static void check_tanh(void)
{
    if (is_vector_kernel())
        check_sample(KERNEL_TANH);
}

/* Around every threshold in the algorithms. */
static void check_edges(void)
{
    static const double edges[] = {0.625, 87.33654, 88.7, 103.98, 708.3964, 745.2, 9.01, 19.1};
    bp_real x[ROOM];
    for (int32_t activation = KERNEL_LOGISTIC; is_vector_kernel() && activation <= KERNEL_TANH;
         activation++) {
        worst_case worst = {0, 0};
        for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++) {
            for (size_t j = 0; j < ROOM; j++)
                x[j] = (bp_real)((j % 2 ? 1 : -1) * edges[i] * (1 + ((double)j - ROOM / 2) * TEST_EPSILON));
            check_values(activation, x, ROOM, &worst);
        }
        assert_within_limit(activation, worst);
    }
}

/* -------------------------------------------------- floating-point exceptions */

enum { EXTREMES = 18 };

static void draw_extremes(bp_real *x, size_t count)
{
    const double most = TEST_GREATEST,
                 sizes[EXTREMES / 2] = {
                     0, TEST_LEAST_NORMAL / 4, 1e-20, 0.6, 88.8, 1000, sqrt(most), most * 0.7, most};
    for (size_t i = 0; i < count; i++) {
        size_t drawn = test_below(&test_stream, EXTREMES);
        x[i] = (bp_real)(drawn % 2 ? -sizes[drawn / 2] : sizes[drawn / 2]);
    }
}

static void assert_nothing_raised(const char *what, size_t count)
{
    int raised = fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW);
    feclearexcept(FE_ALL_EXCEPT);
    if (raised != 0)
        fail_msg("%s: %s of %zu values raises%s%s%s", test_kernel->name, what, count,
                 raised & FE_INVALID ? " INVALID" : "", raised & FE_DIVBYZERO ? " DIVBYZERO" : "",
                 raised & FE_OVERFLOW ? " OVERFLOW" : "");
}

static void try_losses(bp_real *x, bp_real *y, size_t units)
{
    bp_real targets[64], derivative[64];
    double errors[1];
    output_loss loss = {
        .rows = 1, .units = units, .x = x, .y = y, .targets = targets, .target_stride = units};
    loss.tolerance = -1;
    loss.derivative = derivative;
    for (size_t i = 0; i < units; i++) {
        if (fabs((double)x[i]) > sqrt(TEST_GREATEST))
            x[i] /= 1024; /* E itself must not overflow */
        targets[i] = i == 1;
    }
    feclearexcept(FE_ALL_EXCEPT);
    test_kernel->activate(KERNEL_LOGISTIC, x, y, units);
    loss.kind = KERNEL_LOGISTIC_CROSS_ENTROPY;
    test_kernel->find_loss(&loss, errors);
    assert_nothing_raised("cross-entropy of a logistic layer", units);
    test_kernel->softmax(x, y, 1, units);
    loss.kind = KERNEL_SOFTMAX_CROSS_ENTROPY;
    test_kernel->find_loss(&loss, errors);
    assert_nothing_raised("cross-entropy of a softmax layer", units);
}

/* A program may trap them. Results are finite, so on the way to them nothing may be infinite or NaN either.
 */
static void check_exceptions(void)
{
    bp_real x[192], y[192];
    for (size_t trial = 0; trial < 2000; trial++) {
        const size_t count = 1 + test_below(&test_stream, 64), rows = 1 + test_below(&test_stream, 3);
        draw_extremes(x, rows * count);
        feclearexcept(FE_ALL_EXCEPT);
        for (size_t i = 0; i < TEST_ACTIVATIONS; i++) {
            test_kernel->activate(test_activations[i], x, y, rows * count);
            assert_nothing_raised("an activation", rows * count);
        }
        test_kernel->softmax(x, y, rows, count);
        assert_nothing_raised("softmax", count);
        try_losses(x, y, count);
    }
}

TEST_OF_TABLES(exceptions)
TEST_OF_TABLES(logistic)
TEST_OF_TABLES(tanh)
TEST_OF_TABLES(edges)

#ifndef BP_DOUBLE
static void check_all(int32_t activation)
{
    worst_case worst = {0, 0};
    bp_real x[ROOM];
    for (uint64_t first = 0; first < (uint64_t)1 << 32; first += ROOM) {
        for (size_t i = 0; i < ROOM; i++)
            x[i] = from_bits((real_bits)(first + i));
        check_values(activation, x, ROOM, &worst);
    }
    printf("%s: %s at most %.4f units off, at %a\n", test_kernel->name,
           activation == KERNEL_TANH ? "tanh" : "logistic", worst.units, (double)worst.at);
    assert_within_limit(activation, worst);
}

static void check_everything(void)
{
    if (!is_vector_kernel())
        return;
    check_all(KERNEL_LOGISTIC);
    check_all(KERNEL_TANH);
}
TEST_OF_TABLES(everything)

static int run_all(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_everything)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
#else
static int run_all(void)
{
    puts("there are too many doubles");
    return 1;
}
#endif

int main(int count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_logistic),
        cmocka_unit_test(test_tanh),
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_exceptions),
    };
    if (count > 1 && strcmp(arguments[1], "all") == 0)
        return run_all();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
