#include "small/small_cases.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "engine/plan.h"
#include "engine/small_net.h"
#include "support/arrays.h"

enum { GUARD = 64 };

static const double kink = TOLERANCE(1e-5, 1e-12); /* rounding can carry a ReLU unit this far */

static void fill_weights(small_cases *c)
{
    c->weights = test_random_matrix(1, c->net->weight_count);
    for (size_t i = 0; i < c->net->weight_count; i++)
        c->random->ref->weights[i] = (double)c->weights.values[i];
}

/* The oracle is to work on what the kernels see: nothing is scaled. */
static void fill_data(small_cases *c)
{
    reference *ref = c->random->ref;
    c->inputs = test_random_matrix(SMALL_CASES, ref->input_width);
    c->targets = test_random_matrix(SMALL_CASES, ref->output_width);
    matrix signed_weights = test_random_matrix(1, SMALL_CASES);
    for (size_t i = 0; i < SMALL_CASES; i++)
        signed_weights.values[i] = (bp_real)fabs((double)signed_weights.values[i]);
    c->case_weights = test_part_of(&signed_weights, 0, 1);
    free(signed_weights.memory);
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
    c->is_weighted = test_below(&test_stream, 2) == 0;
    c->tolerance = test_below(&test_stream, 2) == 0 ? -1 : (bp_real)0.25;
    c->random->ref->tolerance = c->tolerance < 0 ? 0 : (double)c->tolerance;
}

void small_cases_begin(small_cases *c, random_network *random)
{
    *c = (small_cases){.random = random, .net = bpi_small_create(random->net)};
    assert_non_null(c->net);
    fill_weights(c);
    fill_data(c);
    choose_cases(c);
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
