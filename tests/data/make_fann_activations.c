/*
 * Writes fann_activations.txt: what FANN's single precision library makes of one unit without a bias.
 *
 *     cc tests/data/make_fann_activations.c -lfloatfann -o make && ./make >tests/data/fann_activations.txt
 *
 * Made with libfann 2.2.0 (Debian package libfann-dev).
 *
 *     <activation> <first parameter> <FANN's name> <FANN's steepness> <x> <y>
 */
#include <floatfann.h>
#include <stdio.h>

static const struct {
    const char *name;
    enum fann_activationfunc_enum function;
    float factor; /* of the steepness, for a parameter of ours */
} rows[] = {
    {"scaled_linear", FANN_LINEAR, 1},
    {"threshold", FANN_THRESHOLD, 0},
    {"threshold_symmetric", FANN_THRESHOLD_SYMMETRIC, 0},
    {"steep_logistic", FANN_SIGMOID, 2},
    {"steep_tanh", FANN_SIGMOID_SYMMETRIC, 1},
    {"gaussian", FANN_GAUSSIAN, 1},
    {"gaussian_symmetric", FANN_GAUSSIAN_SYMMETRIC, 1},
    {"softsign_01", FANN_ELLIOT, 1},
    {"softsign", FANN_ELLIOT_SYMMETRIC, 1},
    {"piecewise_linear_01", FANN_LINEAR_PIECE, 1},
    {"piecewise_linear", FANN_LINEAR_PIECE_SYMMETRIC, 1},
    {"sine", FANN_SIN_SYMMETRIC, 1},
    {"cosine", FANN_COS_SYMMETRIC, 1},
    {"sine_01", FANN_SIN, 1},
    {"cosine_01", FANN_COS, 1},
};

int main(void)
{
    const float steepnesses[] = {0.5f, 1, 2};
    const float inputs[] = {-40, -9.5f, -3, -1, -0.75f, -0.25f, 0, 0.125f, 0.5f, 1, 1.5f, 4.25f, 12, 60};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (size_t s = 0; s < 3; s++) {
            struct fann *net = fann_create_standard(2, 1, 1);
            struct fann_connection weights[] = {{0, 2, 1}, {1, 2, 0}}; /* of the input, of the bias */
            fann_set_activation_function_output(net, rows[i].function);
            fann_set_activation_steepness_output(net, steepnesses[s]);
            fann_set_weight_array(net, weights, 2);
            for (size_t j = 0; j < sizeof inputs / sizeof inputs[0]; j++) {
                float x = inputs[j];
                printf("%s %g %s %g %.9g %.9g\n", rows[i].name, rows[i].factor * steepnesses[s],
                       FANN_ACTIVATIONFUNC_NAMES[rows[i].function], steepnesses[s], x, fann_run(net, &x)[0]);
            }
            fann_destroy(net);
        }
    return 0;
}
