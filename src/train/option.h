/* How a number among the caller's options is judged and named when it is refused. */
#ifndef BPI_TRAIN_OPTION_H
#define BPI_TRAIN_OPTION_H

#include <stdbool.h>

#include "backprop.h"

/*
 * NOT_FINITE if value is NaN or infinite, else ARGUMENT unless in_range. `where` names the function and the
 * option, `name` the number: "bp_trainer_create: options.optimizer: learning_rate is -1, it must be > 0".
 */
bp_status bpi_check_number(const char *where, const char *name, double value, bool in_range,
                           const char *range);

/* One value: finite and > 0, or in 0 <= m < 1, also when rounded to bp_real. */
bp_status bpi_check_learning_rate(const char *where, const char *name, double value);
bp_status bpi_check_momentum(const char *where, const char *name, double value);

#endif
