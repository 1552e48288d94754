/* The reference for small networks: rows of the portable table. */
#ifndef BPI_KERNEL_PORTABLE_SMALL_H
#define BPI_KERNEL_PORTABLE_SMALL_H

#include "kernel/kernel.h"

size_t bpi_portable_small_scratch(const small_net *net);
void bpi_portable_run_small(small_pass *pass);
void bpi_portable_small_forward_case(const small_net *net, const bp_real *weights, const small_state *states);
void bpi_portable_small_backward_case(const small_net *net, const bp_real *weights,
                                      const small_state *states);
void bpi_portable_small_weigh_case(const small_net *net, const small_state *states, bp_real *gradient);

#endif
