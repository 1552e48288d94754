#include "train/train_example.h"

#include <string.h>

/* -------------------------------------------------------------- networks and cases */

/* Inputs in -1..1 and targets in 0.1..0.9 from a stream of their own. */
static bp_data random_data(size_t cases, uint64_t seed, bp_real *inputs, bp_real *targets)
{
    for (size_t i = 0; i < cases * EXAMPLE_INPUTS; i++)
        inputs[i] = (bp_real)test_uniform(&seed, -1, 1);
    for (size_t i = 0; i < cases * EXAMPLE_OUTPUTS; i++)
        targets[i] = (bp_real)test_uniform(&seed, 0.1, 0.9);
    return bp_data_view(cases, inputs, EXAMPLE_INPUTS, targets, EXAMPLE_OUTPUTS);
}

bp_data example_training(void)
{
    static bp_real inputs[EXAMPLE_CASES * EXAMPLE_INPUTS], targets[EXAMPLE_CASES * EXAMPLE_OUTPUTS];
    return random_data(EXAMPLE_CASES, 1986, inputs, targets);
}

bp_data example_validation(void)
{
    static bp_real inputs[EXAMPLE_OTHERS * EXAMPLE_INPUTS], targets[EXAMPLE_OTHERS * EXAMPLE_OUTPUTS];
    return random_data(EXAMPLE_OTHERS, 533, inputs, targets);
}

static bp_status build_example(bp_network *net, uint64_t seed)
{
    bp_layer *input = NULL, *hidden = NULL, *output = NULL;
    bp_status status = bp_network_add_input(&input, net, "input", EXAMPLE_INPUTS);
    if (status == BP_OK)
        status = bp_network_add_layer(&hidden, net, "hidden", 4, bp_activation_tanh());
    if (status == BP_OK)
        status = bp_network_add_layer(&output, net, "output", EXAMPLE_OUTPUTS, bp_activation_logistic());
    if (status == BP_OK)
        status = bp_network_connect(NULL, net, input, hidden);
    if (status == BP_OK)
        status = bp_network_connect(NULL, net, hidden, output);
    if (status == BP_OK)
        status = bp_network_finalize(net);
    return status == BP_OK ? bp_network_initialize(net, seed) : status;
}

bp_status example_network_create(bp_network **out, const bp_allocator *allocator, uint64_t seed)
{
    bp_network_options options;
    bp_network_options_init(&options, sizeof options);
    if (allocator != NULL)
        options.allocator = *allocator;
    bp_network *net = NULL;
    bp_status status = bp_network_create(&net, &options);
    if (status == BP_OK)
        status = build_example(net, seed);
    if (status == BP_OK)
        *out = net;
    else
        bp_network_destroy(net);
    return status;
}

bp_network *example_network(uint64_t seed)
{
    bp_network *net = NULL;
    assert_ok(example_network_create(&net, NULL, seed));
    size_t count;
    bp_network_weights(net, &count);
    assert_int_equal(count, EXAMPLE_WEIGHTS);
    return net;
}

bp_data xor_data(void)
{
    static const bp_real inputs[] = {0, 0, 0, 1, 1, 0, 1, 1}, targets[] = {0, 1, 1, 0};
    return bp_data_view(4, inputs, 2, targets, 1);
}

bp_network *xor_network(uint64_t seed)
{
    const size_t units[] = {2, 3, 1};
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_logistic(), bp_activation_logistic()));
    assert_ok(bp_network_initialize(net, seed));
    return net;
}

bp_network *numbered_network(void)
{
    bp_network *net = NULL;
    bp_layer *input = NULL, *output = NULL;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&input, net, NULL, 1));
    assert_ok(bp_network_add_layer(&output, net, NULL, 1, bp_activation_linear()));
    assert_ok(bp_layer_enable_bias(output, 0));
    assert_ok(bp_network_connect(NULL, net, input, output));
    assert_ok(bp_network_finalize(net));
    assert_ok(bp_network_set_weights(net, &(bp_real){0}, 1));
    return net;
}

bp_data numbered_data(void)
{
    static bp_real inputs[NUMBERED_CASES], targets[NUMBERED_CASES];
    for (int i = 0; i < NUMBERED_CASES; i++) {
        inputs[i] = 1;
        targets[i] = (bp_real)-i;
    }
    return bp_data_view(NUMBERED_CASES, inputs, 1, targets, 1);
}

/* ----------------------------------------------------------------------- training */

bp_trainer_options options_with(const bp_stop_rule *rules, size_t count)
{
    bp_trainer_options options;
    bp_trainer_options_1986(&options, sizeof options);
    options.optimizer = bp_optimizer_momentum(0.1, 0.9);
    options.stop_rules = rules;
    options.stop_rule_count = count;
    return options;
}

bp_trainer *make_trainer(bp_network *net, const bp_trainer_options *options)
{
    bp_trainer *trainer = NULL;
    assert_ok(bp_trainer_create(&trainer, net, options));
    assert_non_null(trainer);
    return trainer;
}

pair make_pair(bp_network *net, const bp_trainer_options *options)
{
    return (pair){net, make_trainer(net, options)};
}

pair make_pair_with_rules(bp_network *net, const bp_stop_rule *rules, size_t count)
{
    bp_trainer_options options = options_with(rules, count);
    return make_pair(net, &options);
}

void end_pair(pair *both)
{
    bp_trainer_destroy(both->trainer);
    bp_network_destroy(both->net);
}

bp_status create_and_train(pair *made, const bp_allocator *allocator, const bp_trainer_options *options)
{
    const bp_data data = example_training();
    *made = (pair){NULL, NULL};
    bp_status status = example_network_create(&made->net, allocator, 1);
    if (status == BP_OK)
        status = bp_trainer_create(&made->trainer, made->net, options);
    if (status == BP_OK)
        status = bp_trainer_run(made->trainer, &data, NULL, NULL);
    return status;
}

bp_result empty_result(void)
{
    bp_result result;
    bp_result_init(&result, sizeof result);
    return result;
}

bp_result train_until(bp_trainer *trainer, const bp_data *training, const bp_data *validation,
                      bp_stop_reason reason)
{
    bp_result result = empty_result();
    assert_ok(bp_trainer_run(trainer, training, validation, &result));
    assert_string_equal(bp_stop_reason_string(result.reason), bp_stop_reason_string(reason));
    return result;
}

double error_of(const bp_network *net, const bp_data *data)
{
    bp_workspace *workspace = NULL;
    bp_evaluation evaluation;
    bp_evaluation_init(&evaluation, sizeof evaluation);
    assert_ok(bp_workspace_create(&workspace, net, data->cases));
    assert_ok(bp_network_evaluate(net, workspace, data, bp_loss_squared_error(), NULL, &evaluation));
    bp_workspace_destroy(workspace);
    return evaluation.error;
}

bool same_weights(const bp_network *a, const bp_network *b)
{
    size_t count_a, count_b;
    const bp_real *weights_a = bp_network_weights(a, &count_a);
    const bp_real *weights_b = bp_network_weights(b, &count_b);
    assert_int_equal(count_a, count_b);
    return memcmp(weights_a, weights_b, count_a * sizeof *weights_a) == 0;
}

void assert_same_weights(const bp_network *a, const bp_network *b)
{
    assert_true(same_weights(a, b));
}

void assert_alike_weights(const bp_network *a, const bp_network *b)
{
    size_t count;
    const bp_real *weights_a = bp_network_weights(a, &count), *weights_b = bp_network_weights(b, NULL);
    for (size_t i = 0; i < count; i++)
        assert_close(weights_a[i], (double)weights_b[i], TOLERANCE(1e-5, 1e-13));
}

/* ---------------------------------------------------------------------- following */

void follower_start(follower *f, const bp_network *net)
{
    memset(f, 0, sizeof *f);
    assert_ok(bp_network_copy(&f->net, net));
    assert_ok(bp_workspace_create(&f->workspace, f->net, EXAMPLE_CASES));
    const bp_real *weights = bp_network_weights(net, NULL);
    for (size_t i = 0; i < EXAMPLE_WEIGHTS; i++)
        f->weights[i] = (double)weights[i];
}

void follower_update(follower *f, const bp_data *data, const size_t *order, size_t count, bool mean,
                     double rate, double momentum, double decay)
{
    bp_real inputs[EXAMPLE_CASES * EXAMPLE_INPUTS], targets[EXAMPLE_CASES * EXAMPLE_OUTPUTS];
    for (size_t i = 0; i < count; i++) {
        memcpy(inputs + i * EXAMPLE_INPUTS, data->inputs + order[i] * EXAMPLE_INPUTS,
               EXAMPLE_INPUTS * sizeof *inputs);
        memcpy(targets + i * EXAMPLE_OUTPUTS, data->targets + order[i] * EXAMPLE_OUTPUTS,
               EXAMPLE_OUTPUTS * sizeof *targets);
    }
    bp_real rounded[EXAMPLE_WEIGHTS], gradient[EXAMPLE_WEIGHTS];
    for (size_t i = 0; i < EXAMPLE_WEIGHTS; i++)
        rounded[i] = (bp_real)f->weights[i];
    assert_ok(bp_network_set_weights(f->net, rounded, EXAMPLE_WEIGHTS));
    bp_data cases = bp_data_view(count, inputs, EXAMPLE_INPUTS, targets, EXAMPLE_OUTPUTS);
    assert_ok(
        bp_network_gradient(f->net, f->workspace, &cases, bp_loss_squared_error(), &f->error, gradient));
    for (size_t i = 0; i < EXAMPLE_WEIGHTS; i++) {
        f->gradient[i] = (double)gradient[i] / (mean ? (double)count : 1);
        f->last_update[i] = -rate * f->gradient[i] + momentum * f->last_update[i];
        f->weights[i] = (f->weights[i] + f->last_update[i]) * (1 - decay);
    }
}

void follower_end(follower *f)
{
    bp_workspace_destroy(f->workspace);
    bp_network_destroy(f->net);
}
