/* The classes of cases, told from their targets. */
#ifndef BPI_DATA_CASE_CLASSES_H
#define BPI_DATA_CASE_CLASSES_H

#include "data/dataset.h"

typedef struct case_classes {
    size_t count;     /* 0: the targets are no classes */
    double threshold; /* a single target above it is of class 1 */
} case_classes;

/* As bp_dataset_class_cases says. */
case_classes bpi_case_classes(const bp_dataset *dataset);

/* How many targets are not there; they have no classes then. */
size_t bpi_count_missing_targets(const bp_dataset *dataset);

/* The class of the case at `index`; there are classes. */
size_t bpi_case_class(const bp_dataset *dataset, const case_classes *classes, size_t index);

#endif
