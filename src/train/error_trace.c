#include "train/error_trace.h"

/* The first points are so many updates apart. */
enum { FIRST_STRIDE = 16 };

static void thin_out(error_trace *trace)
{
    for (size_t i = 0; i < TRACE_POINTS / 2; i++)
        trace->points[i] = trace->points[2 * i + 1];
    trace->count = TRACE_POINTS / 2;
    trace->stride *= 2;
}

void bpi_trace_add(error_trace *trace, uint64_t updates, double error, double validation_error)
{
    if (trace->stride == 0) {
        trace->stride = FIRST_STRIDE;
        trace->first_error = error;
    }
    if (trace->count == TRACE_POINTS)
        thin_out(trace);
    trace->points[trace->count++] = (trace_point){updates, error, validation_error};
    trace->next = updates + trace->stride;
}

bool bpi_trace_is_young(const error_trace *trace)
{
    return trace->stride <= FIRST_STRIDE;
}

void bpi_trace_restart(error_trace *trace)
{
    trace->count = 0;
    trace->next = 0;
    if (trace->stride != 0)
        trace->stride = FIRST_STRIDE;
}

trace_motion bpi_trace_motion(const error_trace *trace, size_t points)
{
    trace_motion motion = {0};
    for (size_t i = trace->count - points; i < trace->count; i++) {
        double error = trace->points[i].error;
        motion.level += error / (double)points;
        if (i == trace->count - points)
            continue;
        double rise = error - trace->points[i - 1].error;
        motion.rises += rise > 0 ? rise : 0;
        motion.falls += rise < 0 ? -rise : 0;
    }
    return motion;
}
