/* The rates that a search for the learning rate tries. */
#ifndef BPI_TRAIN_RATE_LADDER_H
#define BPI_TRAIN_RATE_LADDER_H

#include "train/types.h"

typedef struct rate_ladder {
    double lowest, factor; /* the first rung, and from one to the next */
    double usual;          /* a rate that suits scaled data, by experience; 0: nothing is known */
    double safety;         /* the part of the edge of stability that is best in the long run, likewise */
} rate_ladder;

/* That of the trainer's rule, batches and network. */
rate_ladder bpi_rate_ladder(const training_run *run);

/* Several machines that a gradient hook connects must come to the same numbers, although each has cases of
 * its own: the rates are judged by the hook's replies alone. */
bool bpi_is_judged_by_hook(const training_run *run);

#endif
