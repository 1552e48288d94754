/*
 * The course of the errors over training: up to TRACE_POINTS points, evenly spread over all updates so far.
 * When the trace is full, every second point is dropped, and later ones are taken half as often; so the whole
 * costs next to nothing, however long training takes.
 */
#ifndef BPI_TRAIN_ERROR_TRACE_H
#define BPI_TRAIN_ERROR_TRACE_H

#include "train/types.h"

/* Is the next point due? Inline, since an epoch of a small network takes less than a microsecond. */
static inline bool bpi_trace_is_due(const error_trace *trace, uint64_t updates)
{
    return updates >= trace->next;
}

/* Adds a point after so many updates. */
void bpi_trace_add(error_trace *trace, uint64_t updates, double error, double validation_error);

/* Drops all points but the memory of the first error. */
void bpi_trace_restart(error_trace *trace);

/* Has the trace never been thinned out? Then training is some hundred updates old. */
bool bpi_trace_is_young(const error_trace *trace);

/* How the errors moved over the last `points` points (at least 2, which there are). */
typedef struct trace_motion {
    double level;        /* mean error */
    double rises, falls; /* sums of the increases and of the decreases from point to point */
} trace_motion;

trace_motion bpi_trace_motion(const error_trace *trace, size_t points);

#endif
