/* Masked connections: only some pairs of units have a weight. */
#ifndef BPI_NETWORK_MASKED_H
#define BPI_NETWORK_MASKED_H

#include "network/types.h"

extern const connection_structure bpi_masked_structure;

/* Rows for `units` receiving units and `weights` weights in all, not filled in; false when there is no
 * memory. And their destructor. */
bool bpi_masked_create(csr_rows *rows, const bp_allocator *allocator, size_t units, size_t weights);
void bpi_masked_clear(csr_rows *rows, const bp_allocator *allocator);

/* Rows from a mask with a row of `columns` flags for each of `units` receiving units; false when there is no
 * memory. */
bool bpi_masked_read(csr_rows *rows, const bp_allocator *allocator, const unsigned char *mask, size_t units,
                     size_t columns);
/* OVERFLOW or SIZE, with the connection's name, unless `count` flags are a mask for its layers. */
bp_status bpi_masked_check_size(const char *function, const bp_connection *plan, size_t count);

#endif
