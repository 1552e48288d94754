/* Arrays of numbers: made, filled at random, compared. */
#ifndef TESTS_ARRAYS_H
#define TESTS_ARRAYS_H

#include "support/support.h"

/* A block of zeros, to be freed; asserts that there is memory. */
void *new_array(size_t count, size_t size);
bp_real *new_reals(size_t count);
double *new_doubles(size_t count);

/* The same with values uniform in low..high. */
bp_real *random_reals(uint64_t *stream, size_t count, double low, double high);

/* The largest |value|; 0 if there are none. */
double max_abs(const double *values, size_t count);

/*
 * Asserts |got - wanted| <= allowed for every value; or, _close, <= tolerance * max |wanted|. What follows is
 * the format of what the values are, and its arguments, for the message: "seed 3, weight" is followed by the
 * index.
 */
#define assert_all_within(got, wanted, count, allowed, ...)                                                  \
    test_assert_all_within((got), (wanted), (count), (allowed), __FILE__, __LINE__, __VA_ARGS__)
#define assert_all_close(got, wanted, count, tolerance, ...)                                                 \
    test_assert_all_within((got), (wanted), (count), (tolerance)*max_abs((wanted), (count)), __FILE__,       \
                           __LINE__, __VA_ARGS__)
void test_assert_all_within(const bp_real *got, const double *wanted, size_t count, double allowed,
                            const char *file, int line, const char *format, ...);

#endif
