/* The schema of the table that a network is trained with. */
#ifndef BPI_DATA_TRAINING_SCHEMA_H
#define BPI_DATA_TRAINING_SCHEMA_H

#include "data/schema.h"

/* What is taken back if a run fails before its first update. */
typedef struct training_schema {
    bool is_given;
    bp_schema *before; /* a copy of the network's; NULL: it had none */
    uint64_t updates;  /* of the trainer before the run */
} training_schema;

/*
 * Gives the trainer's network a copy of the schema of a run's training cases; NULL: nothing. STATE while the
 * trainer is running; SIZE; NAME if the network has learned from a table with other columns; MEMORY. Unless
 * it fails, bpi_training_schema_end must follow.
 */
bp_status bpi_training_schema_begin(training_schema *change, const char *function, bp_trainer *trainer,
                                    const bp_schema *schema);

/* After the run, whose status it returns. */
bp_status bpi_training_schema_end(training_schema *change, bp_trainer *trainer, bp_status status);

#endif
