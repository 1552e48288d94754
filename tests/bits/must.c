#include "bits/must.h"

#include <stdio.h>
#include <stdlib.h>

void must_be_ok(bp_status status, const char *call)
{
    if (status == BP_OK)
        return;
    fprintf(stderr, "%s\n    gave: %s (%s)\n", call, bp_status_string(status), bp_error_message());
    exit(EXIT_FAILURE);
}

void *must_allocate(size_t count, size_t size)
{
    void *memory = calloc(count > 0 ? count : 1, size);
    if (memory != NULL)
        return memory;
    fprintf(stderr, "out of memory\n");
    exit(EXIT_FAILURE);
}
