#include "train/trainings.h"

#include <stdio.h>
#include <string.h>

#include "base/sized_struct.h"
#include "network/copy.h"
#include "network/trainable.h"
#include "train/rate_memory.h"
#include "train/reporter.h"
#include "train/run.h"
#include "train/schedule.h"
#include "train/stopping.h"

/* The caller's callback, one call at a time. */
static int report(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    trainings *set = context;
    pthread_mutex_lock(&set->lock);
    int stop = set->on_epoch(set->on_epoch_context, trainer, progress);
    pthread_mutex_unlock(&set->lock);
    return stop;
}

bp_status bpi_trainings_begin(trainings *set, const bp_trainer_options *options)
{
    pthread_mutex_init(&set->lock, NULL);
    set->failed = set->count;
    set->failure = BP_OK;
    bp_trainer_options_init(&set->options, sizeof set->options);
    if (options != NULL)
        BPI_TRY(bpi_read_struct(set->function, SIZED_TRAINER_OPTIONS, options, &set->options));
    set->options.keep_history = 0;   /* it grows during training, and nobody could read it afterwards */
    set->options.history_csv = NULL; /* all would write to the same file */
    set->options.history_json = NULL;
    set->options.checkpoint_path = NULL; /* likewise; without it no interval may be set */
    set->options.checkpoint_updates = 0;
    set->options.checkpoint_seconds = 0;
    set->on_epoch = set->options.on_epoch;
    set->on_epoch_context = set->options.on_epoch_context;
    if (set->on_epoch != NULL) {
        set->options.on_epoch = report;
        set->options.on_epoch_context = set;
    }
    return BP_OK;
}

void bpi_trainings_end(trainings *set)
{
    pthread_mutex_destroy(&set->lock);
}

/* What ordinary training can do, but not this. The trainer's options are checked. */
static bp_status refuse_unsupported(const trainings *set, const bp_trainer *trainer)
{
    if (trainer->options.on_gradient != NULL)
        return bpi_fail(
            BP_ERROR_UNSUPPORTED,
            "%s: options->on_gradient is set, but a gradient hook cannot tell one %s from another",
            set->function, set->name);
    if (bpi_stopping_find(&trainer->stopping, BP_STOP_SECONDS) < trainer->stopping.count)
        return bpi_fail(BP_ERROR_UNSUPPORTED,
                        "%s: options->stop_rules has bp_stop_seconds, but results must not depend on time; "
                        "bp_stop_updates is a limit, too",
                        set->function);
    if (trainer->options.threads > 1 && set->thread_count > 1)
        return bpi_fail(BP_ERROR_UNSUPPORTED,
                        "%s: options->threads is %zu and %s is %zu, but one of them must be 1", set->function,
                        trainer->options.threads, set->threads, set->thread_count);
    return BP_OK;
}

/* A callback may set a schedule, on the thread that trains. */
static bp_status reserve_for_callback(const trainings *set, bp_trainer *trainer)
{
    const bp_schedule any = {.kind = SCHEDULE_BOLD_DRIVER};
    return set->on_epoch == NULL ? BP_OK : bpi_rate_memory_reserve(set->function, trainer, &any);
}

bp_status bpi_training_initialize(const trainings *set, bp_network *net, uint64_t seed)
{
    return bpi_rename_function("bp_network_initialize", set->function, bp_network_initialize(net, seed));
}

bp_status bpi_training_create(trainings *set, const bp_network *from, uint64_t seed, bp_network **net,
                              bp_trainer **trainer)
{
    BPI_TRY(bpi_copy(net, set->function, from));
    BPI_TRY(bpi_training_initialize(set, *net, seed));
    bpi_keep_frozen(*net, from);
    bp_trainer_options options = set->options;
    options.seed = seed;
    BPI_TRY(bp_trainer_create(trainer, *net, &options));
    BPI_TRY(refuse_unsupported(set, *trainer));
    return reserve_for_callback(set, *trainer);
}

bp_status bpi_training_run(trainings *set, training_run *run, size_t index, bp_result *result)
{
    run->start_number = index;
    run->start_count = set->count;
    bp_status status = bpi_run_train(run, result);
    pthread_mutex_lock(&set->lock);
    bpi_reporters_end_run(run->trainer);
    pthread_mutex_unlock(&set->lock);
    if (status != BP_OK && status != BP_DIVERGED)
        bpi_training_failed(set, index, status);
    return status;
}

void bpi_training_failed(trainings *set, size_t index, bp_status status)
{
    pthread_mutex_lock(&set->lock);
    if (index < set->failed) {
        set->failed = index;
        set->failure = status;
        snprintf(set->message, sizeof set->message, "%s", bp_error_message());
    }
    pthread_mutex_unlock(&set->lock);
}

bool bpi_trainings_have_failed(trainings *set)
{
    pthread_mutex_lock(&set->lock);
    bool failed = set->failed < set->count;
    pthread_mutex_unlock(&set->lock);
    return failed;
}

bp_status bpi_trainings_status(const trainings *set)
{
    if (set->failed == set->count)
        return BP_OK;
    const char *message = set->message;
    const size_t length = strlen(set->function);
    if (strncmp(message, set->function, length) == 0 && message[length] == ':')
        message += length + 2; /* it is not named twice */
    return bpi_fail(set->failure, "%s: %s %zu: %s", set->function, set->name, set->failed, message);
}
