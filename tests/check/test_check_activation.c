/* Derivatives of user-defined activations that do not fit their functions: layer, activation and values. */
#include <math.h>

#include "check/check_example.h"

static void test_wrong_activation_is_named(void **state)
{
    (void)state;
    const char *const names[] = {"lower", "upper", "output"};
    for (int how = NONE; how <= SQUARE_MISSING; how++)
        for (int layer = 0; layer < 3; layer++) {
            mistake made = (mistake)how, none = NONE;
            check_example f;
            make_example(&f, softsign_with(layer == 0 ? &made : &none),
                         softsign_with(layer == 1 ? &made : &none),
                         softsign_with(layer == 2 ? &made : &none));
            bp_gradient_check result = check_with(f.net, &f.data, bp_loss_squared_error());
            if (made == NONE)
                assert_passed(&result);
            else
                assert_caught(&result, names[layer], "softsign");
            bp_network_destroy(f.net);
        }
}

static void test_values_of_the_wrong_activation(void **state)
{
    (void)state;
    mistake made = SIGN;
    check_example f;
    make_example(&f, bp_activation_tanh(), softsign_with(&made), bp_activation_linear());
    bp_gradient_check result = check_with(f.net, &f.data, bp_loss_squared_error());
    double size = 1 + fabs(result.activation_x), slope = 1 / (size * size);
    assert_close(result.activation_derivative, -slope, TOLERANCE(1e-5, 1e-13));
    assert_close(result.activation_difference, slope, 10 * result.tolerance);
    assert_close(result.activation_max_deviation, 2, 10 * result.tolerance);
    bp_network_destroy(f.net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrong_activation_is_named),
        cmocka_unit_test(test_values_of_the_wrong_activation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
