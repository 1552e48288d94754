#include "train/reporter_line.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "engine/loss.h"
#include "network/activation_kind.h"
#include "train/stopping.h"

static void put(char *line, const char *format, ...) BPI_PRINTF(2, 3);

/* Appends to the line, as far as there is room. */
static void put(char *line, const char *format, ...)
{
    size_t used = strlen(line);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line + used, REPORTER_LINE_CAPACITY - used, format, arguments);
    va_end(arguments);
}

static void put_number(char *line, const char *name, double value)
{
    put(line, "  %s %s", name, bpi_format_digits(value, 4).text);
}

/* The limit of this kind, or 0 without one. */
static double limit_of(const bp_trainer *trainer, bp_stop_reason kind)
{
    size_t rule = bpi_stopping_find(&trainer->stopping, kind);
    if (rule == trainer->stopping.count)
        return 0;
    const bp_stop_rule *found = &trainer->stopping.rules[rule];
    return kind == BP_STOP_SECONDS ? found->threshold : (double)found->count;
}

/* Are the outputs classes, or answers of yes and no? Of other numbers the accuracy tells nothing. */
static bool has_classes(const bp_trainer *trainer)
{
    const bp_network *net = trainer->network;
    for (size_t i = 0; i < net->output_count; i++) {
        const bp_activation *activation = &net->outputs[i]->activation;
        bool is_class =
            activation->kind == ACTIVATION_SOFTMAX ||
            bpi_loss_is_of_classes(bpi_loss_of(&trainer->options.loss, net->outputs[i]), activation);
        if (!is_class)
            return false;
    }
    return true;
}

reported_run bpi_reported_run(const bp_trainer *trainer)
{
    return (reported_run){.has_classes = has_classes(trainer),
                          .epochs_before = trainer->epochs_before,
                          .updates_before = trainer->updates_before,
                          .cases = trainer->epoch.cases,
                          .epoch_limit = limit_of(trainer, BP_STOP_EPOCHS),
                          .update_limit = limit_of(trainer, BP_STOP_UPDATES),
                          .seconds_limit = limit_of(trainer, BP_STOP_SECONDS)};
}

/* The seconds that are left of a limit, if `done` of it took so many seconds. */
static double left_of(double limit, double done, double seconds)
{
    if (limit == 0 || done <= 0)
        return INFINITY;
    return fmax(limit - done, 0) / done * seconds;
}

/* How long the limits allow the run to go on; infinite without one. */
static double seconds_left(const reported_run *run, const bp_progress *progress)
{
    const double seconds = progress->seconds;
    double epochs = (double)(progress->epoch - run->epochs_before);
    double updates = (double)(progress->updates - run->updates_before);
    double left = left_of(run->epoch_limit, epochs, seconds);
    left = fmin(left, left_of(run->update_limit, updates, seconds));
    return fmin(left, left_of(run->seconds_limit, seconds, seconds));
}

static void put_epoch(char *line, const reported_run *run, const bp_progress *progress)
{
    put(line, "epoch %zu", progress->epoch);
    if (run->epoch_limit > 0)
        put(line, "/%.0f", (double)run->epochs_before + run->epoch_limit);
}

/* 830, 12.3k, 4.56M */
static void put_speed(char *line, double cases, double seconds)
{
    static const char *const units[] = {"", "k", "M", "G"};
    size_t unit = 0;
    if (!(seconds > 0))
        return;
    double speed = cases / seconds;
    for (; speed >= 999.5 && unit < 3; unit++)
        speed /= 1000;
    put(line, "  %s%s cases/s", bpi_format_digits(speed, 3).text, units[unit]);
}

/* 0:07, 12:34, 1:02:03 */
static void put_time_left(char *line, double seconds)
{
    const double most = 100 * 3600;
    if (!(seconds < most))
        return;
    unsigned long left = (unsigned long)ceil(seconds);
    if (left >= 3600)
        put(line, "  %lu:%02lu:%02lu left", left / 3600, left / 60 % 60, left % 60);
    else
        put(line, "  %lu:%02lu left", left / 60, left % 60);
}

/* What a narrow terminal cuts off comes last. */
void bpi_reporter_line(char line[REPORTER_LINE_CAPACITY], const reported_run *run,
                       const bp_progress *progress)
{
    line[0] = 0;
    put_epoch(line, run, progress);
    put_number(line, "error", progress->mean_error);
    if (!isnan(progress->validation_error)) {
        put_number(line, "validation", progress->validation_error);
        if (run->has_classes)
            put(line, "  %s %%", bpi_format_digits(100 * progress->validation_accuracy, 3).text);
        put(line, "  best %zu", progress->best_epoch);
    }
    put_time_left(line, seconds_left(run, progress));
    if (progress->learning_rate > 0)
        put_number(line, "rate", progress->learning_rate);
    put_speed(line, (double)(progress->epoch - run->epochs_before) * (double)run->cases, progress->seconds);
}
