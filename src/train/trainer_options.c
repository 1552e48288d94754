#include "train/trainer_options.h"

#include <stdio.h>
#include <string.h>

#include "base/sized_struct.h"
#include "base/status.h"
#include "engine/loss_check.h"
#include "network/require.h"
#include "train/class_weighting.h"
#include "train/optimizer.h"
#include "train/option.h"
#include "train/penalties.h"
#include "train/rule_options.h"
#include "train/schedule.h"
#include "train/stopping.h"
#include "train/whole_set.h"

/* The start of every message: only bp_trainer_create checks options as a whole. */
#define WHERE "bp_trainer_create: options"

static bp_trainer_options default_options(void)
{
    return (bp_trainer_options){
        .size = sizeof(bp_trainer_options),
        .loss = bp_loss_default(),
        .optimizer = bp_optimizer_momentum(BP_RATE_AUTO, 0.9),
        .learning_rate_schedule = bp_schedule_none(),
        .momentum_schedule = bp_schedule_none(),
        .weight_decay = BP_DECAY_AUTO,
        .batch_size = BP_BATCH_AUTO,
        .reduction = BP_REDUCE_MEAN,
        .scale_data = 1,
        .keep_best = 1,
        .recoveries = BP_RECOVERIES_AUTO,
        .shuffle = 1,
        .seed = 1,
        .threads = 1,
    };
}

void bp_trainer_options_init(bp_trainer_options *options, size_t size)
{
    const bp_trainer_options defaults = default_options();
    bpi_init_struct(SIZED_TRAINER_OPTIONS, options, size, &defaults);
}

void bp_trainer_options_1986(bp_trainer_options *options, size_t size)
{
    bp_trainer_options preset = default_options();
    preset.loss = bp_loss_squared_error();
    preset.optimizer = bp_optimizer_momentum(0, 0.9); /* the caller must set the learning rate */
    preset.weight_decay = 0;
    preset.batch_size = 0;
    preset.reduction = BP_REDUCE_SUM;
    preset.scale_data = 0;
    preset.keep_best = 0;
    preset.recoveries = 0;
    bpi_init_struct(SIZED_TRAINER_OPTIONS, options, size, &preset);
}

static bp_status check_flag(const char *name, int value)
{
    if (value != 0 && value != 1)
        return bpi_fail(BP_ERROR_ARGUMENT, WHERE ".%s is %d, it must be 0 or 1", name, value);
    return BP_OK;
}

static bp_status check_values(const bp_trainer_options *options)
{
    BPI_TRY(bpi_optimizer_check(WHERE ".optimizer", &options->optimizer));
    BPI_TRY(bpi_schedule_check(WHERE ".learning_rate_schedule", &options->learning_rate_schedule,
                               SCHEDULE_OF_LEARNING_RATE));
    BPI_TRY(
        bpi_schedule_check(WHERE ".momentum_schedule", &options->momentum_schedule, SCHEDULE_OF_MOMENTUM));
    const double decay = options->weight_decay;
    if (decay != BP_DECAY_AUTO && bpi_optimizer_rule(options->optimizer.kind)->iterate != NULL)
        BPI_TRY(bpi_check_number(WHERE, "weight_decay", decay, decay >= 0, ">= 0"));
    else if (decay != BP_DECAY_AUTO)
        BPI_TRY(bpi_check_number(WHERE, "weight_decay", decay, decay >= 0 && decay < 1, ">= 0 and < 1"));
    BPI_TRY(bpi_rule_options_check(options));
    return bpi_penalties_check(WHERE, options);
}

static bp_status check_choices(const bp_trainer_options *options)
{
    int reduction = (int)options->reduction;
    if (reduction != BP_REDUCE_SUM && reduction != BP_REDUCE_MEAN)
        return bpi_fail(BP_ERROR_ARGUMENT,
                        WHERE ".reduction is %d, it must be BP_REDUCE_SUM or BP_REDUCE_MEAN", reduction);
    BPI_TRY(check_flag("average_shared", options->average_shared));
    BPI_TRY(check_flag("scale_data", options->scale_data));
    BPI_TRY(check_flag("keep_best", options->keep_best));
    if (options->recoveries < 0 && options->recoveries != BP_RECOVERIES_AUTO)
        return bpi_fail(BP_ERROR_ARGUMENT, WHERE ".recoveries is %d, it must be >= 0 or BP_RECOVERIES_AUTO",
                        options->recoveries);
    BPI_TRY(check_flag("shuffle", options->shuffle));
    BPI_TRY(check_flag("keep_history", options->keep_history));
    if (options->no_bias_decay > 1)
        return bpi_fail(BP_ERROR_ARGUMENT, WHERE ".no_bias_decay is %zu, it must be 0 or 1",
                        options->no_bias_decay);
    return bpi_check_threads("bp_trainer_create", "options.threads", options->threads);
}

static bp_status check_stop_rules(const bp_trainer_options *options)
{
    if (options->stop_rules == NULL && options->stop_rule_count > 0)
        return bpi_fail(BP_ERROR_ARGUMENT, WHERE ".stop_rules is NULL, but stop_rule_count is %zu",
                        options->stop_rule_count);
    for (size_t i = 0; i < options->stop_rule_count; i++) {
        char where[80];
        snprintf(where, sizeof where, WHERE ".stop_rules[%zu]", i);
        BPI_TRY(bpi_stop_rule_check(where, &options->stop_rules[i]));
    }
    return BP_OK;
}

/* Files that a run writes: each has a name, and one of its own. */
static bp_status check_files(const bp_trainer_options *options)
{
    const struct {
        const char *name, *path;
    } files[] = {{"history_csv", options->history_csv},
                 {"history_json", options->history_json},
                 {"checkpoint_path", options->checkpoint_path}};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        if (files[i].path == NULL)
            continue;
        if (files[i].path[0] == '\0')
            return bpi_fail(BP_ERROR_ARGUMENT, WHERE ".%s is empty, it must be a path or NULL",
                            files[i].name);
        for (size_t j = 0; j < i; j++)
            if (files[j].path != NULL && strcmp(files[i].path, files[j].path) == 0)
                return bpi_fail(BP_ERROR_ARGUMENT, WHERE ".%s is the same file as options.%s: '%s'",
                                files[i].name, files[j].name, files[i].path);
    }
    return BP_OK;
}

static bp_status check_checkpoints(const bp_trainer_options *options)
{
    const double seconds = options->checkpoint_seconds;
    BPI_TRY(bpi_check_number(WHERE, "checkpoint_seconds", seconds, seconds >= 0, ">= 0"));
    if (options->checkpoint_path == NULL && (options->checkpoint_updates > 0 || seconds > 0))
        return bpi_fail(BP_ERROR_ARGUMENT, WHERE ".checkpoint_path is NULL, but checkpoint_%s is set",
                        seconds > 0 ? "seconds" : "updates");
    return BP_OK;
}

bp_status bpi_trainer_options_check(const bp_trainer_options *options, const bp_network *net,
                                    bp_trainer_options *checked)
{
    bp_trainer_options read = default_options();
    if (options != NULL)
        BPI_TRY(bpi_read_struct("bp_trainer_create", SIZED_TRAINER_OPTIONS, options, &read));
    BPI_TRY(bpi_require_slopes("bp_trainer_create", net));
    BPI_TRY(bpi_loss_check("bp_trainer_create: options.loss", &read.loss, net));
    BPI_TRY(bpi_loss_check_teaches("bp_trainer_create", net));
    BPI_TRY(check_values(&read));
    BPI_TRY(check_choices(&read));
    BPI_TRY(check_stop_rules(&read));
    BPI_TRY(check_files(&read));
    BPI_TRY(bpi_whole_set_check_options(WHERE, &read, net));
    BPI_TRY(check_checkpoints(&read));
    BPI_TRY(bpi_class_weighting_check(WHERE, &read, net));
    *checked = read;
    return BP_OK;
}
