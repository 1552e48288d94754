/* Masked connections: only some pairs of units have a weight. Stored as compressed sparse rows (CSR). */
#ifndef BPI_NETWORK_MASKED_H
#define BPI_NETWORK_MASKED_H

#include "network/types.h"

extern const connection_structure bpi_masked_structure;

/* Allocates CSR rows for `units` receiving units and `weights` weights in all, uninitialized. False when
 * there is no memory. */
bool bpi_masked_create(csr_rows *rows, const bp_allocator *allocator, size_t units, size_t weights);
void bpi_masked_clear(csr_rows *rows, const bp_allocator *allocator);

/* CSR rows from a mask with a row of `columns` flags for each of `units` receiving units. False when there is
 * no memory. */
bool bpi_masked_read(csr_rows *rows, const bp_allocator *allocator, const unsigned char *mask, size_t units,
                     size_t columns);
/* OVERFLOW or SIZE, with the connection's name, unless a mask for its layers has `count` flags. */
bp_status bpi_masked_check_size(const char *function, const bp_connection *plan, size_t count);

#endif
