/* The groups of cases, and the order in which they were loaded. */
#include "base/memory.h"
#include "base/status.h"
#include "data/dataset.h"

const size_t *bp_dataset_order(const bp_dataset *dataset)
{
    return dataset == NULL ? NULL : dataset->origin;
}

const size_t *bp_dataset_groups(const bp_dataset *dataset)
{
    return dataset == NULL ? NULL : dataset->groups;
}

bp_status bp_dataset_set_groups(bp_dataset *dataset, const size_t *groups, size_t count)
{
    BPI_REQUIRE(dataset);
    const size_t wanted = groups == NULL ? 0 : dataset->cases;
    size_t *copy = NULL;
    if (count != wanted)
        return bpi_fail(BP_ERROR_SIZE, "%s: count is %zu, but must be %zu", __func__, count, wanted);
    if (groups != NULL) {
        copy = bpi_allocate(&dataset->allocator, count, sizeof *copy);
        if (copy == NULL)
            return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for the groups of %zu cases", __func__, count);
        for (size_t i = 0; i < count; i++)
            copy[i] = groups[dataset->origin[i]];
    }
    bpi_release(&dataset->allocator, dataset->groups);
    dataset->groups = copy;
    return BP_OK;
}
