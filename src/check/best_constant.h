/* The least error of a network whose outputs are the same in all of some cases. */
#ifndef BPI_CHECK_BEST_CONSTANT_H
#define BPI_CHECK_BEST_CONSTANT_H

#include "check/diagnosis.h"
#include "engine/constant_error.h"

typedef struct best_constant {
    const diagnosis *diagnosis;
    target_sums *columns; /* one per target column */
} best_constant;

/* Without cases. False when there is no memory; the caller clears it in any case. */
bool bpi_best_constant_create(best_constant *best, const diagnosis *d);
void bpi_best_constant_clear(best_constant *best);

/* Is the least error known for the loss (engine/constant_error.h)? Not with a tolerance. */
bool bpi_best_constant_is_known(const diagnosis *d);

/* Forgets all cases. */
void bpi_best_constant_begin(best_constant *best);
/* Adds a case of the training data. */
void bpi_best_constant_add(best_constant *best, size_t row);
/* The least E of these cases, for a loss of which it is known. */
double bpi_best_constant_error(const best_constant *best);

#endif
