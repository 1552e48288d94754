/* Products of the Hessian and the Gauss-Newton matrix with a vector, against differences of the oracle's
 * gradient and against plain loops over its derivatives of outputs. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/thread_example.h"
#include "reference/random_network.h"
#include "reference/random_recurrent.h"
#include "support/arrays.h"

enum { NETWORKS = 150, RECURRENT = 80, MAX_CASES = 20 };

static const double by_differences = TOLERANCE(2e-4, 1e-8), exact = TOLERANCE(5e-5, 1e-11);
static const double kink = TOLERANCE(1e-5, 1e-13); /* rounding can carry a ReLU unit this far */

enum { HESSIAN, GAUSS_NEWTON, KINDS };

typedef bp_status product_call(const bp_network *net, bp_workspace *workspace, const bp_data *data,
                               bp_loss loss, const bp_real *vector, bp_real *product);
static product_call *const calls[KINDS] = {bp_network_hessian_product, bp_network_gauss_newton_product};

static int has_custom(const bp_network *net)
{
    for (size_t i = 0; i < bp_network_layer_count(net); i++) {
        const bp_activation activation = bp_layer_activation(bp_network_layer(net, i));
        if (strcmp(bp_activation_name(&activation), random_custom_reference()->name) == 0)
            return 1;
    }
    return 0;
}

/* A random network without custom activations and with few cases; NULL if the seed gives another. */
static random_network *create(uint64_t seed)
{
    random_network *random = random_network_create(seed);
    if (has_custom(random->net)) {
        random_network_destroy(random);
        return NULL;
    }
    if (random->data.cases > MAX_CASES)
        random->data.cases = MAX_CASES;
    return random;
}

static bp_real *multiply(const bp_network *net, const bp_data *data, bp_loss loss, const bp_real *vector,
                         int kind, size_t max_cases, size_t threads)
{
    size_t weights;
    bp_network_weights(net, &weights);
    bp_workspace *workspace = NULL;
    bp_real *product = new_reals(weights);
    assert_ok(bp_workspace_create(&workspace, net, max_cases));
    assert_ok(bp_workspace_set_threads(workspace, threads));
    assert_ok(calls[kind](net, workspace, data, loss, vector, product));
    bp_workspace_destroy(workspace);
    return product;
}

/* The gradient of an oracle at weights + step * vector. */
typedef void (*find_gradient)(const void *random, double *gradient);

static void gradient_at(reference *ref, find_gradient find, const void *random, const bp_real *vector,
                        double step, double *gradient)
{
    double *weights = ref->weights, *moved = new_doubles(ref->weight_count);
    for (size_t i = 0; i < ref->weight_count; i++)
        moved[i] = weights[i] + step * (double)vector[i];
    ref->weights = moved;
    find(random, gradient);
    ref->weights = weights;
    free(moved);
}

/* H v by Richardson's extrapolation of two central differences; false if a ReLU unit or a tolerance has its
 * kink near. */
static int find_differences(reference *ref, find_gradient find, const void *random, const bp_real *vector,
                            double *wanted)
{
    const double step = 1e-3, points[] = {-2, -1, 1, 2}, factors[] = {1, -8, 8, -1};
    double *gradient = new_doubles(ref->weight_count);
    int judged = 1;
    for (size_t k = 0; k < 4; k++) {
        gradient_at(ref, find, random, vector, points[k] * step, gradient);
        judged &= ref->closest_kink > 0.01; /* no x moves as far */
        for (size_t i = 0; i < ref->weight_count; i++)
            wanted[i] += factors[k] * gradient[i] / (12 * step);
    }
    free(gradient);
    return judged;
}

static void find_layered(const void *random, double *gradient)
{
    const random_network *r = random;
    reference_run(r->ref, &r->data, r->ref_loss, &(reference_result){.gradient = gradient});
}

static void find_recurrent(const void *random, double *gradient)
{
    const random_recurrent *r = random;
    recurrent_run(r->ref, &r->times, &r->data, r->ref_loss, &(reference_result){.gradient = gradient});
}

/* A random vector for a network, and what is wanted of its product. */
typedef struct wanted_product {
    bp_real *vector;
    double *product;
} wanted_product;

static wanted_product wanted_create(const reference *ref, uint64_t seed)
{
    uint64_t stream = seed;
    return (wanted_product){random_reals(&stream, ref->weight_count, -0.2, 0.2),
                            new_doubles(ref->weight_count)};
}

static void wanted_destroy(wanted_product *w)
{
    free(w->vector);
    free(w->product);
}

static void test_hessian_equals_differences(void **state)
{
    (void)state;
    size_t judged = 0;
    for (uint64_t seed = 1; seed <= NETWORKS; seed++) {
        random_network *random = create(seed);
        if (random == NULL)
            continue;
        const size_t weights = random->ref->weight_count;
        wanted_product w = wanted_create(random->ref, seed);
        bp_real *product = multiply(random->net, &random->data, random->loss, w.vector, HESSIAN, 7, 1);
        if (find_differences(random->ref, find_layered, random, w.vector, w.product)) {
            assert_all_close(product, w.product, weights, by_differences, "seed %d, weight", (int)seed);
            judged++;
        }
        free(product);
        wanted_destroy(&w);
        random_network_destroy(random);
    }
    assert_true(judged > NETWORKS / 4);
}

static void test_hessian_of_unrolled_networks(void **state)
{
    (void)state;
    size_t judged = 0;
    for (uint64_t seed = 1; seed <= RECURRENT; seed++) {
        random_recurrent *random = random_recurrent_create(seed);
        wanted_product w = wanted_create(random->ref, seed);
        if (!has_custom(random->unrolled) &&
            find_differences(random->ref, find_recurrent, random, w.vector, w.product)) {
            bp_real *product =
                multiply(random->unrolled, &random->data, random->loss, w.vector, HESSIAN, 7, 1);
            assert_all_close(product, w.product, random->ref->weight_count, by_differences, "seed %d, weight",
                             (int)seed);
            free(product);
            judged++;
        }
        wanted_destroy(&w);
        random_recurrent_destroy(random);
    }
    assert_true(judged > RECURRENT / 4);
}

/* ------------------------------------------------------------- Gauss-Newton */

/* y of every output of a case, scaled, as the oracle has them. */
static double *scaled_outputs(const random_network *random)
{
    reference *ref = random->ref;
    double *outputs = new_doubles(random->data.cases * ref->output_width);
    reference_run(ref, &random->data, random->ref_loss, &(reference_result){.outputs = outputs});
    for (size_t i = 0; i < random->data.cases * ref->output_width; i++) {
        const size_t column = i % ref->output_width;
        outputs[i] = (outputs[i] - ref->target_offset[column]) * ref->target_factor[column];
    }
    return outputs;
}

/* The scaled target of an output; NAN if the tolerance takes it out of E. */
static double target_in_error(const random_network *random, size_t row, size_t column, double y)
{
    const reference *ref = random->ref;
    const size_t stride =
        random->data.target_stride == 0 ? random->data.target_width : random->data.target_stride;
    const double raw = (double)random->data.targets[row * stride + column];
    const double target = (raw - ref->target_offset[column]) * ref->target_factor[column];
    return ref->tolerance > 0 && fabs(y - target) <= ref->tolerance ? NAN : target;
}

/*
 * The second derivative of E by one y of a case, as it stands in G = J^T L J with J = dy/dw: 1 for squared
 * error; 1 / (y (1 - y)) for a logistic unit, whose dx = dy / (y (1 - y)); and for softmax, where the matrix
 * diag(y) - y y^T of x is diag(1 / y) of y, the sum of the layer's targets / y.
 */
static double curvature_of(const random_network *random, const double *outputs, size_t row, size_t column)
{
    const reference *ref = random->ref;
    const reference_layer *layer = ref->layers;
    while (!layer->is_output || column - layer->column >= layer->units)
        layer++;
    const double *y = outputs + row * ref->output_width;
    double sum = 0;
    if (random->ref_loss == REFERENCE_SQUARED_ERROR || strcmp(layer->activation, "softmax") != 0) {
        const double factor =
            random->ref_loss == REFERENCE_SQUARED_ERROR ? 1 : 1 / (y[column] * (1 - y[column]));
        return isnan(target_in_error(random, row, column, y[column])) ? 0 : factor;
    }
    for (size_t j = layer->column; j < layer->column + layer->units; j++) {
        const double target = target_in_error(random, row, j, y[j]);
        sum += isnan(target) ? 0 : target;
    }
    return sum / y[column];
}

/* False if a ReLU unit or a tolerance has its kink so near that rounding decides. */
static int find_gauss_newton(const random_network *random, const bp_real *vector, double *wanted)
{
    reference *ref = random->ref;
    double *outputs = scaled_outputs(random), *row_of_j = new_doubles(ref->weight_count);
    double *by_inputs = new_doubles(ref->input_width);
    const int judged = ref->closest_kink > kink;
    for (size_t row = 0; row < random->data.cases; row++)
        for (size_t column = 0; column < ref->output_width; column++) {
            double along = 0;
            reference_output_gradient(ref, &random->data, row, column, row_of_j, by_inputs);
            for (size_t i = 0; i < ref->weight_count; i++)
                along += row_of_j[i] * (double)vector[i];
            along *= curvature_of(random, outputs, row, column);
            if (random->data.case_weights != NULL)
                along *= (double)random->data.case_weights[row];
            for (size_t i = 0; i < ref->weight_count; i++)
                wanted[i] += along * row_of_j[i];
        }
    free(outputs);
    free(row_of_j);
    free(by_inputs);
    return judged;
}

static void test_gauss_newton_equals_plain_loops(void **state)
{
    (void)state;
    size_t judged = 0;
    for (uint64_t seed = 1; seed <= NETWORKS; seed++) {
        random_network *random = create(seed);
        if (random == NULL)
            continue;
        wanted_product w = wanted_create(random->ref, seed);
        bp_real *product = multiply(random->net, &random->data, random->loss, w.vector, GAUSS_NEWTON, 7, 1);
        if (find_gauss_newton(random, w.vector, w.product)) {
            assert_all_close(product, w.product, random->ref->weight_count, exact, "seed %d, weight",
                             (int)seed);
            judged++;
        }
        free(product);
        wanted_destroy(&w);
        random_network_destroy(random);
    }
    assert_true(judged > NETWORKS / 2);
}

/* -------------------------------------------------------- what always holds */

static double dot(const bp_real *a, const bp_real *b, size_t count, double *size)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += (double)a[i] * (double)b[i];
        *size += fabs((double)a[i] * (double)b[i]);
    }
    return sum;
}

/* u H v = v H u, and v G v >= 0. */
static void test_symmetry(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= NETWORKS; seed++) {
        random_network *random = create(seed);
        if (random == NULL)
            continue;
        const size_t weights = random->ref->weight_count;
        uint64_t stream = seed;
        bp_real *u = random_reals(&stream, weights, -1, 1), *v = random_reals(&stream, weights, -1, 1);
        for (int kind = 0; kind < KINDS; kind++) {
            bp_real *of_u = multiply(random->net, &random->data, random->loss, u, kind, 7, 1);
            bp_real *of_v = multiply(random->net, &random->data, random->loss, v, kind, 7, 1);
            double size = 0;
            const double uv = dot(u, of_v, weights, &size), vu = dot(v, of_u, weights, &size);
            assert_true(fabs(uv - vu) <= exact * size);
            if (kind == GAUSS_NEWTON)
                assert_true(dot(v, of_v, weights, &size) >= -exact * size);
            free(of_u);
            free(of_v);
        }
        free(u);
        free(v);
        random_network_destroy(random);
    }
}

static void test_bits_depend_neither_on_workspace_nor_on_threads(void **state)
{
    (void)state;
    const size_t rooms[] = {1, 3, 1000}, threads[] = {1, 2, 3, 8};
    for (uint64_t seed = 1; seed <= 12; seed++) {
        random_network *random = random_network_create(seed);
        const size_t bytes = random->ref->weight_count * sizeof(bp_real);
        wanted_product w = wanted_create(random->ref, seed);
        for (int kind = 0; kind < KINDS && !has_custom(random->net); kind++) {
            bp_real *first = multiply(random->net, &random->data, random->loss, w.vector, kind, 7, 1);
            for (size_t i = 0; i < 12; i++) {
                bp_real *other = multiply(random->net, &random->data, random->loss, w.vector, kind,
                                          rooms[i % 3], threads[i / 3]);
                assert_memory_equal(first, other, bytes);
                free(other);
            }
            free(first);
        }
        wanted_destroy(&w);
        random_network_destroy(random);
    }
}

/* Products that are large enough for threads. */
static void test_bits_of_a_large_network(void **state)
{
    (void)state;
    thread_example made = thread_example_create(NULL, NULL, bp_activation_tanh());
    uint64_t stream = 1;
    bp_real *vector = random_reals(&stream, THREAD_WEIGHTS, -1, 1);
    for (int kind = 0; kind < KINDS; kind++) {
        bp_real *first = multiply(made.net, &made.data, bp_loss_squared_error(), vector, kind, 64, 1);
        for (size_t i = 0; i < THREAD_COUNTS; i++) {
            bp_real *other =
                multiply(made.net, &made.data, bp_loss_squared_error(), vector, kind, 64, thread_counts[i]);
            assert_memory_equal(first, other, THREAD_WEIGHTS * sizeof *other);
            free(other);
        }
        free(first);
    }
    free(vector);
    thread_example_destroy(&made);
}

/* ------------------------------------------------------------------ refusals */

static double count_errors(void *context, const bp_real *y, const bp_real *target, bp_real *derivative,
                           size_t count)
{
    (void)context;
    for (size_t i = 0; derivative != NULL && i < count; i++)
        derivative[i] = y[i] - target[i];
    return 1;
}

/* *out is to be destroyed even on failure. */
static bp_status two_layers(bp_network **out, const bp_allocator *allocator, bp_activation hidden,
                            bp_activation output)
{
    bp_layer *in = NULL, *middle = NULL, *last = NULL;
    bp_status status = test_network_create(out, allocator);
    if (status == BP_OK)
        status = bp_network_add_input(&in, *out, "in", 2);
    if (status == BP_OK)
        status = bp_network_add_layer(&middle, *out, "middle", 3, hidden);
    if (status == BP_OK)
        status = bp_network_add_layer(&last, *out, "out", 1, output);
    if (status == BP_OK)
        status = bp_network_connect(NULL, *out, in, middle);
    if (status == BP_OK)
        status = bp_network_connect(NULL, *out, middle, last);
    if (status == BP_OK)
        status = bp_network_finalize(*out);
    return status == BP_OK ? bp_network_initialize(*out, 1) : status;
}

enum { TWO_LAYER_WEIGHTS = 13 };
static const bp_real inputs[] = {1, 2, 3, 4}, targets[] = {1, 0};

static void test_custom_functions_are_refused(void **state)
{
    (void)state;
    bp_real vector[TWO_LAYER_WEIGHTS] = {1}, product[TWO_LAYER_WEIGHTS];
    const bp_data data = bp_data_view(2, inputs, 2, targets, 1);
    for (int kind = 0; kind < KINDS; kind++) {
        product_call *const call = calls[kind];
        bp_network *net = NULL;
        bp_workspace *workspace = NULL;
        assert_ok(two_layers(&net, NULL, random_custom_activation(), bp_activation_linear()));
        assert_ok(bp_workspace_create(&workspace, net, 2));
        assert_fails(
            call(net, workspace, &data, bp_loss_squared_error(), vector, product), BP_ERROR_UNSUPPORTED,
            kind == HESSIAN ? "layer 'middle': the custom activation 'arctan' has no second derivative"
                            : "layer 'middle': the custom activation 'arctan' is not supported");
        bp_workspace_destroy(workspace);
        bp_network_destroy(net);
        assert_ok(two_layers(&net, NULL, bp_activation_tanh(), bp_activation_linear()));
        assert_ok(bp_workspace_create(&workspace, net, 2));
        assert_fails(call(net, workspace, &data, bp_loss_custom(count_errors, NULL), vector, product),
                     BP_ERROR_UNSUPPORTED, "a custom loss has no second derivative");
        assert_fails(call(net, workspace, &data, bp_loss_cross_entropy(), vector, product),
                     BP_ERROR_UNSUPPORTED, "layer 'out' is linear");
        vector[3] = (bp_real)NAN;
        assert_fails(call(net, workspace, &data, bp_loss_default(), vector, product), BP_ERROR_NOT_FINITE,
                     "the element of the vector of weight 3 is nan");
        vector[3] = (bp_real)1e30 * (bp_real)TOLERANCE(1e8, 1e278);
        vector[0] = vector[3];
        assert_fails(call(net, workspace, &data, bp_loss_default(), vector, product), BP_ERROR_NOT_FINITE,
                     "the product of weight");
        vector[3] = 0;
        vector[0] = 1;
        assert_fails(call(net, workspace, &data, bp_loss_default(), NULL, product), BP_ERROR_ARGUMENT,
                     "vector");
        assert_fails(call(net, workspace, &data, bp_loss_default(), vector, NULL), BP_ERROR_ARGUMENT,
                     "product");
        assert_ok(call(net, workspace, &data, bp_loss_default(), vector, product));
        bp_workspace_destroy(workspace);
        bp_network_destroy(net);
    }
}

static bp_status try_products(void *context, const bp_allocator *allocator)
{
    const int *kind = context;
    const bp_data data = bp_data_view(2, inputs, 2, targets, 1);
    bp_real vector[TWO_LAYER_WEIGHTS] = {1}, product[TWO_LAYER_WEIGHTS];
    bp_network *net = NULL;
    bp_workspace *workspace = NULL;
    bp_status status = two_layers(&net, allocator, bp_activation_tanh(), bp_activation_logistic());
    if (status == BP_OK)
        status = bp_workspace_create(&workspace, net, 2);
    if (status == BP_OK)
        status = calls[*kind](net, workspace, &data, bp_loss_cross_entropy(), vector, product);
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
    return status;
}

static void test_each_allocation(void **state)
{
    (void)state;
    for (int kind = 0; kind < KINDS; kind++)
        test_each_allocation_fails(try_products, &kind);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hessian_equals_differences),
        cmocka_unit_test(test_hessian_of_unrolled_networks),
        cmocka_unit_test(test_gauss_newton_equals_plain_loops),
        cmocka_unit_test(test_symmetry),
        cmocka_unit_test(test_bits_depend_neither_on_workspace_nor_on_threads),
        cmocka_unit_test(test_bits_of_a_large_network),
        cmocka_unit_test(test_custom_functions_are_refused),
        cmocka_unit_test(test_each_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
