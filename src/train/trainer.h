/*
 * Trainer: what it keeps from run to run. Made, set and reset in trainer.c; its options are judged in
 * trainer_options.c; a run is in run.c, what happens within and at the end of an epoch in epoch.c, and the
 * record of all epochs in history.c.
 */
#ifndef BPI_TRAIN_TRAINER_H
#define BPI_TRAIN_TRAINER_H

#include <stdbool.h>

#include "base/random.h"
#include "model/network.h"
#include "model/workspace.h"
#include "train/optimizer.h"
#include "train/stopping.h"

/* The epoch that is going on. It outlives a run that ends in its middle. */
typedef struct epoch_state {
    bool begun;
    size_t cases; /* of the training data it began with */
    size_t done;  /* cases used so far */
    double error; /* sums and maxima over these */
    double largest_deviation;
    double gradient_norm;
} epoch_state;

/* The epoch of least validation error so far. */
typedef struct best_epoch {
    size_t epoch; /* counted from 1; 0: none */
    double validation_error;
    bp_real *weights; /* NULL until a run has a validation set */
} best_epoch;

struct bp_trainer {
    bp_network *network;
    bp_allocator allocator;
    bp_trainer_options options; /* checked; stop_rules is NULL, see stopping */
    stop_rules stopping;
    const optimizer_rule *rule;

    bp_workspace *workspace;
    bp_real *gradient;
    bp_real *state;         /* of the optimizer's rule */
    bp_real *start_weights; /* as the epoch found them, or the last one whose error was finite */
    size_t *order;          /* of the cases; NULL until a run needs one */
    size_t order_capacity;
    size_t order_cases; /* how many of its elements are an order; 0: none yet */

    random_stream stream;
    size_t epochs;                  /* finished since creation or reset */
    uint64_t changes;               /* since creation or reset */
    double learning_rate, momentum; /* of the next change */
    epoch_state epoch;
    best_epoch best;
    double *history; /* E of each finished epoch, if the option asks for it */
    size_t history_capacity;
    bool running; /* inside bp_trainer_run */
};

/* Fills *checked with the caller's options or, for NULL, the defaults, after judging each for this network.
 */
bp_status bpi_trainer_options_check(const bp_trainer_options *options, const bp_network *net,
                                    bp_trainer_options *checked);

/* Learning rate and momentum of the epoch that comes or goes on, from options and schedules. */
void bpi_trainer_update_rates(bp_trainer *trainer);

/* The next change is then the first one as far as the optimizer's rule is concerned. */
void bpi_trainer_forget_change(bp_trainer *trainer);

/* Room for E of the epoch that comes or goes on, and its entry when it is finished and counted; without
 * effect unless the option asks for a history. MEMORY. */
bp_status bpi_history_reserve(bp_trainer *trainer);
void bpi_history_add(bp_trainer *trainer, double error);

/* Puts back the weights of the best epoch, which exists, and forgets the last change, which led elsewhere. */
void bpi_trainer_restore_best(bp_trainer *trainer);

#endif
