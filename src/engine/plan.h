/* Which path a call takes: a pure function of facts, and the only place that decides it. The table at the top
 * of plan.c has the facts, the path, and its file. */
#ifndef BPI_ENGINE_PLAN_H
#define BPI_ENGINE_PLAN_H

#include "network/types.h"

/* What is to be done with some cases. */
typedef enum plan_task {
    TASK_FORWARD,  /* outputs of one block */
    TASK_PREDICT,  /* the same, where no backward pass follows */
    TASK_ERROR,    /* outputs of one block and E */
    TASK_GRADIENT, /* E and gradient of a batch */
    TASK_BACKWARD, /* gradient of one block that went forward */
    TASK_UPDATE,   /* weights updated by the gradient of a batch */
    TASK_ONLINE,   /* weights updated by each case, or batch, before the next */
    TASKS
} plan_task;

/* How it is done. */
typedef enum plan_path {
    PATH_GENERAL,      /* layer by layer */
    PATH_PANELS,       /* the same, with copies of the weights that are kept from pass to pass */
    PATH_SMALL_BATCH,  /* the whole of a small network in one kernel call, a case per vector lane */
    PATH_SMALL_CASE,   /* the same for one case, in scalars and small vectors */
    PATH_SMALL_ONLINE, /* the same for cases that update the weights one after another */
    PATH_SMALL_LANES,  /* the same for batches that do, a case per vector lane */
    PATH_FUSED,        /* each matrix's part of the gradient updates its weights where it is made */
    PATH_FUSED_PANELS  /* the same, with weights from inputs in the order in which they are read */
} plan_path;

/* What the choice depends on: bits, to be combined. */
enum plan_fact {
    /* of the network; bpi_network_facts */
    FACT_SMALL = 1 << 0,           /* few weights, and only what small kernels support */
    FACT_ENDS_IN_OUTPUTS = 1 << 1, /* no output layer leads to another layer */
    FACT_NO_SOFTMAX = 1 << 2,      /* in any layer */
    FACT_PLAIN_GRADIENT = 1 << 3,  /* dense, and every weight has one use */
    FACT_NO_HIDDEN_SOFTMAX = 1 << 4,
    FACT_SMALL_PASS = 1 << 5,   /* as FACT_SMALL, with more weights, for passes that find a gradient */
    FACT_SMALL_CASE = 1 << 6,   /* likewise, for TASK_PREDICT */
    FACT_SMALL_ONLINE = 1 << 7, /* likewise, for TASK_ONLINE */
    /* of the cases; bpi_case_facts */
    FACT_ONE_CASE = 1 << 8,
    FACT_SEVERAL_CASES = 1 << 9,
    FACT_MANY_CASES = 1 << 10, /* as many as a pass of a small network's training is for */
    FACT_ONE_BLOCK = 1 << 11,  /* they fit into one block */
    FACT_FEW_CASES = 1 << 12,  /* no more than a batch of small online kernels; one is few */
    /* of the loss, and of targets of which none is missing */
    FACT_KNOWN_LOSS = 1 << 13,         /* of every output layer: the library's own */
    FACT_NO_CROSS_ENTROPY = 1 << 14,   /* of any output layer: all losses give dE/dy */
    FACT_ONLY_CROSS_ENTROPY = 1 << 15, /* of every output layer: all losses give dE/dx */
    /* of the results that the caller needs */
    FACT_X_UNSEEN = 1 << 16,          /* not the total inputs of output layers */
    FACT_GRADIENT_UNSEEN = 1 << 17,   /* not the gradient between backward pass and update */
    FACT_NO_INPUT_GRADIENT = 1 << 18, /* not dE/dy of the inputs */
    /* of the training */
    FACT_TRAINED_ALIKE = 1 << 19, /* none are frozen or have factors; biases may be left out of decay */
    FACT_NO_NOISE = 1 << 20, /* no units are dropped, and inputs have no noise; of every network by itself */
    /* of updates in panels */
    FACT_PANELS_FIT = 1 << 21,     /* some weights from inputs can be in panels, with these threads */
    FACT_PANEL_CASES = 1 << 22,    /* several cases, no more than such an update takes */
    FACT_WEIGHTS_UNSEEN = 1 << 23, /* not the weights, for long enough that another order of them pays */
    /* of a workspace */
    FACT_PANELS_KEPT = 1 << 24, /* it keeps copies of the weights in panels */
    FACT_RULE_FITS = 1 << 25,   /* updates are momentum by itself, or the weights few enough for any rule */
    FACT_LANE_CASES = 1 << 26,  /* of several cases: they fill the lanes of passes, in a network for those of
                                 * lanes.h */
    FACT_COUNT = 27
};

/* The path for a task: that of the first row of the table whose facts all hold. */
plan_path bpi_plan(plan_task task, unsigned facts);

/* The facts of a finalized network. */
unsigned bpi_network_facts(const bp_network *net);

/* The facts of a number of cases, for a finalized network. */
unsigned bpi_case_facts(const bp_network *net, size_t cases);

/* Is the network one for passes with padded weights, if it has passes at all? */
bool bpi_pads_weights(const bp_network *net);

/* Is a workspace for several cases to keep copies of the weights in panels? */
bool bpi_keeps_panels(const bp_network *net);

/* The fact about updates by batches of so many cases: by momentum alone (KERNEL_MOMENTUM), or by any rule. */
unsigned bpi_rule_facts(const bp_network *net, size_t cases, bool is_momentum);

/* The fact that nobody sees the weights for so many updates. */
unsigned bpi_unseen_facts(uint64_t updates);

#endif
