/* A network that is large enough for its products to be split among threads, and all that calls give. */
#ifndef TESTS_THREAD_EXAMPLE_H
#define TESTS_THREAD_EXAMPLE_H

#include "support/arrays.h"

/* Skipping connections, one of them masked; the last block and batch of its cases are smaller than others. */
enum { THREAD_INPUTS = 150, THREAD_HIDDEN = 210, THREAD_OUTPUTS = 37, THREAD_CASES = 331 };
enum {
    THREAD_WEIGHTS =
        THREAD_HIDDEN * (THREAD_INPUTS + 1) + THREAD_OUTPUTS * (THREAD_INPUTS / 3 + THREAD_HIDDEN + 1)
};

/* Numbers of threads to try. */
enum { THREAD_COUNTS = 4 };
extern const size_t thread_counts[THREAD_COUNTS];

typedef struct thread_example {
    bp_network *net;
    bp_data data;
} thread_example;

/* isa: whose kernels; NULL: the best. */
thread_example thread_example_create(const bp_allocator *allocator, const char *isa,
                                     bp_activation hidden_activation);
void thread_example_destroy(thread_example *made);

bp_workspace *workspace_with_threads(const bp_network *net, size_t cases, size_t threads);

/* All that calls with a workspace give, one after the other: outputs, gradient, input gradient, E of each
 * call and the accuracy. values are to be freed. */
typedef struct call_results {
    bp_real *values;
    size_t count;
} call_results;
call_results call_all(const bp_network *net, bp_workspace *workspace, const bp_data *data, bp_loss loss);

#endif
