#include "engine/loss_kind.h"

#include <math.h>

#include "network/activation_kind.h"

/* ----------------------------------------------------------- E of one output */

/* E of one output, and its first and second derivative by y. Where E has a kink, the first is 0 or that of
 * one side, and the second is 0. A y that is NaN makes E NaN. */
typedef struct loss_term {
    double error, slope, curvature;
} loss_term;

/* Branches that depend on data take longer than the arithmetic that they save, so there are few. */
typedef loss_term loss_function(double y, double d, double parameter);

static inline double sign_of(double z)
{
    return (double)(z > 0) - (double)(z < 0);
}

/* |y - d| */
static inline loss_term absolute_error(double y, double d, double unused)
{
    (void)unused;
    return (loss_term){fabs(y - d), sign_of(y - d), 0};
}

/* Huber (1964): z^2 / 2 up to delta, and from there on delta (|z| - delta / 2). */
static inline loss_term huber(double y, double d, double delta)
{
    const double z = y - d, distance = fabs(z), near = distance > delta ? delta : distance;
    return (loss_term){near * (distance - near / 2), copysign(near, z), (double)(distance <= delta)};
}

/*
 * ln cosh z. With m = e^|z| - 1, cosh z = 1 + m^2 / (2 (1 + m)) and tanh |z| = m (m + 2) / (m (m + 2) + 2),
 * which lose no digits where z is small; with e = e^(-2 |z|), ln cosh z = |z| - ln 2 + ln(1 + e) and
 * tanh |z| = (1 - e) / (1 + e), which do not overflow where it is large.
 */
static inline loss_term log_cosh(double y, double d, double unused)
{
    const double ln_2 = 0.69314718055994530942;
    const double z = y - d, distance = fabs(z);
    double error, slope, curvature;
    (void)unused;
    if (distance < 1) {
        const double m = expm1(distance), twice = m * (m + 2);
        error = log1p(m * m / (2 * (1 + m)));
        slope = twice / (twice + 2);
        curvature = 4 * (1 + twice) / ((twice + 2) * (twice + 2));
    } else {
        const double e = exp(-2 * distance);
        error = distance - ln_2 + log1p(e);
        slope = (1 - e) / (1 + e);
        curvature = 4 * e / ((1 + e) * (1 + e));
    }
    return (loss_term){error, z < 0 ? -slope : slope, curvature};
}

/* Koenker & Bassett (1978): tau (d - y) below the target, (1 - tau) (y - d) above it. */
static inline loss_term quantile(double y, double d, double tau)
{
    const double z = y - d, slope = (1 - tau) * (double)(z > 0) - tau * (double)(z < 0);
    return (loss_term){slope * z, slope, 0};
}

/* Cortes & Vapnik (1995): max(0, 1 - t y), with t = 1 for a target of 1 and -1 for 0 and -1. */
static inline loss_term hinge(double y, double d, double unused)
{
    const double t = 2 * (double)(d > 0) - 1, margin = 1 - t * y;
    (void)unused;
    return (loss_term){0 > margin ? 0 : margin, -t * (double)(margin > 0), 0};
}

/* McCullagh & Nelder (1989), 2.3: with the mean e^y, half the deviance, e^y - d y - (d - d ln d). */
static inline loss_term poisson(double y, double d, double unused)
{
    const double mean = exp(y);
    (void)unused;
    return (loss_term){d > 0 ? mean - d - d * (y - log(d)) : mean, mean - d, mean};
}

/* --------------------------------------------------------------- E of a row */

/* The sum of a function's terms; inlined, so that each loss has a loop of its own. */
static inline __attribute__((always_inline)) double sum_terms(loss_row *row, loss_function *function)
{
    const bp_real *const restrict ys = row->y, *const restrict targets = row->targets;
    bp_real *const restrict derivative = row->derivative, *const restrict curvature = row->curvature;
    double *const restrict terms = row->terms;
    const double parameter = row->parameter;
    const bp_real tolerance = row->tolerance;
    bp_real max = row->max;
    double error = 0;
    for (size_t j = 0; j < row->units; j++) {
        const bp_real distance = (bp_real)fabs((double)(ys[j] - targets[j]));
        const bool counts = !(distance <= tolerance);
        const loss_term term = function((double)ys[j], (double)targets[j], parameter);
        max = distance > max ? distance : max;
        error += counts ? term.error : 0;
        if (derivative != NULL)
            derivative[j] = counts ? (bp_real)term.slope : 0;
        if (terms != NULL)
            terms[j] = counts ? term.error : 0;
        if (curvature != NULL)
            curvature[j] = counts ? (bp_real)term.curvature : 0;
    }
    row->max = max;
    return error;
}

static double find_absolute_error(loss_row *row)
{
    return sum_terms(row, absolute_error);
}

static double find_huber(loss_row *row)
{
    return sum_terms(row, huber);
}

static double find_log_cosh(loss_row *row)
{
    return sum_terms(row, log_cosh);
}

static double find_quantile(loss_row *row)
{
    return sum_terms(row, quantile);
}

static double find_hinge(loss_row *row)
{
    return sum_terms(row, hinge);
}

static double find_poisson(loss_row *row)
{
    return sum_terms(row, poisson);
}

/* ------------------------------------------------------------------- targets */

static bool is_probability(bp_real target)
{
    return target >= 0 && target <= 1;
}

static bool is_class(bp_real target)
{
    return target == 1 || target == 0 || target == -1;
}

static bool is_count(bp_real target)
{
    return target >= 0;
}

/* --------------------------------------------------------------------- table */

#define OF(name) (UINT64_C(1) << ACTIVATION_##name)

static const loss_kind kinds[] = {
    {.kind = LOSS_SQUARED_ERROR, .name = "squared error", .traits = LOSS_TAKES_TOLERANCE | LOSS_FITS_MEAN},
    {.kind = LOSS_CROSS_ENTROPY,
     .name = "cross-entropy",
     .traits = LOSS_TAKES_TOLERANCE | LOSS_TAKES_SMOOTHING | LOSS_FITS_MEAN | LOSS_OF_CLASSES,
     .activations = OF(LOGISTIC) | OF(SOFTMAX),
     .activations_text = "logistic or softmax",
     .takes = is_probability,
     .targets_text = "0 to 1"},
    {.kind = LOSS_CUSTOM, .name = "a custom loss", .traits = LOSS_HAS_UNITS},
    {.kind = LOSS_DEFAULT, .name = "the default loss", .traits = LOSS_TAKES_TOLERANCE | LOSS_TAKES_SMOOTHING},
    {.kind = LOSS_ABSOLUTE_ERROR,
     .name = "absolute error",
     .traits = LOSS_TAKES_TOLERANCE,
     .find = find_absolute_error},
    {.kind = LOSS_HUBER,
     .name = "Huber's loss",
     .traits = LOSS_TAKES_TOLERANCE | LOSS_HAS_UNITS,
     .parameter = "delta",
     .low = 0,
     .high = INFINITY,
     .range_text = "above 0 and fit into bp_real",
     .find = find_huber},
    {.kind = LOSS_LOG_COSH, .name = "log-cosh loss", .traits = LOSS_TAKES_TOLERANCE, .find = find_log_cosh},
    {.kind = LOSS_QUANTILE,
     .name = "quantile loss",
     .traits = LOSS_TAKES_TOLERANCE,
     .parameter = "tau",
     .low = 0,
     .high = 1,
     .range_text = "above 0 and below 1",
     .find = find_quantile},
    {.kind = LOSS_HINGE,
     .name = "hinge loss",
     .traits = LOSS_HAS_UNITS | LOSS_OF_CLASSES,
     .activations = OF(LINEAR) | OF(TANH),
     .activations_text = "linear or tanh",
     .takes = is_class,
     .targets_text = "1, and 0 or -1",
     .find = find_hinge},
    {.kind = LOSS_POISSON,
     .name = "Poisson loss",
     .traits = LOSS_HAS_UNITS,
     .activations = OF(LINEAR),
     .activations_text = "linear",
     .takes = is_count,
     .targets_text = "0 or more",
     .find = find_poisson},
    {.kind = LOSS_OF_OUTPUTS, .name = "a loss of several outputs"},
};

const loss_kind *bpi_loss_kind(int32_t kind)
{
    const size_t count = sizeof kinds / sizeof kinds[0];
    return kind < 1 || (size_t)kind > count ? NULL : &kinds[kind - 1];
}

/* --------------------------------------------------------------- constructors */

bp_loss bp_loss_absolute_error(void)
{
    return (bp_loss){.kind = LOSS_ABSOLUTE_ERROR};
}

bp_loss bp_loss_huber(double delta)
{
    return (bp_loss){.kind = LOSS_HUBER, .parameter = {[LOSS_PARAMETER] = delta}};
}

bp_loss bp_loss_log_cosh(void)
{
    return (bp_loss){.kind = LOSS_LOG_COSH};
}

bp_loss bp_loss_quantile(double tau)
{
    return (bp_loss){.kind = LOSS_QUANTILE, .parameter = {[LOSS_PARAMETER] = tau}};
}

bp_loss bp_loss_hinge(void)
{
    return (bp_loss){.kind = LOSS_HINGE};
}

bp_loss bp_loss_poisson(void)
{
    return (bp_loss){.kind = LOSS_POISSON};
}
