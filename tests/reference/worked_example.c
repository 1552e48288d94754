/*
 * The worked example: a net of two inputs, two hidden units and one output, without biases, learning one case
 * with learning rate 0.5 and momentum 0.9. The figures were computed with 60 decimal digits, independently of
 * this library, and every derivative was checked by central differences.
 */
#include "reference/worked_example.h"

#include "support/support.h"

const worked_step worked_example[WORKED_STEPS] = {
    {.weights = {0.200000000000000, 0.300000000000000, 0.400000000000000, 0.100000000000000,
                 0.600000000000000, 0.500000000000000},
     .x1 = 0.340000000000000,
     .x2 = 0.280000000000000,
     .y1 = 0.584190522935407,
     .y2 = 0.569546223939229,
     .x_out = 0.635287425730859,
     .y_out = 0.653687401262918,
     .error = 1.072428400890977251e-3,
     .dy_out = -4.631259873708184e-2,
     .dx_out = -1.048425456309054e-2,
     .dy1 = -6.290552737854324e-3,
     .dy2 = -5.242127281545270e-3,
     .dx1 = -1.528050468916321e-3,
     .dx2 = -1.285177342547597e-3,
     .input_gradient = {-8.196810308023029e-4, -5.869328749296560e-4},
     .gradient = {-7.640252344581605e-4, -1.222440375133057e-3, -6.425886712737983e-4, -1.028141874038077e-3,
                  -6.124802155799793e-3, -5.971267597225848e-3}},
    {.weights = {0.200382012617229, 0.300611220187567, 0.400321294335637, 0.100514070937019,
                 0.603062401077900, 0.502985633798613},
     .x1 = 0.340679982458668,
     .x2 = 0.280571903917434,
     .y1 = 0.584355689342561,
     .y2 = 0.569686428223640,
     .x_out = 0.638947034264992,
     .y_out = 0.654515397492706,
     .error = 1.034424532623271470e-3,
     .dy_out = -4.548460250729408e-2,
     .dx_out = -1.028520537525005e-2,
     .dy1 = -6.202620649177616e-3,
     .dy2 = -5.173310544419046e-3,
     .dx1 = -1.506518043651599e-3,
     .dx2 = -1.268205014344453e-3,
     .input_gradient = {-8.095685904563945e-4, -5.803486761111944e-4},
     .gradient = {-7.532590218257994e-4, -1.205214434921279e-3, -6.341025071722267e-4, -1.014564011475563e-3,
                  -6.010218277084056e-3, -5.859341913772783e-3}},
    {.weights = {0.201102453483648, 0.301763925573837, 0.400927510491296, 0.101484016786074,
                 0.608823671186552, 0.508602375174251},
     .x1 = 0.341962367200894,
     .x2 = 0.281650968674507,
     .y1 = 0.584667126496352,
     .y2 = 0.569950934344980,
     .x_out = 0.645837585316241,
     .y_out = 0.656071859975512,
     .error = 9.648407430054932974e-4,
     .dy_out = -4.392814002448757e-2,
     .dx_out = -9.912014681026632e-3,
     .dy1 = -6.034669166957633e-3,
     .dy2 = -5.041274209532190e-3,
     .dx1 = -1.465407631187737e-3,
     .dx2 = -1.235650926098754e-3,
     .input_gradient = {-7.901035196225530e-4, -5.676059786790030e-4},
     .gradient = {-7.327038155938687e-4, -1.172326104950190e-3, -6.178254630493769e-4, -9.885207408790030e-4,
                  -5.795229141345492e-3, -5.649362028692290e-3}},
};

const double worked_without_momentum[WORKED_WEIGHTS] = {0.200758642128142, 0.301213827405027,
                                                        0.400638345589223, 0.101021352942757,
                                                        0.606067510216442, 0.505915304755499};

bp_data worked_example_data(void)
{
    static const bp_real inputs[] = {(bp_real)WORKED_INPUT_1, (bp_real)WORKED_INPUT_2};
    static const bp_real targets[] = {(bp_real)WORKED_TARGET};
    bp_data data = bp_data_view(1, inputs, 2, targets, 1);
    data.input_stride = 2;
    data.target_stride = 1;
    return data;
}

bp_network *worked_example_network(void)
{
    bp_network *net = NULL;
    bp_layer *input = NULL, *hidden = NULL, *output = NULL;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&input, net, "input", 2));
    assert_ok(bp_network_add_layer(&hidden, net, "hidden", 2, bp_activation_logistic()));
    assert_ok(bp_network_add_layer(&output, net, "output", 1, bp_activation_logistic()));
    assert_ok(bp_layer_enable_bias(hidden, 0));
    assert_ok(bp_layer_enable_bias(output, 0));
    assert_ok(bp_network_connect(NULL, net, input, hidden));
    assert_ok(bp_network_connect(NULL, net, hidden, output));
    assert_ok(bp_network_finalize(net));
    bp_real weights[WORKED_WEIGHTS];
    for (int w = 0; w < WORKED_WEIGHTS; w++)
        weights[w] = (bp_real)worked_example[0].weights[w];
    assert_ok(bp_network_set_weights(net, weights, WORKED_WEIGHTS));
    return net;
}
