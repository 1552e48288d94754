/* A task for a layered network: cases, network, training. Most experiments are lists of tasks. */
#ifndef TASK_H
#define TASK_H

#include "paper.h"

typedef struct paper_task {
    size_t units[4], layers; /* logistic layers, inputs first */
    int direct;              /* each layer receives from all layers before it, not only from the last */
    double range;            /* initial weights and biases are uniform in +-range */
    double rate, momentum;
    size_t batch;        /* cases per update; 0: all, an update per sweep */
    int fixed_order;     /* 1: cases are visited in the order of data; 0: shuffled in every sweep */
    double tolerance;    /* solved when every output is this near to its target */
    size_t limit;        /* sweeps */
    const bp_data *data; /* all cases */
} paper_task;

/* A paper_run whose setting is a paper_task. */
void paper_task_run(const void *task, uint64_t seed, paper_outcome *outcome, paper_sample *history,
                    bp_network **net);

/* paper_run_seeds with paper_task_run. */
paper_summary paper_task_seeds(const paper_task *task, const paper_options *options);

/* All patterns of `bits` bits, a row each, in counting order, highest bit first. The caller frees them. */
bp_real *paper_all_patterns(size_t bits);

#endif
