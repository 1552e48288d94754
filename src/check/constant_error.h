/* The least error of a network whose outputs are the same in all of some cases. */
#ifndef BPI_CHECK_CONSTANT_ERROR_H
#define BPI_CHECK_CONSTANT_ERROR_H

#include "check/diagnosis.h"

/* Sums over cases for each target column, in scaled units. */
typedef struct constant_error {
    const diagnosis *diagnosis;
    double weight;          /* of all cases */
    double *sums, *squares; /* weighted, of the targets' distances from those of the first case */
    double *first;
} constant_error;

/* False when there is no memory; the caller clears it in any case. */
bool bpi_constant_error_create(constant_error *error, const diagnosis *d);
void bpi_constant_error_clear(constant_error *error);

/* Is the least error known for the loss? It is not for custom ones, and those with a tolerance. */
bool bpi_constant_error_is_known(const diagnosis *d);

void bpi_constant_error_begin(constant_error *error);
/* Adds a case of the training data. */
void bpi_constant_error_add(constant_error *error, size_t row);
/* The least E of these cases. */
double bpi_constant_error_sum(const constant_error *error);

#endif
