#include "kernel/select.h"

#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "kernel/tables.h"

/* In ascending order of preference. */
static const kernel_table *const tables[] = {
    &bpi_kernel_portable,
#if defined(BPI_X86_KERNELS)
    &bpi_kernel_x86_baseline,
    &bpi_kernel_x86_avx2,
    &bpi_kernel_x86_avx512,
#elif defined(BPI_AARCH64_KERNELS)
    &bpi_kernel_aarch64_neon,
#endif
};

enum { TABLES = sizeof tables / sizeof tables[0] };

const kernel_table *const *bpi_kernel_tables(size_t *count)
{
    *count = TABLES;
    return tables;
}

static const kernel_table *best_supported(void)
{
    size_t i = TABLES - 1;
    while (!tables[i]->supported())
        i--;
    return tables[i];
}

static const kernel_table *find(const char *name)
{
    for (size_t i = 0; i < TABLES; i++)
        if (strcmp(tables[i]->name, name) == 0)
            return tables[i];
    return NULL;
}

/* All names, separated by commas and truncated to the capacity of `text`. */
static void list_names(char *text, size_t capacity)
{
    text[0] = '\0';
    for (size_t i = 0; i < TABLES; i++) {
        if (i > 0)
            strncat(text, ", ", capacity - strlen(text) - 1);
        strncat(text, tables[i]->name, capacity - strlen(text) - 1);
    }
}

bp_status bpi_kernel_select(const kernel_table **out, const char *function, const char *isa)
{
    const char *source = "options.isa";
    if (isa == NULL) {
        isa = getenv("BACKPROP_ISA");
        source = "the environment variable BACKPROP_ISA";
        if (isa != NULL && isa[0] == '\0') /* an empty value counts as unset */
            isa = NULL;
    }
    if (isa == NULL) {
        *out = best_supported();
        return BP_OK;
    }
    const kernel_table *table = find(isa);
    if (table == NULL) {
        char names[128];
        list_names(names, sizeof names);
        return bpi_fail(BP_ERROR_UNSUPPORTED, "%s: %s is '%s', but this library has: %s", function, source,
                        isa, names);
    }
    if (!table->supported())
        return bpi_fail(BP_ERROR_UNSUPPORTED, "%s: %s is '%s', which this CPU cannot run", function, source,
                        isa);
    *out = table;
    return BP_OK;
}
