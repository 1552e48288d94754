#include "train/schedule.h"

#include <math.h>

#include "base/status.h"
#include "base/value_type.h"
#include "train/option.h"

/* A kind of schedule: how its parameters are checked, and its value in an epoch. */
typedef struct schedule_kind {
    bp_status (*check)(const char *where, const double *parameter, schedule_value_check check_value);
    double (*value)(const double *parameter, size_t epoch, double own);
} schedule_kind;

static bp_schedule make(int32_t kind, double first, double second, double third)
{
    return (bp_schedule){.kind = kind, .parameter = {first, second, third}};
}

bp_schedule bp_schedule_none(void)
{
    return make(SCHEDULE_NONE, 0, 0, 0);
}

static bp_status check_none(const char *where, const double *parameter, schedule_value_check check_value)
{
    (void)where, (void)parameter, (void)check_value;
    return BP_OK;
}

static double value_none(const double *parameter, size_t epoch, double own)
{
    (void)parameter, (void)epoch;
    return own;
}

bp_schedule bp_schedule_constant(double value)
{
    return make(SCHEDULE_CONSTANT, value, 0, 0);
}

static bp_status check_constant(const char *where, const double *parameter, schedule_value_check check_value)
{
    return check_value(where, "value", parameter[0]);
}

static double value_constant(const double *parameter, size_t epoch, double own)
{
    (void)epoch, (void)own;
    return parameter[0];
}

bp_schedule bp_schedule_switch(double first, size_t epochs, double then)
{
    return make(SCHEDULE_SWITCH, first, (double)epochs, then);
}

static bp_status check_switch(const char *where, const double *parameter, schedule_value_check check_value)
{
    BPI_TRY(check_value(where, "first", parameter[0]));
    return check_value(where, "then", parameter[2]);
}

static double value_switch(const double *parameter, size_t epoch, double own)
{
    (void)own;
    return (double)epoch < parameter[1] ? parameter[0] : parameter[2];
}

bp_schedule bp_schedule_exponential(double start, double factor, double minimum)
{
    return make(SCHEDULE_EXPONENTIAL, start, factor, minimum);
}

static bp_status check_exponential(const char *where, const double *parameter,
                                   schedule_value_check check_value)
{
    double factor = parameter[1], minimum = parameter[2];
    BPI_TRY(check_value(where, "start", parameter[0]));
    BPI_TRY(bpi_check_number(where, "factor", factor, factor > 0 && factor <= 1, "> 0 and <= 1"));
    /* A minimum of 0 means none, so it is allowed where a value of 0 is not. */
    BPI_TRY(bpi_check_number(where, "minimum", minimum, minimum >= 0, ">= 0"));
    return minimum == 0 ? BP_OK : check_value(where, "minimum", minimum);
}

static double value_exponential(const double *parameter, size_t epoch, double own)
{
    (void)own;
    return fmax(parameter[0] * pow(parameter[1], (double)epoch), parameter[2]);
}

static const schedule_kind kinds[] = {
    [SCHEDULE_NONE] = {check_none, value_none},
    [SCHEDULE_CONSTANT] = {check_constant, value_constant},
    [SCHEDULE_SWITCH] = {check_switch, value_switch},
    [SCHEDULE_EXPONENTIAL] = {check_exponential, value_exponential},
};

/* NULL if there is none of that kind. */
static const schedule_kind *find_kind(int32_t kind)
{
    size_t index = (size_t)kind; /* huge if it is negative */
    return index < sizeof kinds / sizeof kinds[0] && kinds[index].value != NULL ? &kinds[index] : NULL;
}

bp_status bpi_schedule_check(const char *where, const bp_schedule *schedule, schedule_value_check check_value)
{
    const schedule_kind *kind = find_kind(schedule->kind);
    BPI_TRY(BPI_CHECK_VALUE(where, "schedule", "bp_schedule_*", schedule, kind != NULL));
    return kind->check(where, schedule->parameter, check_value);
}

double bpi_schedule_value(const bp_schedule *schedule, size_t epoch, double own)
{
    return find_kind(schedule->kind)->value(schedule->parameter, epoch, own);
}
