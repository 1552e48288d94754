/* The E by which iRprop+ judges whether it has grown, with the weight decay that a trainer chooses. */
#include <stdbool.h>

#include "train/raw_example.h"
#include "train/types.h"

enum { CASES = 100, INPUTS = 3, WEIGHTS = INPUTS + 1 };

static bp_data noisy_data(void)
{
    static bp_real inputs[CASES * INPUTS], targets[CASES];
    uint64_t random = 6;
    for (size_t i = 0; i < CASES; i++) {
        for (size_t j = 0; j < INPUTS; j++)
            inputs[i * INPUTS + j] = (bp_real)test_uniform(&random, -1, 1);
        targets[i] = inputs[i * INPUTS] + (bp_real)test_uniform(&random, -0.5, 0.5);
    }
    return bp_data_view(CASES, inputs, INPUTS, targets, 1);
}

typedef struct setting {
    bool no_bias_decay, frozen_bias;
    double factor; /* of the other weights on the decay */
    bool by_norm;  /* a rule that needs the gradient's norm: the update is not fused */
} setting;

static bp_network *linear_network(const setting *s)
{
    const bp_real weights[WEIGHTS] = {1, (bp_real)-0.5, 2, (bp_real)0.25};
    const size_t units[] = {INPUTS, 1};
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 2, bp_activation_linear(), bp_activation_linear()));
    assert_ok(bp_network_set_weights(net, weights, WEIGHTS));
    assert_ok(bp_connection_set_decay_factor(bp_network_connection(net, 0), s->factor));
    assert_ok(bp_layer_set_bias_trainable(bp_network_layer(net, 1), !s->frozen_bias));
    return net;
}

/* The mean E and lambda / 2 * w^2 of each weight that is trained and decays, times its factor. */
static double wanted_error(const setting *s, const bp_network *net, const bp_data *data, double lambda)
{
    const bp_real *weights = bp_network_weights(net, NULL);
    double squares = 0;
    for (size_t i = 0; i < INPUTS; i++)
        squares += s->factor * (double)weights[i] * (double)weights[i];
    if (!s->no_bias_decay && !s->frozen_bias)
        squares += (double)weights[INPUTS] * (double)weights[INPUTS];
    return error_of(net, data) / CASES + lambda / 2 * squares;
}

/* After an update, the rule remembers E before it. */
static void compare(const setting *s)
{
    const bp_data data = noisy_data();
    const bp_stop_rule stops[] = {bp_stop_epochs(1), bp_stop_gradient_below(1e-30)};
    bp_trainer_options options = options_with(stops, s->by_norm ? 2 : 1);
    options.optimizer = bp_optimizer_irprop_plus(0.01);
    options.loss = bp_loss_squared_error();
    options.reduction = BP_REDUCE_MEAN;
    options.batch_size = 0;
    options.weight_decay = BP_DECAY_AUTO;
    options.scale_data = 0;
    options.no_bias_decay = s->no_bias_decay;
    pair both = make_pair(linear_network(s), &options);
    bp_network *before = linear_network(s);
    bp_finding decay;
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_true(find_finding(both.trainer, BP_FINDING_WEIGHT_DECAY, &decay) && decay.values[0] > 1e-3);
    assert_close(both.trainer->state.scalars[0], wanted_error(s, before, &data, decay.values[0]),
                 TOLERANCE(1e-6, 1e-13));
    bp_network_destroy(before);
    end_pair(&both);
}

static void test_it_judges_by_what_it_minimizes(void **state)
{
    (void)state;
    const setting all[] = {
        {false, false, 1, false}, {true, false, 1, false}, {true, false, 1, true}, {false, false, 3, false},
        {true, false, 0.5, true}, {false, true, 1, false}, {false, true, 1, true},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        compare(&all[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_judges_by_what_it_minimizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
