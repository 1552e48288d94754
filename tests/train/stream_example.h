/* Streams over data in memory that count what is asked of them, and that can be faulty. */
#ifndef TESTS_STREAM_EXAMPLE_H
#define TESTS_STREAM_EXAMPLE_H

#include "train/train_example.h"

/* What goes wrong with a source, and when. */
typedef enum source_fault {
    SOUND,
    FAILS_TO_READ,   /* returns BP_ERROR_FILE before case `fault_case` */
    FAILS_TO_REWIND, /* returns BP_ERROR_FILE */
    ENDS_EARLY,      /* after `fault_case` cases */
    GOES_ON,         /* has one case more */
    DELIVERS_NAN,    /* as an input of case `fault_case` */
    CHANGES,         /* another target of that case */
    DELIVERS_TOO_MUCH,
    CLAIMS_DIVERGENCE
} source_fault;

/* A source of the caller's. */
typedef struct test_source {
    bp_data data;   /* dense */
    size_t at_most; /* cases of a call; 0: as many as it wants */
    source_fault fault;
    size_t fault_case, fault_pass; /* passes count from 1; 0: every pass */
    int varies;
    size_t promised; /* the number of cases that it tells; 0: none */
    size_t next, pass;
    size_t reads, most_wanted, releases;
} test_source;

/* A stream over data, whose number of cases it does not tell; of a source that is given, so that faults can
 * be set. allocator may be NULL. */
bp_status test_stream_create(bp_stream **out, test_source *source, const bp_data *data,
                             const bp_allocator *allocator);
bp_stream *test_stream(test_source *source, const bp_data *data);

#endif
