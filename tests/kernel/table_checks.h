/*
 * What the tests of kernel tables share: going through the tables that this CPU can run, the functions of
 * kernel.h as formulas in double, and matrices with odd strides and alignments.
 */
#ifndef TESTS_KERNEL_TABLE_CHECKS_H
#define TESTS_KERNEL_TABLE_CHECKS_H

#include "support/support.h"

#include <float.h>

#include "kernel/kernel.h"

#define TEST_EPSILON      TOLERANCE((double)FLT_EPSILON, DBL_EPSILON)
#define TEST_LEAST_NORMAL TOLERANCE((double)FLT_MIN, DBL_MIN)
#define TEST_GREATEST     TOLERANCE((double)FLT_MAX, DBL_MAX)

enum { TEST_ACTIVATIONS = 4 };
extern const int32_t test_activations[TEST_ACTIVATIONS];

extern const kernel_table *test_kernel; /* the table under test */
extern uint64_t test_stream;            /* seeded anew for each table */

/* Calls check for every table that this CPU can run, in turn test_kernel. */
void test_with_each_table(void (*check)(void));

/* The CMocka test test_<what>: check_<what> with each table. */
#define TEST_OF_TABLES(what)                                                                                 \
    static void test_##what(void **state)                                                                    \
    {                                                                                                        \
        (void)state;                                                                                         \
        test_with_each_table(check_##what);                                                                  \
    }

/* Asserts |got - wanted| <= bound; a failure names the table. */
#define assert_near(got, wanted, bound)                                                                      \
    test_assert_near((double)(got), (double)(wanted), (bound), #got, __FILE__, __LINE__)
void test_assert_near(double got, double wanted, double bound, const char *what, const char *file, int line);

/* f(x), and f'(x) from y = f(x). */
double test_value_of(int32_t activation, double x);
double test_slope_of(int32_t activation, double y);

/*
 * Rows in a block of exactly the memory they take, so that a sanitizer sees a step over their end; NaN before
 * them and between them, so that a result shows what was read there. Released by free(memory).
 */
typedef struct matrix {
    size_t rows, columns, stride, offset;
    bp_real *memory, *values;
} matrix;

/* All NaN, with `gap` values between rows and `offset` before them. */
matrix test_matrix(size_t rows, size_t columns, size_t gap, size_t offset);
/* Uniform in -1..1, with a random gap and offset. */
matrix test_random_matrix(size_t rows, size_t columns);
/* `rows` rows from `first` on, with a gap and offset of their own. */
matrix test_part_of(const matrix *from, size_t first, size_t rows);

bp_real *test_at(const matrix *m, size_t row, size_t column);

/* Asserts that nothing was written before or between the rows. */
void test_assert_gaps_untouched(const matrix *m);

#endif
