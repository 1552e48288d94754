#include "engine/thread_example.h"

#include <stdlib.h>

#include "support/connect.h"

const size_t thread_counts[THREAD_COUNTS] = {1, 2, 3, 8};

/* A mask that keeps every third pair. */
static const unsigned char *every_third(void)
{
    static unsigned char mask[THREAD_OUTPUTS * THREAD_INPUTS];
    for (size_t i = 0; i < sizeof mask; i += 3)
        mask[i] = 1;
    return mask;
}

thread_example thread_example_create(const bp_allocator *allocator, const char *isa,
                                     bp_activation hidden_activation)
{
    uint64_t stream = 7;
    thread_example made = {0};
    bp_layer *input, *hidden, *output;
    bp_network_options options;
    bp_network_options_init(&options, sizeof options);
    if (allocator != NULL)
        options.allocator = *allocator;
    options.isa = isa;
    assert_ok(bp_network_create(&made.net, &options));
    assert_ok(bp_network_add_input(&input, made.net, "input", THREAD_INPUTS));
    assert_ok(bp_network_add_layer(&hidden, made.net, "hidden", THREAD_HIDDEN, hidden_activation));
    assert_ok(bp_network_add_layer(&output, made.net, "output", THREAD_OUTPUTS, bp_activation_logistic()));
    assert_ok(bp_network_connect(NULL, made.net, input, hidden));
    assert_ok(connect_masked(NULL, made.net, input, output, every_third(), THREAD_OUTPUTS * THREAD_INPUTS));
    assert_ok(bp_network_connect(NULL, made.net, hidden, output));
    assert_ok(bp_layer_set_output(output));
    assert_ok(bp_network_finalize(made.net));
    assert_ok(bp_network_initialize(made.net, 1));
    const bp_real *inputs = random_reals(&stream, THREAD_CASES * THREAD_INPUTS, 0, 1);
    const bp_real *targets = random_reals(&stream, THREAD_CASES * THREAD_OUTPUTS, 0, 1);
    made.data = bp_data_view(THREAD_CASES, inputs, THREAD_INPUTS, targets, THREAD_OUTPUTS);
    return made;
}

void thread_example_destroy(thread_example *made)
{
    bp_network_destroy(made->net);
    free((void *)(uintptr_t)made->data.inputs);
    free((void *)(uintptr_t)made->data.targets);
}

bp_workspace *workspace_with_threads(const bp_network *net, size_t cases, size_t threads)
{
    bp_workspace *workspace = NULL;
    assert_ok(bp_workspace_create(&workspace, net, cases));
    assert_ok(bp_workspace_set_threads(workspace, threads));
    return workspace;
}

call_results call_all(const bp_network *net, bp_workspace *workspace, const bp_data *data, bp_loss loss)
{
    size_t weights, outputs = data->cases * bp_network_output_width(net),
                    inputs = data->cases * bp_network_input_width(net);
    bp_network_weights(net, &weights);
    call_results all = {.count = outputs + weights + inputs + 4};
    bp_real *next = all.values = new_reals(all.count);
    double error[2];
    bp_evaluation evaluation;
    bp_evaluation_init(&evaluation, sizeof evaluation);
    assert_ok(bp_network_predict(net, workspace, data, next));
    assert_ok(bp_network_gradient(net, workspace, data, loss, &error[0], next += outputs));
    assert_ok(bp_network_input_gradient(net, workspace, data, loss, &error[1], next += weights));
    assert_ok(bp_network_evaluate(net, workspace, data, loss, NULL, &evaluation));
    next += inputs;
    next[0] = (bp_real)error[0];
    next[1] = (bp_real)error[1];
    next[2] = (bp_real)evaluation.error;
    next[3] = (bp_real)evaluation.accuracy;
    return all;
}
