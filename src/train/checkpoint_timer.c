#include "train/checkpoint_timer.h"

#include <errno.h>

#include "base/stale_files.h"
#include "base/status.h"
#include "base/write_file.h"
#include "base/write_signals.h"
#include "engine/finding.h"
#include "train/checkpoint_file.h"
#include "train/finding.h"
#include "train/metrics.h"
#include "train/resume.h"

/* Without another interval. */
static const double usual_seconds = 60;

/* Seconds from one to the next; 0: time does not matter. */
static double interval_of(const bp_trainer_options *options)
{
    if (options->checkpoint_path == NULL || options->checkpoint_seconds > 0)
        return options->checkpoint_path == NULL ? 0 : options->checkpoint_seconds;
    return options->checkpoint_updates > 0 ? 0 : usual_seconds;
}

static bool is_wanted(const training_run *run)
{
    return run->trainer->options.checkpoint_path != NULL && !run->is_search;
}

bool bpi_checkpoint_has_clock(const training_run *run)
{
    return is_wanted(run) && interval_of(&run->trainer->options) > 0;
}

static void note_failure(const training_run *run, int number, bool is_foreseen)
{
    bp_finding warning = bpi_finding(BP_FINDING_CHECKPOINT_FILE, BP_SEVERITY_WARNING);
    warning.epoch = run->trainer->epochs;
    warning.values[0] = number;
    warning.values[1] = run->checkpoints.status == BP_ERROR_MEMORY;
    warning.values[2] = is_foreseen;
    bpi_add_finding(run->trainer, &warning);
}

static void restart(training_run *run)
{
    run->checkpoints.updates = run->trainer->updates;
    run->checkpoints.seconds = bpi_checkpoint_has_clock(run) ? bpi_run_seconds(run) : 0;
}

/* A path that cannot work is noted at once, not when the first checkpoint is due. */
static void check_path(training_run *run)
{
    const int number = is_wanted(run) ? bpi_write_obstacle(run->trainer->options.checkpoint_path) : 0;
    if (number == 0)
        return;
    run->checkpoints.status = BP_ERROR_FILE;
    note_failure(run, number, true);
}

void bpi_checkpoints_begin(training_run *run)
{
    restart(run);
    check_path(run);
    if (is_wanted(run)) /* so that a program that is killed again and again does not fill the directory */
        bpi_remove_stale_files(run->trainer->options.checkpoint_path);
}

uint64_t bpi_updates_until_checkpoint(const training_run *run)
{
    const uint64_t interval = run->trainer->options.checkpoint_updates;
    const uint64_t since = run->trainer->updates - run->checkpoints.updates;
    if (!is_wanted(run) || interval == 0)
        return UINT64_MAX;
    return since < interval ? interval - since : 0;
}

static bool is_due(const training_run *run)
{
    if (run->trainer->updates == run->checkpoints.updates)
        return false;
    return bpi_updates_until_checkpoint(run) == 0 ||
           (bpi_checkpoint_has_clock(run) &&
            bpi_run_seconds(run) - run->checkpoints.seconds >= interval_of(&run->trainer->options));
}

/* The message of the thread belongs to the run, which goes on. */
static void write(training_run *run)
{
    const bp_trainer *trainer = run->trainer;
    const bp_network *net = trainer->network;
    saved_message before;
    write_signals signals;
    bpi_run_flush_weights(run);
    if (!net->kernel->all_finite(net->weights, net->weight_count))
        return;
    const run_place place = bpi_run_place(run, true);
    bpi_save_message(&before);
    bpi_block_write_signals(&signals);
    errno = 0;
    run->checkpoints.status = bpi_checkpoint_save(trainer, &place, trainer->options.checkpoint_path);
    const int number = errno;
    bpi_restore_write_signals(&signals);
    if (run->checkpoints.status == BP_OK) {
        run->checkpoints.written++;
        return;
    }
    bpi_restore_message(&before);
    note_failure(run, number, false);
}

void bpi_checkpoint_if_due(training_run *run)
{
    if (!is_wanted(run) || run->reason != BP_STOP_NONE || !is_due(run))
        return;
    write(run);
    restart(run);
}

void bpi_checkpoint_at_interruption(training_run *run)
{
    if (is_wanted(run))
        write(run);
}
