/*
 * Are results numbers? Finite inputs and weights may be so large that sums of their products are not finite.
 * What a public call hands out is then refused with BP_ERROR_NOT_FINITE; the trainer takes it for divergence.
 */
#ifndef BPI_ENGINE_CHECK_RESULTS_H
#define BPI_ENGINE_CHECK_RESULTS_H

#include "engine/types.h"

/* Refuses the first output that is not finite: rows of bp_network_output_width values, one of which is not.
 */
bp_status bpi_fail_outputs(const char *function, const bp_network *net, const bp_real *outputs);

/* E, as the workspace has it for each output layer, and the greatest |y - d|: are they finite? */
bp_status bpi_check_error(const char *function, const bp_workspace *workspace, double max_abs_error);

/* dE/dw of all weights, just found for `cases` cases: are they finite? */
bp_status bpi_check_gradient(const char *function, const bp_workspace *workspace, const bp_real *gradient,
                             size_t cases);

/* dE/dx of the raw inputs of `cases` cases: are they finite? */
bp_status bpi_check_input_gradient(const char *function, const bp_workspace *workspace,
                                   const bp_real *input_gradient, size_t cases);

#endif
