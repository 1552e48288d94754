/* Linear models: least squares against the normal equations, classifiers by the derivative at their minimum.
 */
#include "check/linear_model.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "support/kernels.h"

enum { CASES = 300, INPUTS = 4, OUTPUTS = 3, WIDTH = INPUTS + OUTPUTS };

/* That of the mean error, in linear_model.c. */
static const double decay = 1e-3;

typedef struct example {
    bp_allocator allocator;
    bp_real rows[CASES * WIDTH];
    case_rows cases;
    linear_model model;
    bp_real outputs[CASES * OUTPUTS];
} example;

/* Inputs between -1 and 1, the last of them 1; targets are left to be filled in. */
static void make(example *e, linear_output kind, size_t outputs, uint64_t seed)
{
    memset(e, 0, sizeof *e);
    assert_ok(bpi_allocator_choose(&e->allocator, "test", NULL));
    e->cases = (case_rows){.count = CASES, .inputs = INPUTS, .targets = outputs, .rows = e->rows};
    e->model = (linear_model){.kernel = supported_table(0),
                              .allocator = &e->allocator,
                              .output = kind,
                              .inputs = INPUTS,
                              .outputs = outputs};
    for (size_t i = 0; i < CASES; i++)
        for (size_t j = 0; j < INPUTS; j++)
            bpi_inputs_of(&e->cases, i)[j] = j == INPUTS - 1 ? 1 : (bp_real)test_uniform(&seed, -1, 1);
}

static void clear(example *e)
{
    bpi_release(&e->allocator, e->model.weights);
}

static void fit(example *e)
{
    assert_true(bpi_linear_fit(&e->model, &e->cases, 0, CASES));
    assert_true(bpi_linear_predict(&e->model, &e->cases, 0, CASES, e->outputs));
}

/* The derivative of the mean error with respect to the weights is 0 at its minimum: of all three kinds it is
 * the mean of (y - d) x, and the decay of the weight. */
static double largest_derivative(const example *e)
{
    double largest = 0;
    const size_t outputs = e->model.outputs;
    for (size_t i = 0; i < outputs; i++)
        for (size_t j = 0; j < INPUTS; j++) {
            double sum = decay * (double)e->model.weights[i * INPUTS + j];
            for (size_t row = 0; row < CASES; row++)
                sum += ((double)e->outputs[row * outputs + i] - (double)bpi_targets_of(&e->cases, row)[i]) *
                       (double)bpi_inputs_of(&e->cases, row)[j] / CASES;
            largest = fmax(largest, fabs(sum));
        }
    return largest;
}

/* y = 2 a - b + 3: the weights are these, but for the decay. */
static void test_a_line(void **state)
{
    (void)state;
    static example e;
    make(&e, LINEAR_NUMBERS, 1, 1);
    for (size_t i = 0; i < CASES; i++)
        *bpi_targets_of(&e.cases, i) = 2 * bpi_inputs_of(&e.cases, i)[0] - bpi_inputs_of(&e.cases, i)[1] + 3;
    fit(&e);
    const double wanted[INPUTS] = {2, -1, 0, 3};
    for (size_t i = 0; i < INPUTS; i++)
        assert_true(fabs((double)e.model.weights[i] - wanted[i]) < 0.01);
    for (size_t i = 0; i < CASES; i++)
        assert_true(fabs((double)e.outputs[i] - (double)*bpi_targets_of(&e.cases, i)) < 0.02);
    clear(&e);
}

/* Noise everywhere: numbers, two classes, three. */
static void test_minimum(void **state)
{
    (void)state;
    static example e;
    const linear_output kinds[] = {LINEAR_NUMBERS, LINEAR_BINARY, LINEAR_CLASSES};
    const size_t outputs[] = {2, 1, 3};
    for (size_t k = 0; k < 3; k++)
        for (uint64_t seed = 1; seed <= 5; seed++) {
            uint64_t stream = 100 + seed;
            make(&e, kinds[k], outputs[k], seed);
            for (size_t i = 0; i < CASES; i++) {
                const double x = (double)bpi_inputs_of(&e.cases, i)[0] + test_uniform(&stream, -1, 1);
                bp_real *targets = bpi_targets_of(&e.cases, i);
                if (kinds[k] == LINEAR_CLASSES)
                    targets[x < -0.5 ? 0 : x < 0.5 ? 1 : 2] = 1;
                for (size_t j = 0; kinds[k] != LINEAR_CLASSES && j < outputs[k]; j++)
                    targets[j] = kinds[k] == LINEAR_BINARY ? x > 0 : (bp_real)(x * (double)(j + 1));
            }
            fit(&e);
            assert_true(largest_derivative(&e) < 3e-3);
            clear(&e);
        }
}

/* Classes that a line parts: all are told. Weights stay finite, since they decay. */
static void test_separable_classes(void **state)
{
    (void)state;
    static example e;
    size_t wrong = 0;
    make(&e, LINEAR_BINARY, 1, 1);
    for (size_t i = 0; i < CASES; i++)
        *bpi_targets_of(&e.cases, i) = bpi_inputs_of(&e.cases, i)[1] > bpi_inputs_of(&e.cases, i)[2];
    fit(&e);
    for (size_t i = 0; i < CASES; i++)
        wrong += (e.outputs[i] > 0.5) != (*bpi_targets_of(&e.cases, i) > 0.5);
    assert_in_range(wrong, 0, 6);
    clear(&e);
}

/* The cases that are not fitted do not matter, and predictions are of those that are asked for. */
static void test_part_of_the_cases(void **state)
{
    (void)state;
    static example e;
    make(&e, LINEAR_NUMBERS, 1, 1);
    for (size_t i = 0; i < CASES; i++)
        *bpi_targets_of(&e.cases, i) = i < CASES / 2 ? bpi_inputs_of(&e.cases, i)[0] : 1000;
    assert_true(bpi_linear_fit(&e.model, &e.cases, 0, CASES / 2));
    assert_true(bpi_linear_predict(&e.model, &e.cases, CASES / 2, CASES, e.outputs));
    for (size_t i = 0; i < CASES - CASES / 2; i++)
        assert_true(fabs((double)(e.outputs[i] - bpi_inputs_of(&e.cases, CASES / 2 + i)[0])) < 0.01);
    clear(&e);
}

/* Nothing to learn, and inputs that are all 0. */
static void test_nothing(void **state)
{
    (void)state;
    static example e;
    make(&e, LINEAR_NUMBERS, 1, 1);
    fit(&e);
    for (size_t i = 0; i < CASES; i++)
        assert_true(e.outputs[i] == 0);
    clear(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_line),
        cmocka_unit_test(test_minimum),
        cmocka_unit_test(test_separable_classes),
        cmocka_unit_test(test_part_of_the_cases),
        cmocka_unit_test(test_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
