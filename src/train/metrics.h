/* Metrics of the weights as they now are, found when they are asked for and kept until a weight changes. */
#ifndef BPI_TRAIN_METRICS_H
#define BPI_TRAIN_METRICS_H

#include "train/types.h"

/* E of the training cases. */
const batch_error *bpi_training_metrics(training_run *run);
/* Error and accuracy of the validation cases, of which there are some. */
const bp_evaluation *bpi_validation_metrics(training_run *run);

/* A weight has changed. */
void bpi_invalidate_metrics(training_run *run);

/* The network's weights are those of the last update; a kernel may have them while single cases update them.
 */
void bpi_run_flush_weights(training_run *run);

/* Seconds since the run's start. */
double bpi_run_seconds(const training_run *run);

/* STATE if a callback has reset the trainer, which the run cannot go on with. */
bp_status bpi_require_in_progress(const training_run *run);

/* BP_DIVERGED, with the epoch and what became of a value of the training in the message. */
bp_status bpi_run_diverged(const training_run *run, const char *what);

#endif
