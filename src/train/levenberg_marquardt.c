#include "train/levenberg_marquardt.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "engine/cholesky.h"
#include "engine/loss.h"
#include "engine/normal_matrix.h"
#include "engine/weight_parts.h"
#include "train/objective.h"
#include "train/vectors.h"

/* The state: the damping mu that the next iteration begins with. */
enum { SCALAR_DAMPING = ITERATION_SCALARS, SCALARS };

/* The matrix of so many weights takes 200 MB, and factoring it 4e10 multiplications. */
enum { MAX_WEIGHTS = 5000 };

/* Each failure multiplies mu by 2, 4, 8 and so on. */
enum { MAX_TRIES = 11 };

/* mu at first, as a multiple of the greatest element on the diagonal of J^T J: the paper's tau. */
static const double first_damping = 1;

bp_optimizer bp_optimizer_levenberg_marquardt(void)
{
    return (bp_optimizer){.kind = OPTIMIZER_LEVENBERG_MARQUARDT};
}

static bp_status check(const char *where, const bp_optimizer *optimizer)
{
    (void)where;
    (void)optimizer;
    return BP_OK;
}

static bp_status check_use(const char *where, const bp_trainer_options *options, const bp_network *net)
{
    const double weights = (double)net->weight_count;
    if (!bpi_loss_is_squared_error(&options->loss))
        return bpi_fail(BP_ERROR_UNSUPPORTED,
                        "%s.loss is %s, but the optimizer Levenberg-Marquardt is for squared error; use "
                        "bp_loss_squared_error(), or bp_optimizer_lbfgs() or bp_optimizer_scg()",
                        where, bpi_loss_name(&options->loss));
    if (net->weight_count > MAX_WEIGHTS)
        return bpi_fail(BP_ERROR_UNSUPPORTED,
                        "%s.optimizer: the network has %zu weights, whose matrix for Levenberg-Marquardt "
                        "would take %.3g MB; it is for at most %d weights; use bp_optimizer_lbfgs() or "
                        "bp_optimizer_scg()",
                        where, net->weight_count, weights * weights * sizeof(double) / 1e6, MAX_WEIGHTS);
    return BP_OK;
}

/* ------------------------------------------------------------------------- memory */

typedef struct levenberg_marquardt {
    training_run *run;
    size_t count;
    double *matrix;                         /* of F: the sums of all cases, and the decay */
    double *gradient;                       /* of F, likewise */
    double *diagonal, *step;                /* of the factor; h */
    bp_real *rounded_step, *first_gradient; /* h, and the gradient at the weights that it begins with */
    normal_block block;
} levenberg_marquardt;

/* The vectors, and the matrix. */
enum { DOUBLE_VECTORS = 3, REAL_VECTORS = 2 };

static bool parts_bytes(const bp_network *net, size_t *matrix, size_t *doubles, size_t *reals)
{
    const size_t count = net->weight_count;
    size_t elements;
    return bpi_multiply(count, count, &elements) && bpi_part_bytes(elements, sizeof(double), matrix) &&
           bpi_part_bytes(count, DOUBLE_VECTORS * sizeof(double), doubles) &&
           bpi_part_bytes(count, REAL_VECTORS * sizeof(bp_real), reals);
}

static bool work_bytes(const bp_network *net, size_t *bytes)
{
    size_t matrix, doubles, reals, block;
    return parts_bytes(net, &matrix, &doubles, &reals) && bpi_normal_block_bytes(net, &block) &&
           bpi_add(matrix, doubles, bytes) && bpi_add(*bytes, reals, bytes) && bpi_add(*bytes, block, bytes);
}

static levenberg_marquardt view(training_run *run)
{
    const bp_trainer *trainer = run->trainer;
    const size_t count = trainer->network->weight_count;
    size_t matrix, doubles, reals;
    parts_bytes(trainer->network, &matrix, &doubles, &reals);
    unsigned char *work = trainer->work;
    double *vectors = (void *)(work + matrix);
    bp_real *real_vectors = (void *)(work + matrix + doubles);
    return (levenberg_marquardt){
        .run = run,
        .count = count,
        .matrix = trainer->work,
        .gradient = vectors,
        .diagonal = vectors + count,
        .step = vectors + 2 * count,
        .rounded_step = real_vectors,
        .first_gradient = real_vectors + count,
        .block = bpi_normal_block_view(trainer->network, work + matrix + doubles + reals),
    };
}

/* --------------------------------------------------------------------- an iteration */

/* A frozen weight does not change: its equation is h = 0. */
static void leave_out(const levenberg_marquardt *rule, size_t weight)
{
    for (size_t i = 0; i < weight; i++)
        rule->matrix[i * rule->count + weight] = 0;
    memset(rule->matrix + weight * rule->count + weight, 0, (rule->count - weight) * sizeof *rule->matrix);
    rule->matrix[weight * rule->count + weight] = DBL_MIN;
    rule->gradient[weight] = 0;
}

/* J^T J and J^T r of F, from those of E. */
static void find_matrix(const levenberg_marquardt *rule)
{
    const training_run *run = rule->run;
    const bp_trainer *trainer = run->trainer;
    const bp_network *net = trainer->network;
    const batch all = {.data = &run->training, .count = run->training.cases};
    const double divisor = bpi_objective_divisor(run);
    bpi_normal_matrix(trainer->workspace, &all, &rule->block, rule->matrix, rule->gradient);
    for (size_t i = 0; i < rule->count; i++) {
        rule->gradient[i] /= divisor;
        for (size_t j = i; divisor != 1 && j < rule->count; j++)
            rule->matrix[i * rule->count + j] /= divisor;
    }
    for (size_t k = 0; k < net->slice_count; k++) {
        const vector_slice *slice = &net->slices[k];
        const double decay = bpi_objective_decay(trainer, k);
        for (size_t i = slice->offset; i < slice->offset + slice->count; i++) {
            if (bpi_is_frozen(trainer->workspace, k)) {
                leave_out(rule, i);
                continue;
            }
            rule->matrix[i * rule->count + i] += decay;
            rule->gradient[i] += decay * (double)net->weights[i];
        }
    }
}

/* The greatest element of the diagonal. */
static double greatest_square(const levenberg_marquardt *rule)
{
    double greatest = 0;
    for (size_t i = 0; i < rule->count; i++)
        greatest = fmax(greatest, rule->matrix[i * rule->count + i]);
    return greatest;
}

/* (J^T J + mu I) h = -gradient. False if the matrix is singular. */
static bool find_step(const levenberg_marquardt *rule, double mu)
{
    if (!bpi_cholesky(rule->matrix, rule->count, mu, rule->diagonal))
        return false;
    for (size_t i = 0; i < rule->count; i++)
        rule->step[i] = -rule->gradient[i];
    bpi_cholesky_solve(rule->matrix, rule->count, rule->diagonal, rule->step);
    for (size_t i = 0; i < rule->count; i++)
        rule->rounded_step[i] = (bp_real)rule->step[i];
    return true;
}

/* What the linear model of the outputs says that the step lowers F by: 1/2 h^T (mu h - gradient). */
static double predicted_fall(const levenberg_marquardt *rule, double mu)
{
    double sum = 0;
    for (size_t i = 0; i < rule->count; i++)
        sum += rule->step[i] * (mu * rule->step[i] - rule->gradient[i]);
    return sum / 2;
}

/* By how much F is lower at the point found, whose gradient the trainer has. */
static double fall_to(const levenberg_marquardt *rule, const objective_point *found)
{
    const double first_slope = bpi_dot(rule->rounded_step, rule->first_gradient, rule->count);
    const double slope = bpi_dot(rule->rounded_step, rule->run->trainer->gradient, rule->count);
    return -bpi_objective_difference(rule->run->point.value, found->value, 1, first_slope, slope);
}

/* Tries the step with this mu. *gain: the fall of F as a part of what was predicted; 0 or less: none. */
static bp_status try_step(const levenberg_marquardt *rule, double mu, double *gain)
{
    training_run *run = rule->run;
    objective_point found;
    *gain = 0;
    if (!find_step(rule, mu))
        return BP_OK;
    BPI_TRY(bpi_objective_try(run, 1, rule->rounded_step, &found));
    const double fall = fall_to(rule, &found);
    if (!(fall > 0))
        return BP_OK;
    *gain = fall / predicted_fall(rule, mu);
    run->point = found;
    run->outcome = ITERATION_MOVED;
    return BP_OK;
}

/* Nielsen (1999), "Damping parameter in Marquardt's method", equation 2.4: mu follows from the gain; failures
 * raise it faster and faster. */
static bp_status try_steps(const levenberg_marquardt *rule)
{
    training_run *run = rule->run;
    double *damping = &run->trainer->state.scalars[SCALAR_DAMPING];
    double mu = run->trainer->state.updates == 0 ? first_damping * greatest_square(rule) : *damping,
           raise = 2, gain;
    /* Less would change nothing in the matrix: successes may have made mu as small as that. */
    const double least = DBL_EPSILON * greatest_square(rule);
    run->outcome = ITERATION_NONE;
    for (int i = 0; i < MAX_TRIES; i++, mu = fmax(mu, least) * raise, raise *= 2) {
        if (i > 0 && bpi_objective_is_interrupted(run)) {
            run->outcome = ITERATION_GIVEN_UP;
            return BP_OK;
        }
        BPI_TRY(try_step(rule, mu, &gain));
        if (run->outcome == ITERATION_MOVED) {
            const double shift = 2 * fmin(gain, 1) - 1;
            *damping = fmax(mu * fmax(1.0 / 3, 1 - shift * shift * shift), DBL_MIN);
            return BP_OK;
        }
    }
    return BP_OK;
}

static bp_status iterate(training_run *run)
{
    const bp_trainer *trainer = run->trainer;
    const levenberg_marquardt rule = view(run);
    memcpy(rule.first_gradient, trainer->gradient, rule.count * sizeof *rule.first_gradient);
    find_matrix(&rule);
    bp_status status = try_steps(&rule);
    if (status != BP_OK || run->outcome != ITERATION_MOVED)
        bpi_objective_take_back(run, rule.first_gradient);
    return status;
}

const optimizer_rule bpi_levenberg_marquardt_rule = {
    .kind = OPTIMIZER_LEVENBERG_MARQUARDT,
    .name = "Levenberg-Marquardt",
    .state_scalars = SCALARS,
    .rate_meaning = RATE_NONE,
    .automatic_decay = DECAY_IN_GRADIENT,
    .suits_whole_sets = true,
    .needs_equal_rates = true,
    .has_joint_state = true,
    .check = check,
    .iterate = iterate,
    .work_bytes = work_bytes,
    .check_use = check_use,
};
