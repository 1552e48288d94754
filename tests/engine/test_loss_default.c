/* bp_loss_default: cross-entropy where all outputs are softmax, else the squared error, in every call that
 * takes a loss. */
#include <stdlib.h>
#include <string.h>

#include "support/arrays.h"

enum { INPUTS = 3, UNITS = 2, MAX_OUTPUTS = 2 * UNITS, CASES = 9, MAX_WEIGHTS = 100 };

/* Output layers of two units each; linear inputs. */
static bp_network *network_of(const bp_activation *activations, size_t layers)
{
    bp_network *net = NULL;
    bp_layer *in = NULL, *out = NULL;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&in, net, "in", INPUTS));
    for (size_t i = 0; i < layers; i++) {
        assert_ok(bp_network_add_layer(&out, net, NULL, UNITS, activations[i]));
        assert_ok(bp_network_connect(NULL, net, in, out));
        assert_ok(bp_layer_set_output(out));
    }
    assert_ok(bp_network_finalize(net));
    assert_ok(bp_network_initialize(net, 3));
    return net;
}

/* One of two targets is 1, so that each output layer takes them, whatever its activation. */
static bp_data example(bp_real *inputs, bp_real *targets, size_t layers)
{
    uint64_t stream = 8;
    for (size_t i = 0; i < CASES * INPUTS; i++)
        inputs[i] = (bp_real)test_uniform(&stream, -1, 1);
    for (size_t i = 0; i < CASES * layers; i++) {
        targets[2 * i] = (bp_real)test_below(&stream, 2);
        targets[2 * i + 1] = 1 - targets[2 * i];
    }
    return bp_data_view(CASES, inputs, INPUTS, targets, layers * UNITS);
}

/* Both losses give the same bits in gradient, evaluation and training, and the gradient check accepts them.
 */
static void assert_same_loss(bp_network *net, const bp_data *data, bp_loss loss, bp_loss wanted)
{
    bp_workspace *workspace = NULL;
    bp_evaluation evaluations[2];
    bp_real gradients[2][MAX_WEIGHTS];
    double errors[2];
    const bp_loss losses[] = {loss, wanted};
    size_t count;
    bp_network_weights(net, &count);
    assert_ok(bp_workspace_create(&workspace, net, CASES));
    for (int i = 0; i < 2; i++) {
        bp_gradient_check check;
        bp_gradient_check_init(&check, sizeof check);
        assert_ok(bp_network_gradient(net, workspace, data, losses[i], &errors[i], gradients[i]));
        bp_evaluation_init(&evaluations[i], sizeof evaluations[i]);
        assert_ok(bp_network_evaluate(net, workspace, data, losses[i], NULL, &evaluations[i]));
        assert_ok(bp_network_check_gradient(net, workspace, data, losses[i], 0, &check));
        bp_trainer_options options;
        bp_trainer *trainer = NULL;
        bp_trainer_options_init(&options, sizeof options);
        options.loss = losses[i];
        assert_ok(bp_trainer_create(&trainer, net, &options));
        assert_int_equal(bp_trainer_loss(trainer).kind, wanted.kind);
        bp_trainer_destroy(trainer);
    }
    assert_true(errors[0] == errors[1]);
    assert_memory_equal(gradients[0], gradients[1], count * sizeof(bp_real));
    assert_memory_equal(&evaluations[0], &evaluations[1], sizeof evaluations[0]);
    bp_workspace_destroy(workspace);
}

static void test_it_suits_the_outputs(void **state)
{
    (void)state;
    const bp_activation softmax = bp_activation_softmax(), logistic = bp_activation_logistic();
    const struct {
        bp_activation activations[2];
        size_t layers;
        bp_loss wanted;
    } rows[] = {
        {{softmax}, 1, bp_loss_cross_entropy()},
        {{softmax, softmax}, 2, bp_loss_cross_entropy()},
        {{logistic}, 1, bp_loss_squared_error()},
        {{bp_activation_linear()}, 1, bp_loss_squared_error()},
        {{bp_activation_tanh()}, 1, bp_loss_squared_error()},
        {{softmax, logistic}, 2, bp_loss_squared_error()},
        {{logistic, softmax}, 2, bp_loss_squared_error()},
        {{softmax, bp_activation_linear()}, 2, bp_loss_squared_error()},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bp_real inputs[CASES * INPUTS], targets[CASES * MAX_OUTPUTS];
        bp_network *net = network_of(rows[i].activations, rows[i].layers);
        bp_data data = example(inputs, targets, rows[i].layers);
        assert_same_loss(net, &data, bp_loss_default(), rows[i].wanted);
        assert_same_loss(net, &data, bp_loss_with_tolerance(bp_loss_default(), 0.25),
                         bp_loss_with_tolerance(rows[i].wanted, 0.25));
        bp_network_destroy(net);
    }
}

/* A tolerance and targets are checked as those of the loss that it stands for. */
static void test_it_is_checked_as_what_it_stands_for(void **state)
{
    (void)state;
    bp_real inputs[CASES * INPUTS], targets[CASES * MAX_OUTPUTS], gradient[MAX_WEIGHTS];
    const bp_activation softmax = bp_activation_softmax();
    bp_network *net = network_of(&softmax, 1);
    bp_data data = example(inputs, targets, 1);
    bp_workspace *workspace = NULL;
    double error;
    assert_ok(bp_workspace_create(&workspace, net, CASES));
    assert_fails(bp_network_gradient(net, workspace, &data, bp_loss_with_tolerance(bp_loss_default(), -1),
                                     &error, gradient),
                 BP_ERROR_ARGUMENT, "tolerance");
    targets[5] = 2;
    assert_fails(bp_network_gradient(net, workspace, &data, bp_loss_default(), &error, gradient),
                 BP_ERROR_ARGUMENT, "cross-entropy needs 0 to 1");
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_suits_the_outputs),
        cmocka_unit_test(test_it_is_checked_as_what_it_stands_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
