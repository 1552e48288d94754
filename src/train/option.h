/* Checks of numbers in the caller's options. */
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

/* Finite and > 0, and 0 <= m < 1, also after rounding to bp_real. */
bp_status bpi_check_learning_rate(const char *where, const char *name, double value);
bp_status bpi_check_rate_or_auto(const char *where, const char *name, double value); /* or BP_RATE_AUTO */
bp_status bpi_check_momentum(const char *where, const char *name, double value);

/* The momentum of an optimizer whose rule has none. */
bp_status bpi_check_no_momentum(const char *where, const bp_optimizer *optimizer);

#endif
