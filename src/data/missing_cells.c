#include "data/missing_cells.h"

#include "base/memory.h"
#include "base/status.h"

bp_status bpi_missing_cells_add(missing_cells *missing, const char *where, const bp_allocator *allocator,
                                missing_cell cell)
{
    if (!bpi_grow(allocator, (void **)&missing->cells, &missing->capacity, missing->count,
                  sizeof *missing->cells))
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for %zu missing cells", where, missing->count + 1);
    missing->cells[missing->count++] = cell;
    return BP_OK;
}
