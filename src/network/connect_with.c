/* Connecting by options. What they ask for of the kinds of connection is in the kinds' own files. */
#include <string.h>

#include "base/sized_struct.h"
#include "base/status.h"
#include "network/connection.h"
#include "network/connection_kind.h"
#include "network/require.h"
#include "network/weight_init.h"

void bp_connect_options_init(bp_connect_options *options, size_t size)
{
    bpi_init_struct(SIZED_CONNECT_OPTIONS, options, size, NULL);
}

static bool is_default(const bp_weight_init *init)
{
    static const bp_weight_init none; /* all bytes 0, which no constructor makes */
    return memcmp(init, &none, sizeof none) == 0;
}

static bp_status read_options(const char *function, const bp_connect_options *given,
                              bp_connect_options *options)
{
    BPI_TRY(bpi_read_struct(function, SIZED_CONNECT_OPTIONS, given, options));
    if (options->delayed != 0 && options->delayed != 1)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: options.delayed is %d, it must be 0 or 1", function,
                        options->delayed);
    if (is_default(&options->weight_init))
        return BP_OK;
    return bpi_check_weight_init("bp_network_connect_with: options.weight_init", &options->weight_init);
}

bp_status bp_network_connect_with(bp_connection **out, bp_network *net, bp_layer *from, bp_layer *to,
                                  const bp_connect_options *options)
{
    BPI_REQUIRE(net);
    BPI_REQUIRE(from);
    BPI_REQUIRE(to);
    BPI_TRY(bpi_require_unfinalized(__func__, net));
    if (options == NULL)
        return bpi_connect(out, __func__, net, from, to);
    bp_connect_options read;
    BPI_TRY(read_options(__func__, options, &read));
    bp_connection plan = {
        .network = net, .from = from, .to = to, .is_delayed = read.delayed, .init = read.weight_init};
    BPI_TRY(bpi_plan_shape(__func__, &plan, &read));
    bp_status status = bpi_connect_as(out, __func__, net, &plan);
    if (status != BP_OK)
        bpi_shape_clear(&plan.shape, &net->allocator);
    return status;
}
