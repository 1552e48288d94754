#include "train/rates.h"

#include <math.h>

#include "base/status.h"
#include "train/optimizer.h"
#include "train/option.h"
#include "train/rate_memory.h"
#include "train/rule_options.h"
#include "train/schedule.h"
#include "train/weight_decay.h"

/* ------------------------------------------------------------------ of the next updates */

typedef struct rate_pair {
    double learning_rate, momentum;
} rate_pair;

/* The lowest value of a schedule that has a minimum, else 0. */
static double minimum_of(const bp_schedule *schedule)
{
    switch (schedule->kind) {
    case SCHEDULE_EXPONENTIAL:
        return schedule->parameter[2];
    case SCHEDULE_COSINE:
        return schedule->parameter[1];
    case SCHEDULE_PLATEAU:
        return schedule->parameter[3];
    default:
        return 0;
    }
}

/* The rate of the schedule, lowered by recoveries and before the end of training, but not below a minimum
 * of the schedule. */
static double lowered(const bp_trainer *trainer, double rate)
{
    const double minimum = minimum_of(&trainer->options.learning_rate_schedule);
    return fmax(rate * trainer->rate_factor, fmin(rate, minimum));
}

/* Of the learning rate, after so many more updates in the same epoch. */
static schedule_moment moment_after(const bp_trainer *trainer, uint64_t more)
{
    return (schedule_moment){.epochs = trainer->epochs,
                             .updates = trainer->updates + more,
                             .own = trainer->options.optimizer.learning_rate,
                             .found = trainer->found_rate,
                             .scale = trainer->rate_memory.scale};
}

static schedule_moment moment_of_start(const bp_trainer *trainer)
{
    schedule_moment start = moment_after(trainer, 0);
    start.epochs = trainer->epochs_before;
    start.updates = trainer->updates_before;
    start.scale = 1;
    return start;
}

bool bpi_rate_is_spent(const bp_trainer *trainer)
{
    const schedule_moment now = moment_after(trainer, 0);
    return bpi_schedule_is_spent(&trainer->options.learning_rate_schedule, &now);
}

bool bpi_rate_was_spent(const bp_trainer *trainer)
{
    const schedule_moment start = moment_of_start(trainer);
    return bpi_schedule_is_spent(&trainer->options.learning_rate_schedule, &start);
}

double bpi_rate_at_start(const bp_trainer *trainer)
{
    const schedule_moment start = moment_of_start(trainer);
    return bpi_schedule_value(&trainer->options.learning_rate_schedule, &start);
}

static rate_pair rates_after(const bp_trainer *trainer, uint64_t more)
{
    const bp_trainer_options *options = &trainer->options;
    schedule_moment now = moment_after(trainer, more);
    rate_pair rates;
    rates.learning_rate = lowered(trainer, bpi_schedule_value(&options->learning_rate_schedule, &now));
    now.own = options->optimizer.momentum;
    now.scale = 1;
    rates.momentum = bpi_schedule_value(&options->momentum_schedule, &now);
    return rates;
}

void bpi_update_rates(bp_trainer *trainer)
{
    const bp_trainer_options *options = &trainer->options;
    rate_pair rates = rates_after(trainer, 0);
    trainer->is_scheduled = !bpi_schedule_is_fixed(&options->learning_rate_schedule) ||
                            !bpi_schedule_is_fixed(&options->momentum_schedule);
    trainer->learning_rate = rates.learning_rate;
    trainer->momentum = rates.momentum;
    trainer->decay = bpi_decay_of_update(trainer);
    trainer->penalty = bpi_penalty_of_update(trainer);
}

uint64_t bpi_updates_at_same_rates(const bp_trainer *trainer, uint64_t limit)
{
    if (!bpi_rates_change_by_update(trainer))
        return limit;
    for (uint64_t more = 1; more < limit; more++) {
        rate_pair rates = rates_after(trainer, more);
        if (rates.learning_rate != trainer->learning_rate || rates.momentum != trainer->momentum)
            return more;
    }
    return limit;
}

static bool is_automatic(const bp_trainer *trainer)
{
    const bp_trainer_options *options = &trainer->options;
    return bpi_schedule_is_automatic(&options->learning_rate_schedule, options->optimizer.learning_rate);
}

bool bpi_uses_found_rate(const bp_trainer *trainer)
{
    return trainer->found_rate != 0 && is_automatic(trainer);
}

bool bpi_waits_for_rate(const bp_trainer *trainer)
{
    return trainer->found_rate == 0 && is_automatic(trainer);
}

/* ---------------------------------------------------------------------- set by the caller */

/* What was learned about the rate before does not count for the one that the caller sets. */
static void begin_rate(bp_trainer *trainer)
{
    trainer->rate_factor = 1;
    bpi_rate_memory_begin(trainer);
    bpi_update_rates(trainer);
}

bp_status bp_trainer_set_learning_rate(bp_trainer *trainer, double learning_rate)
{
    BPI_REQUIRE(trainer);
    BPI_TRY(bpi_require_rate(__func__, trainer->rule));
    BPI_TRY(bpi_check_learning_rate(__func__, "learning_rate", learning_rate));
    trainer->options.optimizer.learning_rate = learning_rate;
    trainer->options.learning_rate_schedule = bp_schedule_none();
    begin_rate(trainer);
    return BP_OK;
}

bp_status bp_trainer_set_momentum(bp_trainer *trainer, double momentum)
{
    BPI_REQUIRE(trainer);
    BPI_TRY(bpi_require_momentum(__func__, trainer->rule));
    BPI_TRY(bpi_check_momentum(__func__, "momentum", momentum));
    trainer->options.optimizer.momentum = momentum;
    trainer->options.momentum_schedule = bp_schedule_none();
    bpi_update_rates(trainer);
    return BP_OK;
}

/* A search comes before training, not in the middle of a run. */
static bp_status require_rate(const char *function, const bp_trainer *trainer, const bp_schedule *schedule)
{
    if (trainer->running != 0 && trainer->found_rate == 0 &&
        bpi_schedule_is_automatic(schedule, trainer->options.optimizer.learning_rate))
        return bpi_fail(BP_ERROR_STATE,
                        "%s: the schedule begins with BP_RATE_AUTO, but the run in progress began without a "
                        "search for the learning rate",
                        function);
    return BP_OK;
}

bp_status bp_trainer_set_learning_rate_schedule(bp_trainer *trainer, bp_schedule schedule)
{
    BPI_REQUIRE(trainer);
    BPI_TRY(bpi_require_rate(__func__, trainer->rule));
    BPI_TRY(bpi_schedule_check("bp_trainer_set_learning_rate_schedule: schedule", &schedule,
                               SCHEDULE_OF_LEARNING_RATE));
    BPI_TRY(require_rate(__func__, trainer, &schedule));
    BPI_TRY(bpi_rate_memory_reserve(__func__, trainer, &schedule));
    trainer->options.learning_rate_schedule = schedule;
    begin_rate(trainer);
    return BP_OK;
}

bp_status bp_trainer_set_momentum_schedule(bp_trainer *trainer, bp_schedule schedule)
{
    BPI_REQUIRE(trainer);
    BPI_TRY(bpi_require_momentum(__func__, trainer->rule));
    BPI_TRY(
        bpi_schedule_check("bp_trainer_set_momentum_schedule: schedule", &schedule, SCHEDULE_OF_MOMENTUM));
    trainer->options.momentum_schedule = schedule;
    bpi_update_rates(trainer);
    return BP_OK;
}

double bp_trainer_learning_rate(const bp_trainer *trainer)
{
    return trainer == NULL ? NAN : trainer->learning_rate;
}

double bp_trainer_momentum(const bp_trainer *trainer)
{
    return trainer == NULL ? NAN : trainer->momentum;
}
