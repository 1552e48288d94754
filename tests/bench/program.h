/* The programs that are compared: each does a workload its own way behind the same five functions. */
#ifndef BENCH_PROGRAM_H
#define BENCH_PROGRAM_H

#include <stdbool.h>
#include <time.h>

#include "workload.h"

/* How E after the first sweep has to compare with that of the first program. A limit computes nothing. */
typedef enum arithmetic { SAME_BITS, SAME_ARITHMETIC, OTHER_ARITHMETIC, LIMIT } arithmetic;

typedef struct program {
    const char *name;
    arithmetic arithmetic;
    void *(*create)(const task *t); /* NULL: it does not take part in this workload. t outlives the result. */
    void (*train)(void *self, unsigned long sweeps);
    void (*predict)(void *self, unsigned long calls); /* of all cases */
    double (*error)(void *self); /* of all cases, with the weights as they are; NULL for limits */
    void (*destroy)(void *self);
    clockid_t (*clock)(void *self); /* NULL: the CPU clock of this process */
} program;

extern const program program_backprop;
extern const program program_one_thread; /* the same by the wall clock */
extern const program program_two_threads;
extern const program program_by_hand;
extern const program program_lookup;
extern const program program_openblas;
extern const program program_libxsmm;
extern const program program_fann;
extern const program program_numpy;
extern const program program_torch;
extern const program program_fma_limit;
extern const program program_memory_limit;

/* Which processor the products of LIBXSMM are made for. */
const char *libxsmm_target(void);

/* Can NumPy and PyTorch be looked for? */
bool has_python(void);

#endif
