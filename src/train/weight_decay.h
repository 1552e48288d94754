/* The weight decay that a trainer chooses. */
#ifndef BPI_TRAIN_WEIGHT_DECAY_H
#define BPI_TRAIN_WEIGHT_DECAY_H

#include "train/types.h"

/*
 * Chooses the strength of the decay in the first run, if the option leaves it to the library; the run's cases
 * are checked. Weights decay toward 0 as if E had the term strength / 2 * w^2 for each weight, per case: the
 * prior of ridge regression, whose best strength is proportional to the noise of the targets (noise.h) and in
 * inverse proportion to the number of cases. It is 0 where a prior does harm: for few cases, which are rather
 * a function to be learned exactly; for a complete truth table, which has no unseen cases; for a custom loss,
 * whose scale is unknown; and with a gradient hook, whose machines may have different numbers of cases.
 */
bp_status bpi_choose_decay(const training_run *run);

/* The finding about it. */
void bpi_note_decay(const training_run *run);

/* The fraction by which an update with the trainer's learning rate and momentum shrinks each weight. */
double bpi_decay_of_update(const bp_trainer *trainer);

/* What an update adds to the gradient, times the weight, in place of the fraction: for rules whose updates
 * are not in proportion to the gradient, so that a fraction for each rate would be another prior. And the
 * option l2, which rules may leave to penalties.h. */
double bpi_penalty_of_update(const bp_trainer *trainer);

/*
 * lambda of the term lambda / 2 * w^2 for each weight, which a rule without a learning rate adds to E, or to
 * the mean E, whichever options.reduction names. Gradient descent with rate epsilon, momentum alpha and the
 * decay d of each update rests where (1 - d) epsilon / (1 - alpha) dE/dw = -d w: at the minimum of E with
 * lambda = d (1 - alpha) / (epsilon (1 - d)). The strength that the library chooses is such a lambda; a decay
 * of the caller's is taken for one.
 */
double bpi_decay_of_objective(const bp_trainer *trainer);

/* The same for weights with factors on their learning rate and decay. The decay that was chosen belongs to a
 * term of E, so it follows the learning rate; one that the caller gave is his, whatever the rate. */
double bpi_decay_with(const bp_trainer *trainer, double rate_factor, double decay_factor);

/* Is a decay of the caller's stronger than the one that would be chosen for targets that are all noise, of
 * `cases` cases and with a mean E of `constant` for constant outputs? 0: no; else what it should be below. */
double bpi_large_decay_limit(const bp_trainer *trainer, size_t cases, double constant);

/* E and lambda / 2 * w^2 for each weight that is not frozen, times its decay factor. */
double bpi_add_penalty(double error, const bp_workspace *workspace, const bp_real *weights, double lambda);

#endif
