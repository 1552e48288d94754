/*
 * Optimizer: how a gradient becomes a change of the weights. Each rule is a row: a file of its own
 * (momentum.c is the paper's) and one line in the table of optimizer.c.
 */
#ifndef BPI_TRAIN_OPTIMIZER_H
#define BPI_TRAIN_OPTIMIZER_H

#include "kernel/kernel.h"
#include "model/workspace.h"

/* Values of bp_optimizer.kind. */
enum { OPTIMIZER_MOMENTUM = 1 };

/* One change of the weights, or of a part of them; all vectors `count` long. */
typedef struct optimizer_step {
    const kernel_table *kernel;
    bp_real *weights;
    const bp_real *gradient; /* as the change is to use it */
    bp_real *state;          /* the rule's vectors, zero before the first change ... */
    size_t state_stride;     /* ... and from the beginning of one to that of the next */
    size_t count;
    double learning_rate, momentum;
    double decay; /* fraction by which every weight is shrunk after the change */
} optimizer_step;

typedef struct optimizer_rule {
    int32_t kind;
    const char *name;
    size_t state_vectors; /* how many vectors as long as the weights it keeps from change to change */
    /* NOT_FINITE or ARGUMENT for parameters out of range; `where` as in option.h. */
    bp_status (*check)(const char *where, const bp_optimizer *optimizer);
    void (*step)(const optimizer_step *step);
    /* The same step as a change that the kernels can make while they make the gradient, which the step does
     * not use; NULL: it can only be made afterwards. */
    weight_change (*as_change)(const optimizer_step *step);
} optimizer_rule;

/* Takes the step by the rule, with the workspace's threads. */
void bpi_optimizer_step(const optimizer_rule *rule, const bp_workspace *workspace,
                        const optimizer_step *step);

/* The rule of a kind, or NULL if there is none. */
const optimizer_rule *bpi_optimizer_rule(int32_t kind);

/* ARGUMENT if it was not made by a constructor, else what its rule's check says. */
bp_status bpi_optimizer_check(const char *where, const bp_optimizer *optimizer);

/* One value: finite and > 0, or in 0 <= m < 1, also when rounded to bp_real. */
bp_status bpi_check_learning_rate(const char *where, const char *name, double value);
bp_status bpi_check_momentum(const char *where, const char *name, double value);

#endif
