/* Weights of classes, which multiply the weights of the cases. The classes are those of one output layer: a
 * column of 0 or 1 for each, one of which is 1, or 0 and 1 of a single unit. */
#ifndef BPI_ENGINE_CLASS_WEIGHTS_H
#define BPI_ENGINE_CLASS_WEIGHTS_H

#include "engine/types.h"

/* The classes of a network with these outputs. */
static inline size_t bpi_class_count(size_t output_width)
{
    return output_width == 1 ? 2 : output_width;
}

/* UNSUPPORTED, with `where` and the name of the option, unless the outputs of the network are such classes.
 */
bp_status bpi_class_weights_check_network(const char *where, const char *option, const bp_network *net);

/* The class of a row of unscaled targets; SIZE_MAX if it has none. */
size_t bpi_class_of_targets(const bp_real *targets, size_t width);

/* ARGUMENT, with the case, if one has no class but has targets. Nothing is checked if the workspace has no
 * weights of classes. The other arguments are those of bpi_loss_check_targets_from. */
bp_status bpi_check_case_classes(const char *function, const char *name, const bp_workspace *workspace,
                                 const bp_data *data, size_t first_case);

/* The weight of a case: its own times that of its class. classes: NULL, all weigh 1. */
bp_real bpi_case_weight(const class_weights *classes, const bp_data *data, size_t index);

/* Adds the weights that the data give to the cases of each class. */
void bpi_add_class_sums(const bp_data *data, double *sums);

/* weights = balanced ones, so that each of the k classes that have cases has 1/k of the weight of all:
 * sum of all / (k * sum of the class). 1 for a class without. */
void bpi_balance_classes(const double *sums, const class_weights *classes);

#endif
