/*
 * The stopping rules of Prechelt, "Early stopping - but when?" (1998), which ask how far the validation error
 * has risen: generalization loss GL_alpha, progress quotient PQ_alpha, and UP_s. Time is cut into strips of
 * `window` epochs, the first of which begins with the first epoch that is observed.
 */
#ifndef BPI_TRAIN_STOP_GENERALIZATION_H
#define BPI_TRAIN_STOP_GENERALIZATION_H

#include "train/stop_kind.h"

extern const stop_kind bpi_stop_generalization_loss, bpi_stop_progress_quotient, bpi_stop_validation_up;

#endif
