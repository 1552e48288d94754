#include "train/penalties.h"

#include <math.h>
#include <stddef.h>

#include "base/memory.h"
#include "base/real.h"
#include "base/status.h"
#include "engine/parallel.h"
#include "engine/weight_parts.h"
#include "network/change_weights.h"
#include "network/connection_kind.h"
#include "train/optimizer.h"
#include "train/option.h"

/* ----------------------------------------------------------------- value by value */

/* Elements of a block: a constant, so that compilers use vectors. */
enum { BLOCK = 16 };

static inline bp_real within(bp_real value, bp_real limit)
{
    return value > limit ? limit : value < -limit ? -limit : value;
}

typedef struct value_work {
    bp_real *values;
    const bp_real *weights; /* L2 alone */
    bp_real number;
} value_work;

/* x becomes f(x, number). A block, and what is left, by the same operations. */
#define EACH_VALUE(name, f)                                                                                  \
    static bp_status name(void *context, size_t first, size_t count, size_t chunk)                           \
    {                                                                                                        \
        const value_work *work = context;                                                                    \
        const bp_real c = work->number;                                                                      \
        bp_real *x = work->values + first;                                                                   \
        const bp_real *w = work->weights == NULL ? x : work->weights + first;                                \
        size_t i = 0;                                                                                        \
        (void)chunk;                                                                                         \
        (void)w;                                                                                             \
        for (; i + BLOCK <= count; i += BLOCK)                                                               \
            for (size_t j = i; j < i + BLOCK; j++)                                                           \
                x[j] = f(x, w, j, c);                                                                        \
        for (; i < count; i++)                                                                               \
            x[i] = f(x, w, i, c);                                                                            \
        return BP_OK;                                                                                        \
    }

#define CLIPPED(x, w, i, c) within(x[i], c)
#define SCALED(x, w, i, c)  (x[i] * c)
#define WITH_L2(x, w, i, c) (x[i] + c * w[i])
EACH_VALUE(clip_values, CLIPPED)
EACH_VALUE(scale_values, SCALED)
EACH_VALUE(add_l2, WITH_L2)

static void do_each(const bp_trainer *trainer, range_work work, value_work *context, size_t count)
{
    bpi_parallel_for(trainer->workspace, &(parallel_work){.count = count,
                                                          .grain = BPI_ALIGNMENT / sizeof(bp_real),
                                                          .cost = 2 * (double)count,
                                                          .work = work,
                                                          .context = context});
}

/* ----------------------------------------------------------------------- gradient */

/* |dE/dw| <= value, weight by weight. */
static void clip_by_value(bp_trainer *trainer, const optimizer_step *step, double value)
{
    value_work work = {.values = trainer->gradient, .number = (bp_real)value};
    do_each(trainer, clip_values, &work, step->count);
}

/* Pascanu, Mikolov & Bengio 2013, algorithm 1. An infinite norm is left to the search for divergence. */
static void clip_by_norm(bp_trainer *trainer, const optimizer_step *step, double value)
{
    const double norm = sqrt(step->kernel->sum_of_squares(trainer->gradient, step->count));
    if (norm <= value || !isfinite(norm))
        return;
    value_work work = {.values = trainer->gradient, .number = (bp_real)(value / norm)};
    do_each(trainer, scale_values, &work, step->count);
}

static void add_l2_to_gradient(bp_trainer *trainer, const optimizer_step *step, double value)
{
    trained_range range = {0};
    while (bpi_next_range(trainer->workspace, &range)) {
        const double factor = trainer->workspace->parts == NULL ? 1 : range.decay_factor;
        value_work work = {.values = trainer->gradient + range.first,
                           .weights = step->weights + range.first,
                           .number = (bp_real)(value * factor)};
        do_each(trainer, add_l2, &work, range.count);
    }
}

/* ------------------------------------------------------------------------ weights */

typedef struct norm_work {
    const bp_workspace *workspace;
    const bp_layer *layer;
    bp_real *weights;
    size_t step; /* units that have the same weights */
    double limit;
} norm_work;

/* The weights with which a unit receives from one connection; none if they are frozen. */
static bp_real *incoming(const norm_work *work, const bp_connection *connection, size_t unit, size_t *count)
{
    size_t first;
    bpi_connection_structure(connection)->row(connection, unit, &first, count);
    if (bpi_is_frozen(work->workspace, connection->slice))
        *count = 0;
    return work->weights + connection->offset + first;
}

static void limit_unit(const norm_work *work, size_t unit)
{
    const bp_layer *layer = work->layer;
    double squares = 0;
    size_t count;
    for (size_t i = 0; i < layer->incoming_count; i++) {
        const bp_real *weights = incoming(work, layer->incoming[i], unit, &count);
        squares += layer->network->kernel->sum_of_squares(weights, count);
    }
    if (squares <= work->limit * work->limit)
        return;
    const bp_real factor = (bp_real)(work->limit / sqrt(squares));
    for (size_t i = 0; i < layer->incoming_count; i++) {
        bp_real *weights = incoming(work, layer->incoming[i], unit, &count);
        for (size_t j = 0; j < count; j++)
            weights[j] *= factor;
    }
}

static bp_status limit_units(void *context, size_t first, size_t count, size_t chunk)
{
    const norm_work *work = context;
    (void)chunk;
    for (size_t i = first; i < first + count; i++)
        limit_unit(work, i * work->step);
    return BP_OK;
}

/* A matrix that several layers share is scaled by one after the other, which makes no norm larger. */
static void apply_max_norm(bp_trainer *trainer, const optimizer_step *step, double value)
{
    (void)step;
    const bp_network *net = trainer->network;
    norm_work work = {
        .workspace = trainer->workspace, .weights = bpi_change_weights(trainer->network), .limit = value};
    for (size_t i = 0; i < net->layer_count; i++) {
        work.layer = net->layers[i];
        if (work.layer->incoming_count == 0)
            continue;
        work.step = bpi_units_per_vector(work.layer);
        const parallel_work units = {.count = work.layer->units / work.step,
                                     .grain = 1,
                                     .cost = (double)net->weight_count,
                                     .work = limit_units,
                                     .context = &work};
        if (!net->has_shared_slices)
            bpi_parallel_for(trainer->workspace, &units);
        else /* several units may have a weight */
            limit_units(&work, 0, units.count, 0);
    }
}

/* ------------------------------------------------------------------------ the table */

/* Why a rule has no use for an option, and what to do; NULL: it has. */

static const char *refuse_clipping(const optimizer_rule *rule)
{
    if (rule->iterate != NULL)
        return "finds the lengths of its steps by E; leave it 0";
    return rule->rate_meaning == RATE_OF_FIRST_STEP
               ? "goes by the signs of the gradient, which clipping does not change; leave it 0"
               : NULL;
}

static const char *refuse_l2(const optimizer_rule *rule)
{
    if (rule->iterate != NULL)
        return "has this term by options.weight_decay, which is lambda there; leave it 0";
    return rule->has_own_decay ? "has a decay of its own, set by its constructor; leave it 0" : NULL;
}

static const char *refuse_l1(const optimizer_rule *rule)
{
    if (rule->iterate != NULL)
        return "needs a smooth E, and that of |w| has kinks; use bp_optimizer_momentum or _nesterov";
    return rule->automatic_decay == DECAY_BY_RATE ? NULL
                                                  : "makes steps that are not in proportion to the gradient, "
                                                    "so that it would be another penalty "
                                                    "for each weight; use bp_optimizer_momentum or _nesterov";
}

static const char *refuse_max_norm(const optimizer_rule *rule)
{
    return rule->iterate != NULL || rule->needs_whole_sets
               ? "judges its steps by E, which a limit would change; use a rule that does not, such as "
                 "bp_optimizer_momentum"
               : NULL;
}

typedef struct penalty {
    const char *name; /* of the option */
    size_t offset;    /* a double, finite and >= 0; 0: it is not wanted */
    const char *(*refuse)(const optimizer_rule *rule);
    void (*before)(bp_trainer *trainer, const optimizer_step *step, double value); /* or NULL ... */
    void (*after)(bp_trainer *trainer, const optimizer_step *step, double value);  /* ... likewise */
    bool is_in_update; /* of rules that the kernels know, see rule_update.h: only others need `before` */
} penalty;

#define OPTION(name) #name, offsetof(bp_trainer_options, name)

/* In the order in which they are applied. */
static const penalty penalties[] = {
    {OPTION(clip_value), refuse_clipping, .before = clip_by_value, .is_in_update = true},
    {OPTION(clip_norm), refuse_clipping, .before = clip_by_norm},
    {OPTION(l2), refuse_l2, .before = add_l2_to_gradient, .is_in_update = true},
    {OPTION(l1), refuse_l1, .is_in_update = true},
    {OPTION(max_norm), refuse_max_norm, .after = apply_max_norm},
};

enum { PENALTIES = sizeof penalties / sizeof penalties[0] };

static double value_of(const penalty *row, const bp_trainer_options *options)
{
    return *(const double *)(const void *)((const unsigned char *)options + row->offset);
}

bp_status bpi_penalties_check(const char *where, const bp_trainer_options *options)
{
    const optimizer_rule *rule = bpi_optimizer_rule(options->optimizer.kind);
    for (size_t i = 0; i < PENALTIES; i++) {
        const penalty *row = &penalties[i];
        const double value = value_of(row, options);
        const bool in_range = value == 0 || (bpi_fits_real(value) && (bp_real)value > 0);
        BPI_TRY(bpi_check_number(where, row->name, value, in_range, "0, or > 0 and in the range of bp_real"));
        const char *reason = value == 0 ? NULL : row->refuse(rule);
        if (reason != NULL)
            return bpi_fail(BP_ERROR_UNSUPPORTED, "%s.%s is %s, but %s %s", where, row->name,
                            bpi_format_real(value).text, bpi_optimizer_name(&options->optimizer), reason);
    }
    return BP_OK;
}

/* ------------------------------------------------------------------------- in use */

/* Clipping by value comes before clipping by the norm; in the update it then changes nothing more. */
static bool is_in_update(const bp_trainer *trainer, const penalty *row)
{
    const bool comes_before_norm = row->before == clip_by_value && trainer->options.clip_norm != 0;
    return row->is_in_update && trainer->rule->make_update != NULL && !comes_before_norm;
}

static bool is_before(const bp_trainer *trainer, const penalty *row)
{
    return row->before != NULL && value_of(row, &trainer->options) != 0 && !is_in_update(trainer, row);
}

static bool is_after(const bp_trainer *trainer, const penalty *row)
{
    return row->after != NULL && value_of(row, &trainer->options) != 0;
}

bool bpi_penalties_change_gradient(const bp_trainer *trainer)
{
    for (size_t i = 0; i < PENALTIES; i++)
        if (is_before(trainer, &penalties[i]))
            return true;
    return false;
}

bool bpi_penalties_change_weights(const bp_trainer *trainer)
{
    for (size_t i = 0; i < PENALTIES; i++)
        if (is_after(trainer, &penalties[i]))
            return true;
    return false;
}

void bpi_penalties_before(bp_trainer *trainer, const optimizer_step *step)
{
    for (size_t i = 0; i < PENALTIES; i++)
        if (is_before(trainer, &penalties[i]))
            penalties[i].before(trainer, step, value_of(&penalties[i], &trainer->options));
}

void bpi_penalties_after(bp_trainer *trainer, const optimizer_step *step)
{
    for (size_t i = 0; i < PENALTIES; i++)
        if (is_after(trainer, &penalties[i]))
            penalties[i].after(trainer, step, value_of(&penalties[i], &trainer->options));
}
