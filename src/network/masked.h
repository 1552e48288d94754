/* Masked connections: only some pairs of units have a weight. Stored as compressed sparse rows (CSR). */
#ifndef BPI_NETWORK_MASKED_H
#define BPI_NETWORK_MASKED_H

#include "network/types.h"

extern const connection_structure bpi_masked_structure;

/* Allocates CSR rows for `units` receiving units and `weights` weights in all, uninitialized. False when
 * there is no memory. */
bool bpi_masked_create(csr_rows *rows, const bp_allocator *allocator, size_t units, size_t weights);

#endif
