#include "network/network.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/sized_struct.h"
#include "base/status.h"
#include "kernel/select.h"
#include "network/activation_kind.h"
#include "network/attachment.h"
#include "network/connection.h"
#include "network/layer.h"
#include "network/scaling.h"

/* --------------------------------------------------- creating, destroying */

void bp_network_options_init(bp_network_options *options, size_t size)
{
    bpi_init_struct(SIZED_NETWORK_OPTIONS, options, size, NULL);
}

bp_status bpi_network_new(bp_network **out, const char *function, const bp_allocator *allocator,
                          const kernel_table *kernel)
{
    bp_network *net = bpi_allocate_zeroed(allocator, 1, sizeof *net);
    if (net == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for a network", function);
    net->allocator = *allocator;
    net->kernel = kernel;
    net->init = bp_weight_init_default();
    *out = net;
    return BP_OK;
}

bp_status bpi_register_activations(bp_network *net, const char *function, const bp_activation *activations,
                                   size_t count)
{
    if (count == 0)
        return BP_OK;
    net->registered_activations = bpi_allocate_zeroed(&net->allocator, count, sizeof *activations);
    if (net->registered_activations == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for %zu activations", function, count);
    for (size_t i = 0; i < count; i++) {
        char *name = bpi_copy_string(&net->allocator, activations[i].name);
        if (name == NULL)
            return bpi_fail(BP_ERROR_MEMORY, "%s: no memory for %zu activations", function, count);
        net->registered_activations[i] = activations[i];
        net->registered_activations[i].name = name;
        net->registered_activation_count++;
    }
    return BP_OK;
}

static bp_status check_registered_activation(const char *function, const bp_activation *activations,
                                             size_t index)
{
    char owner[64];
    snprintf(owner, sizeof owner, "options.activations[%zu]", index);
    BPI_TRY(bpi_check_activation_of(function, owner, &activations[index]));
    if (activations[index].kind != ACTIVATION_CUSTOM)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: %s is built in; the table takes custom activations only",
                        function, owner);
    for (size_t i = 0; i < index; i++)
        if (strcmp(activations[i].name, activations[index].name) == 0)
            return bpi_fail(BP_ERROR_NAME, "%s: %s has the name '%s' of options.activations[%zu]", function,
                            owner, activations[i].name, i);
    return BP_OK;
}

static bp_status check_options(const char *function, const bp_network_options *options)
{
    if (options->activations == NULL && options->activation_count > 0)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: options.activations is NULL, but activation_count is %zu",
                        function, options->activation_count);
    for (size_t i = 0; i < options->activation_count; i++)
        BPI_TRY(check_registered_activation(function, options->activations, i));
    return BP_OK;
}

bp_status bpi_network_create(bp_network **out, const char *function, const bp_network_options *options)
{
    bp_network_options chosen;
    bp_network_options_init(&chosen, sizeof chosen);
    if (options != NULL)
        BPI_TRY(bpi_read_struct(function, SIZED_NETWORK_OPTIONS, options, &chosen));
    BPI_TRY(check_options(function, &chosen));
    BPI_TRY(bpi_allocator_choose(&chosen.allocator, function, &chosen.allocator));
    const kernel_table *kernel;
    BPI_TRY(bpi_kernel_select(&kernel, function, chosen.isa));

    bp_network *net = NULL;
    BPI_TRY(bpi_network_new(&net, function, &chosen.allocator, kernel));
    bp_status status = bpi_register_activations(net, function, chosen.activations, chosen.activation_count);
    if (status != BP_OK) {
        bp_network_destroy(net);
        return status;
    }
    *out = net;
    return BP_OK;
}

bp_status bp_network_create(bp_network **out, const bp_network_options *options)
{
    BPI_REQUIRE(out);
    return bpi_network_create(out, __func__, options);
}

static void free_contents(bp_network *net)
{
    const bp_allocator *allocator = &net->allocator;
    for (size_t i = 0; i < net->layer_count; i++)
        bpi_layer_free(net->layers[i]);
    for (size_t i = 0; i < net->connection_count; i++)
        bpi_connection_free(net->connections[i]);
    for (size_t i = 0; i < net->registered_activation_count; i++)
        bpi_release(allocator, (void *)net->registered_activations[i].name);
    bpi_release(allocator, net->layers);
    bpi_release(allocator, net->names.layers);
    bpi_release(allocator, net->connections);
    bpi_release(allocator, net->outputs);
    bpi_release(allocator, net->registered_activations);
    bpi_release(allocator, net->changing_weights);
    bpi_release(allocator, net->slices);
    bpi_release(allocator, net->step_flags);
    bp_network_destroy(net->original);
    bpi_scaling_clear(allocator, &net->input_scaling);
    bpi_scaling_clear(allocator, &net->target_scaling);
    bpi_attachments_release(net);
}

void bp_network_destroy(bp_network *net)
{
    if (net == NULL)
        return;
    bp_allocator allocator = net->allocator;
    free_contents(net);
    bpi_release(&allocator, net);
}

/* -------------------------------------------------------------- accessors */

size_t bp_network_layer_count(const bp_network *net)
{
    return net == NULL ? 0 : net->layer_count;
}

bp_layer *bp_network_layer(const bp_network *net, size_t index)
{
    return net == NULL || index >= net->layer_count ? NULL : net->layers[index];
}

size_t bp_network_connection_count(const bp_network *net)
{
    return net == NULL ? 0 : net->connection_count;
}

bp_connection *bp_network_connection(const bp_network *net, size_t index)
{
    return net == NULL || index >= net->connection_count ? NULL : net->connections[index];
}

size_t bp_network_input_width(const bp_network *net)
{
    return net == NULL ? 0 : net->input_width;
}

size_t bp_network_output_width(const bp_network *net)
{
    return net == NULL ? 0 : net->output_width;
}

const char *bp_network_isa(const bp_network *net)
{
    return net == NULL ? NULL : net->kernel->name;
}
