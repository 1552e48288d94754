#include "train/lbfgs.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "train/line_search.h"
#include "train/option.h"
#include "train/vectors.h"

/*
 * The state: the last steps s = w(t + 1) - w(t) and changes of the gradient y = g(t + 1) - g(t), each pair at
 * the place of the oldest one, s before y; their number, and the place of the next pair.
 */
enum { SCALAR_PAIRS = ITERATION_SCALARS, SCALAR_NEXT, SCALARS };

/* Of the option. */
enum { MAX_MEMORY = 64 };

bp_optimizer bp_optimizer_lbfgs(size_t memory)
{
    return (bp_optimizer){.kind = OPTIMIZER_LBFGS, .parameter = {(double)memory}};
}

static size_t memory_of(const bp_optimizer *optimizer)
{
    return (size_t)optimizer->parameter[0];
}

static bp_status check(const char *where, const bp_optimizer *optimizer)
{
    const double memory = optimizer->parameter[0];
    return bpi_check_number(where, "memory", memory, memory >= 1 && memory <= MAX_MEMORY, "1 to 64");
}

static void state_size(const bp_optimizer *optimizer, size_t *vectors, size_t *scalars)
{
    *vectors = 2 * memory_of(optimizer);
    *scalars = SCALARS;
}

/* The direction, and the gradient that the iteration began with. */
static bool work_bytes(const bp_network *net, size_t *bytes)
{
    return bpi_multiply(net->weight_count, 2 * sizeof(bp_real), bytes);
}

/* ----------------------------------------------------------------------- the pairs */

typedef struct lbfgs {
    const bp_trainer *trainer;
    size_t count, memory; /* elements; pairs that there is room for */
    double *scalars;
    bp_real *direction, *gradient;
} lbfgs;

static lbfgs view(const bp_trainer *trainer)
{
    const size_t count = trainer->network->weight_count;
    bp_real *work = trainer->work;
    return (lbfgs){.trainer = trainer,
                   .count = count,
                   .memory = memory_of(&trainer->options.optimizer),
                   .scalars = trainer->state.scalars,
                   .direction = work,
                   .gradient = work + count};
}

static size_t pair_count(const lbfgs *rule)
{
    return (size_t)rule->scalars[SCALAR_PAIRS];
}

/* s of a pair, from the latest, 0, to the oldest. y follows it. */
static bp_real *pair_of(const lbfgs *rule, size_t age)
{
    const size_t next = (size_t)rule->scalars[SCALAR_NEXT];
    const size_t place = (next + rule->memory - 1 - age) % rule->memory;
    return rule->trainer->state.vectors + 2 * place * rule->count;
}

static bool is_count(double value, size_t limit)
{
    return value >= 0 && value <= (double)limit && value == floor(value);
}

static bool are_valid_scalars(const bp_optimizer *optimizer, const double *scalars)
{
    const size_t memory = memory_of(optimizer);
    return is_count(scalars[SCALAR_PAIRS], memory) && is_count(scalars[SCALAR_NEXT], memory - 1);
}

static void drop_pairs(const lbfgs *rule)
{
    rule->scalars[SCALAR_PAIRS] = 0;
    rule->scalars[SCALAR_NEXT] = 0;
}

/* After a step. A pair without curvature, s y <= 0, would not leave the matrix positive definite; strong
 * Wolfe conditions give none. */
static void add_pair(const lbfgs *rule)
{
    const bp_trainer *trainer = rule->trainer;
    const size_t next = (size_t)rule->scalars[SCALAR_NEXT];
    bp_real *s = trainer->state.vectors + 2 * next * rule->count, *y = s + rule->count;
    const double smallest = DBL_EPSILON;
    bpi_subtract(rule->direction, trainer->network->weights, trainer->weights_snapshot, rule->count);
    bpi_subtract(rule->gradient, trainer->gradient, rule->gradient, rule->count);
    const double curvature = bpi_dot(rule->direction, rule->gradient, rule->count);
    if (!(curvature > smallest * bpi_dot(rule->gradient, rule->gradient, rule->count)))
        return;
    memcpy(s, rule->direction, rule->count * sizeof *s);
    memcpy(y, rule->gradient, rule->count * sizeof *y);
    rule->scalars[SCALAR_NEXT] = (double)((next + 1) % rule->memory);
    rule->scalars[SCALAR_PAIRS] = fmin(rule->scalars[SCALAR_PAIRS] + 1, (double)rule->memory);
}

/* ------------------------------------------------------------------------- a step */

/*
 * -H g by the recursion of two loops, Nocedal & Wright algorithm 7.4, from the multiple of the unit matrix of
 * equation 7.20. Without pairs it is -g.
 */
static void find_direction(const lbfgs *rule)
{
    double alpha[MAX_MEMORY], density[MAX_MEMORY];
    const size_t pairs = pair_count(rule), count = rule->count;
    bp_real *q = rule->direction;
    memset(q, 0, count * sizeof *q);
    bpi_subtract(q, q, rule->trainer->gradient, count);
    for (size_t age = 0; age < pairs; age++) {
        const bp_real *s = pair_of(rule, age), *y = s + count;
        density[age] = 1 / bpi_dot(s, y, count);
        alpha[age] = density[age] * bpi_dot(s, q, count);
        bpi_add_multiple(q, q, -alpha[age], y, count);
    }
    if (pairs > 0) {
        const bp_real *y = pair_of(rule, 0) + count;
        const double scale = 1 / (density[0] * bpi_dot(y, y, count));
        for (size_t i = 0; i < count; i++)
            q[i] = (bp_real)(scale * (double)q[i]);
    }
    for (size_t age = pairs; age-- > 0;) {
        const bp_real *s = pair_of(rule, age), *y = s + count;
        bpi_add_multiple(q, q, alpha[age] - density[age] * bpi_dot(y, q, count), s, count);
    }
}

/* The first step has a length of 1, whatever the scale of F; later ones are as the matrix has them. */
static bp_status step(training_run *run, const lbfgs *rule)
{
    const bp_trainer *trainer = run->trainer;
    find_direction(rule);
    line_search search = {.direction = rule->direction,
                          .gradient = rule->gradient,
                          .slope = bpi_dot(rule->direction, trainer->gradient, rule->count),
                          .first_step = 1};
    run->outcome = ITERATION_NONE;
    if (!(search.slope < 0) || !isfinite(search.slope))
        return BP_OK;
    if (pair_count(rule) == 0)
        search.first_step = 1 / sqrt(-search.slope);
    return bpi_line_search(run, &search);
}

/* If no step along the direction lowers F, the pairs are dropped, and the gradient's direction is tried. */
static bp_status iterate(training_run *run)
{
    const bp_trainer *trainer = run->trainer;
    const lbfgs rule = view(trainer);
    memcpy(rule.gradient, trainer->gradient, rule.count * sizeof *rule.gradient);
    BPI_TRY(step(run, &rule));
    if (run->outcome == ITERATION_NONE && pair_count(&rule) > 0) {
        drop_pairs(&rule);
        BPI_TRY(step(run, &rule));
    }
    if (run->outcome == ITERATION_MOVED)
        add_pair(&rule);
    return BP_OK;
}

const optimizer_rule bpi_lbfgs_rule = {
    .kind = OPTIMIZER_LBFGS,
    .name = "L-BFGS",
    .state_size = state_size,
    .parameters = 1,
    .rate_meaning = RATE_NONE,
    .automatic_decay = DECAY_IN_GRADIENT,
    .suits_whole_sets = true,
    .needs_equal_rates = true,
    .has_joint_state = true,
    .check = check,
    .iterate = iterate,
    .are_valid_scalars = are_valid_scalars,
    .work_bytes = work_bytes,
};
