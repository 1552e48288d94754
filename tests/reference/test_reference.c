/* Is the oracle right? It is held against central differences and against the worked example's 15 digits. */
#include "reference/reference.h"

#include <math.h>
#include <stdlib.h>

#include "reference/random_network.h"
#include "reference/worked_example.h"
#include "support/support.h"

static double error_at(random_network *random)
{
    double error;
    reference_run(random->ref, &random->data, random->ref_loss, &(reference_result){.error = &error});
    return error;
}

/* dE/dw by central differences of fourth order, which leaves an error of about 1e-11. */
static double difference(random_network *random, size_t weight)
{
    const double step = 1e-3;
    double *w = &random->ref->weights[weight], at = *w, error[4];
    const double offsets[4] = {-2, -1, 1, 2};
    for (int i = 0; i < 4; i++) {
        *w = at + offsets[i] * step;
        error[i] = error_at(random);
    }
    *w = at;
    return (error[0] - 8 * error[1] + 8 * error[2] - error[3]) / (12 * step);
}

/* Is every ReLU unit so far from its kink that no step of a difference takes it across? */
static int is_smooth(const random_network *random)
{
    return random->ref->closest_kink > 0.05;
}

static double greatest(const double *values, size_t count)
{
    double most = 0;
    for (size_t i = 0; i < count; i++)
        most = fmax(most, fabs(values[i]));
    return most;
}

static void test_gradient_equals_differences(void **state)
{
    (void)state;
    size_t compared = 0;
    for (uint64_t seed = 1; compared < 2000; seed++) {
        random_network *random = random_network_create(seed);
        size_t count = random->ref->weight_count;
        double *gradient = calloc(count, sizeof *gradient), error;
        assert_non_null(gradient);
        if (random->data.cases > 5)
            random->data.cases = 5;
        reference_result wanted = {.error = &error, .gradient = gradient};
        reference_run(random->ref, &random->data, random->ref_loss, &wanted);
        double scale = fmax(greatest(gradient, count), error);
        if (is_smooth(random))
            for (size_t w = 0; w < count; w += 1 + count / 20, compared++)
                if (fabs(difference(random, w) - gradient[w]) > 1e-7 * scale)
                    fail_msg("seed %d, weight %zu: %.12g, by differences %.12g", (int)seed, w, gradient[w],
                             difference(random, w));
        free(gradient);
        random_network_destroy(random);
    }
}

static void test_input_gradient_equals_differences(void **state)
{
    (void)state;
    size_t compared = 0;
    for (uint64_t seed = 1; compared < 300; seed++) {
        random_network *random = random_network_create(seed);
        size_t width = random->ref->input_width;
        random->data.cases = 1;
        double *gradient = calloc(width, sizeof *gradient), error;
        assert_non_null(gradient);
        reference_result wanted = {.error = &error, .input_gradient = gradient};
        reference_run(random->ref, &random->data, random->ref_loss, &wanted);
        double scale = fmax(greatest(gradient, width), error);
        for (size_t i = 0; i < width && is_smooth(random); i += 1 + width / 3, compared++) {
            /* An offset moves the input the other way, without the rounding of a bp_real. */
            const double step = 1e-4;
            double *offset = &random->ref->input_offset[i], at = *offset;
            *offset = at - step;
            double above = error_at(random);
            *offset = at + step;
            double below = error_at(random);
            *offset = at;
            assert_true(fabs((above - below) / (2 * step) - gradient[i]) <= 1e-6 * scale);
        }
        free(gradient);
        random_network_destroy(random);
    }
}

static void test_worked_example(void **state)
{
    (void)state;
    bp_network *net = worked_example_network();
    reference *ref = reference_create(net, NULL, 0, NULL);
    for (size_t w = 0; w < WORKED_WEIGHTS; w++)
        ref->weights[w] = worked_example[0].weights[w];
    bp_real inputs[] = {(bp_real)WORKED_INPUT_1, (bp_real)WORKED_INPUT_2},
            target[] = {(bp_real)WORKED_TARGET};
    /* The decimal numbers, not what bp_real makes of them. */
    ref->input_offset[0] = (double)inputs[0] - WORKED_INPUT_1;
    ref->input_offset[1] = (double)inputs[1] - WORKED_INPUT_2;
    ref->target_offset[0] = (double)target[0] - WORKED_TARGET;
    bp_data data = bp_data_view(1, inputs, 2, target, 1);
    double change[WORKED_WEIGHTS] = {0};
    for (size_t step = 0; step < WORKED_STEPS; step++) {
        const worked_step *wanted = &worked_example[step];
        double error, output, gradient[WORKED_WEIGHTS], input_gradient[2];
        reference_run(ref, &data, REFERENCE_SQUARED_ERROR,
                      &(reference_result){&error, &output, gradient, input_gradient});
        assert_close(error, wanted->error, 1e-13);
        assert_close(output - ref->target_offset[0], wanted->y_out, 1e-13);
        for (size_t w = 0; w < WORKED_WEIGHTS; w++) {
            assert_close(ref->weights[w], wanted->weights[w], 1e-13);
            assert_close(gradient[w], wanted->gradient[w], 1e-13);
        }
        for (size_t i = 0; i < 2; i++)
            assert_close(input_gradient[i], wanted->input_gradient[i], 1e-13);
        reference_change(ref->weights, gradient, change, WORKED_WEIGHTS, 0.5, 0.9, 0);
    }
    reference_destroy(ref);
    bp_network_destroy(net);
}

static void test_decay_shrinks_after_the_change(void **state)
{
    (void)state;
    double weight = 2, gradient = 3, change = 0.5;
    reference_change(&weight, &gradient, &change, 1, 0.1, 0.5, 0.25);
    assert_close(change, -0.05, 1e-14);
    assert_close(weight, 1.95 * 0.75, 1e-14);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gradient_equals_differences),
        cmocka_unit_test(test_input_gradient_equals_differences),
        cmocka_unit_test(test_worked_example),
        cmocka_unit_test(test_decay_shrinks_after_the_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
