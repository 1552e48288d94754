/* A gradient hook that keeps what it is told. */
#ifndef TESTS_TRAIN_GRADIENT_RECORDER_H
#define TESTS_TRAIN_GRADIENT_RECORDER_H

#include "train/train_example.h"

/* Keeps what it is told; stops at a call, leaves NaN at one, and asks for some empty batches in each epoch.
 */
enum { MOST = 40 };
typedef struct recorder {
    bp_gradient_batch told[MOST];
    size_t calls;
    size_t stop_at, spoil_at; /* counted from 1; 0: never */
    size_t empty;             /* batches to ask for */
    bool pushes;              /* the derivative becomes -1 in an empty batch, 0 in others */
    size_t empty_so_far;      /* in this epoch */
    bool zeros;               /* was every gradient that should be 0 so? */
} recorder;

bp_status record(void *context, const bp_gradient_batch *batch, bp_gradient_reply *reply);

/* Options with the rule and the recorder as hook. */
bp_trainer_options recorded_by(recorder *self, const bp_stop_rule *rule);

/* Asserts that it was told of so many batches, and then of this end. */
void assert_announced(const recorder *self, size_t batches, bp_stop_reason reason, bp_status status);

#endif
