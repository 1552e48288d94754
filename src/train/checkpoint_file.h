/* Checkpoints as files. */
#ifndef BPI_TRAIN_CHECKPOINT_FILE_H
#define BPI_TRAIN_CHECKPOINT_FILE_H

#include "train/types.h"

/* Writes a checkpoint (checkpoint.h) to a file, whole or not at all. FILE, with the reason in errno, MEMORY.
 */
bp_status bpi_checkpoint_save(const bp_trainer *trainer, const run_place *place, const char *path);

#endif
