/* Truth tables: data that are all there is, and no sample. */
#ifndef BPI_ENGINE_TRUTH_TABLE_H
#define BPI_ENGINE_TRUTH_TABLE_H

#include <stdbool.h>

#include "backprop.h"
#include "base/arithmetic.h"

/* Have the inputs two values each, and are there as many cases as these have combinations? */
bool bpi_is_truth_table(const bp_data *data);

#endif
