/*
 * A task for a layered network: what is learned, by which network, how. Most experiments are tables of these.
 */
#ifndef TASK_H
#define TASK_H

#include "paper.h"

typedef struct paper_task {
    size_t units[4], layers; /* logistic layers, inputs first */
    int direct;              /* each layer receives from all before it, not from the last alone */
    double range;            /* start weights and biases are uniform in +-range */
    double rate, momentum;
    size_t batch;        /* cases per change; 0: whole sweeps */
    double tolerance;    /* solved as soon as every output is this near to its target */
    size_t limit;        /* sweeps */
    const bp_data *data; /* all cases */
} paper_task;

/* A paper_run whose setting is a paper_task: draws, trains, and says whether and when it was solved. */
void paper_task_run(const void *task, uint64_t seed, paper_outcome *outcome, paper_sample *history,
                    bp_network **net);

/* The paper_task_run of many seeds. */
paper_summary paper_task_seeds(const paper_task *task, const paper_options *options);

/* Every pattern of `bits` bits as a row, in counting order, the first bit the highest. To be freed. */
bp_real *paper_all_patterns(size_t bits);

#endif
