/* The last part of training: the learning rate is lowered before training ends. */
#ifndef BPI_TRAIN_ANNEAL_H
#define BPI_TRAIN_ANNEAL_H

#include "train/types.h"

/*
 * After an epoch, where the library chose both learning rate and stopping rules: if the error no longer
 * improves, and the rate has not been lowered often enough, lowers it and takes the end of the run back.
 */
void bpi_anneal(training_run *run);

/* At the start of a run: if training had come to the end that the chosen rules gave it, it begins anew, with
 * the rate that was found. After any other end it goes on where it was. */
void bpi_reset_annealing(bp_trainer *trainer);

#endif
