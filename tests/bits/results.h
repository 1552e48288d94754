/* Hashes of all that a network computes. */
#ifndef TESTS_BITS_RESULTS_H
#define TESTS_BITS_RESULTS_H

#include <stdint.h>

#include "bits/group.h"

/* Each may be looked at alone, to find where a difference comes in. */
typedef enum result_part {
    RESULT_WEIGHTS,  /* as drawn */
    RESULT_PREDICT,  /* outputs of 1, 2, 7 and all cases, and of the layers within */
    RESULT_EVALUATE, /* errors and classes */
    RESULT_GRADIENT, /* for the weights and for the inputs, of 1, 2 and all cases */
    RESULT_CHECK,    /* of the gradient, of networks with few weights */
    RESULT_ONLINE,   /* trained weights, and what training tells on the way: a change after every case */
    RESULT_BATCHES,  /* the same in batches */
    RESULT_PARTS
} result_part;

extern const char *const result_names[RESULT_PARTS];

typedef struct results {
    uint64_t digest[RESULT_PARTS];
} results;

/* Those of network `number` of a group, of which the number of threads must change nothing. */
results results_of(const network_group *group, size_t number, const char *isa, size_t threads);

/* All of them added to a digest. */
uint64_t results_add(uint64_t digest, const results *found);

#endif
