/* What many tests need: CMocka, an allocator that counts and can fail, checks of a status with its message.
 */
#ifndef TESTS_SUPPORT_H
#define TESTS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>

#include "backprop.h"

#ifdef BP_DOUBLE
#define TOLERANCE(in_float, in_double) (in_double)
#else
#define TOLERANCE(in_float, in_double) (in_float)
#endif

/* An allocator over malloc that counts live blocks and fails the allocation numbered fail_at (from 0), and
 * all after it if sticky. */
typedef struct test_memory {
    size_t calls;   /* allocations asked for so far */
    size_t fail_at; /* SIZE_MAX: never */
    int sticky;
    size_t live; /* blocks not released yet */
} test_memory;

/* An allocator over *memory, which is reset to fail at `fail_at` (once). */
bp_allocator test_allocator(test_memory *memory, size_t fail_at);

/* The same for an allocator that asserts that one thread alone calls it, without any lock: the present one.
 */
typedef struct test_own_memory {
    pthread_t owner;
    test_memory memory;
    bp_allocator allocator; /* over memory */
} test_own_memory;
bp_allocator test_own_allocator(test_own_memory *own);

/* An allocator that, when asked for memory, cuts a file of test_directory, whose name is its context, to 9
 * bytes. */
bp_allocator test_cutting_allocator(char *name);

/* A network with this allocator, or with the usual one if it is NULL; else with the default options. */
bp_status test_network_create(bp_network **out, const bp_allocator *allocator);

/* One tanh layer above the inputs, finalized. What was made of it, even after an error, is the caller's to
 * destroy. */
bp_status test_layer_create(bp_network **out, const bp_allocator *allocator, size_t inputs, size_t outputs);

/* The file of a network, `size` bytes, to be freed; asserts success. */
unsigned char *test_save(const bp_network *net, size_t *size);

/*
 * Calls attempt(context, &allocator) with the first, second, third... allocation failing, until it returns
 * BP_OK. Asserts that each failure is BP_ERROR_MEMORY and that no block is left alive after any attempt, so
 * attempt must release what it made. Also asserts that at least one allocation was made to fail.
 */
typedef bp_status (*test_attempt)(void *context, const bp_allocator *allocator);
void test_each_allocation_fails(test_attempt attempt, void *context);

/* Asserts BP_OK; a failure prints the library's message. */
#define assert_ok(expression) test_assert_ok((expression), #expression, __FILE__, __LINE__)
void test_assert_ok(bp_status status, const char *expression, const char *file, int line);

/* Asserts that the call fails with `status` and that the message contains `part`. */
#define assert_fails(expression, status, part)                                                               \
    test_assert_fails((expression), (status), (part), #expression, __FILE__, __LINE__)
void test_assert_fails(bp_status got, bp_status wanted, const char *part, const char *expression,
                       const char *file, int line);

/* Asserts |got - wanted| <= tolerance * |wanted| (or, where wanted is 0, |got| <= tolerance). */
#define assert_close(got, wanted, tolerance)                                                                 \
    test_assert_close((double)(got), (double)(wanted), (tolerance), #got, __FILE__, __LINE__)
void test_assert_close(double got, double wanted, double tolerance, const char *expression, const char *file,
                       int line);

/* All cases of a dataset. */
bp_data test_all_cases(const bp_dataset *dataset);

/* The largest |value|; 0 if there are none. */
double test_max_abs(const bp_real *values, size_t count);

/* The path of a new empty directory, removed with its files by test_remove_directory. Both assert success. */
char *test_make_directory(void);
void test_remove_directory(char *path);

/* A fixture: a directory like that for each test, whose path is in test_directory. */
extern char *test_directory;
int test_directory_setup(void **state);
int test_directory_teardown(void **state);

/* Writes a whole file / joins a directory and a name (static buffers, four at a time). */
void test_write_file(const char *path, const void *bytes, size_t count);
const char *test_path(const char *directory, const char *name);

/* As fmax, but a call: GCC 12 for arm64 cannot compile some loops over fmax (internal error). */
double test_larger(double a, double b);

/* A small random stream of the tests' own (64-bit LCG, high bits): uniform in [low, high), or an integer
 * below bound. */
double test_uniform(uint64_t *state, double low, double high);
size_t test_below(uint64_t *state, size_t bound);

#endif
