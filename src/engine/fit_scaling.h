/* Fitting the scaling of a network to data. */
#ifndef BPI_ENGINE_FIT_SCALING_H
#define BPI_ENGINE_FIT_SCALING_H

#include "engine/column_statistics.h"

/* bp_network_fit_scaling for checked, unscaled data and valid rules. The network is unchanged on failure. */
bp_status bpi_fit_scaling(const char *function, bp_network *net, const bp_data *data,
                          const bp_scaling *input_rule, const bp_scaling *target_rule);

/* The same by the statistics of all columns. */
bp_status bpi_fit_scaling_by(const char *function, bp_network *net, const column_statistics *of_inputs,
                             const column_statistics *of_targets, const bp_scaling *input_rule,
                             const bp_scaling *target_rule);

#endif
