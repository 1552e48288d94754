/* The validation cases of a run that come from a stream. */
#ifndef BPI_TRAIN_VALIDATIONS_H
#define BPI_TRAIN_VALIDATIONS_H

#include "train/types.h"

/* Reads them if they fit into a window: then *view is a view of them, which *validations owns. Else
 * run->validations is set, and each evaluation reads the stream. The caller clears *validations in any case.
 */
bp_status bpi_validations_open(validation_stream *validations, training_run *run, bp_stream *stream,
                               bp_data *view);
void bpi_validations_clear(validation_stream *validations);

/* Of a stream that is read by each evaluation: checks and counts its cases, after the network was scaled. */
bp_status bpi_validations_check(training_run *run);

#endif
