/* What goes wrong while a network is trained, as seen in the course of the errors. */
#ifndef BPI_TRAIN_DIAGNOSIS_H
#define BPI_TRAIN_DIAGNOSIS_H

#include "train/types.h"

/* After an epoch: records its errors now and then. True if the learning rate is too large: the error bounces,
 * or grows beyond that of the start; or, in a run that may recover, a hidden layer was lost (lost_units.h).
 */
bool bpi_diagnose_epoch(training_run *run, const stop_metrics *metrics);

/* Reports a learning rate that is too large, after divergence or the verdict above. */
void bpi_report_large_rate(training_run *run, bool has_diverged);

/* At the end of a run that did not diverge: what its course says. */
void bpi_diagnose_run(training_run *run);

#endif
