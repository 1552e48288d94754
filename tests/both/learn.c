/* Trains one network on XOR; compiled once for each precision. */
#include "both/learn.h"
#include "backprop.h"

static const bp_real inputs[] = {0, 0, 0, 1, 1, 0, 1, 1};
static const bp_real targets[] = {0, 1, 1, 0};

static bp_status train(bp_network *net, bp_result *result)
{
    bp_stop_rule rules[] = {bp_stop_error_below(0.01), bp_stop_epochs(20000)};
    bp_trainer_options options;
    bp_trainer_options_1986(&options, sizeof options);
    options.optimizer = bp_optimizer_momentum(0.5, 0.9);
    options.stop_rules = rules;
    options.stop_rule_count = 2;

    bp_trainer *trainer = NULL;
    bp_status status = bp_trainer_create(&trainer, net, &options);
    bp_data data = bp_data_view(4, inputs, 2, targets, 1);
    if (status == BP_OK)
        status = bp_trainer_run(trainer, &data, NULL, result);
    bp_trainer_destroy(trainer);
    return status;
}

learned LEARN(void)
{
    const size_t units[] = {2, 4, 1};
    bp_network *net = NULL;
    bp_result result;
    bp_result_init(&result, sizeof result);
    bp_status status =
        bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_logistic());
    if (status == BP_OK)
        status = bp_network_initialize(net, 1);
    if (status == BP_OK)
        status = train(net, &result);
    bp_network_destroy(net);
    return (learned){status == BP_OK && result.reason == BP_STOP_ERROR_BELOW, sizeof(bp_real), result.error};
}
