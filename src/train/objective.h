/*
 * What rules that need all cases at once minimize: E of all training cases, summed or the mean by
 * options.reduction, and lambda / 2 times the sum of the squares of all weights that are not frozen, each
 * times its decay factor; lambda is that of weight_decay.h.
 */
#ifndef BPI_TRAIN_OBJECTIVE_H
#define BPI_TRAIN_OBJECTIVE_H

#include "train/types.h"

/* What E is divided by. */
double bpi_objective_divisor(const training_run *run);

/* lambda of the weights of a slice that is not frozen. */
double bpi_objective_decay(const bp_trainer *trainer, size_t slice);

/* At the network's weights, with the gradient in trainer->gradient. Its status is that of
 * bpi_batch_gradient. Counted as an evaluation. */
bp_status bpi_objective_evaluate(training_run *run, objective_point *found);

/* At weights_snapshot + step * direction, which become the network's weights. */
bp_status bpi_objective_try(training_run *run, double step, const bp_real *direction, objective_point *found);

/*
 * F at the second of two points minus F at the first, `distance` apart on a line along which its derivatives
 * are these slopes. Where the difference is no more than the rounding of F, it is taken from the slopes, by
 * the trapezoidal rule: near a minimum, F changes by less than can be seen, the gradient does not. Hager &
 * Zhang (2005), "A new conjugate gradient method with guaranteed descent and an efficient line search",
 * section 4, base their approximate Wolfe conditions on it.
 */
double bpi_objective_difference(double first, double second, double distance, double first_slope,
                                double second_slope);

/* Puts the weights of the snapshot back, with their gradient. */
void bpi_objective_take_back(const training_run *run, const bp_real *gradient);

/* Is an iteration to be given up, by a limit of time or a request to stop? The first one of a run never is,
 * so that each run gets on. */
bool bpi_objective_is_interrupted(const training_run *run);

#endif
