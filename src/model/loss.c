#include "model/loss.h"

#include <tgmath.h>

#include "base/real.h"
#include "base/status.h"
#include "model/activation.h"
#include "model/scaling.h"

/* Where a loss keeps its parameters. */
enum { TOLERANCE = 0 };

bp_loss bp_loss_squared_error(void)
{
    return (bp_loss){.kind = LOSS_SQUARED_ERROR};
}

bp_loss bp_loss_cross_entropy(void)
{
    return (bp_loss){.kind = LOSS_CROSS_ENTROPY};
}

bp_loss bp_loss_with_tolerance(bp_loss loss, double tolerance)
{
    loss.parameter[TOLERANCE] = tolerance;
    return loss;
}

bp_loss bp_loss_custom(bp_loss_function function, void *context)
{
    return (bp_loss){.kind = LOSS_CUSTOM, .function = function, .context = context};
}

static bp_status check_tolerance(const char *function, const bp_loss *loss)
{
    double tolerance = loss->parameter[TOLERANCE];
    if (!(tolerance >= 0) || !bpi_fits_real(tolerance))
        return bpi_fail(BP_ERROR_ARGUMENT,
                        "%s: the tolerance of the loss is %s; it must be at least 0 and fit into bp_real",
                        function, bpi_format_real(tolerance).text);
    if (tolerance != 0 && loss->kind == LOSS_CUSTOM)
        return bpi_fail(BP_ERROR_UNSUPPORTED,
                        "%s: a user-defined loss has a tolerance of %s; it cannot have one", function,
                        bpi_format_real(tolerance).text);
    return BP_OK;
}

static bp_status check_alone(const char *function, const bp_loss *loss)
{
    if (loss->kind != LOSS_SQUARED_ERROR && loss->kind != LOSS_CROSS_ENTROPY && loss->kind != LOSS_CUSTOM)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: loss was not made by a bp_loss_* function", function);
    if (loss->kind == LOSS_CUSTOM && loss->function == NULL)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: the function of a user-defined loss is NULL", function);
    return check_tolerance(function, loss);
}

bp_status bpi_loss_check(const char *function, const bp_loss *loss, const bp_network *net)
{
    BPI_TRY(check_alone(function, loss));
    for (size_t i = 0; i < net->output_count; i++) {
        const bp_layer *layer = net->outputs[i];
        if (loss->kind == LOSS_CROSS_ENTROPY && !bpi_loss_gives_delta(loss, &layer->activation))
            return bpi_fail(BP_ERROR_UNSUPPORTED,
                            "%s: cross-entropy needs logistic or softmax outputs; layer '%s' is %s", function,
                            layer->name, bp_activation_name(&layer->activation));
    }
    return BP_OK;
}

bool bpi_loss_gives_delta(const bp_loss *loss, const bp_activation *activation)
{
    return loss->kind == LOSS_CROSS_ENTROPY &&
           (activation->kind == ACTIVATION_LOGISTIC || activation->kind == ACTIVATION_SOFTMAX);
}

bool bpi_loss_needs_x(const bp_loss *loss, const bp_activation *activation)
{
    return bpi_loss_gives_delta(loss, activation);
}

/* ----------------------------------------------------------------- one case */

/* One case of an output layer. */
typedef struct loss_case {
    const bp_loss *loss;
    size_t units;
    const bp_real *x, *y, *target;
    bp_real *derivative; /* or NULL */
    bp_real tolerance;   /* negative: none */
} loss_case;

enum { LANES = 4 };

/* Does an output count as having an error? NaN does. */
static bool errs(const loss_case *c, size_t j)
{
    return !(fabs(c->y[j] - c->target[j]) <= c->tolerance);
}

/* dE/dy of squared error, [RHW86] eq. 4, which is dE/dx of cross-entropy on a logistic layer. */
static void store_differences(const loss_case *c)
{
    if (c->derivative == NULL)
        return;
    for (size_t j = 0; j < c->units; j++)
        c->derivative[j] = c->y[j] - c->target[j];
    for (size_t j = 0; c->tolerance >= 0 && j < c->units; j++)
        c->derivative[j] = errs(c, j) ? c->derivative[j] : 0;
}

static double squared_difference(bp_real y, bp_real target)
{
    double difference = (double)y - (double)target;
    return difference * difference;
}

/* [RHW86] eq. 3: E = 1/2 sum_j (y_j - d_j)^2, and eq. 4: dE/dy_j = y_j - d_j. */
static double squared_error(const loss_case *c)
{
    double lane[LANES] = {0};
    size_t whole = c->units - c->units % LANES;
    for (size_t j = 0; j < whole; j += LANES)
        for (size_t l = 0; l < LANES; l++)
            lane[l] += squared_difference(c->y[j + l], c->target[j + l]);
    for (size_t j = whole; j < c->units; j++)
        lane[j - whole] += squared_difference(c->y[j], c->target[j]);
    store_differences(c);
    return 0.5 * ((lane[0] + lane[2]) + (lane[1] + lane[3]));
}

/* The same, but only outputs beyond the tolerance err. */
static double tolerant_squared_error(const loss_case *c)
{
    double sum = 0;
    for (size_t j = 0; j < c->units; j++)
        if (errs(c, j))
            sum += squared_difference(c->y[j], c->target[j]);
    store_differences(c);
    return 0.5 * sum;
}

/*
 * E = -sum_j (d ln y + (1 - d) ln(1 - y)) = sum_j (max(x, 0) - d x + ln(1 + exp(-|x|))), which neither
 * overflows nor takes the logarithm of a y that was rounded to 0 or 1. dE/dx = y - d.
 */
static double logistic_cross_entropy(const loss_case *c)
{
    double error = 0;
    for (size_t j = 0; j < c->units; j++) {
        if (!errs(c, j))
            continue;
        bp_real x = c->x[j];
        double tail = (double)log1p(exp(-fabs(x)));
        error += (x > 0 ? (double)x : 0) - (double)c->target[j] * (double)x + tail;
    }
    store_differences(c);
    return error;
}

/* The target of a softmax unit, 0 if the unit does not err. */
static double wanted(const loss_case *c, size_t j)
{
    return errs(c, j) ? (double)c->target[j] : 0;
}

static size_t index_of_greatest(const bp_real *values, size_t count)
{
    size_t best = 0;
    for (size_t j = 1; j < count; j++)
        if (values[j] > values[best])
            best = j;
    return best;
}

/*
 * E = -sum_j d_j ln y_j = sum_j d_j (ln sum_k exp(x_k) - x_j). With g the greatest x, ln sum_k exp(x_k) =
 * x_g + ln(1 + sum of the other y / y_g): no difference of nearly equal numbers is left, so a small E is
 * as exact as a large one. The difference x_g - x_j is taken of their halves, which cannot overflow: where
 * d_j is 0, its term must be 0 too. dE/dx_j = y_j sum_k d_k - d_j. An output within the tolerance is left out
 * of E as if its d_j were 0.
 */
static double softmax_cross_entropy(const loss_case *c)
{
    size_t greatest = index_of_greatest(c->x, c->units);
    double others = 0, target_sum = 0, below = 0;
    for (size_t j = 0; j < c->units; j++) {
        double target = wanted(c, j);
        others += j == greatest ? 0 : (double)c->y[j];
        target_sum += target;
        below += 2 * target * ((double)c->x[greatest] / 2 - (double)c->x[j] / 2);
    }
    if (c->derivative != NULL)
        for (size_t j = 0; j < c->units; j++)
            c->derivative[j] = c->y[j] * (bp_real)target_sum - (bp_real)wanted(c, j);
    return target_sum * log1p(others / (double)c->y[greatest]) + below;
}

static double custom(const loss_case *c)
{
    return c->loss->function(c->loss->context, c->y, c->target, c->derivative, c->units);
}

/* ------------------------------------------------------------------ a block */

bp_real bpi_loss_tolerance(const bp_loss *loss)
{
    double tolerance = loss->parameter[TOLERANCE];
    return tolerance > 0 ? (bp_real)tolerance : -1;
}

typedef double (*case_function)(const loss_case *c);

static case_function choose_function(const bp_loss *loss, const bp_activation *activation)
{
    if (loss->kind == LOSS_CUSTOM)
        return custom;
    if (loss->kind == LOSS_SQUARED_ERROR)
        return loss->parameter[TOLERANCE] > 0 ? tolerant_squared_error : squared_error;
    return activation->kind == ACTIVATION_SOFTMAX ? softmax_cross_entropy : logistic_cross_entropy;
}

static void multiply(bp_real *values, size_t count, bp_real factor)
{
    for (size_t i = 0; i < count; i++)
        values[i] *= factor;
}

/* greatest may be NaN, and stays it. */
static double greatest_deviation(const loss_case *c, double greatest)
{
    bp_real most = 0;
    for (size_t j = 0; j < c->units; j++) {
        bp_real distance = fabs(c->y[j] - c->target[j]);
        most = distance > most ? distance : most;
    }
    return (double)most > greatest ? (double)most : greatest;
}

void bpi_loss_block(const bp_loss *loss, const bp_activation *activation, const loss_block *block,
                    bp_real *derivative, double *error, double *deviation)
{
    case_function function = choose_function(loss, activation);
    const bp_real tolerance = bpi_loss_tolerance(loss);
    for (size_t row = 0; row < block->rows; row++) {
        size_t start = row * block->units;
        loss_case c = {
            .loss = loss,
            .units = block->units,
            .x = block->x == NULL ? NULL : block->x + start,
            .y = block->y + start,
            .target = block->targets + row * block->target_stride,
            .derivative = derivative == NULL ? NULL : derivative + start,
            .tolerance = tolerance,
        };
        double case_error = function(&c);
        *deviation = isnan(case_error) ? case_error : greatest_deviation(&c, *deviation);
        if (block->case_weights != NULL) {
            case_error *= (double)block->case_weights[row];
            if (derivative != NULL)
                multiply(c.derivative, block->units, block->case_weights[row]);
        }
        *error += case_error;
    }
}

/* ------------------------------------------------------------------ targets */

static bp_status check_target(const char *function, const char *name, const bp_network *net,
                              const bp_data *data, size_t row, size_t column)
{
    const bp_real *raw = data->targets + row * data->target_stride + column;
    bp_real target = *raw;
    bpi_scale(&net->target_scaling,
              &(scaled_rows){.rows = 1, .columns = 1, .first = column, .from = raw, .to = &target});
    if (target >= 0 && target <= 1)
        return BP_OK;
    return bpi_fail(BP_ERROR_ARGUMENT,
                    "%s: %s.targets: case %zu, column %zu is %s after scaling; cross-entropy needs 0 to 1",
                    function, name, row, column, bpi_format_real((double)target).text);
}

bp_status bpi_loss_check_targets(const char *function, const char *name, const bp_loss *loss,
                                 const bp_network *net, const bp_data *data)
{
    if (loss->kind != LOSS_CROSS_ENTROPY)
        return BP_OK;
    for (size_t row = 0; row < data->cases; row++)
        for (size_t column = 0; column < net->output_width; column++)
            BPI_TRY(check_target(function, name, net, data, row, column));
    return BP_OK;
}
