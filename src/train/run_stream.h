/* A run on streams. */
#ifndef BPI_TRAIN_RUN_STREAM_H
#define BPI_TRAIN_RUN_STREAM_H

#include "train/types.h"

/* bp_trainer_run_stream for arguments that are not NULL where they must not be. */
bp_status bpi_run_stream(bp_trainer *trainer, bp_stream *training, bp_stream *validation, bp_result *result);

#endif
