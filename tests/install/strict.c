/*
 * Prints a hash of what the library computes, and fails unless NaN is refused. Data are made by integers, so
 * that the flags this is compiled with show in nothing.
 */
#include <backprop.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CASES = 37, INPUTS = 11, HIDDEN = 13, OUTPUTS = 4 };

static const char *const isa_names[] = {"portable", "x86-baseline", "x86-avx2", "x86-avx512", "aarch64-neon"};

#define MUST(call) must((call), #call)
static void must(bp_status status, const char *call)
{
    if (status == BP_OK)
        return;
    fprintf(stderr, "%s: %s\n", call, bp_error_message());
    exit(EXIT_FAILURE);
}

static uint64_t add_bytes(uint64_t hash, const void *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        hash = (hash ^ ((const unsigned char *)bytes)[i]) * UINT64_C(0x100000001b3);
    return hash;
}

/* Small fractions, then numbers that saturate units. */
static void fill(bp_real *values, size_t count, int divisor)
{
    for (size_t i = 0; i < count; i++)
        values[i] = (bp_real)((int)(i * 7919 % 201) - 100) / (bp_real)divisor;
}

static bp_network *build(const char *isa, bp_activation hidden, bp_activation output)
{
    bp_network_options options;
    bp_network *net = NULL;
    bp_layer *i = NULL, *h = NULL, *o = NULL;
    bp_network_options_init(&options, sizeof options);
    options.isa = isa;
    if (bp_network_create(&net, &options) != BP_OK)
        return NULL; /* this CPU has other kernels */
    MUST(bp_network_add_input(&i, net, NULL, INPUTS));
    MUST(bp_network_add_layer(&h, net, NULL, HIDDEN, hidden));
    MUST(bp_network_add_layer(&o, net, NULL, OUTPUTS, output));
    MUST(bp_network_connect(NULL, net, i, h));
    MUST(bp_network_connect(NULL, net, h, o));
    MUST(bp_network_finalize(net));
    MUST(bp_network_initialize(net, 1));
    return net;
}

static uint64_t add_training(uint64_t hash, bp_network *net, bp_loss loss, size_t batch, const bp_data *data)
{
    bp_trainer_options options;
    bp_stop_rule rule = bp_stop_epochs(30);
    bp_trainer *trainer = NULL;
    bp_workspace *workspace = NULL;
    bp_real outputs[CASES * OUTPUTS];
    size_t count;
    bp_trainer_options_1986(&options, sizeof options);
    options.loss = loss;
    options.optimizer = bp_optimizer_momentum(0.01, 0.5);
    options.batch_size = batch;
    options.stop_rules = &rule;
    options.stop_rule_count = 1;
    MUST(bp_trainer_create(&trainer, net, &options));
    MUST(bp_trainer_run(trainer, data, NULL, NULL));
    MUST(bp_workspace_create(&workspace, net, CASES));
    MUST(bp_network_predict(net, workspace, data, outputs));
    const bp_real *weights = bp_network_weights(net, &count);
    hash = add_bytes(hash, weights, count * sizeof *weights);
    hash = add_bytes(hash, outputs, sizeof outputs);
    bp_workspace_destroy(workspace);
    bp_trainer_destroy(trainer);
    return hash;
}

static void require_nan_is_refused(bp_network *net)
{
    static const uint32_t nan_bits = 0x7fc00000;
    bp_real inputs[INPUTS] = {0}, outputs[OUTPUTS],
            weights[(INPUTS + 1) * HIDDEN + (HIDDEN + 1) * OUTPUTS] = {0};
    bp_workspace *workspace = NULL;
    bp_data data = bp_data_view(1, inputs, INPUTS, NULL, 0);
    memcpy(&inputs[3], &nan_bits, sizeof nan_bits); /* not by NAN, which flags may forbid */
    memcpy(&weights[3], &nan_bits, sizeof nan_bits);
    MUST(bp_workspace_create(&workspace, net, 1));
    if (bp_network_predict(net, workspace, &data, outputs) != BP_ERROR_NOT_FINITE ||
        bp_network_set_weights(net, weights, sizeof weights / sizeof *weights) != BP_ERROR_NOT_FINITE) {
        fprintf(stderr, "NaN is not refused\n");
        exit(EXIT_FAILURE);
    }
    bp_workspace_destroy(workspace);
}

static uint64_t add_network(uint64_t hash, bp_network *net, bp_loss loss, size_t batch, int divisor)
{
    bp_real inputs[CASES * INPUTS], targets[CASES * OUTPUTS];
    if (net == NULL)
        return hash;
    fill(inputs, CASES * INPUTS, divisor);
    for (size_t i = 0; i < CASES * OUTPUTS; i++)
        targets[i] = i % OUTPUTS == i / OUTPUTS % OUTPUTS;
    bp_data data = bp_data_view(CASES, inputs, INPUTS, targets, OUTPUTS);
    hash = add_training(hash, net, loss, batch, &data);
    require_nan_is_refused(net);
    bp_network_destroy(net);
    return hash;
}

int main(void)
{
    for (size_t i = 0; i < sizeof isa_names / sizeof *isa_names; i++) {
        uint64_t hash = UINT64_C(0xcbf29ce484222325);
        for (size_t batch = 0; batch < 3; batch++)
            for (int divisor = 1; divisor <= 100; divisor += 99) {
                hash =
                    add_network(hash, build(isa_names[i], bp_activation_logistic(), bp_activation_logistic()),
                                bp_loss_squared_error(), batch * batch, divisor);
                hash = add_network(hash, build(isa_names[i], bp_activation_tanh(), bp_activation_softmax()),
                                   bp_loss_cross_entropy(), batch * batch, divisor);
            }
        printf("%s %016" PRIx64 "\n", isa_names[i], hash);
    }
    return EXIT_SUCCESS;
}
