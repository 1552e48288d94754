/* Metrics of the current weights: computed when needed, and cached until a weight changes. */
#ifndef BPI_TRAIN_METRICS_H
#define BPI_TRAIN_METRICS_H

#include "train/types.h"

/*
 * A run on a stream may have to read it for the first two. Where that fails, they are NaN, and the run ends
 * with BP_STOP_FAILED and the status of bpi_run_stream_status, which makes its message the thread's.
 */
bp_status bpi_run_stream_status(const training_run *run);
/* Notes the first status of a stream that is a failure; its message is the thread's. */
void bpi_run_note_stream_status(training_run *run, bp_status status);

/* E of the training cases. */
const batch_error *bpi_training_metrics(training_run *run);
/* Error and accuracy of the validation cases. The run has a validation set. */
const bp_evaluation *bpi_validation_metrics(training_run *run);

/* Mean E of constant outputs for the training cases (constant_error.h), found when it is first needed; NaN if
 * the targets are constant, too. */
double bpi_run_constant_error(training_run *run);

/* Has the network learned, so that a further decrease of E is no great gain? 5 % of the error of constant
 * outputs are left; 0.5 % where outputs are linear units, whose errors have no other measure. False for a
 * custom loss. */
bool bpi_error_is_small(training_run *run, double mean_error);

/* A weight has changed. */
void bpi_invalidate_metrics(training_run *run);

/* Writes the weights back to the network, in rows: during online training a kernel may hold them, and they
 * may be in another order (weight_order.h). */
void bpi_run_flush_weights(training_run *run);

/* Seconds since the run's start. */
double bpi_run_seconds(const training_run *run);

/* STATE if a callback has reset the trainer: the run cannot continue. */
bp_status bpi_require_in_progress(const training_run *run);

/* BP_DIVERGED. The message names what is not finite, the epoch and the learning rate. */
bp_status bpi_run_diverged(const training_run *run, const char *what);

#endif
