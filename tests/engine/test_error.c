/* E of a batch: its parts, its cuts, and its greatest deviation. */
#include "support/support.h"

#include <math.h>

#include "engine/check_data.h"
#include "engine/error.h"
#include "engine/gradient.h"
#include "engine/workspace.h"

enum { CASES = 30, INPUTS = 3, TARGETS = 5 };

/* Two output layers, logistic and softmax, so that E has two parts with formulas of their own. */
typedef struct fixture {
    bp_network *net;
    bp_workspace *workspace;
    bp_real inputs[CASES * INPUTS], targets[CASES * TARGETS], weights[CASES];
    bp_data data;
} fixture;

static int setup(void **state)
{
    static fixture f;
    uint64_t seed = 5;
    bp_layer *in, *yes, *one_of;
    f = (fixture){0};
    assert_ok(bp_network_create(&f.net, NULL));
    assert_ok(bp_network_add_input(&in, f.net, "in", INPUTS));
    assert_ok(bp_network_add_layer(&yes, f.net, "yes", 2, bp_activation_logistic()));
    assert_ok(bp_network_add_layer(&one_of, f.net, "one of", 3, bp_activation_softmax()));
    assert_ok(bp_network_connect(NULL, f.net, in, yes));
    assert_ok(bp_network_connect(NULL, f.net, in, one_of));
    assert_ok(bp_layer_set_output(one_of));
    assert_ok(bp_layer_set_output(yes));
    assert_ok(bp_network_finalize(f.net));
    assert_ok(bp_network_initialize(f.net, 1));
    assert_ok(bp_workspace_create(&f.workspace, f.net, 7));
    for (size_t i = 0; i < CASES * INPUTS; i++)
        f.inputs[i] = (bp_real)test_uniform(&seed, -2, 2);
    for (size_t i = 0; i < CASES * TARGETS; i++)
        f.targets[i] = (bp_real)test_uniform(&seed, 0, 1);
    for (size_t i = 0; i < CASES; i++)
        f.weights[i] = (bp_real)test_uniform(&seed, 0, 2);
    bp_data view = bp_data_view(CASES, f.inputs, INPUTS, f.targets, TARGETS);
    view.case_weights = f.weights;
    assert_ok(bpi_check_data("call", "data", f.net, &view, DATA_BOTH, &f.data));
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    bp_workspace_destroy(f->workspace);
    bp_network_destroy(f->net);
    return 0;
}

/* From the predictions, by the formulas. */
static batch_error wanted_error(const fixture *f, const size_t *order, size_t count, bool entropy)
{
    bp_real y[CASES * TARGETS];
    batch_error sum = {0, 0};
    assert_ok(bp_network_predict(f->net, f->workspace, &f->data, y));
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < TARGETS; j++) {
            double o = (double)y[order[i] * TARGETS + j], d = (double)f->targets[order[i] * TARGETS + j];
            double e = (o - d) * (o - d) / 2;
            if (entropy) /* columns 0 to 2 are softmax's: it was marked first */
                e = j < 3 ? -d * log(o) : -d * log(o) - (1 - d) * log(1 - o);
            sum.error += e * (double)f->weights[order[i]];
            sum.max_abs_error = fmax(sum.max_abs_error, fabs(o - d));
        }
    return sum;
}

static void check(const fixture *f, bp_loss loss, bool entropy)
{
    const size_t order[] = {7, 29, 7, 0, 12, 13, 14, 2, 3, 4, 5, 6, 21, 22, 23, 1};
    const size_t count = sizeof order / sizeof order[0];
    batch_error got, wanted = wanted_error(f, order, count, entropy);
    batch cases = {.data = &f->data, .order = order, .count = count};
    bpi_batch_error(f->workspace, &cases, &loss, &got);
    assert_close(got.error, wanted.error, TOLERANCE(1e-6, 1e-13));
    assert_close(got.max_abs_error, wanted.max_abs_error, TOLERANCE(1e-6, 1e-13));
}

static void test_all_outputs_have_their_part(void **state)
{
    check(*state, bp_loss_squared_error(), false);
    check(*state, bp_loss_cross_entropy(), true);
}

/* The gradient's E is the same sum; neither depends on the room. */
static void test_bits_do_not_depend_on_the_way(void **state)
{
    fixture *f = *state;
    const size_t rooms[] = {1, 5, 29, 30, 100};
    const bp_loss loss = bp_loss_cross_entropy();
    batch cases = {.data = &f->data, .count = CASES};
    batch_error first, got;
    bp_real gradient[20];
    bpi_batch_error(f->workspace, &cases, &loss, &first);
    for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; i++) {
        bp_workspace *workspace = NULL;
        assert_ok(bp_workspace_create(&workspace, f->net, rooms[i]));
        bpi_batch_error(workspace, &cases, &loss, &got);
        assert_true(got.error == first.error && got.max_abs_error == first.max_abs_error);
        assert_ok(bpi_workspace_reserve("test", workspace, CASES, true));
        assert_ok(bpi_batch_gradient("test", workspace, &cases, &loss, gradient, &got));
        assert_true(got.error == first.error && got.max_abs_error == first.max_abs_error);
        bp_workspace_destroy(workspace);
    }
}

static void test_which_losses_need_total_inputs(void **state)
{
    fixture *f = *state;
    const bp_loss squared = bp_loss_squared_error(), entropy = bp_loss_cross_entropy();
    assert_false(bpi_error_begin(f->workspace, &squared));
    assert_true(bpi_error_begin(f->workspace, &entropy));
}

/* Weights that carry the total inputs out of range leave no small deviation behind. */
static void test_overflow_shows(void **state)
{
    fixture *f = *state;
    bp_real weights[20];
    for (size_t i = 0; i < 20; i++)
        weights[i] = (bp_real)TOLERANCE(3e38, 1e308);
    assert_ok(bp_network_set_weights(f->net, weights, 20));
    for (size_t i = 0; i < CASES * INPUTS; i++)
        f->inputs[i] = 2;
    const bp_loss loss = bp_loss_squared_error();
    batch cases = {.data = &f->data, .count = CASES};
    batch_error got;
    bpi_batch_error(f->workspace, &cases, &loss, &got);
    assert_true(isnan(got.error) && isnan(got.max_abs_error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_all_outputs_have_their_part, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bits_do_not_depend_on_the_way, setup, teardown),
        cmocka_unit_test_setup_teardown(test_which_losses_need_total_inputs, setup, teardown),
        cmocka_unit_test_setup_teardown(test_overflow_shows, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
