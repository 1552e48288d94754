/* Covariance, standard errors and intervals of random networks, against plain loops over the oracle's
 * derivatives: all weights alike, and with frozen ones, decay factors and biases without decay. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check/uncertainty_example.h"
#include "reference/random_network.h"
#include "support/arrays.h"

/* a (n x n) = its inverse, by Gauss and Jordan with pivots. */
static void invert(double *a, size_t n)
{
    double *b = new_doubles(n * n);
    for (size_t i = 0; i < n; i++)
        b[i * n + i] = 1;
    for (size_t k = 0; k < n; k++) {
        size_t pivot = k;
        for (size_t i = k; i < n; i++)
            if (fabs(a[i * n + k]) > fabs(a[pivot * n + k]))
                pivot = i;
        for (size_t j = 0; j < n; j++) {
            double value = a[k * n + j];
            a[k * n + j] = a[pivot * n + j];
            a[pivot * n + j] = value;
            value = b[k * n + j];
            b[k * n + j] = b[pivot * n + j];
            b[pivot * n + j] = value;
        }
        const double diagonal = a[k * n + k];
        for (size_t j = 0; j < n; j++) {
            a[k * n + j] /= diagonal;
            b[k * n + j] /= diagonal;
        }
        for (size_t i = 0; i < n; i++) {
            const double factor = a[i * n + k];
            for (size_t j = 0; i != k && j < n; j++) {
                a[i * n + j] -= factor * a[k * n + j];
                b[i * n + j] -= factor * b[k * n + j];
            }
        }
    }
    memcpy(a, b, n * n * sizeof *a);
    free(b);
}

/* How the weights of a random network are trained. */
typedef struct settings {
    bp_uncertainty_options options;
    double *decay; /* of each weight; negative: it is frozen */
} settings;

static void fill(double *to, size_t count, double value)
{
    for (size_t i = 0; i < count; i++)
        to[i] = value;
}

/* All weights alike, or, with `draws`, some frozen and all with decay factors of their own. */
static settings make_settings(const random_network *random, double decay, int draws, uint64_t seed)
{
    bp_network *net = random->net;
    settings s = {decay_of(decay, draws ? seed % 3 == 0 : 0), new_doubles(random->ref->weight_count)};
    fill(s.decay, random->ref->weight_count, decay);
    for (size_t i = 0; draws && i < bp_network_connection_count(net); i++) {
        bp_connection *connection = bp_network_connection(net, i);
        assert_ok(bp_connection_set_trainable(connection, test_uniform(&seed, 0, 1) < 0.7));
        assert_ok(bp_connection_set_decay_factor(connection, test_uniform(&seed, 0.5, 3)));
    }
    for (size_t i = 0; draws && i < bp_network_layer_count(net); i++)
        if (bp_layer_bias_count(bp_network_layer(net, i)) > 0) {
            assert_ok(bp_layer_set_bias_trainable(bp_network_layer(net, i), test_uniform(&seed, 0, 1) < 0.7));
            assert_ok(bp_layer_set_bias_decay_factor(bp_network_layer(net, i), test_uniform(&seed, 0.5, 3)));
        }
    for (size_t i = 0; draws && i < bp_network_connection_count(net); i++) {
        const bp_connection *connection = bp_network_connection(net, i);
        fill(s.decay + bp_connection_offset(connection), bp_connection_weight_count(connection),
             bp_connection_is_trainable(connection) ? decay * bp_connection_decay_factor(connection) : -1);
    }
    for (size_t i = 0; draws && i < bp_network_layer_count(net); i++) {
        const bp_layer *layer = bp_network_layer(net, i);
        const double own = s.options.no_bias_decay ? 0 : decay * bp_layer_bias_decay_factor(layer);
        fill(s.decay + bp_layer_bias_offset(layer), bp_layer_bias_count(layer),
             bp_layer_bias_is_trainable(layer) ? own : -1);
    }
    return s;
}

/* What the formulas give for a random network, in double: (J^T J + D)^-1 with 0 for frozen weights, n less
 * effective weights, E. */
typedef struct plain {
    size_t weights, trained, outputs;
    double *covariance, *row, *by_inputs;
    double degrees, error;
} plain;

/* From J^T J of all weights. */
static void finish_plain(plain *f, const double *decay)
{
    const size_t p = f->weights;
    for (size_t i = 0; i < p; i++) {
        f->trained += decay[i] >= 0;
        for (size_t j = 0; j < p; j++)
            if (decay[i] < 0 || decay[j] < 0)
                f->covariance[i * p + j] = 0;
        f->covariance[i * p + i] += decay[i] < 0 ? 1 : decay[i];
    }
    invert(f->covariance, p);
    f->degrees -= (double)f->trained;
    for (size_t i = 0; i < p; i++) {
        if (decay[i] < 0)
            f->covariance[i * p + i] = 0;
        f->degrees += decay[i] * f->covariance[i * p + i];
    }
}

static plain find_plain(const random_network *random, const double *decay)
{
    reference *ref = random->ref;
    const size_t p = ref->weight_count;
    plain f = {.weights = p,
               .outputs = ref->output_width,
               .covariance = new_doubles(p * p),
               .row = new_doubles(p),
               .by_inputs = new_doubles(ref->input_width)};
    for (size_t c = 0; c < random->data.cases; c++) {
        const double weight = random->data.case_weights == NULL ? 1 : (double)random->data.case_weights[c];
        f.degrees += weight > 0 ? (double)f.outputs : 0;
        for (size_t o = 0; o < f.outputs; o++) {
            reference_output_gradient(ref, &random->data, c, o, f.row, f.by_inputs);
            for (size_t i = 0; i < p; i++)
                for (size_t j = 0; j < p; j++)
                    f.covariance[i * p + j] += weight * f.row[i] * f.row[j];
        }
    }
    finish_plain(&f, decay);
    ref->tolerance = 0;
    reference_run(ref, &random->data, REFERENCE_SQUARED_ERROR, &(reference_result){.error = &f.error});
    return f;
}

static void plain_end(plain *f)
{
    free(f->covariance);
    free(f->row);
    free(f->by_inputs);
}

/* t, found from the half widths of the library themselves, must be the same for all; so only its ratio to the
 * formula is looked at here. test_student knows t. */
static void assert_widths(const random_network *random, plain *f, const bp_uncertainty *u, double tolerance)
{
    reference *ref = random->ref;
    const size_t cases = random->data.cases < 5 ? random->data.cases : 5;
    bp_data few = random->data;
    few.cases = cases;
    bp_workspace *workspace = NULL;
    bp_real *low = new_reals(cases * f->outputs), *high = new_reals(cases * f->outputs);
    double t = 0;
    assert_ok(bp_workspace_create(&workspace, random->net, 3));
    assert_ok(bp_uncertainty_intervals(u, workspace, &few, BP_INTERVAL_OF_TARGET, 0.9, low, high));
    for (size_t c = 0; c < cases; c++)
        for (size_t o = 0; o < f->outputs; o++) {
            double variance = 1;
            reference_output_gradient(ref, &random->data, c, o, f->row, f->by_inputs);
            for (size_t i = 0; i < f->weights; i++)
                for (size_t j = 0; j < f->weights; j++)
                    variance += f->row[i] * f->covariance[i * f->weights + j] * f->row[j];
            const double half = ((double)high[c * f->outputs + o] - (double)low[c * f->outputs + o]) / 2;
            const double unit = sqrt(2 * f->error / f->degrees * variance) / fabs(ref->target_factor[o]);
            if (t == 0)
                t = half / unit;
            assert_close(half / unit, t, tolerance);
        }
    assert_true(t > 1.6);
    free(low);
    free(high);
    bp_workspace_destroy(workspace);
}

/* Elements beside the diagonal are compared with what they could be, the product of the roots of two on it.
 */
static void assert_covariance(const plain *f, const bp_uncertainty *u, double tolerance)
{
    const size_t p = f->weights;
    double *errors = new_doubles(p), *covariance = new_doubles(p * p);
    assert_ok(bp_uncertainty_standard_errors(u, errors));
    assert_ok(bp_uncertainty_covariance(u, covariance));
    for (size_t i = 0; i < p; i++) {
        const double own = f->covariance[i * p + i];
        assert_close(errors[i], sqrt(2 * f->error / f->degrees * own), tolerance);
        assert_close(covariance[i * p + i], 2 * f->error / f->degrees * own, 2 * tolerance);
        for (size_t j = 0; j < p; j++) {
            const double most = sqrt(own * f->covariance[j * p + j]);
            const double found = covariance[i * p + j] / (2 * f->error / f->degrees);
            assert_true(fabs(found - f->covariance[i * p + j]) <= 2 * tolerance * most);
            assert_true(covariance[i * p + j] == covariance[j * p + i]);
        }
    }
    free(errors);
    free(covariance);
}

/* 1 if there was something to compare. */
static size_t compare_with_plain(const random_network *random, const settings *s)
{
    const double tolerance = TOLERANCE(2e-3, 1e-7);
    bp_workspace *workspace = NULL;
    bp_uncertainty *u = NULL;
    plain f = find_plain(random, s->decay);
    assert_ok(bp_workspace_create(&workspace, random->net, 10));
    assert_ok(bp_uncertainty_create(&u, random->net, workspace, &random->data, &s->options));
    const bp_uncertainty_summary summary = summary_of(u);
    const int is_judged = summary.unidentified == 0 && f.degrees > 1;
    assert_int_equal(summary.weights, f.trained);
    assert_close(summary.error, f.error, tolerance);
    assert_true(summary.unidentified == 0 || s->options.no_bias_decay == 1);
    if (summary.unidentified == 0)
        assert_true(fabs(summary.degrees_of_freedom - f.degrees) < 1e-3 * (double)f.weights);
    if (is_judged) {
        assert_covariance(&f, u, tolerance);
        assert_widths(random, &f, u, tolerance);
    }
    plain_end(&f);
    bp_uncertainty_destroy(u);
    bp_workspace_destroy(workspace);
    return is_judged ? 1 : 0;
}

static size_t compare_random(int draws)
{
    size_t judged = 0;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        random_network *random = random_network_create(seed);
        if (random->ref->weight_count < 120) {
            const settings s = make_settings(random, seed % 2 == 0 ? 0.5 : 0.01, draws, seed);
            judged += compare_with_plain(random, &s);
            free(s.decay);
        }
        random_network_destroy(random);
    }
    return judged;
}

static void test_plain_loops(void **state)
{
    (void)state;
    assert_true(compare_random(0) > 20);
}

/* Frozen weights, decay factors, biases without decay. */
static void test_settings(void **state)
{
    (void)state;
    assert_true(compare_random(1) > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_loops),
        cmocka_unit_test(test_settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
