/*
 * Shared by the tests of kernel tables: a loop over the tables that this CPU can run, the functions of
 * kernel.h as formulas in double, and matrices with odd strides and alignments.
 */
#ifndef TESTS_KERNEL_TABLE_CHECKS_H
#define TESTS_KERNEL_TABLE_CHECKS_H

#include "support/support.h"

#include <float.h>
#include <stdbool.h>

#include "kernel/kernel.h"

#define TEST_EPSILON      TOLERANCE((double)FLT_EPSILON, DBL_EPSILON)
#define TEST_LEAST_NORMAL TOLERANCE((double)FLT_MIN, DBL_MIN)
#define TEST_GREATEST     TOLERANCE((double)FLT_MAX, DBL_MAX)

/* The linear activation and those of KERNEL_ACTIVATION_LIST. */
enum {
#define TEST_AND_ONE(name, function, value) +1
    TEST_ACTIVATIONS = 1 KERNEL_ACTIVATION_LIST(TEST_AND_ONE)
#undef TEST_AND_ONE
};
extern const int32_t test_activations[TEST_ACTIVATIONS];

extern const kernel_table *test_kernel; /* the table under test */
extern uint64_t test_stream;            /* seeded anew for each table */

/* Calls check once for every table that this CPU can run, with test_kernel set to it. */
void test_with_each_table(void (*check)(void));

/* A call of one function of a table, to be timed; it sets up its own arguments. */
typedef struct timed_row {
    const char *name;
    void (*call)(const kernel_table *table);
} timed_row;

/*
 * Was the program called with --time? Then prints, for each row and each table that this CPU can run, the
 * time of a call and the speedup over the portable table. For developers only: no test checks times.
 */
bool test_time_if_asked(int argc, char **argv, const timed_row *rows, size_t count);

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
 * Rows with guards before, between and after them: NaN with all bits set, so that a result shows a read
 * there, and a write is found. Half of all matrices, chosen at random, have no guard after them but end with
 * their memory, so that a sanitizer reports a read beyond the end. Released by free(memory).
 */
typedef struct matrix {
    size_t rows, columns, stride, offset;
    size_t tail; /* values of the guard after the rows */
    bp_real *memory, *values;
    uint64_t checksum; /* of the memory as it was filled; see test_assert_unchanged */
} matrix;

/* All guard, with `gap` values between rows and `offset` before them. */
matrix test_matrix(size_t rows, size_t columns, size_t gap, size_t offset);
/* Uniform in -1..1, with a random gap and offset. */
matrix test_random_matrix(size_t rows, size_t columns);
/* `rows` rows from `first` on, with a gap and offset of their own. */
matrix test_part_of(const matrix *from, size_t first, size_t rows);

bp_real *test_at(const matrix *m, size_t row, size_t column);

/* Asserts that nothing was written before, between or after the rows. */
void test_assert_gaps_untouched(const matrix *m);
/* Asserts that nothing was written at all since test_random_matrix or test_part_of. */
void test_assert_unchanged(const matrix *m);

#endif
