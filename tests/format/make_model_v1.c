/*
 * Writes an example network to the path given. tests/data/model-v1-*.bp were made by it; they stay as they
 * are when the format moves on, so that files of version 1 stay readable.
 */
#include <stdio.h>
#include <string.h>

#include "format/model_example.h"

/* The networks by name. */
typedef struct example_kind {
    const char *name;
    bp_status (*create)(bp_network **out, const bp_network_options *options);
} example_kind;

static const example_kind kinds[] = {
    {"layered", example_create},
    {"recurrent", example_recurrent_create},
    {"unrolled", example_unrolled_create},
};

static bp_status make(const example_kind *kind, const char *path)
{
    bp_network *net = NULL;
    bp_status status = kind->create(&net, NULL);
    if (status == BP_OK)
        status = bp_network_save(net, path);
    if (status != BP_OK)
        fprintf(stderr, "%s\n", bp_error_message());
    bp_network_destroy(net);
    return status;
}

int main(int argc, char **argv)
{
    for (size_t i = 0; argc == 3 && i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(argv[1], kinds[i].name) == 0)
            return make(&kinds[i], argv[2]) == BP_OK ? 0 : 1;
    fprintf(stderr, "usage: %s layered|recurrent|unrolled PATH\n", argv[0]);
    return 2;
}
