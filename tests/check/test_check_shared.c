/* The check of derivatives where weights are shared, and over time: every weight is looked at, learned
 * initial states too, and of several places the last one is named. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check/check_example.h"
#include "network/network.h"
#include "reference/random_recurrent.h"
#include "support/connect.h"
#include "support/support.h"

/* --------------------------------------------------------------- what is right passes */

static size_t used_weights(const bp_network *net)
{
    size_t count = 0;
    for (size_t i = 0; i < net->slice_count; i++)
        if (net->slices[i].uses > 0)
            count += net->slices[i].count;
    return count;
}

static void test_random_networks_pass(void **state)
{
    (void)state;
    size_t checked = 0, all = 0, with_states = 0;
    for (uint64_t seed = 1; seed <= 150; seed++) {
        random_recurrent *random = random_recurrent_create(seed);
        random->data.cases = 1 + (random->data.cases - 1) % 3;
        bp_gradient_check result = check_with(random->unrolled, &random->data, random->loss);
        if (result.checked > 0) /* a single output of softmax moves nothing */
            assert_passed(&result);
        recurrent_run(random->ref, &random->times, &random->data, random->ref_loss, &(reference_result){0});
        if (random->ref->closest_kink >
            0) { /* what a unit on its kink receives is left out, and rightly so */
            checked += result.checked;
            all += used_weights(random->unrolled);
        }
        for (size_t i = 0; i < bp_network_layer_count(random->net); i++)
            with_states += bp_layer_state_count(bp_network_layer(random->net, i)) > 0;
        random_recurrent_destroy(random);
    }
    assert_true(with_states > 20);
    assert_true((double)checked >= TOLERANCE(0.9, 1.0) * (double)all);
}

/* --------------------------------------------------------------- a recurrent example */

enum { STEPS = 3, HIDDEN = 4, CASES = 3, WIDTH = 2 };

typedef struct recurrent_example {
    bp_network *net; /* unrolled: in (2), h (4, learned initial state), o (1), h to h from step to step */
    bp_real inputs[CASES * STEPS * WIDTH], targets[CASES * STEPS];
    bp_data data;
} recurrent_example;

static void make_recurrent(recurrent_example *f, bp_activation hidden, bp_activation output)
{
    const bp_real start[HIDDEN] = {(bp_real)0.1, (bp_real)-0.2, (bp_real)0.3, (bp_real)-0.4};
    bp_network *net = NULL;
    bp_layer *in, *h, *o;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&in, net, "in", WIDTH));
    assert_ok(bp_network_add_layer(&h, net, "h", HIDDEN, hidden));
    assert_ok(bp_network_add_layer(&o, net, "o", 1, output));
    assert_ok(bp_network_connect(NULL, net, in, h));
    assert_ok(bp_network_connect(NULL, net, h, o));
    assert_ok(connect_delayed(NULL, net, h, h));
    assert_ok(bp_layer_set_initial_state(h, start, 1));
    assert_ok(bp_network_set_weight_init(net, bp_weight_init_uniform(-0.6, 0.6)));
    assert_ok(bp_network_finalize(net));
    assert_ok(bp_network_initialize(net, 11));
    bp_unroll_options options;
    bp_unroll_options_init(&options, sizeof options);
    options.steps = STEPS;
    f->net = NULL;
    assert_ok(bp_network_unroll(&f->net, net, &options));
    bp_network_destroy(net);
    uint64_t seed = 5;
    for (size_t i = 0; i < CASES * STEPS * WIDTH; i++)
        f->inputs[i] = (bp_real)test_uniform(&seed, -1, 1);
    for (size_t i = 0; i < CASES * STEPS; i++)
        f->targets[i] = (bp_real)test_uniform(&seed, 0, 1);
    f->data = bp_data_view(CASES, f->inputs, STEPS * WIDTH, f->targets, STEPS);
}

static void test_every_weight_is_checked(void **state)
{
    (void)state;
    recurrent_example f;
    make_recurrent(&f, bp_activation_tanh(), bp_activation_logistic());
    bp_gradient_check result = check_with(f.net, &f.data, bp_loss_squared_error());
    size_t count;
    bp_network_weights(f.net, &count);
    assert_int_equal(count, WIDTH * HIDDEN + HIDDEN * HIDDEN + HIDDEN + HIDDEN + HIDDEN + 1);
    assert_passed(&result);
    assert_int_equal(result.checked, count);
    bp_network_destroy(f.net);
}

/* A matrix that is used with zeros at the first and the last step, and with y of up to 200 between. */
static void test_steps_fit_the_largest_sender(void **state)
{
    (void)state;
    recurrent_example f;
    make_recurrent(&f, bp_activation_tanh(), bp_activation_linear());
    for (size_t i = 0; i < CASES * STEPS * WIDTH; i++)
        f.inputs[i] *= i / WIDTH % STEPS == 1 ? 200 : 0;
    size_t count;
    const bp_real *weights = bp_network_weights(f.net, &count);
    bp_real *smaller = calloc(count, sizeof *smaller);
    assert_non_null(smaller);
    memcpy(smaller, weights, count * sizeof *smaller);
    for (size_t i = 0; i < WIDTH * HIDDEN; i++) /* the matrix of the inputs stands first */
        smaller[i] /= 200;
    assert_ok(bp_network_set_weights(f.net, smaller, count));
    free(smaller);
    bp_gradient_check result = check_with(f.net, &f.data, bp_loss_squared_error());
    assert_passed(&result);
    assert_int_equal(result.checked, count);
    assert_int_equal(result.skipped, 0);
    bp_network_destroy(f.net);
}

/* ------------------------------------------------------------------ what is wrong is named */

/* 1/2 sum (y - d)^2, with dE/dy doubled. */
static double doubled(void *context, const bp_real *y, const bp_real *d, bp_real *derivative, size_t units)
{
    (void)context;
    double error = 0;
    for (size_t j = 0; j < units; j++) {
        double difference = (double)y[j] - (double)d[j];
        error += 0.5 * difference * difference;
        if (derivative != NULL)
            derivative[j] = (bp_real)(2 * difference);
    }
    return error;
}

static void test_suspect_over_time(void **state)
{
    (void)state;
    mistake made = TWO_PER_CENT;
    recurrent_example f;
    make_recurrent(&f, softsign_with(&made), bp_activation_tanh());
    bp_gradient_check result = check_with(f.net, &f.data, bp_loss_squared_error());
    assert_false(result.passed);
    assert_string_equal(result.suspect, "h@3");
    assert_string_equal(result.activation, "softsign");
    assert_true(result.activation_max_deviation > result.tolerance);
    bp_network_destroy(f.net);

    make_recurrent(&f, bp_activation_tanh(), bp_activation_tanh());
    result = check_with(f.net, &f.data, bp_loss_custom(doubled, NULL));
    assert_caught(&result, "o@3", NULL);
    bp_network_destroy(f.net);
}

/* The engine itself with a fault: the sums over the cases for the only layer of four units whose delta is
 * summed last, which is the initial state. */
static const kernel_table *sound;
static size_t sums_of_four;

static void faulty_sums(size_t rows, size_t columns, const bp_real *from, size_t stride, bp_real *sums,
                        bool accumulate)
{
    sound->column_sums(rows, columns, from, stride, sums, accumulate);
    if (columns == HIDDEN && sums_of_four++ % (STEPS + 1) == STEPS)
        sums[2] += (bp_real)0.5;
}

static void test_wrong_initial_state_is_named(void **state)
{
    (void)state;
    recurrent_example f;
    make_recurrent(&f, bp_activation_tanh(), bp_activation_logistic());
    sound = f.net->kernel;
    sums_of_four = 0;
    kernel_table faulty = *sound;
    faulty.column_sums = faulty_sums;
    f.net->kernel = &faulty;
    bp_gradient_check result = check_with(f.net, &f.data, bp_loss_squared_error());
    assert_caught(&result, "h@0", NULL);
    assert_string_equal(result.layer, "h@0");
    assert_null(result.from);
    assert_int_equal(result.unit, 2);
    assert_int_equal(result.weight, f.net->layers[0]->state_offset + 2);
    bp_network_destroy(f.net);
}

/* Two layers share a matrix; the fault is in it. */
static void faulty_product(const matrix_product *product)
{
    sound->product_weights(product);
    product->c[1 * product->c_stride + 2] += (bp_real)0.5;
}

static void test_the_last_place_is_named(void **state)
{
    (void)state;
    enum { UNITS = 3 };
    bp_network *net = NULL;
    bp_layer *layers[3];
    bp_connection *lower, *upper;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&layers[0], net, "in", UNITS));
    assert_ok(bp_network_add_layer(&layers[1], net, "lower", UNITS, bp_activation_tanh()));
    assert_ok(bp_network_add_layer(&layers[2], net, "upper", UNITS, bp_activation_tanh()));
    assert_ok(bp_network_connect(&lower, net, layers[0], layers[1]));
    assert_ok(bp_network_connect(&upper, net, layers[1], layers[2]));
    assert_ok(bp_connection_share(upper, lower));
    assert_ok(bp_network_finalize(net));
    assert_ok(bp_network_initialize(net, 3));
    const bp_real inputs[] = {(bp_real)0.5, -1, (bp_real)0.25}, targets[] = {1, 0, -1};
    bp_data data = bp_data_view(1, inputs, UNITS, targets, UNITS);
    bp_gradient_check result = check_with(net, &data, bp_loss_squared_error());
    assert_passed(&result);
    assert_int_equal(result.checked, UNITS * UNITS + 2 * UNITS);
    sound = net->kernel;
    kernel_table faulty = *sound;
    faulty.product_weights = faulty_product;
    net->kernel = &faulty;
    result = check_with(net, &data, bp_loss_squared_error());
    assert_caught(&result, "upper", NULL);
    assert_string_equal(result.layer, "upper");
    assert_string_equal(result.from, "lower");
    assert_true(result.unit == 1 && result.from_unit == 2);
    assert_int_equal(result.weight, 1 * UNITS + 2);
    bp_network_destroy(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_networks_pass),         cmocka_unit_test(test_every_weight_is_checked),
        cmocka_unit_test(test_steps_fit_the_largest_sender), cmocka_unit_test(test_suspect_over_time),
        cmocka_unit_test(test_wrong_initial_state_is_named), cmocka_unit_test(test_the_last_place_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
