/* The options of a trainer in a checkpoint, and its stopping rules. */
#ifndef BPI_TRAIN_CHECKPOINT_OPTIONS_H
#define BPI_TRAIN_CHECKPOINT_OPTIONS_H

#include "train/archive.h"

/* Of a trainer, to be written. */
void bpi_write_options(archive *a, const bp_trainer *trainer);

/*
 * Reads options with which a trainer can be created. What the caller must give again comes from *given, which
 * is checked, or NULL. ARGUMENT, with the option, if it lacks something or has another optimizer; FORMAT.
 * options->stop_rules belongs to the caller in any case, allocated by the allocator, and so do the losses of
 * several outputs.
 */
void bpi_read_options(archive *a, bp_trainer_options *options, const bp_trainer_options *given,
                      const bp_allocator *allocator);

/* Releases the losses of options that were read. */
void bpi_release_losses(bp_trainer_options *options, const bp_allocator *allocator);

/* The memory of the rules that a trainer was created with. */
void bpi_archive_stop_memory(archive *a, stop_rules *rules);

#endif
