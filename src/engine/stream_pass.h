/* One pass over all cases of a stream, part by part, checked. */
#ifndef BPI_ENGINE_STREAM_PASS_H
#define BPI_ENGINE_STREAM_PASS_H

#include "engine/stream.h"

/* Cases of a part: so many that a cache holds them, but at least some. */
size_t bpi_stream_part_cases(const bp_stream *stream);

/* What is set before bpi_stream_pass_begin: */
typedef struct stream_pass {
    stream_use use;
    bp_stream *stream;
    const bp_workspace *workspace; /* of the network that the cases are for; its threads check them */
    int need;                      /* bits of data_need */
    const bp_loss *loss;           /* that the targets must suit; NULL: any */
    /* What follows is set by the pass. */
    case_buffer buffer;
    size_t used;   /* cases at the start of the buffer that were part of `cases` */
    size_t first;  /* the number of the first case in it */
    bp_data cases; /* the present part, checked, with explicit strides */
} stream_pass;

/* Goes to the first case. MEMORY, or what the source's function returned; the caller ends the pass in any
 * case. */
bp_status bpi_stream_pass_begin(stream_pass *pass);
void bpi_stream_pass_end(stream_pass *pass);

/*
 * The next part; *found is false after the last. A part has 2 cases or more, unless it is all there is: the
 * bits of a single case may be others. As bpi_check_data, bpi_loss_check_targets and bpi_stream_fill.
 */
bp_status bpi_stream_pass_next(stream_pass *pass, bool *found);

#endif
