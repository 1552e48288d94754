/*
 * A stranger's C program: trains XOR and checks what was learned, with the library of the precision it was
 * compiled for. REAL_BYTES: how wide a bp_real must be.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <backprop.h>

static const bp_real inputs[] = {0, 0, 0, 1, 1, 0, 1, 1};
static const bp_real targets[] = {0, 1, 1, 0};

static int failed(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, bp_error_message());
    return 1;
}

static int train(bp_network *net, const bp_data *data)
{
    bp_stop_rule rules[] = {bp_stop_within_tolerance(0.1), bp_stop_epochs(20000)};
    bp_trainer_options options;
    bp_trainer_options_1986(&options, sizeof options);
    options.optimizer = bp_optimizer_momentum(0.5, 0.9);
    options.stop_rules = rules;
    options.stop_rule_count = 2;
    bp_trainer *trainer = NULL;
    if (bp_trainer_create(&trainer, net, &options) != BP_OK)
        return failed("bp_trainer_create");

    bp_result result;
    bp_result_init(&result, sizeof result);
    bp_status status = bp_trainer_run(trainer, data, NULL, &result);
    bp_trainer_destroy(trainer);
    if (status != BP_OK)
        return failed("bp_trainer_run");
    printf("%s after %zu epochs\n", bp_stop_reason_string(result.reason), result.epochs);
    return result.reason != BP_STOP_WITHIN_TOLERANCE;
}

static int predicts_xor(const bp_network *net, const bp_data *data)
{
    bp_real outputs[4];
    bp_workspace *workspace = NULL;
    if (bp_workspace_create(&workspace, net, 4) != BP_OK)
        return 0;
    bp_status status = bp_network_predict(net, workspace, data, outputs);
    bp_workspace_destroy(workspace);
    int right = status == BP_OK;
    for (int i = 0; i < 4 && right; i++)
        right = fabs((double)outputs[i] - (double)targets[i]) <= 0.1;
    return right;
}

int main(void)
{
    char version[32];
    snprintf(version, sizeof version, "%d.%d.%d", BP_VERSION_MAJOR, BP_VERSION_MINOR, BP_VERSION_PATCH);
    if (strcmp(version, bp_version()) != 0 || bp_version_number() != BP_VERSION_NUMBER ||
        sizeof(bp_real) != REAL_BYTES)
        return 1;

    const size_t units[] = {2, 4, 1};
    const bp_data data = bp_data_view(4, inputs, 2, targets, 1);
    bp_network *net = NULL;
    if (bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_logistic()) != BP_OK)
        return failed("bp_network_create_layered");
    int wrong = bp_network_initialize(net, 1) != BP_OK || train(net, &data) || !predicts_xor(net, &data);
    bp_network_destroy(net);
    return wrong;
}
