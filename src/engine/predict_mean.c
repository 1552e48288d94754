/* The mean of the outputs of several networks. */
#include "base/memory.h"
#include "base/status.h"
#include "engine/check_data.h"
#include "network/require.h"

/* What the networks are summed in; both have a value for each case and output. */
typedef struct output_sum {
    size_t count;
    bp_real *outputs; /* of one network */
    double *sums;
} output_sum;

static bp_status check_networks(bp_network *const *networks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const bp_network *net = networks[i];
        if (net == NULL)
            return bpi_fail(BP_ERROR_ARGUMENT, "bp_networks_predict: networks[%zu] is NULL", i);
        BPI_TRY(bpi_require_finalized("bp_networks_predict", net));
        if (net->input_width != networks[0]->input_width || net->output_width != networks[0]->output_width)
            return bpi_fail(BP_ERROR_SIZE,
                            "bp_networks_predict: networks[%zu] has %zu inputs and %zu outputs, but "
                            "networks[0] has %zu and %zu",
                            i, net->input_width, net->output_width, networks[0]->input_width,
                            networks[0]->output_width);
    }
    return BP_OK;
}

static bp_status allocate(output_sum *sum, const bp_network *net, size_t cases)
{
    if (!bpi_multiply(cases, net->output_width, &sum->count))
        return bpi_fail(BP_ERROR_OVERFLOW, "bp_networks_predict: too many outputs of %zu cases", cases);
    sum->outputs = bpi_allocate(&net->allocator, sum->count, sizeof *sum->outputs);
    sum->sums = bpi_allocate_zeroed(&net->allocator, sum->count, sizeof *sum->sums);
    if (sum->outputs == NULL || sum->sums == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "bp_networks_predict: out of memory for the outputs of %zu cases",
                        cases);
    return BP_OK;
}

static bp_status add_network(output_sum *sum, const bp_network *net, const bp_data *data, size_t cases)
{
    bp_workspace *workspace = NULL;
    bp_status status = bp_workspace_create(&workspace, net, cases);
    if (status == BP_OK)
        status = bp_network_predict(net, workspace, data, sum->outputs);
    bp_workspace_destroy(workspace);
    for (size_t i = 0; status == BP_OK && i < sum->count; i++)
        sum->sums[i] += (double)sum->outputs[i];
    return status;
}

static bp_status add_networks(output_sum *sum, bp_network *const *networks, size_t count, const bp_data *data,
                              size_t cases)
{
    for (size_t i = 0; i < count; i++) {
        bp_status status = add_network(sum, networks[i], data, cases);
        if (status != BP_OK)
            return bpi_fail(status, "bp_networks_predict: networks[%zu]: %s", i, bp_error_message());
    }
    return BP_OK;
}

bp_status bp_networks_predict(bp_network *const *networks, size_t count, const bp_data *data,
                              bp_real *outputs)
{
    BPI_REQUIRE(networks);
    BPI_REQUIRE(data);
    BPI_REQUIRE(outputs);
    if (count == 0)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: count is 0, it must be >= 1", __func__);
    BPI_TRY(check_networks(networks, count));
    bp_data checked;
    BPI_TRY(bpi_check_data(__func__, "data", networks[0], data, DATA_INPUTS, &checked));
    output_sum sum = {.count = 0};
    bp_status status = allocate(&sum, networks[0], checked.cases);
    if (status == BP_OK)
        status = add_networks(&sum, networks, count, data, checked.cases);
    for (size_t i = 0; status == BP_OK && i < sum.count; i++)
        outputs[i] = (bp_real)(sum.sums[i] / (double)count);
    bpi_release(&networks[0]->allocator, sum.outputs);
    bpi_release(&networks[0]->allocator, sum.sums);
    return status;
}
