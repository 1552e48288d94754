/* Initial weights that are normal, orthogonal, by Nguyen and Widrow, and by a function of the caller's. */
#include "support/support.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/random.h"

#define EPSILON TOLERANCE((double)FLT_EPSILON, DBL_EPSILON)

/* in -> h -> o, with these numbers of units. */
static bp_network *layered(size_t in, size_t h, size_t o, bp_activation hidden)
{
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, (size_t[]){in, h, o}, 3, hidden, bp_activation_linear()));
    return net;
}

static void draw(bp_network *net, bp_weight_init init, uint64_t seed)
{
    assert_ok(bp_network_set_weight_init(net, init));
    assert_ok(bp_network_initialize(net, seed));
}

static const bp_real *weights_of(const bp_network *net, size_t connection)
{
    return bp_network_weights(net, NULL) + bp_connection_offset(bp_network_connection(net, connection));
}

/* ------------------------------------------------------------------------ normal */

/* Shares within 1, 2 and 3 standard deviations, within 5 of the binomial distribution's. */
static void test_the_normal_distribution(void **state)
{
    (void)state;
    enum { DRAWS = 200000 };
    const double wanted[] = {0.6826894921, 0.9544997361, 0.9973002039};
    random_stream stream;
    double within[3] = {0}, sum = 0;
    bpi_random_seed(&stream, 11);
    for (size_t i = 0; i < DRAWS; i++) {
        const double x = bpi_random_normal(&stream);
        assert_true(fabs(x) < 13);
        sum += x;
        for (size_t k = 0; k < 3; k++)
            within[k] += fabs(x) < (double)(k + 1);
    }
    assert_true(fabs(sum) < 5 * sqrt(DRAWS));
    for (size_t k = 0; k < 3; k++) {
        const double p = wanted[k];
        assert_true(fabs(within[k] - DRAWS * p) < 5 * sqrt(DRAWS * p * (1 - p)));
    }
}

/* Mean and variance of n normal weights: within 5 standard errors, 1 / sqrt(n) and sqrt(2 / n) of them. */
static void assert_normal(const bp_real *weights, size_t n, double mean, double deviation)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)weights[i];
    for (size_t i = 0; i < n; i++)
        squares += ((double)weights[i] - mean) * ((double)weights[i] - mean);
    assert_true(fabs(sum / (double)n - mean) < 5 * deviation / sqrt((double)n));
    assert_true(fabs(squares / (double)n / (deviation * deviation) - 1) < 5 * sqrt(2 / (double)n));
}

static void test_variances_by_fans(void **state)
{
    (void)state;
    const struct {
        bp_weight_init init;
        double first, second;
    } rules[] = {{bp_weight_init_glorot_normal(), 2.0 / (100 + 200), 2.0 / (200 + 50)},
                 {bp_weight_init_he_normal(), 2.0 / 100, 2.0 / 200},
                 {bp_weight_init_lecun_normal(), 1.0 / 100, 1.0 / 200}};
    bp_network *net = layered(100, 200, 50, bp_activation_tanh());
    for (size_t i = 0; i < 3; i++) {
        draw(net, rules[i].init, 5);
        assert_normal(weights_of(net, 0), 20000, 0, sqrt(rules[i].first));
        assert_normal(weights_of(net, 1), 10000, 0, sqrt(rules[i].second));
        bp_real biases[200];
        assert_ok(bp_layer_get_biases(bp_network_layer(net, 1), biases, 200));
        for (size_t j = 0; j < 200; j++)
            assert_true(biases[j] == 0);
    }
    bp_network_destroy(net);
}

static void test_a_normal_of_the_callers(void **state)
{
    (void)state;
    bp_network *net = layered(100, 200, 50, bp_activation_tanh());
    draw(net, bp_weight_init_normal(3, 0.5), 9);
    size_t count = 0;
    const bp_real *weights = bp_network_weights(net, &count);
    assert_normal(weights, count, 3, 0.5); /* biases too */
    draw(net, bp_weight_init_normal(0.25, 0), 9);
    for (size_t i = 0; i < count; i++)
        assert_true(weights[i] == (bp_real)0.25);
    bp_network_destroy(net);
}

/* -------------------------------------------------------------------- orthogonal */

/* The rows of the matrix, or its columns if these are fewer: products g^2 of each with itself, else 0. */
static void assert_orthogonal(const bp_real *w, size_t rows, size_t columns, double gain)
{
    const size_t count = rows < columns ? rows : columns, length = rows < columns ? columns : rows;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = 0;
            for (size_t k = 0; k < length; k++)
                sum += rows < columns ? (double)w[i * columns + k] * (double)w[j * columns + k]
                                      : (double)w[k * columns + i] * (double)w[k * columns + j];
            assert_true(fabs(sum - (i == j ? gain * gain : 0)) < 4 * EPSILON * gain * gain);
        }
}

static void test_orthogonal_matrices(void **state)
{
    (void)state;
    const size_t sizes[][2] = {{1, 1}, {1, 7}, {7, 1}, {30, 30}, {64, 100}, {100, 64}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        bp_network *net = layered(sizes[i][1], sizes[i][0], 3, bp_activation_relu());
        draw(net, bp_weight_init_orthogonal(sqrt(2)), 3 + i);
        assert_orthogonal(weights_of(net, 0), sizes[i][0], sizes[i][1], sqrt(2));
        assert_orthogonal(weights_of(net, 1), 3, sizes[i][0], sqrt(2));
        assert_true(bp_network_weights(net, NULL)[bp_layer_bias_offset(bp_network_layer(net, 1))] == 0);
        bp_network_destroy(net);
    }
}

/* Each element of a random orthogonal matrix has mean 0 and the variance 1 / n, and either sign is as
 * likely. Of 400 first elements, 5 standard errors. */
static void test_orthogonal_matrices_have_no_preference(void **state)
{
    (void)state;
    bp_network *net = layered(5, 5, 1, bp_activation_tanh());
    double sum = 0, squares = 0;
    assert_ok(bp_network_set_weight_init(net, bp_weight_init_orthogonal(1)));
    for (uint64_t seed = 0; seed < 400; seed++) {
        assert_ok(bp_network_initialize(net, seed));
        const double w = (double)weights_of(net, 0)[0];
        sum += w;
        squares += w * w;
    }
    assert_true(fabs(sum / 400) < 5 * sqrt(0.2 / 400));
    /* w^2 is Beta(1/2, 2): variance 2 (n - 1) / (n^2 (n + 2)). */
    assert_true(fabs(squares / 400 - 0.2) < 5 * sqrt(2.0 * 4 / (25 * 7) / 400));
    bp_network_destroy(net);
}

/* in -> h by `options`, h -> o. */
static bp_network *with_options(size_t in, size_t h, const bp_connect_options *options)
{
    bp_network *net = NULL;
    bp_layer *input = NULL, *hidden = NULL, *output = NULL;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&input, net, "in", in));
    assert_ok(bp_network_add_layer(&hidden, net, "h", h, bp_activation_logistic()));
    assert_ok(bp_network_add_layer(&output, net, "o", 2, bp_activation_linear()));
    assert_ok(bp_network_connect_with(NULL, net, input, hidden, options));
    assert_ok(bp_network_connect(NULL, net, hidden, output));
    assert_ok(bp_network_finalize(net));
    return net;
}

static bp_network *convolutional(bp_weight_init init)
{
    /* 3 kernels of 2 x 2 over 2 channels of 4 x 4: 9 positions. */
    const bp_convolution convolution = {.size = sizeof convolution,
                                        .channels = 2,
                                        .height = 4,
                                        .width = 4,
                                        .kernels = 3,
                                        .kernel_height = 2,
                                        .kernel_width = 2,
                                        .stride_y = 1,
                                        .stride_x = 1,
                                        .shared_bias = 1};
    bp_connect_options options;
    bp_connect_options_init(&options, sizeof options);
    options.convolution = &convolution;
    options.weight_init = init;
    return with_options(32, 27, &options);
}

static const unsigned char mask[] = {1, 1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 1, 1, 0, 0, 0}; /* 2, 3, 4, 1 of 4 */

static bp_network *masked(void)
{
    bp_connect_options options;
    bp_connect_options_init(&options, sizeof options);
    options.mask = mask;
    options.mask_count = sizeof mask;
    return with_options(4, 4, &options);
}

static void test_kernels_are_orthogonal_rows(void **state)
{
    (void)state;
    bp_network *net = convolutional(bp_weight_init_orthogonal(1));
    assert_ok(bp_network_initialize(net, 1));
    assert_orthogonal(weights_of(net, 0), 3, 8, 1);
    bp_network_destroy(net);
}

static void test_masked_connections_are_refused(void **state)
{
    (void)state;
    bp_network *net = masked();
    bp_real before[64];
    size_t count = 0;
    assert_ok(bp_network_initialize(net, 1));
    const bp_real *weights = bp_network_weights(net, &count);
    memcpy(before, weights, count * sizeof *before);
    assert_ok(bp_network_set_weight_init(net, bp_weight_init_orthogonal(1)));
    assert_fails(bp_network_initialize(net, 2), BP_ERROR_UNSUPPORTED, "'orthogonal'");
    assert_memory_equal(before, weights, count * sizeof *before);
    assert_ok(bp_connection_set_weight_init(bp_network_connection(net, 0), bp_weight_init_glorot()));
    assert_ok(bp_network_initialize(net, 2));
    bp_network_destroy(net);
}

/* ----------------------------------------------------------------- Nguyen-Widrow */

static double norm_of(const bp_real *weights, size_t count)
{
    double squares = 0;
    for (size_t i = 0; i < count; i++)
        squares += (double)weights[i] * (double)weights[i];
    return sqrt(squares);
}

static void assert_norm(const bp_real *weights, size_t count, double wanted)
{
    assert_true(fabs(norm_of(weights, count) - wanted) <= 4 * EPSILON * wanted);
}

/* 3 inputs, 8 units: b = 0.7 * 8^(1/3) = 1.4; 2 outputs of 8 tanh units: 0.7 * 2^(1/8). */
static void test_magnitudes_of_nguyen_and_widrow(void **state)
{
    (void)state;
    bp_network *net = layered(3, 8, 2, bp_activation_tanh());
    bp_real biases[8];
    double largest = 0;
    assert_ok(bp_network_set_weight_init(net, bp_weight_init_nguyen_widrow()));
    for (uint64_t seed = 0; seed < 20; seed++) {
        assert_ok(bp_network_initialize(net, seed));
        for (size_t j = 0; j < 8; j++)
            assert_norm(weights_of(net, 0) + 3 * j, 3, 1.4);
        for (size_t j = 0; j < 2; j++)
            assert_norm(weights_of(net, 1) + 8 * j, 8, 0.7 * pow(2, 0.125));
        assert_ok(bp_layer_get_biases(bp_network_layer(net, 1), biases, 8));
        for (size_t j = 0; j < 8; j++)
            largest = fmax(largest, fabs((double)biases[j]));
    }
    /* Of 160 biases, none beyond b, and one beyond 0.9 b but for 0.9^160, 5e-8. */
    assert_true(largest <= 1.4 * (1 + EPSILON) && largest > 0.9 * 1.4);
    bp_network_destroy(net);
}

/* Logistic units give (1 + u) / 2 where a unit with outputs in -1..1 gives u: the same draws make the same
 * total input. */
static void test_ranges_of_the_layer_below(void **state)
{
    (void)state;
    bp_network *one = layered(3, 5, 4, bp_activation_tanh());
    bp_network *other = layered(3, 5, 4, bp_activation_logistic());
    draw(one, bp_weight_init_nguyen_widrow(), 6);
    draw(other, bp_weight_init_nguyen_widrow(), 6);
    bp_real of_one[4], of_other[4];
    assert_ok(bp_layer_get_biases(bp_network_layer(one, 2), of_one, 4));
    assert_ok(bp_layer_get_biases(bp_network_layer(other, 2), of_other, 4));
    for (size_t j = 0; j < 4; j++) {
        double sum_one = (double)of_one[j], sum_other = (double)of_other[j];
        for (size_t i = 0; i < 5; i++) {
            const double u = 0.3 * (double)i - 0.7;
            sum_one += u * (double)weights_of(one, 1)[5 * j + i];
            sum_other += (1 + u) / 2 * (double)weights_of(other, 1)[5 * j + i];
        }
        assert_true(fabs(sum_one - sum_other) < 20 * EPSILON);
    }
    bp_network_destroy(one);
    bp_network_destroy(other);
}

static void test_masks_and_kernels_of_nguyen_and_widrow(void **state)
{
    (void)state;
    const size_t inputs[] = {2, 3, 4, 1};
    bp_network *net = masked();
    draw(net, bp_weight_init_nguyen_widrow(), 4);
    for (size_t j = 0, first = 0; j < 4; first += inputs[j++])
        assert_norm(weights_of(net, 0) + first, inputs[j], 0.7 * pow(4, 1 / (double)inputs[j]));
    bp_network_destroy(net);
    net = convolutional(bp_weight_init_nguyen_widrow());
    assert_ok(bp_network_initialize(net, 4));
    for (size_t k = 0; k < 3; k++)
        assert_norm(weights_of(net, 0) + 8 * k, 8, 0.7 * pow(3, 0.125));
    bp_network_destroy(net);
}

/* in (3) and h (4, tanh) -> o (2): N is 7, and the squares of the two parts are as 3 to 4. */
static void test_connections_share_the_norm(void **state)
{
    (void)state;
    bp_network *net = NULL;
    bp_layer *in = NULL, *h = NULL, *o = NULL;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&in, net, "in", 3));
    assert_ok(bp_network_add_layer(&h, net, "h", 4, bp_activation_tanh()));
    assert_ok(bp_network_add_layer(&o, net, "o", 2, bp_activation_linear()));
    assert_ok(bp_network_connect(NULL, net, in, h));
    assert_ok(bp_network_connect(NULL, net, in, o));
    assert_ok(bp_network_connect(NULL, net, h, o));
    assert_ok(bp_network_finalize(net));
    draw(net, bp_weight_init_nguyen_widrow(), 8);
    const double norm = 0.7 * pow(2, 1.0 / 7);
    for (size_t j = 0; j < 2; j++) {
        assert_norm(weights_of(net, 1) + 3 * j, 3, norm * sqrt(3.0 / 7));
        assert_norm(weights_of(net, 2) + 4 * j, 4, norm * sqrt(4.0 / 7));
    }
    bp_network_destroy(net);
}

/* ------------------------------------------------------------- the caller's function */

typedef struct calls {
    size_t count;
    bp_weight_shape shapes[8];
    bp_status status; /* of the second call */
    bp_real last;     /* element of each call */
} calls;

static bp_status record(void *context, const bp_weight_shape *shape, bp_random *random, bp_real *weights)
{
    calls *seen = context;
    seen->shapes[seen->count++ % 8] = *shape;
    for (size_t i = 0; i < shape->rows * shape->columns; i++)
        weights[i] = (bp_real)bp_random_uniform(random);
    weights[shape->rows * shape->columns - 1] = seen->last;
    return seen->count == 2 ? seen->status : BP_OK;
}

static void test_a_function_of_the_callers(void **state)
{
    (void)state;
    bp_network *net = layered(3, 8, 2, bp_activation_tanh());
    calls seen = {.last = 7};
    draw(net, bp_weight_init_custom(record, &seen), 1986);
    assert_int_equal(seen.count, 4); /* two matrices, the biases of two layers */
    assert_true(seen.shapes[0].connection == bp_network_connection(net, 0));
    assert_true(seen.shapes[0].layer == bp_network_layer(net, 1));
    assert_true(seen.shapes[0].rows == 8 && seen.shapes[0].columns == 3);
    assert_true(seen.shapes[0].fan_in == 3 && seen.shapes[0].fan_out == 8);
    assert_true(seen.shapes[1].connection == NULL && seen.shapes[1].layer == bp_network_layer(net, 1));
    assert_true(seen.shapes[1].rows == 8 && seen.shapes[1].columns == 1 && seen.shapes[1].fan_in == 3);
    assert_true(seen.shapes[2].fan_in == 8 && seen.shapes[2].fan_out == 2);
    random_stream stream;
    bpi_random_seed(&stream, 1986);
    for (size_t i = 0; i < 23; i++)
        assert_true(weights_of(net, 0)[i] == (bp_real)bpi_random_uniform(&stream));
    assert_true(weights_of(net, 0)[23] == 7);
    bp_network_destroy(net);
}

static void test_what_the_function_may_do_wrong(void **state)
{
    (void)state;
    bp_network *net = layered(3, 8, 2, bp_activation_tanh());
    calls seen = {.status = BP_ERROR_SIZE};
    const bp_real input[3] = {0};
    bp_real output[2];
    bp_workspace *workspace = NULL;
    assert_ok(bp_network_initialize(net, 1));
    assert_ok(bp_workspace_create(&workspace, net, 1));
    assert_ok(bp_network_set_weight_init(net, bp_weight_init_custom(record, &seen)));
    assert_fails(bp_network_initialize(net, 1), BP_ERROR_SIZE, "biases of layer");
    const bp_data data = bp_data_view(1, input, 3, NULL, 0);
    assert_fails(bp_network_predict(net, workspace, &data, output), BP_ERROR_STATE, "bp_network_initialize");
    seen = (calls){.last = (bp_real)NAN};
    assert_fails(bp_network_initialize(net, 1), BP_ERROR_NOT_FINITE, "element 23");
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
}

static void test_shared_matrices_are_drawn_once(void **state)
{
    (void)state;
    bp_network *net = NULL;
    bp_layer *in = NULL, *a = NULL, *b = NULL;
    bp_connection *first = NULL, *second = NULL;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&in, net, "in", 4));
    assert_ok(bp_network_add_layer(&a, net, "a", 4, bp_activation_tanh()));
    assert_ok(bp_network_add_layer(&b, net, "b", 4, bp_activation_tanh()));
    assert_ok(bp_network_connect(&first, net, in, a));
    assert_ok(bp_network_connect(&second, net, a, b));
    assert_ok(bp_connection_share(second, first));
    assert_ok(bp_network_finalize(net));
    draw(net, bp_weight_init_orthogonal(1), 2);
    assert_orthogonal(weights_of(net, 0), 4, 4, 1);
    assert_true(weights_of(net, 0) == weights_of(net, 1));
    calls seen = {0};
    draw(net, bp_weight_init_custom(record, &seen), 2);
    assert_int_equal(seen.count, 3); /* the matrix, two vectors of biases */
    bp_network_destroy(net);
}

/* ---------------------------------------------------------------- refused, and copies */

static void test_numbers_out_of_range(void **state)
{
    (void)state;
    bp_network *net = layered(2, 2, 1, bp_activation_tanh());
    const struct {
        bp_weight_init init;
        bp_status status;
        const char *text;
    } wrong[] = {
        {bp_weight_init_normal(0, -1), BP_ERROR_ARGUMENT, "standard deviation -1"},
        {bp_weight_init_normal(0, NAN), BP_ERROR_NOT_FINITE, "standard deviation nan"},
        {bp_weight_init_normal(INFINITY, 1), BP_ERROR_NOT_FINITE, "mean inf"},
        {bp_weight_init_normal(0, TOLERANCE(1e38, 1e308)), BP_ERROR_ARGUMENT, "range of bp_real"},
        {bp_weight_init_orthogonal(0), BP_ERROR_ARGUMENT, "gain 0; it must be > 0"},
        {bp_weight_init_orthogonal(-1), BP_ERROR_ARGUMENT, "gain -1"},
        {bp_weight_init_orthogonal(NAN), BP_ERROR_NOT_FINITE,
         "gain nan; it must be finite and fit into bp_real"},
        {bp_weight_init_custom(NULL, NULL), BP_ERROR_ARGUMENT, "NULL"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_fails(bp_network_set_weight_init(net, wrong[i].init), wrong[i].status, wrong[i].text);
    bp_weight_init mixed = bp_weight_init_he();
    mixed.context = &mixed;
    assert_fails(bp_network_set_weight_init(net, mixed), BP_ERROR_ARGUMENT, "bp_weight_init_");
    bp_network_destroy(net);
}

static void test_copies_have_the_rule(void **state)
{
    (void)state;
    const bp_weight_init rules[] = {bp_weight_init_orthogonal(1), bp_weight_init_nguyen_widrow(),
                                    bp_weight_init_he_normal()};
    for (size_t i = 0; i < 3; i++) {
        bp_network *net = layered(5, 4, 3, bp_activation_tanh()), *copy = NULL;
        size_t count = 0;
        draw(net, rules[i], 3);
        assert_ok(bp_network_copy(&copy, net));
        draw(net, rules[i], 4);
        assert_ok(bp_network_initialize(copy, 4));
        const bp_real *weights = bp_network_weights(net, &count);
        assert_memory_equal(weights, bp_network_weights(copy, NULL), count * sizeof *weights);
        bp_network_destroy(net);
        bp_network_destroy(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_normal_distribution),
        cmocka_unit_test(test_variances_by_fans),
        cmocka_unit_test(test_a_normal_of_the_callers),
        cmocka_unit_test(test_orthogonal_matrices),
        cmocka_unit_test(test_orthogonal_matrices_have_no_preference),
        cmocka_unit_test(test_kernels_are_orthogonal_rows),
        cmocka_unit_test(test_masked_connections_are_refused),
        cmocka_unit_test(test_magnitudes_of_nguyen_and_widrow),
        cmocka_unit_test(test_ranges_of_the_layer_below),
        cmocka_unit_test(test_masks_and_kernels_of_nguyen_and_widrow),
        cmocka_unit_test(test_connections_share_the_norm),
        cmocka_unit_test(test_a_function_of_the_callers),
        cmocka_unit_test(test_what_the_function_may_do_wrong),
        cmocka_unit_test(test_shared_matrices_are_drawn_once),
        cmocka_unit_test(test_numbers_out_of_range),
        cmocka_unit_test(test_copies_have_the_rule),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
