/* Networks computed by each table of kernels that this CPU supports. */
#ifndef TESTS_KERNELS_H
#define TESTS_KERNELS_H

#include "kernel/select.h"
#include "support/support.h"

/*
 * The tables that this CPU supports, the portable one among them: table number `index`, or NULL behind the
 * last one. For loops:
 *     for (size_t i = 0; (table = supported_table(i)) != NULL; i++)
 */
const kernel_table *supported_table(size_t index);

/* The network is computed with this table from now on. A workspace takes the kernels of small networks when
 * it is made, so those of before are of no use any more. */
void use_kernels(bp_network *net, const kernel_table *table);

#endif
