/*
 * Checkpoints: all that training needs to go on as if it had never ended, as bytes. docs/checkpoint-format.md
 * describes them. Files are written and read by checkpoint_file.c.
 */
#ifndef BPI_TRAIN_CHECKPOINT_H
#define BPI_TRAIN_CHECKPOINT_H

#include "base/cursor.h"
#include "train/types.h"

/* Writes a trainer whose weights are in its network, with the place of its last run or of the one in
 * progress. Returns the number of bytes; bytes NULL: only counts them. */
size_t bpi_checkpoint_write(const bp_trainer *trainer, const run_place *place, unsigned char *bytes);

/*
 * Makes a trainer from a checkpoint, and then gives the network its weights and scaling. `given`: see
 * bp_trainer_load(); may be NULL. On failure both are untouched.
 */
bp_status bpi_checkpoint_read(bp_trainer **out, bp_network *net, const bp_trainer_options *given,
                              const byte_source *source);

#endif
