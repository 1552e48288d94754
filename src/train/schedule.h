/* Schedule: a learning rate or momentum as a function of the epoch. */
#ifndef BPI_TRAIN_SCHEDULE_H
#define BPI_TRAIN_SCHEDULE_H

#include "backprop.h"

/* Values of bp_schedule.kind. */
enum { SCHEDULE_NONE = 1, SCHEDULE_CONSTANT = 2, SCHEDULE_SWITCH = 3, SCHEDULE_EXPONENTIAL = 4 };

/* How a value that the schedule gives is judged: bpi_check_learning_rate or bpi_check_momentum. */
typedef bp_status (*schedule_value_check)(const char *where, const char *name, double value);

/* ARGUMENT or NOT_FINITE unless it was made by a constructor and gives only values that check_value takes. */
bp_status bpi_schedule_check(const char *where, const bp_schedule *schedule,
                             schedule_value_check check_value);

/* Its value in an epoch (0 is the first); own, if it is bp_schedule_none(). Trusts that it was checked. */
double bpi_schedule_value(const bp_schedule *schedule, size_t epoch, double own);

#endif
