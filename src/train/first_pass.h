/* The first pass over a stream that does not fit into memory: what a run has to know of all of its cases. */
#ifndef BPI_TRAIN_FIRST_PASS_H
#define BPI_TRAIN_FIRST_PASS_H

#include "train/types.h"

/*
 * Goes on from the cases that the window's buffer holds to the end of the stream: counts the cases, checks
 * them, and finds the statistics of the window. The buffer then holds `sample` of them, or all if there are
 * fewer: all are equally likely. is_scaled_later: the network's scaling is about to be fitted, and values
 * need not fit it yet. What bpi_stream_fill and bpi_check_data return; MEMORY.
 */
bp_status bpi_first_pass(case_window *window, const training_run *run, size_t sample, bool is_scaled_later);

/* Do the targets suit the loss, now that they are scaled? ARGUMENT, with the place, if not. */
bp_status bpi_check_scaled_targets(const training_run *run);

#endif
