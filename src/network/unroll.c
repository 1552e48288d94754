/* bp_network_unroll: the layered network owns a copy of the recurrent one. */

#include "base/memory.h"
#include "base/sized_struct.h"
#include "base/status.h"
#include "network/copy.h"
#include "network/require.h"
#include "network/unrolled.h"

void bp_unroll_options_init(bp_unroll_options *options, size_t size)
{
    bpi_init_struct(SIZED_UNROLL_OPTIONS, options, size, NULL);
}

static bp_status check_steps(const char *function, const char *option, const unsigned char *flags,
                             size_t steps)
{
    for (size_t i = 0; flags != NULL && i < steps; i++)
        if (flags[i] != 0)
            return BP_OK;
    if (flags == NULL)
        return BP_OK;
    return bpi_fail(BP_ERROR_ARGUMENT, "%s: options.%s selects none of the %zu steps", function, option,
                    steps);
}

static bp_status check_options(const char *function, const bp_network *net, const bp_unroll_options *options)
{
    if (options->steps == 0)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: options.steps is 0", function);
    BPI_TRY(bpi_check_steps(function, net, options->steps));
    BPI_TRY(check_steps(function, "input_steps", options->input_steps, options->steps));
    return check_steps(function, "output_steps", options->output_steps, options->steps);
}

static bp_status unroll_copy(bp_network **out, const char *function, const bp_network *net, size_t steps,
                             const unsigned char *flags)
{
    bp_network *original = NULL;
    BPI_TRY(bpi_copy(&original, function, net));
    bp_status status = bpi_unroll(out, function, original, steps, flags);
    if (status != BP_OK)
        bp_network_destroy(original);
    return status;
}

static void set_flags(unsigned char *flags, const bp_unroll_options *options)
{
    for (size_t i = 0; i < options->steps; i++) {
        if (options->input_steps == NULL || options->input_steps[i] != 0)
            flags[i] |= STEP_HAS_INPUT;
        if (options->output_steps == NULL || options->output_steps[i] != 0)
            flags[i] |= STEP_HAS_OUTPUT;
    }
}

bp_status bp_network_unroll(bp_network **out, const bp_network *net, const bp_unroll_options *options)
{
    BPI_REQUIRE(out);
    BPI_REQUIRE(net);
    BPI_REQUIRE(options);
    BPI_TRY(bpi_require_finalized(__func__, net));
    if (net->original != NULL)
        return bpi_fail(BP_ERROR_STATE, "%s: the network is unrolled already", __func__);
    bp_unroll_options read;
    BPI_TRY(bpi_read_struct(__func__, SIZED_UNROLL_OPTIONS, options, &read));
    BPI_TRY(check_options(__func__, net, &read));
    unsigned char *flags = bpi_allocate_zeroed(&net->allocator, read.steps, 1);
    if (flags == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for %zu steps", __func__, read.steps);
    set_flags(flags, &read);
    bp_status status = unroll_copy(out, __func__, net, read.steps, flags);
    bpi_release(&net->allocator, flags);
    return status;
}
