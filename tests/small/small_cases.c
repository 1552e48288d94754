#include "small/small_cases.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "engine/loss_check.h"
#include "engine/plan.h"
#include "engine/small_net.h"
#include "engine/small_values.h"
#include "support/arrays.h"

enum { GUARD = 64 };

static const double kink = TOLERANCE(1e-5, 1e-12); /* rounding can carry a ReLU unit this far */

static void fill_weights(small_cases *c)
{
    c->weights = test_random_matrix(1, c->net->weight_count);
    for (size_t i = 0; i < c->net->weight_count; i++)
        c->random->ref->weights[i] = (double)c->weights.values[i];
}

/* Random numbers from 0 to 1. */
static matrix random_magnitudes(size_t rows, size_t columns)
{
    matrix with_signs = test_random_matrix(rows, columns);
    for (size_t row = 0; row < rows; row++)
        for (size_t j = 0; j < columns; j++) {
            bp_real *value = with_signs.values + row * with_signs.stride + j;
            *value = (bp_real)fabs((double)*value);
        }
    matrix magnitudes = test_part_of(&with_signs, 0, rows);
    free(with_signs.memory);
    return magnitudes;
}

/* The oracle is to work on what the kernels see: nothing is scaled. */
static void fill_data(small_cases *c)
{
    reference *ref = c->random->ref;
    c->inputs = test_random_matrix(SMALL_CASES, ref->input_width);
    c->targets = c->takes_cross_entropy ? random_magnitudes(SMALL_CASES, ref->output_width)
                                        : test_random_matrix(SMALL_CASES, ref->output_width);
    c->case_weights = random_magnitudes(1, SMALL_CASES);
    c->data =
        bp_data_view(SMALL_CASES, c->inputs.values, ref->input_width, c->targets.values, ref->output_width);
    c->data.input_stride = c->inputs.stride;
    c->data.target_stride = c->targets.stride;
    for (size_t i = 0; i < ref->input_width; i++) {
        ref->input_offset[i] = 0;
        ref->input_factor[i] = 1;
    }
    for (size_t i = 0; i < ref->output_width; i++) {
        ref->target_offset[i] = 0;
        ref->target_factor[i] = 1;
    }
}

static void choose_cases(small_cases *c)
{
    c->count = 2 + test_below(&test_stream, SMALL_CASES - 1);
    c->first = test_below(&test_stream, SMALL_CASES - c->count + 1);
    for (size_t i = 0; i < SMALL_CASES; i++)
        c->orders[i] = test_below(&test_stream, SMALL_CASES);
    c->order = test_below(&test_stream, 2) == 0 ? c->orders : NULL;
    c->batch = test_below(&test_stream, 2) == 0 ? 1 : 1 + test_below(&test_stream, SMALL_MAX_BATCH);
    c->takes_mean = test_below(&test_stream, 2) == 0;
    c->is_weighted = test_below(&test_stream, 2) == 0;
    c->tolerance = test_below(&test_stream, 2) == 0 ? 0 : 0.25;
    c->is_cross_entropy = c->takes_cross_entropy && test_below(&test_stream, 2) == 0;
    c->smoothing = test_below(&test_stream, 2) == 0 ? 0 : 0.125;
    c->random->ref->tolerance = c->tolerance;
}

/* One in three, where cross-entropy may be among them. */
static void choose_own_losses(small_cases *c)
{
    c->has_own_losses =
        (bpi_network_facts(c->random->net) & FACT_ENDS_IN_OUTPUTS) != 0 && test_below(&test_stream, 3) == 0;
    if (!c->has_own_losses)
        return;
    const matrix any = c->targets;
    own_losses_draw(&c->own, &test_stream, c->random->ref, any.values, any.rows, any.stride);
    c->targets = test_part_of(&any, 0, any.rows);
    c->data.targets = c->targets.values;
    c->data.target_stride = c->targets.stride;
    free(any.memory);
}

void small_cases_find_losses(const small_cases *c, small_cases_loss *found)
{
    found->whole = c->is_cross_entropy ? bp_loss_with_label_smoothing(bp_loss_cross_entropy(), c->smoothing)
                                       : bp_loss_squared_error();
    found->whole =
        c->has_own_losses ? own_losses_value(&c->own) : bp_loss_with_tolerance(found->whole, c->tolerance);
    bpi_small_find_losses(c->random->net, &found->whole, found->losses);
}

void small_cases_begin(small_cases *c, random_network *random)
{
    *c = (small_cases){.random = random, .net = bpi_small_create(random->net, 0)};
    assert_non_null(c->net);
    bp_loss cross_entropy = bp_loss_cross_entropy();
    c->takes_cross_entropy = bpi_loss_check("", &cross_entropy, c->random->net) == BP_OK &&
                             (bpi_network_facts(c->random->net) & FACT_ENDS_IN_OUTPUTS);
    fill_weights(c);
    fill_data(c);
    choose_cases(c);
    choose_own_losses(c);
}

void small_cases_end(small_cases *c)
{
    const matrix *const read[] = {&c->inputs, &c->targets, &c->case_weights, &c->weights};
    for (size_t i = 0; i < sizeof read / sizeof read[0]; i++) {
        test_assert_unchanged(read[i]);
        free(read[i]->memory);
    }
    bpi_release(&c->random->net->allocator, c->net);
    random_network_destroy(c->random);
}

bool small_cases_are_certain(const small_cases *c)
{
    double error;
    reference_run(c->random->ref, &c->data, REFERENCE_SQUARED_ERROR, &(reference_result){.error = &error});
    return c->random->ref->closest_kink > kink;
}

scratch new_scratch(size_t count)
{
    scratch s = {.memory = new_array(count + GUARD + BPI_ALIGNMENT, sizeof(bp_real)), .count = count};
    s.values = (bp_real *)(((uintptr_t)s.memory + BPI_ALIGNMENT - 1) / BPI_ALIGNMENT * BPI_ALIGNMENT);
    for (size_t i = 0; i < count + GUARD; i++)
        s.values[i] = (bp_real)1986;
    return s;
}

void end_scratch(scratch *s)
{
    for (size_t i = 0; i < GUARD; i++)
        assert_true(s->values[s->count + i] == 1986);
    free(s->memory);
}

random_network *next_random_network(uint64_t *seed, bool chain, unsigned facts)
{
    for (;;) {
        random_network *random = chain ? random_chain_create(++*seed) : random_network_create(++*seed);
        if ((bpi_network_facts(random->net) & facts) == facts)
            return random;
        random_network_destroy(random);
    }
}
