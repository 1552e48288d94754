#include "train/scg.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "train/objective.h"
#include "train/vectors.h"

/*
 * The state: the direction p; lambda; the iterations since p was the negative gradient, 0: p is not known
 * yet. The letters and the numbers of the steps are the paper's, E' is the gradient, r = -E'.
 */
enum { SCALAR_LAMBDA = ITERATION_SCALARS, SCALAR_ITERATIONS, SCALARS };

/* The paper asks for sigma <= 1e-4 and lambda <= 1e-6 at first. In single precision the difference of two
 * gradients would be rounding alone. */
static const double first_sigma = sizeof(bp_real) == sizeof(float) ? 1e-3 : 1e-4, first_lambda = 1e-6;

/* Each failure makes the next step about a quarter as long, or less. */
enum { MAX_TRIES = 40 };

bp_optimizer bp_optimizer_scg(void)
{
    return (bp_optimizer){.kind = OPTIMIZER_SCG};
}

static bp_status check(const char *where, const bp_optimizer *optimizer)
{
    (void)where;
    (void)optimizer;
    return BP_OK;
}

/* The gradient that the iteration began with. */
static bool work_bytes(const bp_network *net, size_t *bytes)
{
    return bpi_multiply(net->weight_count, sizeof(bp_real), bytes);
}

typedef struct scg {
    training_run *run;
    size_t count;
    bp_real *direction, *gradient; /* p and E' at the weights that the iteration began with */
    double *scalars;
    double square;    /* |p|^2 */
    double mu;        /* p r */
    double delta;     /* p s: the curvature along p, with the scale lambda if it has one */
    double lambda;    /* the scale ... */
    double lambda_in; /* ... and what of it is in delta already: the paper's lambda with a bar */
} scg;

/* Step 1: p = r. Also where p r is 0, so that p leads nowhere; where it is negative, -p leads downward. */
static void begin_direction(scg *rule)
{
    memset(rule->direction, 0, rule->count * sizeof *rule->direction);
    bpi_subtract(rule->direction, rule->direction, rule->gradient, rule->count);
    rule->square = rule->mu = bpi_dot(rule->gradient, rule->gradient, rule->count);
    rule->scalars[SCALAR_ITERATIONS] = 0;
}

static scg begin(training_run *run)
{
    const bp_trainer *trainer = run->trainer;
    const size_t count = trainer->network->weight_count;
    scg rule = {.run = run,
                .count = count,
                .direction = trainer->state.vectors,
                .gradient = trainer->work,
                .scalars = trainer->state.scalars};
    const bool is_first = trainer->state.updates == 0;
    memcpy(rule.gradient, trainer->gradient, count * sizeof *rule.gradient);
    rule.lambda = is_first ? first_lambda : rule.scalars[SCALAR_LAMBDA];
    rule.square = bpi_dot(rule.direction, rule.direction, count);
    rule.mu = -bpi_dot(rule.direction, rule.gradient, count);
    if (is_first || !(fabs(rule.mu) > 0))
        begin_direction(&rule);
    return rule;
}

/* Step 2: s = (E'(w + sigma p) - E'(w)) / sigma, with a step of the length sigma. Where E' is not finite
 * there, the curvature counts as 0, and lambda limits the step. */
static bp_status find_curvature(scg *rule)
{
    const bp_trainer *trainer = rule->run->trainer;
    const double sigma = first_sigma / sqrt(rule->square);
    objective_point found;
    BPI_TRY(bpi_objective_try(rule->run, sigma, rule->direction, &found));
    rule->delta = 0;
    if (isfinite(found.value))
        rule->delta = (bpi_dot(trainer->gradient, rule->direction, rule->count) + rule->mu) / sigma;
    return BP_OK;
}

/* Steps 3 and 4: lambda is put into delta, and raised if delta is then not positive. */
static void scale_curvature(scg *rule)
{
    rule->delta += (rule->lambda - rule->lambda_in) * rule->square;
    rule->lambda_in = rule->lambda;
    if (rule->delta > 0)
        return;
    const double raised = 2 * (rule->lambda - rule->delta / rule->square);
    rule->delta = -rule->delta + rule->lambda * rule->square;
    rule->lambda = rule->lambda_in = raised;
}

/* Step 7, after a step that lowers E: the next direction. Every `count` steps it is r. */
static void next_direction(scg *rule)
{
    const bp_real *gradient = rule->run->trainer->gradient;
    const double iterations = rule->scalars[SCALAR_ITERATIONS] + 1;
    double beta = 0;
    if (iterations < (double)rule->count)
        beta = (bpi_dot(gradient, gradient, rule->count) - bpi_dot(gradient, rule->gradient, rule->count)) /
               rule->mu;
    for (size_t i = 0; i < rule->count; i++)
        rule->direction[i] = (bp_real)(beta * (double)rule->direction[i] - (double)gradient[i]);
    rule->scalars[SCALAR_ITERATIONS] = beta == 0 ? 0 : iterations;
}

/* Steps 5 to 8: tries alpha p, and fits the scale to what is found. */
static bp_status try_step(scg *rule)
{
    training_run *run = rule->run;
    const double alpha = rule->mu / rule->delta;
    objective_point found;
    BPI_TRY(bpi_objective_try(run, alpha, rule->direction, &found));
    const double slope = isfinite(found.value) ? bpi_dot(run->trainer->gradient, rule->direction, rule->count)
                                               : NAN; /* of E along p, which is -mu at the start */
    const double fall = -bpi_objective_difference(run->point.value, found.value, alpha, -rule->mu, slope);
    const double comparison =
        isfinite(found.value) ? 2 * rule->delta * fall / (rule->mu * rule->mu) : -1; /* the paper's Delta */
    const double lambda = rule->lambda;
    if (comparison < 0.25)
        rule->lambda += rule->delta * (1 - comparison) / rule->square;
    if (!(fall > 0))
        return BP_OK;
    if (comparison >= 0.75)
        rule->lambda = lambda / 4;
    run->point = found;
    run->outcome = ITERATION_MOVED;
    next_direction(rule);
    rule->scalars[SCALAR_LAMBDA] = rule->lambda;
    return BP_OK;
}

/* Steps along p with ever larger scales, until one lowers E. */
static bp_status try_steps(scg *rule)
{
    training_run *run = rule->run;
    run->outcome = ITERATION_NONE;
    if (!(rule->square > 0) || !isfinite(rule->square))
        return BP_OK;
    BPI_TRY(find_curvature(rule));
    for (int i = 0; i < MAX_TRIES && run->outcome == ITERATION_NONE; i++) {
        if (bpi_objective_is_interrupted(run)) {
            run->outcome = ITERATION_GIVEN_UP;
            return BP_OK;
        }
        scale_curvature(rule);
        BPI_TRY(try_step(rule));
    }
    return BP_OK;
}

/* If no step along p lowers E, one along r does, or none. */
static bp_status iterate(training_run *run)
{
    scg rule = begin(run);
    bp_status status = try_steps(&rule);
    if (status == BP_OK && run->outcome == ITERATION_NONE && rule.scalars[SCALAR_ITERATIONS] > 0) {
        bpi_objective_take_back(run, rule.gradient);
        begin_direction(&rule);
        rule.scalars[SCALAR_LAMBDA] = rule.lambda = first_lambda;
        rule.lambda_in = 0;
        status = try_steps(&rule);
    }
    if (status != BP_OK || run->outcome != ITERATION_MOVED)
        bpi_objective_take_back(run, rule.gradient);
    return status;
}

const optimizer_rule bpi_scg_rule = {
    .kind = OPTIMIZER_SCG,
    .name = "SCG",
    .state_vectors = 1,
    .state_scalars = SCALARS,
    .rate_meaning = RATE_NONE,
    .automatic_decay = DECAY_IN_GRADIENT,
    .suits_whole_sets = true,
    .needs_equal_rates = true,
    .has_joint_state = true,
    .check = check,
    .iterate = iterate,
    .work_bytes = work_bytes,
};
