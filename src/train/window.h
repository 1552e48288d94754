/*
 * Training on a stream that does not fit into memory. Its cases are read in order, `capacity` at a time. Such
 * a window is shuffled, trained on batch by batch, and replaced by the next one. Passes over the whole stream
 * find what is needed of all cases: statistics of the columns before training, E afterwards.
 */
#ifndef BPI_TRAIN_WINDOW_H
#define BPI_TRAIN_WINDOW_H

#include "train/types.h"

/* Cases that a window of the stream has by the trainer's options; no more than the stream, if that is known.
 */
size_t bpi_window_size(const bp_trainer *trainer, const bp_stream *stream);

/* A buffer for up to `cases`, which may be far more than there are. As bpi_case_buffer_create. */
bp_status bpi_window_buffer_create(case_buffer *buffer, const stream_use *use, const bp_stream *stream,
                                   size_t cases);
/* Reads until it has `cases`, or the stream ends. MEMORY, OVERFLOW, and as bpi_stream_fill. */
bp_status bpi_window_buffer_fill(case_buffer *buffer, const stream_use *use, bp_stream *stream, size_t cases);

/*
 * Reads the training cases of a run. If they all fit into a window, *view is a view of them in memory, which
 * the window owns. Else the window is made for them by a pass over the stream, run->window is set, and *view
 * is a view of a sample, drawn by the trainer's seed. is_scaled_later: as in first_pass.h. The caller clears
 * the window in any case.
 */
bp_status bpi_window_open(case_window *window, training_run *run, bp_stream *stream, bool is_scaled_later,
                          bp_data *view);
void bpi_window_clear(case_window *window, const bp_trainer *trainer);

/* Loads the cases that are next in the epoch, if they are not there, and draws their order. On failure no
 * window is loaded. */
bp_status bpi_window_provide(training_run *run);

/* Are all targets 0 or 1? Are there as many cases as two-valued inputs have combinations? Of a run whose
 * trainer was not prepared. */
bool bpi_window_has_binary_targets(const case_window *window);
bool bpi_window_is_truth_table(const case_window *window);

#endif
