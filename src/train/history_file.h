/* History files: a line for each epoch, written while training goes on. */
#ifndef BPI_TRAIN_HISTORY_FILE_H
#define BPI_TRAIN_HISTORY_FILE_H

#include "train/types.h"

/* Before create may fail; then destroy may follow. */
void bpi_history_files_init(bp_trainer *trainer);
/* Copies the paths of the options and allocates a line. MEMORY. */
bp_status bpi_history_files_create(bp_trainer *trainer);
void bpi_history_files_destroy(bp_trainer *trainer);

/* The next run makes the files anew. */
void bpi_history_files_restart(bp_trainer *trainer);

/* At the start of a run, at the end of each epoch, and at the end of the run. What fails becomes a finding,
 * and is not tried again in this run. */
void bpi_history_files_open(bp_trainer *trainer);
void bpi_history_files_add(bp_trainer *trainer, const bp_progress *progress);
void bpi_history_files_close(bp_trainer *trainer);

/* Did something fail in the last run? */
bool bpi_history_files_failed(const bp_trainer *trainer);

#endif
