/* The figures of all folds together. */
#ifndef BPI_DATA_CROSS_SUMMARY_H
#define BPI_DATA_CROSS_SUMMARY_H

#include "backprop.h"

bp_cross_summary bpi_cross_summary(const bp_fold_result *folds, size_t count, double seconds);

#endif
