/*
 * The table for online training of small networks. The file that includes this defines
 *     BPI_VECTOR_BYTES  16, 32 or 64
 *     BPI_ONLINE_TABLE  the table's symbol
 * and is compiled for an instruction set, as kernel_template.h.
 */
#ifndef BPI_SMALL_ONLINE_TABLE_TEMPLATE_H
#define BPI_SMALL_ONLINE_TABLE_TEMPLATE_H

#include "small/few_cases_template.h"
#if BPI_VECTOR_BYTES < 64
#include "small/two_layer_template.h"
#endif

static bool all_weights_finite(const online_state *s)
{
    vec sum = {0}; /* x - x is 0 for finite x, else NaN */
    for (size_t i = 0; i < s->vectors; i++)
        sum += s->weights[i].weight - s->weights[i].weight;
    return sum_of_lanes(sum) == 0;
}

/* The smallest networks have kernels of their own, in shorter vectors only: of those that fill long ones, few
 * are that small. */
static size_t train_cases(online_state *s)
{
#if BPI_VECTOR_BYTES < 64
    if (is_two_layer(s))
        return train_two_layer(s);
#endif
    return train_layers(s);
}

static void online_train(small_online_run *run)
{
    online_state *s = state_of(run);
    s->rule = (online_rule){.rate = run->update->rate,
                            .momentum = run->update->momentum,
                            .decay_factor = run->update->decay_factor,
                            .bias_decay_factor = run->spares_biases ? 1 : run->update->decay_factor,
                            .stores_gradient = run->gradient != NULL || s->state[0] != NULL};
    s->max_abs_error = splat((bp_real)run->max_abs_error);
    run->done = run->batch > 1 || s->state[0] != NULL ? train_batches(s) : train_cases(s);
    run->max_abs_error = (double)max_lane(s->max_abs_error);
    run->finite = all_weights_finite(s);
}

const small_online_table BPI_ONLINE_TABLE = {
    .lanes = BPI_LANES,
    .scratch = online_scratch,
    .begin = online_begin,
    .train = online_train,
    .end = online_end,
};

#endif
