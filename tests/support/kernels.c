#include "support/kernels.h"

#include "network/types.h"

const kernel_table *supported_table(size_t index)
{
    size_t count;
    const kernel_table *const *tables = bpi_kernel_tables(&count);
    for (size_t i = 0; i < count; i++)
        if (tables[i]->supported() && index-- == 0)
            return tables[i];
    return NULL;
}

void use_kernels(bp_network *net, const kernel_table *table)
{
    net->kernel = table;
}
