/* The line of a reporter about an epoch. */
#ifndef BPI_TRAIN_REPORTER_LINE_H
#define BPI_TRAIN_REPORTER_LINE_H

#include "train/types.h"

enum { REPORTER_LINE_CAPACITY = 256 };

/* What the line needs of a trainer. It is copied during a callback: later, another thread may train with it.
 */
typedef struct reported_run {
    bool has_classes; /* the accuracy means something */
    size_t epochs_before;
    uint64_t updates_before;
    size_t cases;                                    /* of an epoch */
    double epoch_limit, update_limit, seconds_limit; /* of the run; 0: none */
} reported_run;

reported_run bpi_reported_run(const bp_trainer *trainer);

/* Writes the line, without an end of line. It is ASCII, so a byte is a column. Two blanks
 * stand between its parts. */
void bpi_reporter_line(char line[REPORTER_LINE_CAPACITY], const reported_run *run,
                       const bp_progress *progress);

#endif
