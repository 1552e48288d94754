/* Receptive fields with shared kernels, held against a dense twin in whose matrix the kernels are written
 * out. The random networks of test_gradient.c, test_unrolled_gradient.c and test_model_recurrent.c have
 * fields too. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/connect.h"
#include "support/support.h"

/* Two pictures of 8 x 6, three kernels of 3 x 2, two rows and one column apart: 3 x 5 positions; the last row
 * of the pictures is not looked at. */
enum { CHANNELS = 2, HEIGHT = 8, WIDTH = 6, KERNELS = 3, KERNEL_HEIGHT = 3, KERNEL_WIDTH = 2, STRIDE_Y = 2 };
enum { ROWS = 3, COLUMNS = 5, POSITIONS = ROWS * COLUMNS, AREA = CHANNELS * KERNEL_HEIGHT * KERNEL_WIDTH };
enum { INPUTS = CHANNELS * HEIGHT * WIDTH, HIDDEN = KERNELS * POSITIONS, OUTPUTS = 2, CASES = 19 };
enum { WEIGHTS = KERNELS * AREA, PAIRS = INPUTS * HIDDEN };

static bp_convolution example_convolution(void)
{
    bp_convolution field;
    bp_convolution_init(&field, sizeof field);
    field.channels = CHANNELS;
    field.height = HEIGHT;
    field.width = WIDTH;
    field.kernels = KERNELS;
    field.kernel_height = KERNEL_HEIGHT;
    field.kernel_width = KERNEL_WIDTH;
    field.stride_y = STRIDE_Y;
    return field;
}

typedef struct fixture {
    bp_network *net, *twin;
    bp_connection *connection, *dense;
    bp_layer *h, *twin_h;
    size_t weight_of[PAIRS]; /* of the kernels, for each pair of the twin's matrix; SIZE_MAX: 0 */
    bp_real inputs[CASES * INPUTS], targets[CASES * OUTPUTS];
    bp_data data;
} fixture;

static bp_network *build(bp_connection **first, bp_layer **h, const bp_convolution *field)
{
    bp_network *net = NULL;
    bp_layer *in = NULL, *out = NULL;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&in, net, "in", INPUTS));
    assert_ok(bp_network_add_layer(h, net, "h", HIDDEN, bp_activation_logistic()));
    assert_ok(bp_network_add_layer(&out, net, "out", OUTPUTS, bp_activation_tanh()));
    if (field == NULL)
        assert_ok(bp_network_connect(first, net, in, *h));
    else
        assert_ok(connect_convolution(first, net, in, *h, field));
    assert_ok(bp_network_connect(NULL, net, *h, out));
    assert_ok(bp_network_finalize(net));
    return net;
}

/* What the header says, one kernel weight after the other. */
static void write_out_kernels(fixture *f)
{
    memset(f->weight_of, 0xff, sizeof f->weight_of);
    for (size_t kernel = 0; kernel < KERNELS; kernel++)
        for (size_t channel = 0; channel < CHANNELS; channel++)
            for (size_t y = 0; y < KERNEL_HEIGHT; y++)
                for (size_t x = 0; x < KERNEL_WIDTH; x++)
                    for (size_t position = 0; position < POSITIONS; position++) {
                        size_t row = position / COLUMNS * STRIDE_Y + y, column = position % COLUMNS + x;
                        size_t to = kernel * POSITIONS + position;
                        size_t from = (channel * HEIGHT + row) * WIDTH + column;
                        f->weight_of[to * INPUTS + from] =
                            ((kernel * CHANNELS + channel) * KERNEL_HEIGHT + y) * KERNEL_WIDTH + x;
                    }
}

/* Both networks get the same weights: the kernels at random, the biases of each kernel at all its positions.
 */
static void set_equal(fixture *f)
{
    bp_real kernels[WEIGHTS], biases[KERNELS], matrix[PAIRS], all_biases[HIDDEN],
        rest[(HIDDEN + 1) * OUTPUTS];
    assert_ok(bp_network_set_weight_init(f->net, bp_weight_init_uniform(-0.5, 0.5)));
    assert_ok(bp_network_initialize(f->net, 9));
    assert_ok(bp_network_initialize(f->twin, 9));
    assert_ok(bp_connection_get_weights(f->connection, kernels, WEIGHTS));
    assert_ok(bp_layer_get_biases(f->h, biases, KERNELS));
    for (size_t p = 0; p < PAIRS; p++)
        matrix[p] = f->weight_of[p] == SIZE_MAX ? 0 : kernels[f->weight_of[p]];
    for (size_t j = 0; j < HIDDEN; j++)
        all_biases[j] = biases[j / POSITIONS];
    assert_ok(bp_connection_set_weights(f->dense, matrix, PAIRS));
    assert_ok(bp_layer_set_biases(f->twin_h, all_biases, HIDDEN));
    bp_layer *out = bp_network_layer(f->net, 2), *twin_out = bp_network_layer(f->twin, 2);
    assert_ok(bp_connection_get_weights(bp_network_connection(f->net, 1), rest, HIDDEN * OUTPUTS));
    assert_ok(bp_connection_set_weights(bp_network_connection(f->twin, 1), rest, HIDDEN * OUTPUTS));
    assert_ok(bp_layer_get_biases(out, rest, OUTPUTS));
    assert_ok(bp_layer_set_biases(twin_out, rest, OUTPUTS));
}

static int setup(void **state)
{
    static fixture f;
    uint64_t random = 3;
    bp_convolution field = example_convolution();
    for (size_t i = 0; i < CASES * INPUTS; i++)
        f.inputs[i] = (bp_real)test_uniform(&random, -1, 1);
    for (size_t i = 0; i < CASES * OUTPUTS; i++)
        f.targets[i] = (bp_real)test_uniform(&random, -1, 1);
    f.data = bp_data_view(CASES, f.inputs, INPUTS, f.targets, OUTPUTS);
    f.net = build(&f.connection, &f.h, &field);
    f.twin = build(&f.dense, &f.twin_h, NULL);
    write_out_kernels(&f);
    set_equal(&f);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    bp_network_destroy(f->net);
    bp_network_destroy(f->twin);
    return 0;
}

/* ------------------------------------------------------------- the dense twin */

/* Gradient, E and dE/dinput; the caller frees the first. */
static bp_real *gradient_of(const fixture *f, bp_network *net, size_t threads, double *error,
                            bp_real *input_gradient)
{
    bp_workspace *workspace = NULL;
    size_t count;
    bp_network_weights(net, &count);
    bp_real *gradient = calloc(count, sizeof *gradient);
    assert_non_null(gradient);
    assert_ok(bp_workspace_create(&workspace, net, CASES));
    assert_ok(bp_workspace_set_threads(workspace, threads));
    assert_ok(bp_network_gradient(net, workspace, &f->data, bp_loss_squared_error(), error, gradient));
    assert_ok(
        bp_network_input_gradient(net, workspace, &f->data, bp_loss_squared_error(), error, input_gradient));
    bp_workspace_destroy(workspace);
    return gradient;
}

static void assert_near(const bp_real *got, const double *wanted, size_t count)
{
    double scale = 0;
    for (size_t i = 0; i < count; i++)
        scale = fmax(scale, fabs(wanted[i]));
    for (size_t i = 0; i < count; i++)
        assert_true(fabs((double)got[i] - wanted[i]) <= TOLERANCE(5e-6, 1e-13) * scale);
}

static void test_equals_a_dense_one_with_the_kernels_written_out(void **state)
{
    fixture *f = *state;
    double error, dense_error, kernels[WEIGHTS] = {0}, biases[KERNELS] = {0}, seen[CASES * INPUTS];
    static bp_real input_gradient[CASES * INPUTS], dense_input_gradient[CASES * INPUTS];
    bp_real *gradient = gradient_of(f, f->net, 1, &error, input_gradient);
    bp_real *dense = gradient_of(f, f->twin, 1, &dense_error, dense_input_gradient);
    assert_close(error, dense_error, TOLERANCE(1e-6, 1e-13));
    for (size_t p = 0; p < PAIRS; p++)
        if (f->weight_of[p] != SIZE_MAX)
            kernels[f->weight_of[p]] += (double)dense[p];
    for (size_t j = 0; j < HIDDEN; j++)
        biases[j / POSITIONS] += (double)dense[PAIRS + j];
    assert_near(gradient, kernels, WEIGHTS);
    assert_near(gradient + WEIGHTS, biases, KERNELS);
    for (size_t i = 0; i < CASES * INPUTS; i++) {
        seen[i] = (double)dense_input_gradient[i];
        if (i % (HEIGHT * WIDTH) >= (HEIGHT - 1) * WIDTH)
            assert_true(input_gradient[i] == 0);
    }
    assert_near(input_gradient, seen, CASES * INPUTS);
    free(gradient);
    free(dense);
}

static void test_what_moves_in_the_picture_moves_in_the_layer(void **state)
{
    fixture *f = *state;
    bp_real picture[2][INPUTS] = {{0}}, outputs[2 * OUTPUTS], y[2][HIDDEN];
    picture[0][3 * WIDTH + 2] = 1;
    picture[1][5 * WIDTH + 3] = 1; /* two rows down, one column to the right */
    bp_data data = bp_data_view(2, picture[0], INPUTS, NULL, 0);
    bp_workspace *workspace = NULL;
    assert_ok(bp_workspace_create(&workspace, f->net, 2));
    assert_ok(bp_network_predict(f->net, workspace, &data, outputs));
    assert_ok(bp_workspace_layer_outputs(workspace, f->h, y[0], 2 * HIDDEN));
    bp_workspace_destroy(workspace);
    for (size_t kernel = 0; kernel < KERNELS; kernel++)
        for (size_t row = 0; row + 1 < ROWS; row++)
            for (size_t column = 0; column + 1 < COLUMNS; column++) {
                size_t at = kernel * POSITIONS + row * COLUMNS + column;
                assert_true(y[0][at] == y[1][at + COLUMNS + 1]);
            }
}

/* Large enough to be shared out among threads. */
static bp_network *build_large(size_t size, size_t outputs)
{
    bp_network *net = NULL;
    bp_layer *in = NULL, *h = NULL, *top = NULL;
    bp_convolution field;
    bp_convolution_init(&field, sizeof field);
    field.height = field.width = size;
    field.kernels = outputs;
    field.kernel_height = field.kernel_width = 5;
    bp_convolution top_field = field;
    top_field.channels = outputs;
    top_field.height = top_field.width = top_field.kernel_height = top_field.kernel_width = size - 4;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&in, net, "in", size * size));
    assert_ok(bp_network_add_layer(&h, net, "h", outputs * (size - 4) * (size - 4), bp_activation_relu()));
    assert_ok(bp_network_add_layer(&top, net, "top", outputs, bp_activation_logistic()));
    assert_ok(connect_convolution(NULL, net, in, h, &field));
    assert_ok(connect_convolution(NULL, net, h, top, &top_field));
    assert_ok(bp_network_finalize(net));
    assert_ok(bp_network_initialize(net, 5));
    return net;
}

static void test_threads_do_not_show(void **state)
{
    (void)state;
    enum { SIZE = 32, TOP = 6, PICTURES = 60 };
    static bp_real inputs[PICTURES * SIZE * SIZE], targets[PICTURES * TOP],
        input_gradients[2][PICTURES * SIZE * SIZE];
    const size_t threads[] = {2, 3, 8};
    bp_network *net = build_large(SIZE, TOP);
    uint64_t random = 8;
    for (size_t i = 0; i < PICTURES * SIZE * SIZE; i++)
        inputs[i] = (bp_real)test_uniform(&random, -1, 1);
    const fixture f = {.data = bp_data_view(PICTURES, inputs, SIZE * SIZE, targets, TOP)};
    double error, threads_error;
    size_t count;
    bp_network_weights(net, &count);
    bp_real *one = gradient_of(&f, net, 1, &error, input_gradients[0]);
    for (size_t t = 0; t < 3; t++) {
        bp_real *many = gradient_of(&f, net, threads[t], &threads_error, input_gradients[1]);
        assert_true(threads_error == error);
        assert_memory_equal(many, one, count * sizeof *one);
        assert_memory_equal(input_gradients[1], input_gradients[0], sizeof input_gradients[0]);
        free(many);
    }
    free(one);
    bp_network_destroy(net);
}

/* ------------------------------------------------------------------- the trainer */

typedef struct seen_gradient {
    const bp_real *gradient; /* the true one */
    double divisor, bias_divisor;
    size_t calls;
} seen_gradient;

static bp_status compare_gradient(void *context, const bp_gradient_batch *batch, bp_gradient_reply *reply)
{
    seen_gradient *seen = context;
    (void)reply;
    if (batch->reason != BP_STOP_NONE)
        return BP_OK;
    for (size_t i = 0; i < batch->count; i++) {
        double divisor = i < WEIGHTS ? seen->divisor : i < WEIGHTS + KERNELS ? seen->bias_divisor : 1;
        assert_close(batch->gradient[i], (double)seen->gradient[i] / divisor, TOLERANCE(1e-6, 1e-14));
    }
    seen->calls++;
    return BP_OK;
}

static void train_once(fixture *f, int average_shared, double divisor)
{
    double error;
    static bp_real input_gradient[CASES * INPUTS];
    bp_real *gradient = gradient_of(f, f->net, 1, &error, input_gradient);
    seen_gradient seen = {.gradient = gradient, .divisor = divisor, .bias_divisor = divisor};
    bp_trainer_options options;
    bp_trainer *trainer = NULL;
    const bp_stop_rule rule = bp_stop_epochs(1);
    bp_trainer_options_1986(&options, sizeof options);
    options.optimizer = bp_optimizer_momentum(0.1, 0.9);
    options.stop_rules = &rule;
    options.stop_rule_count = 1;
    options.average_shared = average_shared;
    options.on_gradient = compare_gradient;
    options.on_gradient_context = &seen;
    assert_ok(bp_trainer_create(&trainer, f->net, &options));
    assert_ok(bp_trainer_run(trainer, &f->data, NULL, NULL));
    assert_int_equal(seen.calls, 1);
    bp_trainer_destroy(trainer);
    free(gradient);
}

static void test_average_shared_divides_by_the_positions(void **state)
{
    fixture *f = *state;
    train_once(f, 0, 1);
    train_once(f, 1, POSITIONS);
}

static void train(bp_network *net, const bp_data *data, bp_gradient_hook hook, void *context)
{
    bp_trainer_options options;
    bp_trainer *trainer = NULL;
    const bp_stop_rule rule = bp_stop_epochs(30);
    bp_trainer_options_1986(&options, sizeof options);
    options.optimizer = bp_optimizer_momentum(0.005, 0.9);
    options.weight_decay = 0.001;
    options.batch_size = 5;
    options.stop_rules = &rule;
    options.stop_rule_count = 1;
    options.on_gradient = hook;
    options.on_gradient_context = context;
    assert_ok(bp_trainer_create(&trainer, net, &options));
    assert_ok(bp_trainer_run(trainer, data, NULL, NULL));
    bp_trainer_destroy(trainer);
}

/* In the twin, all places of a kernel weight get the sum of their derivatives, those of no kernel 0. */
static bp_status sum_over_places(void *context, const bp_gradient_batch *batch, bp_gradient_reply *reply)
{
    const fixture *f = context;
    bp_real *gradient = batch->gradient, kernels[WEIGHTS] = {0}, biases[KERNELS] = {0};
    (void)reply;
    for (size_t p = 0; p < PAIRS; p++)
        if (f->weight_of[p] != SIZE_MAX)
            kernels[f->weight_of[p]] += gradient[p];
    for (size_t j = 0; j < HIDDEN; j++)
        biases[j / POSITIONS] += gradient[PAIRS + j];
    for (size_t p = 0; p < PAIRS; p++)
        gradient[p] = f->weight_of[p] == SIZE_MAX ? 0 : kernels[f->weight_of[p]];
    for (size_t j = 0; j < HIDDEN; j++)
        gradient[PAIRS + j] = biases[j / POSITIONS];
    return BP_OK;
}

static void test_learns_as_the_twin_does(void **state)
{
    fixture *f = *state;
    train(f->net, &f->data, NULL, NULL);
    train(f->twin, &f->data, sum_over_places, f);
    const bp_real *few = bp_network_weights(f->net, NULL), *dense = bp_network_weights(f->twin, NULL);
    for (size_t p = 0; p < PAIRS; p++) {
        double wanted = f->weight_of[p] == SIZE_MAX ? 0 : (double)few[f->weight_of[p]];
        assert_true(fabs((double)dense[p] - wanted) <= TOLERANCE(1e-4, 1e-12));
    }
}

/* ------------------------------------------------------------- what can be asked */

static void test_describes_its_convolution_and_places(void **state)
{
    fixture *f = *state;
    bp_convolution field, wanted = example_convolution();
    bp_convolution_init(&field, sizeof field);
    assert_int_equal(bp_connection_get_kind(f->connection), BP_CONNECTION_CONVOLUTION);
    assert_ok(bp_connection_get_convolution(f->connection, &field));
    assert_memory_equal(&field, &wanted, sizeof field);
    assert_int_equal(bp_connection_weight_count(f->connection), WEIGHTS);
    assert_int_equal(bp_connection_offset(f->connection), 0);
    assert_int_equal(bp_layer_bias_offset(f->h), WEIGHTS);
    assert_int_equal(bp_layer_bias_count(f->h), KERNELS);
    size_t count;
    bp_network_weights(f->net, &count);
    assert_int_equal(count, WEIGHTS + KERNELS + (HIDDEN + 1) * OUTPUTS);
    bp_real biases[HIDDEN];
    assert_fails(bp_layer_get_biases(f->h, biases, HIDDEN), BP_ERROR_SIZE, "count is 45, it must be 3");
    assert_fails(bp_connection_get_convolution(f->dense, &field), BP_ERROR_STRUCTURE,
                 "'in' -> 'h' is not a convolution");
    assert_fails(bp_connection_get_convolution(NULL, &field), BP_ERROR_ARGUMENT, "connection is NULL");
    assert_fails(bp_connection_get_convolution(f->connection, NULL), BP_ERROR_ARGUMENT,
                 "convolution is NULL");
    field.size = 0;
    assert_fails(bp_connection_get_convolution(f->connection, &field), BP_ERROR_ARGUMENT,
                 "bp_convolution.size is 0");
}

static void test_initial_weights_count_real_connections(void **state)
{
    fixture *f = *state;
    const double in = AREA, out = (double)HIDDEN * AREA / INPUTS;
    const bp_weight_init rules[] = {bp_weight_init_he(), bp_weight_init_glorot()};
    const double reach[] = {sqrt(6 / in), sqrt(6 / (in + out))};
    bp_real weights[WEIGHTS];
    for (size_t r = 0; r < 2; r++) {
        assert_ok(bp_connection_set_weight_init(f->connection, rules[r]));
        assert_ok(bp_network_initialize(f->net, 1));
        assert_ok(bp_connection_get_weights(f->connection, weights, WEIGHTS));
        double most = test_max_abs(weights, WEIGHTS);
        assert_true(most <= reach[r] && most > 0.9 * reach[r]);
    }
}

static void test_a_copy_is_alike(void **state)
{
    fixture *f = *state;
    bp_network *copy = NULL;
    bp_convolution field, wanted = example_convolution();
    size_t count;
    bp_convolution_init(&field, sizeof field);
    assert_ok(bp_network_copy(&copy, f->net));
    assert_ok(bp_connection_get_convolution(bp_network_connection(copy, 0), &field));
    assert_memory_equal(&field, &wanted, sizeof field);
    assert_int_equal(bp_layer_bias_count(bp_network_layer(copy, 1)), KERNELS);
    const bp_real *weights = bp_network_weights(f->net, &count);
    assert_memory_equal(bp_network_weights(copy, NULL), weights, count * sizeof *weights);
    bp_network_destroy(copy);
}

#define WITH_NETWORKS(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_NETWORKS(test_equals_a_dense_one_with_the_kernels_written_out),
        WITH_NETWORKS(test_what_moves_in_the_picture_moves_in_the_layer),
        cmocka_unit_test(test_threads_do_not_show),
        WITH_NETWORKS(test_average_shared_divides_by_the_positions),
        WITH_NETWORKS(test_learns_as_the_twin_does),
        WITH_NETWORKS(test_describes_its_convolution_and_places),
        WITH_NETWORKS(test_initial_weights_count_real_connections),
        WITH_NETWORKS(test_a_copy_is_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
