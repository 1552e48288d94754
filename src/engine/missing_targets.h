/* Targets that are not there: NaN, in data whose missing_targets is 1. They add nothing to E, and their dE/dy
 * is 0. */
#ifndef BPI_ENGINE_MISSING_TARGETS_H
#define BPI_ENGINE_MISSING_TARGETS_H

#include "network/types.h"

/* UNSUPPORTED for a loss of the caller's, which cannot skip them; ARGUMENT, with case and layer, if a softmax
 * layer has some targets of a case but not all. Nothing is checked unless data->missing_targets is 1. The
 * other arguments are those of bpi_loss_check_targets_from. */
bp_status bpi_check_missing_targets(const char *function, const char *name, bool is_custom,
                                    const bp_network *net, const bp_data *data, size_t first_case);

/* Is there a target in this output column? Of whatever the context stands for. */
typedef bool (*column_has_target)(const void *context, size_t column);

/* ARGUMENT if no column has a target or, unless net is unrolled, one that has none, with its number: nothing
 * could be learned. wants_columns: false lets single columns pass. */
bp_status bpi_require_targets(const char *function, const char *name, const bp_network *net,
                              column_has_target has_target, const void *context, bool wants_columns);

/* A column_has_target of a bp_data, which is checked. */
bool bpi_data_has_target(const void *data, size_t column);

/* A loss as kernel_table.find_loss finds it. */
typedef double (*loss_of_rows)(const void *context, const output_loss *rows, double *errors);

/* The same for the targets that are there. Rows that have all of them have its bits. */
double bpi_find_loss_of_present(loss_of_rows find, const void *context, const output_loss *rows,
                                double *errors);

/* How many of the targets are there. */
size_t bpi_count_targets(const bp_real *targets, size_t count);

#endif
