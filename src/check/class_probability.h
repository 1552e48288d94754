/* Figures of outputs that are probabilities of classes. */
#ifndef BPI_CHECK_CLASS_PROBABILITY_H
#define BPI_CHECK_CLASS_PROBABILITY_H

#include "check/class_rows.h"

/* Are the outputs of all rows probabilities? */
bool bpi_class_has_probabilities(const class_rows *classes);

/* -ln of the probability given to the true class of a row, and its part of the Brier score. Trust that the
 * outputs are probabilities. */
double bpi_class_log_loss(const class_rows *classes, size_t row);
double bpi_class_brier(const class_rows *classes, size_t row);

#endif
