#include "train/panel_example.h"

#include <math.h>

#include "network/types.h"

static bp_real inputs[MAX_CASES * INPUTS], targets[MAX_CASES * OUTPUTS];

static void fill(bp_real *values, size_t count, uint64_t seed)
{
    for (size_t i = 0; i < count; i++) {
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        values[i] = (bp_real)((double)(seed >> 40) / (1 << 24) - 0.5);
    }
}

bp_data panel_cases(size_t count)
{
    return bp_data_view(count, inputs, INPUTS, targets, OUTPUTS);
}

/* The kernels of the network, which count the updates of weights in panels. */
static const kernel_table *counted;
static size_t updates_in_panels;

static void count_and_multiply(const matrix_product *product)
{
    updates_in_panels += product->in_panels;
    counted->product_weights(product);
}

static kernel_table counting_table(const kernel_table *table)
{
    counted = table;
    kernel_table counting = *table;
    counting.product_weights = count_and_multiply;
    return counting;
}

bp_network *panel_network(const panel_run *v)
{
    bp_network *net = NULL;
    bp_layer *layers[3];
    bp_connection *first = NULL;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&layers[0], net, "in", INPUTS));
    assert_ok(bp_network_add_layer(&layers[1], net, "hidden", v->hidden, bp_activation_tanh()));
    assert_ok(bp_network_add_layer(&layers[2], net, "out", OUTPUTS,
                                   v->is_linear ? bp_activation_linear() : bp_activation_logistic()));
    assert_ok(bp_network_connect(&first, net, layers[0], layers[1]));
    assert_ok(bp_network_connect(NULL, net, layers[1], layers[2]));
    if (v->skips)
        assert_ok(bp_network_connect(NULL, net, layers[0], layers[2]));
    assert_ok(bp_layer_set_output(layers[2]));
    assert_ok(bp_network_finalize(net));
    if (v->freezes)
        assert_ok(bp_connection_set_trainable(first, 0));
    if (v->drops)
        assert_ok(bp_layer_set_dropout(layers[1], 0.25));
    assert_ok(bp_network_initialize(net, 3));
    return net;
}

static bp_status see_nothing(void *context, const bp_gradient_batch *info, bp_gradient_reply *reply)
{
    (void)context;
    (void)info;
    (void)reply;
    return BP_OK;
}

bp_trainer_options panel_options(const panel_run *v, const bp_stop_rule *rule, bool in_rows)
{
    bp_trainer_options options = options_with(rule, 1);
    options.optimizer = v->optimizer;
    options.loss = bp_loss_squared_error();
    options.batch_size = v->batch;
    options.threads = v->threads;
    options.weight_decay = v->decay;
    options.reduction = v->sums ? BP_REDUCE_SUM : BP_REDUCE_MEAN;
    options.shuffle = v->shuffles;
    options.keep_best = !v->keeps_last;
    options.on_gradient = in_rows ? see_nothing : NULL;
    return options;
}

bp_network *panel_train(const kernel_table *table, const panel_run *v, bool in_rows, bp_result *result)
{
    const bp_stop_rule rule = v->updates > 0 ? bp_stop_updates(v->updates) : bp_stop_epochs(2);
    const bp_trainer_options options = panel_options(v, &rule, in_rows);
    const bp_data training = panel_cases(v->cases), validation = panel_cases(29);
    bp_network *net = panel_network(v);
    use_kernels(net, table);
    bp_trainer *trainer = make_trainer(net, &options);
    *result = empty_result();
    assert_ok(bp_trainer_run(trainer, &training, v->validates ? &validation : NULL, result));
    bp_trainer_destroy(trainer);
    return net;
}

bool panel_check(const kernel_table *table, const panel_run *v)
{
    bp_result result, expected_result;
    const kernel_table counting = counting_table(table);
    bp_network *expected = panel_train(&counting, v, true, &expected_result);
    updates_in_panels = 0;
    bp_network *net = panel_train(&counting, v, false, &result);
    assert_same_weights(net, expected);
    assert_true(result.error == expected_result.error);
    assert_true(result.validation_error == expected_result.validation_error ||
                (isnan(result.validation_error) && isnan(expected_result.validation_error)));
    assert_int_equal(result.updates, expected_result.updates);
    bp_network_destroy(net);
    bp_network_destroy(expected);
    return updates_in_panels > 0;
}

bool panels_exist(const kernel_table *table, size_t hidden)
{
    return table->panel_values(hidden, INPUTS) > 0;
}

panel_run simplest_panel_run(void)
{
    return (panel_run){.optimizer = bp_optimizer_momentum(0.01, 0.9),
                       .hidden = 96,
                       .cases = 32 * 17,
                       .batch = 17,
                       .threads = 1};
}

int panel_set_up(void **state)
{
    (void)state;
    fill(inputs, MAX_CASES * INPUTS, 1);
    fill(targets, MAX_CASES * OUTPUTS, 2);
    for (size_t i = 0; i < MAX_CASES * OUTPUTS; i++)
        targets[i] = targets[i] > 0;
    return 0;
}
