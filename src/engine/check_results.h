/* Results that are NaN or infinite, although inputs and weights are finite: sums of their products may
 * overflow. Public calls then return BP_ERROR_NOT_FINITE; in the trainer it is divergence. */
#ifndef BPI_ENGINE_CHECK_RESULTS_H
#define BPI_ENGINE_CHECK_RESULTS_H

#include "engine/types.h"

/* NOT_FINITE for the first output that is not finite, of rows of bp_network_output_width values, of which the
 * first is that of case first_case. Trusts that there is one. */
bp_status bpi_fail_outputs(const char *function, const bp_network *net, const bp_real *outputs,
                           size_t first_case);

/* NOT_FINITE unless E of each output layer, from the workspace, and max_abs_error are finite. */
bp_status bpi_check_error(const char *function, const bp_workspace *workspace, double max_abs_error);

/* NOT_FINITE unless dE/dw of all weights, just computed for `cases` cases, are finite. */
bp_status bpi_check_gradient(const char *function, const bp_workspace *workspace, const bp_real *gradient,
                             size_t cases);

/* NOT_FINITE unless dE/dinput of `cases` cases are finite. */
bp_status bpi_check_input_gradient(const char *function, const bp_workspace *workspace,
                                   const bp_real *input_gradient, size_t cases);

#endif
