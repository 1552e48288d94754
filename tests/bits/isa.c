#include "bits/isa.h"

#include "backprop.h"
#include "bits/must.h"

const char *const isa_names[] = {"portable", "x86-baseline", "x86-avx2", "x86-avx512", "aarch64-neon"};
const size_t isa_count = sizeof isa_names / sizeof isa_names[0];

int isa_is_supported(const char *name)
{
    bp_network_options options;
    bp_network_options_init(&options, sizeof options);
    options.isa = name;
    bp_network *net = NULL;
    bp_status status = bp_network_create(&net, &options);
    bp_network_destroy(net);
    if (status != BP_ERROR_UNSUPPORTED)
        MUST(status);
    return status == BP_OK;
}
