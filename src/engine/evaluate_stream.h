/* Error and classification results of a stream. */
#ifndef BPI_ENGINE_EVALUATE_STREAM_H
#define BPI_ENGINE_EVALUATE_STREAM_H

#include "engine/stream.h"

/*
 * As bpi_evaluate and bpi_batch_error do for data in memory, with the same bits. What they trust is trusted
 * here, but the cases are checked. On failure *result and confusion are not defined.
 */
bp_status bpi_evaluate_stream(const stream_use *use, bp_workspace *workspace, bp_stream *stream,
                              const bp_loss *loss, size_t *confusion, bp_evaluation *result);
bp_status bpi_stream_error(const stream_use *use, bp_workspace *workspace, bp_stream *stream,
                           const bp_loss *loss, batch_error *result);

#endif
