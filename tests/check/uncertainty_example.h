/* What the tests of uncertainty have in common. */
#ifndef TESTS_UNCERTAINTY_EXAMPLE_H
#define TESTS_UNCERTAINTY_EXAMPLE_H

#include "backprop.h"

bp_uncertainty_options decay_of(double weight_decay, size_t no_bias_decay);
bp_uncertainty_summary summary_of(const bp_uncertainty *u);

#endif
