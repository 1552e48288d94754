#include "engine/small_example.h"

#include <stdlib.h>

#include "engine/plan.h"

small_example small_example_create(const size_t units[3], bp_activation output, const kernel_table *table)
{
    small_example e = {0};
    uint64_t stream = 7;
    bp_real *inputs = random_reals(&stream, SMALL_EXAMPLE_CASES * units[0], -1, 1);
    bp_real *targets = random_reals(&stream, SMALL_EXAMPLE_CASES * units[2], 0, 1);
    assert_ok(bp_network_create_layered(&e.net, units, 3, bp_activation_logistic(), output));
    assert_ok(bp_network_initialize(e.net, 3));
    assert_true(bpi_network_facts(e.net) & FACT_SMALL);
    use_kernels(e.net, table);
    assert_ok(bp_workspace_create(&e.workspace, e.net, SMALL_EXAMPLE_CASES));
    e.data = bp_data_view(SMALL_EXAMPLE_CASES, inputs, units[0], targets, units[2]);
    bp_network_weights(e.net, &e.weights);
    return e;
}

void small_example_destroy(small_example *e)
{
    free((void *)(uintptr_t)e->data.inputs);
    free((void *)(uintptr_t)e->data.targets);
    bp_workspace_destroy(e->workspace);
    bp_network_destroy(e->net);
}

void small_example_assert_outputs(const small_example *e, const bp_real *wanted, size_t count)
{
    const size_t values = count * e->data.target_width;
    if (count > bp_workspace_block_cases(e->workspace))
        return;
    bp_real *got = new_reals(values);
    assert_ok(bp_workspace_layer_outputs(e->workspace, bp_network_layer(e->net, 2), got, values));
    assert_memory_equal(got, wanted, values * sizeof *got);
    free(got);
}
