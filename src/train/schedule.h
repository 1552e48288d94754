/* Schedules: a learning rate or momentum as a function of time. */
#ifndef BPI_TRAIN_SCHEDULE_H
#define BPI_TRAIN_SCHEDULE_H

#include <stdbool.h>

#include "backprop.h"

/* Values of bp_schedule.kind. */
enum {
    SCHEDULE_NONE = 1,
    SCHEDULE_CONSTANT = 2,
    SCHEDULE_SWITCH = 3,
    SCHEDULE_EXPONENTIAL = 4,
    SCHEDULE_STEP = 5,
    SCHEDULE_INVERSE = 6,
    SCHEDULE_COSINE = 7,
    SCHEDULE_ONE_CYCLE = 8,
    SCHEDULE_PLATEAU = 9,
    SCHEDULE_BOLD_DRIVER = 10,
};

/* What the values are used for. */
typedef enum schedule_use { SCHEDULE_OF_LEARNING_RATE, SCHEDULE_OF_MOMENTUM } schedule_use;

/* ARGUMENT or NOT_FINITE unless it was created by a constructor, all its values are in the range of that use,
 * and its kind suits it. */
bp_status bpi_schedule_check(const char *where, const bp_schedule *schedule, schedule_use use);

/* The time of an update, and what else its rate depends on. */
typedef struct schedule_moment {
    size_t epochs;    /* finished; 0 in the first epoch */
    uint64_t updates; /* made before */
    double own;       /* the value without a schedule; may be BP_RATE_AUTO */
    double found;     /* what BP_RATE_AUTO stands for; 0: not found yet */
    double scale;     /* of an adaptive schedule by now; 1 for others */
} schedule_moment;

/* Its value, 0 if it is not known yet. The schedule has been checked. */
double bpi_schedule_value(const bp_schedule *schedule, const schedule_moment *now);

/* Has it fallen, after its warm-up, to so small a part of its first number that updates no longer teach
 * anything? */
bool bpi_schedule_is_spent(const bp_schedule *schedule, const schedule_moment *now);

/* Is the value at all times the optimizer's? */
bool bpi_schedule_is_fixed(const bp_schedule *schedule);

/* Does it begin with BP_RATE_AUTO? `own` is the value without a schedule. */
bool bpi_schedule_is_automatic(const bp_schedule *schedule, double own);

#endif
