/* Schedules: a learning rate or momentum as a function of the epoch. */
#ifndef BPI_TRAIN_SCHEDULE_H
#define BPI_TRAIN_SCHEDULE_H

#include "backprop.h"

/* Values of bp_schedule.kind. */
enum { SCHEDULE_NONE = 1, SCHEDULE_CONSTANT = 2, SCHEDULE_SWITCH = 3, SCHEDULE_EXPONENTIAL = 4 };

/* The check of a value of the schedule: bpi_check_learning_rate or bpi_check_momentum. */
typedef bp_status (*schedule_value_check)(const char *where, const char *name, double value);

/* ARGUMENT or NOT_FINITE unless it was created by a constructor and all its values pass check_value. */
bp_status bpi_schedule_check(const char *where, const bp_schedule *schedule,
                             schedule_value_check check_value);

/* Its value in an epoch (0 is the first); `own` if it is bp_schedule_none(). The schedule has been checked.
 */
double bpi_schedule_value(const bp_schedule *schedule, size_t epoch, double own);

#endif
