/*
 * Passes and single cases by every table of small kernels that this CPU can run, against the portable
 * one: random networks, orders, strides and alignments, with guards around every array that is
 * written.
 */
#include "small/small_cases.h"

#include <math.h>
#include <stdlib.h>

#include "engine/plan.h"
#include "kernel/tables.h"
#include "small/select.h"
#include "small/tables.h"

enum { NETWORKS = 60 };

static const double tolerance = TOLERANCE(1e-5, 1e-12);

static void assert_alike(const matrix *got, const matrix *wanted)
{
    const double max = test_max_abs(wanted->values, wanted->columns);
    for (size_t i = 0; i < got->columns; i++)
        assert_near(got->values[i], wanted->values[i], tolerance * (max + TEST_LEAST_NORMAL));
    test_assert_gaps_untouched(got);
}

/* ---------------------------------------------------------- several cases in one call */

typedef struct pass_results {
    matrix outputs[SMALL_MAX_LAYERS], x[SMALL_MAX_LAYERS], gradient, input_gradient;
    double error, max_abs_error;
} pass_results;

static pass_results run_pass(const small_cases *c, const small_table *table, const kernel_table *kernel,
                             bool accumulate)
{
    small_cases_loss loss;
    small_cases_find_losses(c, &loss);
    c->net->kernel = kernel;
    pass_results r = {.gradient = test_matrix(1, c->net->weight_count, 0, test_below(&test_stream, 20))};
    const size_t width = c->random->ref->input_width;
    small_values values[SMALL_MAX_LAYERS];
    scratch memory = new_scratch(table->pass_scratch(c->net));
    for (size_t i = 0; i < c->net->layer_count; i++) {
        const small_layer *layer = &c->net->layers[i];
        r.outputs[i] = test_matrix(1, c->count * layer->units, 0, test_below(&test_stream, 20));
        r.x[i] = test_matrix(1, c->count * layer->units, 0, test_below(&test_stream, 20));
        values[i] = layer->is_input ? (small_values){.inputs = c->inputs.values + layer->input_column,
                                                     .stride = c->inputs.stride}
                                    : (small_values){.outputs = r.outputs[i].values, .x = r.x[i].values};
    }
    r.input_gradient = test_matrix(1, c->count * width, 0, test_below(&test_stream, 20));
    for (size_t i = 0; accumulate && i < c->net->weight_count; i++)
        r.gradient.values[i] = (bp_real)(i % 5);
    small_pass pass = {.net = c->net,
                       .weights = c->weights.values,
                       .values = values,
                       .order = c->order,
                       .first = c->first,
                       .count = c->count,
                       .targets = c->targets.values,
                       .target_stride = c->targets.stride,
                       .case_weights = c->is_weighted ? c->case_weights.values : NULL,
                       .losses = loss.losses,
                       .gradient = r.gradient.values,
                       .accumulate = accumulate,
                       .input_gradient = r.input_gradient.values,
                       .input_width = width,
                       .scratch = memory.values,
                       .error = 0.5,
                       .max_abs_error = 0.01};
    table->run_pass(&pass);
    r.error = pass.error;
    r.max_abs_error = pass.max_abs_error;
    end_scratch(&memory);
    return r;
}

static void compare_passes(const small_cases *c, pass_results *got, pass_results *wanted)
{
    assert_near(got->error, wanted->error, tolerance * fabs(wanted->error));
    assert_near(got->max_abs_error, wanted->max_abs_error, tolerance * (1 + wanted->max_abs_error));
    assert_alike(&got->gradient, &wanted->gradient);
    assert_alike(&got->input_gradient, &wanted->input_gradient);
    for (size_t i = 0; i < c->net->layer_count; i++)
        if (!c->net->layers[i].is_input) {
            assert_alike(&got->outputs[i], &wanted->outputs[i]);
            if (c->net->layers[i].needs_x)
                assert_alike(&got->x[i], &wanted->x[i]);
        }
    pass_results *const both[] = {got, wanted};
    for (size_t k = 0; k < 2; k++) {
        for (size_t i = 0; i < c->net->layer_count; i++) {
            free(both[k]->outputs[i].memory);
            free(both[k]->x[i].memory);
        }
        free(both[k]->gradient.memory);
        free(both[k]->input_gradient.memory);
    }
}

static void check_passes(void)
{
    const small_table *table = bpi_small_select(test_kernel->name);
    size_t compared = 0, cross_entropies = 0, others = 0, from_x = 0;
    for (uint64_t seed = 0; compared < NETWORKS || cross_entropies < NETWORKS / 2 || others < NETWORKS / 2 ||
                            from_x < NETWORKS / 2;) {
        small_cases c;
        small_cases_begin(&c, next_random_network(&seed, false, FACT_SMALL_PASS));
        cross_entropies += c.is_cross_entropy && !c.has_own_losses;
        others += c.has_own_losses;
        from_x += c.net->x_rows > 0;
        if (small_cases_are_certain(&c)) {
            const bool accumulate = compared % 2 == 0;
            pass_results got = run_pass(&c, table, test_kernel, accumulate);
            pass_results wanted = run_pass(&c, &bpi_small_portable, &bpi_kernel_portable, accumulate);
            compare_passes(&c, &got, &wanted);
            compared++;
        }
        small_cases_end(&c);
    }
}

/* ------------------------------------------------------------------------ one case */

/* Arrays of every layer, each with space for a whole vector after it, and then a guard. */
typedef struct case_arrays {
    matrix y[SMALL_MAX_LAYERS], x[SMALL_MAX_LAYERS], delta[SMALL_MAX_LAYERS], gradient;
    small_state states[SMALL_MAX_LAYERS];
} case_arrays;

static matrix with_room(size_t units)
{
    return test_matrix(1, units + SMALL_ALIGN, 0, test_below(&test_stream, 20));
}

static void begin_case(const small_cases *c, size_t index, case_arrays *a)
{
    a->gradient = test_matrix(1, c->net->weight_count, 0, test_below(&test_stream, 20));
    for (size_t i = 0; i < c->net->layer_count; i++) {
        const small_layer *layer = &c->net->layers[i];
        a->y[i] = with_room(layer->units);
        a->x[i] = with_room(layer->units);
        a->delta[i] = with_room(layer->units);
        a->states[i] = (small_state){.y = a->y[i].values,
                                     .own_y = a->y[i].values,
                                     .x = layer->is_output || layer->needs_x ? a->x[i].values : NULL,
                                     .delta = a->delta[i].values};
        if (layer->is_input)
            a->states[i].y = c->inputs.values + index * c->inputs.stride + layer->input_column;
    }
}

/* Deltas of outputs: any values will do. */
static void set_deltas(const small_cases *c, case_arrays *a)
{
    for (size_t i = 0; i < c->net->layer_count; i++)
        for (size_t j = 0; c->net->layers[i].is_output && j < c->net->layers[i].units; j++)
            a->delta[i].values[j] = (bp_real)0.25 * (bp_real)(j + 1);
}

static void run_case(const small_cases *c, const small_case_table *table, size_t index, case_arrays *a)
{
    begin_case(c, index, a);
    table->forward(c->net, c->weights.values, a->states);
    set_deltas(c, a);
    table->backward(c->net, c->weights.values, a->states);
    table->weight_gradient(c->net, a->states, a->gradient.values);
}

/* Kernels may write anything to the space after the units. */
static void compare_units(const matrix *got, const matrix *wanted, size_t units)
{
    for (size_t i = 0; i < units; i++)
        assert_near(got->values[i], wanted->values[i], tolerance * (1 + fabs((double)wanted->values[i])));
    test_assert_gaps_untouched(got);
}

static void compare_cases(const small_cases *c, case_arrays *got, case_arrays *wanted)
{
    for (size_t i = 0; i < c->net->layer_count; i++) {
        const small_layer *layer = &c->net->layers[i];
        if (!layer->is_input) {
            compare_units(&got->y[i], &wanted->y[i], layer->units);
            compare_units(&got->delta[i], &wanted->delta[i], layer->units);
        }
        if (layer->is_output)
            compare_units(&got->x[i], &wanted->x[i], layer->units);
    }
    assert_alike(&got->gradient, &wanted->gradient);
    case_arrays *const both[] = {got, wanted};
    for (size_t k = 0; k < 2; k++) {
        for (size_t i = 0; i < c->net->layer_count; i++) {
            free(both[k]->y[i].memory);
            free(both[k]->x[i].memory);
            free(both[k]->delta[i].memory);
        }
        free(both[k]->gradient.memory);
    }
}

/* Do networks get kernels with vectors for single cases? Only these take more than SMALL_LANE_WEIGHTS. */
static bool has_small_vectors(void)
{
    random_network *random = random_network_create(1);
    const bool has = bpi_small_select(random->net->kernel->name)->online->lanes > 1;
    random_network_destroy(random);
    return has;
}

static void check_single_cases(void)
{
    const small_table *table = bpi_small_select(test_kernel->name);
    uint64_t seed = 0;
    const size_t larger = has_small_vectors() ? NETWORKS / 2 : 0;
    for (size_t compared = 0, large = 0; compared < NETWORKS || large < larger; compared++) {
        small_cases c;
        small_cases_begin(
            &c, next_random_network(&seed, compared % 2 == 0, FACT_SMALL_CASE | FACT_ENDS_IN_OUTPUTS));
        large += c.net->weight_count > SMALL_LANE_WEIGHTS;
        for (size_t i = 0; i < 5 && small_cases_are_certain(&c); i++) {
            case_arrays got, wanted;
            run_case(&c, table->one_case, i, &got);
            run_case(&c, bpi_small_portable.one_case, i, &wanted);
            compare_cases(&c, &got, &wanted);
        }
        small_cases_end(&c);
    }
}

/* ---------------------------------------------------------------------- on request */

/* Cases of a network of 100 weights or more, one of them in timed_case. */
static small_cases timed;
static case_arrays timed_case;

static void time_pass(const kernel_table *table)
{
    pass_results r = run_pass(&timed, bpi_small_select(table->name), table, false);
    for (size_t i = 0; i < timed.net->layer_count; i++) {
        free(r.outputs[i].memory);
        free(r.x[i].memory);
    }
    free(r.gradient.memory);
    free(r.input_gradient.memory);
}

static void time_forward(const kernel_table *table)
{
    bpi_small_select(table->name)->one_case->forward(timed.net, timed.weights.values, timed_case.states);
}

static void time_backward(const kernel_table *table)
{
    bpi_small_select(table->name)->one_case->backward(timed.net, timed.weights.values, timed_case.states);
}

static void time_weight_gradient(const kernel_table *table)
{
    bpi_small_select(table->name)
        ->one_case->weight_gradient(timed.net, timed_case.states, timed_case.gradient.values);
}

static const timed_row timed_rows[] = {{"run_pass, up to 70 cases, with set-up", time_pass},
                                       {"one_case->forward", time_forward},
                                       {"one_case->backward", time_backward},
                                       {"one_case->weight_gradient", time_weight_gradient}};

static void begin_timing(void)
{
    uint64_t seed = 0;
    small_cases_begin(&timed, next_random_network(&seed, true, FACT_SMALL));
    while (timed.net->weight_count < 100) {
        small_cases_end(&timed);
        small_cases_begin(&timed, next_random_network(&seed, true, FACT_SMALL));
    }
    begin_case(&timed, 0, &timed_case);
    time_forward(&bpi_kernel_portable);
    set_deltas(&timed, &timed_case);
}

TEST_OF_TABLES(passes)
TEST_OF_TABLES(single_cases)

int main(int argc, char **argv)
{
    if (argc > 1) {
        begin_timing();
        if (test_time_if_asked(argc, argv, timed_rows, sizeof timed_rows / sizeof timed_rows[0]))
            return 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_passes),
        cmocka_unit_test(test_single_cases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
