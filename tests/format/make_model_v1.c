/*
 * Writes the example network to the path given. tests/data/model-v1-float.bp and model-v1-double.bp were made
 * by it; they stay as they are when the format moves on, so that files of version 1 stay readable.
 */
#include <stdio.h>

#include "format/model_example.h"

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s PATH\n", argv[0]);
        return 2;
    }
    bp_network *net = NULL;
    bp_status status = example_create(&net, NULL);
    if (status == BP_OK)
        status = bp_network_save(net, argv[1]);
    if (status != BP_OK)
        fprintf(stderr, "%s\n", bp_error_message());
    bp_network_destroy(net);
    return status == BP_OK ? 0 : 1;
}
