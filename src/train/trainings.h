/* Several trainings side by side, each on one thread: what several starts and the folds of cross-validation
 * share. Whatever allocates is done by the calling thread, before and after the threads work: that is what
 * the allocator is promised. */
#ifndef BPI_TRAIN_TRAININGS_H
#define BPI_TRAIN_TRAININGS_H

#include <pthread.h>

#include "base/status.h"
#include "train/types.h"

typedef struct trainings {
    const char *function;       /* the public one, for messages */
    const char *name, *threads; /* what one of them is called, and the option of their threads, likewise */
    size_t count;
    size_t thread_count;        /* that the caller asked for */
    bp_trainer_options options; /* of every trainer, but for the seed */
    bp_epoch_callback on_epoch; /* the caller's */
    void *on_epoch_context;
    pthread_mutex_t lock; /* for the caller's callback and for all that follows */
    size_t failed;        /* the first training that failed; count: none */
    bp_status failure;
    char message[BPI_MESSAGE_CAPACITY];
} trainings;

/* Reads the caller's options; NULL: all defaults. function to thread_count are set. ARGUMENT, VERSION. The
 * set must stay where it is until bpi_trainings_end, which follows in any case. */
bp_status bpi_trainings_begin(trainings *set, const bp_trainer_options *options);
void bpi_trainings_end(trainings *set);

/* bp_network_initialize, under the name of the call. */
bp_status bpi_training_initialize(const trainings *set, bp_network *net, uint64_t seed);

/* Copies a network, draws its initial weights, and makes a trainer of it, both of which the caller destroys,
 * also after a failure. UNSUPPORTED for what ordinary training can do, but not this. */
bp_status bpi_training_create(trainings *set, const bp_network *from, uint64_t seed, bp_network **net,
                              bp_trainer **trainer);

/* Trains a run that has begun, or a copy of one; its trainer is then idle. *result is filled. Failures other
 * than divergence are kept. May be called by several threads. */
bp_status bpi_training_run(trainings *set, training_run *run, size_t index, bp_result *result);

/* Keeps a failure, whose message is the thread's, unless an earlier training has failed. */
void bpi_training_failed(trainings *set, size_t index, bp_status status);

bool bpi_trainings_have_failed(trainings *set);

/* The failure of the first that failed, with its message; else BP_OK. */
bp_status bpi_trainings_status(const trainings *set);

#endif
