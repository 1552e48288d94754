/* Every activation in calls by name, in model files and in checkpoints, with parameters that are not the
 * usual ones; thresholds, which predict but are not trained. */
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const size_t units[] = {2, 3, 2};
static const bp_real inputs[] = {0, 1, 2, -1}, targets[] = {0, 1, 1, 0};

/* Activation number `index` with parameters between the usual ones and their greatest. */
static bp_activation unusual(size_t index, bp_activation_info *info)
{
    bp_activation activation = bp_activation_at(index);
    bp_activation_info_init(info, sizeof *info);
    assert_ok(bp_activation_describe(&activation, info));
    double parameters[2];
    for (size_t i = 0; i < info->parameters; i++) {
        assert_true(info->parameter[i] == info->parameter_usual[i]);
        parameters[i] =
            info->parameter_usual[i] + 0.01 * (info->parameter_high[i] - info->parameter_usual[i]);
    }
    if (info->parameters > 0)
        assert_ok(bp_activation_by_name(&activation, info->name, parameters, info->parameters));
    return activation;
}

static bp_network *create(bp_activation hidden)
{
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 3, hidden, bp_activation_linear()));
    assert_ok(bp_network_initialize(net, 1));
    return net;
}

static void predict(const bp_network *net, const bp_data *data, bp_real *outputs)
{
    bp_workspace *workspace = NULL;
    assert_ok(bp_workspace_create(&workspace, net, 2));
    assert_ok(bp_network_predict(net, workspace, data, outputs));
    bp_workspace_destroy(workspace);
}

static void test_files_keep_them(void **state)
{
    (void)state;
    const bp_data data = bp_data_view(2, inputs, 2, targets, 2);
    for (size_t i = 0; i < bp_activation_count(); i++) {
        bp_activation_info info;
        const bp_activation activation = unusual(i, &info);
        bp_network *net = create(activation), *loaded = NULL;
        size_t size;
        assert_ok(bp_network_save_memory(net, NULL, 0, &size));
        unsigned char *bytes = malloc(size);
        assert_ok(bp_network_save_memory(net, bytes, size, &size));
        assert_ok(bp_network_load_memory(&loaded, bytes, size, NULL));
        const bp_activation found = bp_layer_activation(bp_network_layer(loaded, 1));
        assert_memory_equal(&found, &activation, sizeof found);
        bp_real before[4], after[4];
        predict(net, &data, before);
        predict(loaded, &data, after);
        assert_memory_equal(before, after, sizeof before);
        free(bytes);
        bp_network_destroy(net);
        bp_network_destroy(loaded);
    }
}

static void test_checkpoints_know_them(void **state)
{
    (void)state;
    bp_network *net = create(bp_activation_elu(2)), *other = create(bp_activation_elu(3));
    bp_trainer *trainer = NULL, *loaded = NULL;
    assert_ok(bp_trainer_create(&trainer, net, NULL));
    assert_ok(bp_trainer_save(trainer, "activation_parameters.checkpoint"));
    assert_ok(bp_trainer_load(&loaded, net, "activation_parameters.checkpoint", NULL));
    bp_trainer_destroy(loaded);
    loaded = NULL;
    assert_fails(bp_trainer_load(&loaded, other, "activation_parameters.checkpoint", NULL),
                 BP_ERROR_STRUCTURE, "the alpha of activation 'elu' of layer 'hidden1' is 2 there, 3 here");
    remove("activation_parameters.checkpoint");
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
    bp_network_destroy(other);
}

static void test_parameters_out_of_range(void **state)
{
    (void)state;
    bp_network *net = NULL;
    const double bad[] = {1.5, 1}, many[] = {1, 1, 1};
    bp_activation activation = bp_activation_relu();
    assert_fails(bp_network_create_layered(&net, units, 3, bp_activation_elu(-1), bp_activation_linear()),
                 BP_ERROR_ARGUMENT, "the alpha of activation 'elu' is -1; it must be 0 to 100");
    assert_fails(bp_network_create_layered(&net, units, 3, bp_activation_sine(NAN), bp_activation_linear()),
                 BP_ERROR_NOT_FINITE, "the steepness of activation 'sine' is nan");
    assert_fails(
        bp_network_create_layered(&net, units, 3, bp_activation_leaky_relu(INFINITY), bp_activation_linear()),
        BP_ERROR_NOT_FINITE, "the slope of activation 'leaky_relu' is inf; it must be 0 to 1");
    assert_fails(bp_network_create_layered(&net, units, 3, bp_activation_elu(NAN), bp_activation_linear()),
                 BP_ERROR_NOT_FINITE, "the alpha of activation 'elu' is nan");
    assert_fails(bp_activation_by_name(&activation, "leaky_relu", bad, 2), BP_ERROR_ARGUMENT,
                 "the slope of activation 'leaky_relu' is 1.5");
    assert_fails(bp_activation_by_name(&activation, "elu", many, 2), BP_ERROR_ARGUMENT, "has 1 parameters");
    assert_fails(bp_activation_by_name(&activation, "sigmoid", NULL, 0), BP_ERROR_NAME, "'sigmoid'");
    assert_string_equal(bp_activation_name(&activation), "relu");
}

static void test_thresholds_predict_only(void **state)
{
    (void)state;
    const bp_data data = bp_data_view(2, inputs, 2, targets, 2);
    bp_network *net = create(bp_activation_threshold());
    bp_workspace *workspace = NULL;
    bp_trainer *trainer = NULL;
    bp_real outputs[4], gradient[20];
    assert_ok(bp_workspace_create(&workspace, net, 2));
    assert_ok(bp_network_predict(net, workspace, &data, outputs));
    assert_fails(bp_network_gradient(net, workspace, &data, bp_loss_squared_error(), NULL, gradient),
                 BP_ERROR_UNSUPPORTED, "is threshold, whose slope is 0");
    assert_fails(bp_network_output_gradient(net, workspace, &data, 0, gradient, NULL), BP_ERROR_UNSUPPORTED,
                 "is threshold");
    assert_fails(bp_trainer_create(&trainer, net, NULL), BP_ERROR_UNSUPPORTED, "is threshold");
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
}

static void test_evaluate(void **state)
{
    (void)state;
    bp_real x[300], y[300], slope[300];
    for (size_t i = 0; i < 300; i++)
        x[i] = (bp_real)i / 100 - 1;
    const bp_activation tanh_of = bp_activation_tanh(), softmax = bp_activation_softmax(),
                        threshold = bp_activation_threshold();
    assert_ok(bp_activation_evaluate(&tanh_of, x, y, slope, 300));
    for (size_t i = 0; i < 300; i++) {
        assert_close(y[i], tanh((double)x[i]), TOLERANCE(1e-6, 1e-14));
        assert_close(slope[i], 1 - (double)y[i] * (double)y[i], TOLERANCE(1e-6, 1e-14));
    }
    assert_ok(bp_activation_evaluate(&tanh_of, x, x, NULL, 300));
    assert_memory_equal(x, y, sizeof x);
    assert_fails(bp_activation_evaluate(&tanh_of, x, NULL, NULL, 1), BP_ERROR_ARGUMENT, "both NULL");
    assert_fails(bp_activation_evaluate(&softmax, x, y, NULL, 1), BP_ERROR_UNSUPPORTED, "of a layer");
    assert_fails(bp_activation_evaluate(&threshold, x, y, slope, 1), BP_ERROR_UNSUPPORTED,
                 "slope of threshold");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files_keep_them),
        cmocka_unit_test(test_checkpoints_know_them),
        cmocka_unit_test(test_parameters_out_of_range),
        cmocka_unit_test(test_thresholds_predict_only),
        cmocka_unit_test(test_evaluate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
