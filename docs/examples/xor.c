/* Learns the exclusive or: 2 inputs, 2 hidden units, 1 output. */
#include <stdio.h>
#include <stdlib.h>

#include <backprop.h>

static void check(bp_status status)
{
    if (status != BP_OK) {
        fprintf(stderr, "xor: %s\n", bp_error_message());
        exit(EXIT_FAILURE);
    }
}

int main(void)
{
    const size_t units[] = {2, 2, 1};
    const bp_real inputs[] = {0, 0, 0, 1, 1, 0, 1, 1};
    const bp_real targets[] = {0, 1, 1, 0};
    bp_data data = bp_data_view(4, inputs, 2, targets, 1);

    bp_network *net = NULL;
    check(bp_network_create_layered(&net, units, 3, bp_activation_logistic(), bp_activation_logistic()));
    check(bp_network_initialize(net, 1)); /* random initial weights from seed 1 */

    const bp_stop_rule rules[] = {bp_stop_error_below(0.01), bp_stop_epochs(5000)};
    bp_trainer_options options;
    bp_trainer_options_1986(&options, sizeof options);
    options.optimizer = bp_optimizer_momentum(0.5, 0.9); /* learning rate, momentum */
    options.stop_rules = rules;
    options.stop_rule_count = 2;

    bp_trainer *trainer = NULL;
    bp_result result;
    bp_result_init(&result, sizeof result);
    check(bp_trainer_create(&trainer, net, &options));
    check(bp_trainer_run(trainer, &data, NULL, &result));
    printf("%zu sweeps, error %.4f: %s\n", result.epochs, result.error, bp_stop_reason_string(result.reason));

    bp_workspace *workspace = NULL;
    bp_real outputs[4];
    check(bp_workspace_create(&workspace, net, 4));
    check(bp_network_predict(net, workspace, &data, outputs));
    for (int i = 0; i < 4; i++)
        printf("%g xor %g = %.3f\n", (double)inputs[2 * i], (double)inputs[2 * i + 1], (double)outputs[i]);

    bp_workspace_destroy(workspace);
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
    return EXIT_SUCCESS;
}
