#include "small/select.h"

#include <string.h>

#include "small/tables.h"

static const small_table *const tables[] = {
    &bpi_small_portable,
#if defined(BPI_X86_KERNELS)
    &bpi_small_x86_baseline,
    &bpi_small_x86_avx2,
    &bpi_small_x86_avx512,
#elif defined(BPI_AARCH64_KERNELS)
    &bpi_small_aarch64_neon,
#endif
};

/* A long vector takes longer than a short one, but less than two: up to four fifths of as many are worth it,
 * in batches of several cases more than in single ones. */
const small_online_table *bpi_small_select_online(const small_table *table, const small_net *net)
{
    if (table->wide_online == NULL)
        return table->online;
    const size_t vectors = small_weight_vectors(net, table->online->lanes),
                 wide = small_weight_vectors(net, table->wide_online->lanes);
    return 5 * wide <= 4 * vectors ? table->wide_online : table->online;
}

const small_table *bpi_small_select(const char *name)
{
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        if (strcmp(tables[i]->name, name) == 0)
            return tables[i];
    return NULL;
}
