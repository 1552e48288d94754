/* The line of a reporter about an epoch. */
#ifndef BPI_TRAIN_REPORTER_LINE_H
#define BPI_TRAIN_REPORTER_LINE_H

#include "train/types.h"

enum { REPORTER_LINE_CAPACITY = 256 };

/* Writes the line, without an end of line. It is ASCII, so a byte is a column. Two blanks
 * stand between its parts. */
void bpi_reporter_line(char line[REPORTER_LINE_CAPACITY], const bp_trainer *trainer,
                       const bp_progress *progress);

#endif
