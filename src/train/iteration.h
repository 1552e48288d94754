/*
 * One epoch of a rule that evaluates E and the gradient of all cases at points that it tries (`iterate` of
 * its optimizer_rule): an iteration. The rule finds the weights in the network and in weights_snapshot, the
 * objective there in run->point and its gradient in trainer->gradient. It sets run->outcome. If that is
 * ITERATION_MOVED, the network has the new weights, and run->point and the gradient are theirs; else all are
 * as before.
 */
#ifndef BPI_TRAIN_ITERATION_H
#define BPI_TRAIN_ITERATION_H

#include "train/types.h"

/*
 * Makes an iteration. The epoch is then complete, unless it was given up.
 *
 * Each evaluation is counted when it is made (objective.h), so those of an iteration that was given up stay
 * counted. Nothing else of it stays: the next run evaluates where it began, which is counted once more, and
 * makes it anew. SCG then finds the curvature along the direction again and tries the same steps, L-BFGS the
 * same steps of its line search, so that the weights are those of a run that was never ended, but the count
 * is higher by all evaluations of the iteration that was given up, and by one. Only a checkpoint knows that
 * the start was counted: where a run goes on from one it is evaluated again, but not counted.
 *
 * In the first one of a run, and after a callback that set weights, the objective is evaluated first. If it
 * is not that which the state remembers, then weights, cases or options are others, and the rule begins anew.
 */
bp_status bpi_iterate(training_run *run);

/* Has the last iteration shown that the rule finds no lower value from the network's weights? Or have many
 * found none that is lower than the lowest by more than its rounding (bpi_objective_difference)? */
bool bpi_iteration_is_last(const training_run *run);

#endif
