#include "train/schedule.h"

#include <math.h>

#include "base/status.h"
#include "base/value_type.h"
#include "train/option.h"

/*
 * A kind of schedule. Its first parameter is the value that it starts with, or the highest. The others are
 * checked by `check`. value is given the first parameter, as a number, apart from all of them, and the time.
 */
typedef struct schedule_kind {
    const char *first;     /* the name of the first parameter; NULL: the optimizer's value in its place */
    bool may_be_automatic; /* may the first parameter be BP_RATE_AUTO? */
    bool is_adaptive;      /* does it follow the error of whole epochs? */
    bp_status (*check)(const char *where, const double *parameter, schedule_use use);
    double (*value)(double first, const double *parameter, double time);
} schedule_kind;

static bp_status check_value(const char *where, const char *name, double value, schedule_use use)
{
    return use == SCHEDULE_OF_MOMENTUM ? bpi_check_momentum(where, name, value)
                                       : bpi_check_learning_rate(where, name, value);
}

static bp_status check_factor(const char *where, double factor)
{
    return bpi_check_number(where, "factor", factor, factor > 0 && factor <= 1, "> 0 and <= 1");
}

static bp_status check_at_least_1(const char *where, const char *name, double number)
{
    return bpi_check_number(where, name, number, number >= 1, ">= 1");
}

/* A minimum of 0 means none, so it is allowed where a value of 0 is not. */
static bp_status check_minimum(const char *where, double minimum, schedule_use use)
{
    BPI_TRY(bpi_check_number(where, "minimum", minimum, minimum >= 0, ">= 0"));
    return minimum == 0 ? BP_OK : check_value(where, "minimum", minimum, use);
}

static bp_status check_minimum_below(const char *where, double minimum, double start, schedule_use use)
{
    BPI_TRY(check_minimum(where, minimum, use));
    return bpi_check_number(where, "minimum", minimum, start == BP_RATE_AUTO || minimum <= start, "<= start");
}

static bp_schedule make(int32_t kind, double first, double second, double third)
{
    return (bp_schedule){.kind = kind, .parameter = {first, second, third}};
}

/* --------------------------------------------------------------- the same value, or two */

bp_schedule bp_schedule_none(void)
{
    return make(SCHEDULE_NONE, 0, 0, 0);
}

bp_schedule bp_schedule_constant(double value)
{
    return make(SCHEDULE_CONSTANT, value, 0, 0);
}

static bp_status check_constant(const char *where, const double *parameter, schedule_use use)
{
    (void)where, (void)parameter, (void)use;
    return BP_OK;
}

static double value_constant(double value, const double *parameter, double time)
{
    (void)parameter, (void)time;
    return value;
}

bp_schedule bp_schedule_switch(double first, size_t epochs, double then)
{
    return make(SCHEDULE_SWITCH, first, (double)epochs, then);
}

static bp_status check_switch(const char *where, const double *parameter, schedule_use use)
{
    return check_value(where, "then", parameter[2], use);
}

static double value_switch(double first, const double *parameter, double time)
{
    return time < parameter[1] ? first : parameter[2];
}

/* ------------------------------------------------------------------------------ decay */

bp_schedule bp_schedule_exponential(double start, double factor, double minimum)
{
    return make(SCHEDULE_EXPONENTIAL, start, factor, minimum);
}

static bp_status check_exponential(const char *where, const double *parameter, schedule_use use)
{
    BPI_TRY(check_factor(where, parameter[1]));
    return check_minimum(where, parameter[2], use);
}

static double value_exponential(double start, const double *parameter, double time)
{
    return fmax(start * pow(parameter[1], time), parameter[2]);
}

bp_schedule bp_schedule_step(double start, double factor, size_t epochs)
{
    return make(SCHEDULE_STEP, start, factor, (double)epochs);
}

static bp_status check_step(const char *where, const double *parameter, schedule_use use)
{
    (void)use;
    BPI_TRY(check_factor(where, parameter[1]));
    return check_at_least_1(where, "epochs", parameter[2]);
}

static double value_step(double start, const double *parameter, double time)
{
    return start * pow(parameter[1], floor(time / parameter[2]));
}

bp_schedule bp_schedule_inverse(double start, double decay)
{
    return make(SCHEDULE_INVERSE, start, decay, 0);
}

static bp_status check_inverse(const char *where, const double *parameter, schedule_use use)
{
    (void)use;
    return bpi_check_number(where, "decay", parameter[1], parameter[1] >= 0, ">= 0");
}

static double value_inverse(double start, const double *parameter, double time)
{
    return start / (1 + parameter[1] * time);
}

/* ------------------------------------------------------------------------------ cosine */

/* From high to low while progress goes from 0 to 1. */
static double half_cosine(double high, double low, double progress)
{
    const double pi = 3.14159265358979323846;
    return low + (high - low) * (1 + cos(pi * progress)) / 2;
}

bp_schedule bp_schedule_cosine(double start, double minimum, size_t epochs)
{
    return make(SCHEDULE_COSINE, start, minimum, (double)epochs);
}

static bp_status check_cosine(const char *where, const double *parameter, schedule_use use)
{
    BPI_TRY(check_minimum_below(where, parameter[1], parameter[0], use));
    return check_at_least_1(where, "epochs", parameter[2]);
}

static double value_cosine(double start, const double *parameter, double time)
{
    const double minimum = parameter[1], epochs = parameter[2];
    return time < epochs ? half_cosine(fmax(start, minimum), minimum, time / epochs) : minimum;
}

bp_schedule bp_schedule_one_cycle(double maximum, size_t epochs)
{
    return make(SCHEDULE_ONE_CYCLE, maximum, (double)epochs, 0);
}

static bp_status check_one_cycle(const char *where, const double *parameter, schedule_use use)
{
    (void)use;
    return check_at_least_1(where, "epochs", parameter[1]);
}

/* The rise takes the first 30 % of the epochs. */
static double value_one_cycle(double maximum, const double *parameter, double time)
{
    const double epochs = parameter[1], rise = 0.3 * epochs;
    const double start = maximum / 25, end = maximum / 1e4;
    if (time < rise)
        return start + (maximum - start) * (time / rise);
    return time < epochs ? half_cosine(maximum, end, (time - rise) / (epochs - rise)) : end;
}

/* ----------------------------------------------- adaptive: the start is scaled already */

bp_schedule bp_schedule_reduce_on_plateau(double start, double factor, size_t patience, double minimum)
{
    return (bp_schedule){.kind = SCHEDULE_PLATEAU, .parameter = {start, factor, (double)patience, minimum}};
}

static bp_status check_plateau(const char *where, const double *parameter, schedule_use use)
{
    const double factor = parameter[1];
    BPI_TRY(bpi_check_number(where, "factor", factor, factor > 0 && factor < 1, "> 0 and < 1"));
    BPI_TRY(check_at_least_1(where, "patience", parameter[2]));
    return check_minimum_below(where, parameter[3], parameter[0], use);
}

static double value_plateau(double scaled, const double *parameter, double time)
{
    (void)time;
    return fmax(scaled, parameter[3]);
}

bp_schedule bp_schedule_bold_driver(double start, double growth, double shrink)
{
    return make(SCHEDULE_BOLD_DRIVER, start, growth, shrink);
}

static bp_status check_bold_driver(const char *where, const double *parameter, schedule_use use)
{
    const double growth = parameter[1], shrink = parameter[2];
    (void)use;
    BPI_TRY(bpi_check_number(where, "growth", growth, growth >= 1, ">= 1"));
    return bpi_check_number(where, "shrink", shrink, shrink > 0 && shrink < 1, "> 0 and < 1");
}

/* ---------------------------------------------------------------------------- any kind */

static const schedule_kind kinds[] = {
    [SCHEDULE_NONE] = {NULL, true, false, check_constant, value_constant},
    [SCHEDULE_CONSTANT] = {"value", false, false, check_constant, value_constant},
    [SCHEDULE_SWITCH] = {"first", false, false, check_switch, value_switch},
    [SCHEDULE_EXPONENTIAL] = {"start", true, false, check_exponential, value_exponential},
    [SCHEDULE_STEP] = {"start", true, false, check_step, value_step},
    [SCHEDULE_INVERSE] = {"start", true, false, check_inverse, value_inverse},
    [SCHEDULE_COSINE] = {"start", true, false, check_cosine, value_cosine},
    [SCHEDULE_ONE_CYCLE] = {"maximum", true, false, check_one_cycle, value_one_cycle},
    [SCHEDULE_PLATEAU] = {"start", true, true, check_plateau, value_plateau},
    [SCHEDULE_BOLD_DRIVER] = {"start", true, true, check_bold_driver, value_constant},
};

/* NULL if there is none of that kind. */
static const schedule_kind *find_kind(int32_t kind)
{
    size_t index = (size_t)kind; /* huge if it is negative */
    return index < sizeof kinds / sizeof kinds[0] && kinds[index].value != NULL ? &kinds[index] : NULL;
}

bp_schedule bp_schedule_with_warm_up(bp_schedule schedule, size_t epochs)
{
    schedule.warm_up = (double)epochs;
    return schedule;
}

bp_schedule bp_schedule_by_update(bp_schedule schedule)
{
    schedule.by_update = 1;
    return schedule;
}

static bp_status check_first(const char *where, const bp_schedule *schedule, schedule_use use)
{
    const schedule_kind *kind = find_kind(schedule->kind);
    const double first = schedule->parameter[0];
    if (kind->first == NULL)
        return BP_OK;
    if (first != BP_RATE_AUTO || !kind->may_be_automatic)
        return check_value(where, kind->first, first, use);
    if (use != SCHEDULE_OF_LEARNING_RATE)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: %s is BP_RATE_AUTO, which is for learning rates only", where,
                        kind->first);
    return BP_OK;
}

static bp_status check_suits(const char *where, const bp_schedule *schedule, schedule_use use)
{
    if (!find_kind(schedule->kind)->is_adaptive)
        return BP_OK;
    if (use != SCHEDULE_OF_LEARNING_RATE)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: an adaptive schedule is for the learning rate only", where);
    if (schedule->by_update)
        return bpi_fail(
            BP_ERROR_ARGUMENT,
            "%s: an adaptive schedule judges whole epochs, bp_schedule_by_update does not suit it", where);
    return BP_OK;
}

bp_status bpi_schedule_check(const char *where, const bp_schedule *schedule, schedule_use use)
{
    const schedule_kind *kind = find_kind(schedule->kind);
    BPI_TRY(BPI_CHECK_VALUE(where, "schedule", "bp_schedule_*", schedule, kind != NULL));
    if (schedule->by_update > 1)
        return bpi_fail_value(where, "schedule", "bp_schedule_*", schedule->kind, true);
    BPI_TRY(bpi_check_number(where, "warm-up", schedule->warm_up, schedule->warm_up >= 0, ">= 0"));
    BPI_TRY(check_suits(where, schedule, use));
    BPI_TRY(check_first(where, schedule, use));
    return kind->check(where, schedule->parameter, use);
}

static double first_value(const bp_schedule *schedule, double own)
{
    return find_kind(schedule->kind)->first == NULL ? own : schedule->parameter[0];
}

bool bpi_schedule_is_fixed(const bp_schedule *schedule)
{
    return schedule->kind == SCHEDULE_NONE && schedule->warm_up == 0;
}

bool bpi_schedule_is_automatic(const bp_schedule *schedule, double own)
{
    return first_value(schedule, own) == BP_RATE_AUTO;
}

static double time_of(const bp_schedule *schedule, const schedule_moment *now)
{
    return schedule->by_update ? (double)now->updates : (double)now->epochs;
}

/* Its first number, for which BP_RATE_AUTO may stand; 0: not known yet. */
static double found_first_value(const bp_schedule *schedule, const schedule_moment *now)
{
    const double first = first_value(schedule, now->own);
    return first == BP_RATE_AUTO ? now->found : first;
}

bool bpi_schedule_is_spent(const bp_schedule *schedule, const schedule_moment *now)
{
    const double share = 1e-3; /* one cycle ends at 1e-4 */
    return time_of(schedule, now) >= schedule->warm_up &&
           bpi_schedule_value(schedule, now) < share * found_first_value(schedule, now);
}

double bpi_schedule_value(const bp_schedule *schedule, const schedule_moment *now)
{
    const schedule_kind *kind = find_kind(schedule->kind);
    const double time = time_of(schedule, now);
    const double warm_up = schedule->warm_up, *parameter = schedule->parameter;
    const double first = found_first_value(schedule, now) * now->scale;
    if (now->found == 0 && first_value(schedule, now->own) == BP_RATE_AUTO)
        return 0;
    if (time < warm_up)
        return kind->value(first, parameter, 0) * ((time + 1) / (warm_up + 1));
    return kind->value(first, parameter, time - warm_up);
}
