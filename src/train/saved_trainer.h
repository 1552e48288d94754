/* What a search for the learning rate puts back. */
#ifndef BPI_TRAIN_SAVED_TRAINER_H
#define BPI_TRAIN_SAVED_TRAINER_H

#include "train/types.h"

typedef struct saved_trainer {
    bp_trainer trainer; /* its members; the vectors that change are copied */
    bp_real *weights, *snapshot;
    optimizer_state state;
    size_t *order;
} saved_trainer;

/* MEMORY: nothing is to be released. */
bp_status bpi_save_trainer(saved_trainer *saved, const bp_trainer *trainer);
void bpi_saved_trainer_release(saved_trainer *saved);

/* All but the weights stays as it is if the gradient hook has reset the trainer. */
void bpi_put_back_trainer(const saved_trainer *saved, training_run *run);

/* The cases that come next. */
void bpi_put_back_cases(const saved_trainer *saved, bp_trainer *trainer);

#endif
