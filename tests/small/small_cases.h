/* Random small networks with cases, for comparing tables of small kernels. */
#ifndef TESTS_SMALL_CASES_H
#define TESTS_SMALL_CASES_H

#include "kernel/table_checks.h"
#include "reference/random_network.h"
#include "small/small.h"

enum { SMALL_CASES = 70 };

/* Cases `order` of those in the rows of inputs and targets, or the first ones. */
typedef struct small_cases {
    random_network *random;
    small_net *net;
    bp_data data;
    matrix inputs, targets, case_weights, weights;
    bool is_weighted;
    bp_real tolerance;
    const size_t *order; /* NULL, or `orders` */
    size_t first, count, orders[SMALL_CASES];
} small_cases;

/* Takes the network, and releases it at the end, where it asserts that nothing was written to what kernels
 * only read. */
void small_cases_begin(small_cases *c, random_network *random);
void small_cases_end(small_cases *c);

/* A random network, or a chain, of which these facts of plan.h hold, to try next after *seed, which is raised
 * to its seed. */
random_network *next_random_network(uint64_t *seed, bool chain, unsigned facts);

/* Is nothing so close to a kink that two tables may stand on its two sides? */
bool small_cases_are_certain(const small_cases *c);

/* Scratch as a workspace has it, aligned, with a guard behind it. */
typedef struct scratch {
    void *memory;
    bp_real *values;
    size_t count;
} scratch;

scratch new_scratch(size_t count);
void end_scratch(scratch *s);

#endif
