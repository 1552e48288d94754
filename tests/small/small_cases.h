/* Random small networks with cases, for comparing tables of small kernels. */
#ifndef TESTS_SMALL_CASES_H
#define TESTS_SMALL_CASES_H

#include "kernel/table_checks.h"
#include "reference/own_losses.h"
#include "reference/random_network.h"
#include "small/small.h"

enum { SMALL_CASES = 70 };

/* Cases in the rows of inputs and targets: those of `order`, or `count` from `first` on. */
typedef struct small_cases {
    random_network *random;
    small_net *net;
    bp_data data;
    matrix inputs, targets, case_weights, weights;
    bool is_weighted;
    bool takes_cross_entropy; /* can it be the loss? */
    bool is_cross_entropy;    /* is it? */
    bool has_own_losses;      /* has each output layer a loss of its own? */
    own_losses own;
    double tolerance, smoothing;
    const size_t *order; /* NULL, or `orders` */
    size_t first, count, orders[SMALL_CASES];
    size_t batch; /* of online training */
    bool takes_mean;
} small_cases;

/* Takes ownership of the network. The end releases it, and asserts that the kernels' inputs were not written.
 */
void small_cases_begin(small_cases *c, random_network *random);
void small_cases_end(small_cases *c);

/* The losses of output layers, and what they refer to. */
typedef struct small_cases_loss {
    bp_loss whole;
    small_loss losses[SMALL_MAX_LAYERS];
} small_cases_loss;

void small_cases_find_losses(const small_cases *c, small_cases_loss *found);

/* The next random network, or chain, after *seed for which these facts of plan.h hold; *seed becomes its
 * seed. */
random_network *next_random_network(uint64_t *seed, bool chain, unsigned facts);

/* Is every unit so far from a kink of its activation that rounding cannot move it across? */
bool small_cases_are_certain(const small_cases *c);

/* Scratch aligned as that of a workspace, with a guard after it. */
typedef struct scratch {
    void *memory;
    bp_real *values;
    size_t count;
} scratch;

scratch new_scratch(size_t count);
void end_scratch(scratch *s);

#endif
