/* Units that have ceased to learn, as seen in a sample of the training cases: why a run stays on a plateau.
 */
#ifndef BPI_TRAIN_LOST_UNITS_H
#define BPI_TRAIN_LOST_UNITS_H

#include "train/types.h"

/* At the end of a run that has hardly learned: reports hidden layers of which half are saturated or dead. */
void bpi_report_lost_units(training_run *run);

/* After an epoch with this mean error: is it no better than that of constant outputs, while a whole hidden
 * layer is saturated or dead that was not so with the weights that the run began with? */
bool bpi_has_lost_layer(training_run *run, double error);

#endif
