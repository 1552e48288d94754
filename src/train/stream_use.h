/* What messages about the streams of a run begin with. */
#ifndef BPI_TRAIN_STREAM_USE_H
#define BPI_TRAIN_STREAM_USE_H

#include "engine/stream.h"

#define RUN_FUNCTION "bp_trainer_run_stream"

static const stream_use training_use = {RUN_FUNCTION, "training"};
static const stream_use validation_use = {RUN_FUNCTION, "validation"};

#endif
