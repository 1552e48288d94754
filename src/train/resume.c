#include "train/resume.h"

#include "base/status.h"
#include "train/metrics.h"

run_place bpi_run_place(const training_run *run, bool goes_on)
{
    return (run_place){.goes_on = goes_on,
                       .has_snapshot = run->has_snapshot,
                       .ends_epoch = run->ends_epoch,
                       .is_unstable = run->is_unstable,
                       .metrics = run->epoch_metrics,
                       .epochs = run->epochs,
                       .updates = run->updates,
                       .evaluations = run->evaluations,
                       .seconds = bpi_run_seconds(run),
                       .cases = run->cases,
                       .validation_cases = run->validation.cases,
                       .training_hash = run->training_hash,
                       .validation_hash = run->validation_hash};
}

static bp_status check_count(const char *what, size_t count, size_t saved)
{
    if (count == saved)
        return BP_OK;
    return bpi_fail(BP_ERROR_SIZE,
                    "bp_trainer_run: %s has %zu cases, but %zu when the checkpoint was made; "
                    "bp_trainer_reset() would begin anew",
                    what, count, saved);
}

static bp_status check_hash(const char *what, uint64_t hash, uint64_t saved)
{
    if (hash == saved || hash == 0 || saved == 0)
        return BP_OK;
    return bpi_fail(BP_ERROR_STATE,
                    "bp_trainer_run: the %s cases are not those that the run of the checkpoint began with: "
                    "as many, but with other values; bp_trainer_reset() would begin anew from these weights",
                    what);
}

/* A run that goes on, or an epoch, must have the same cases to its end. */
static bp_status check_values(const training_run *run)
{
    const run_place *place = &run->trainer->place;
    if (!place->goes_on && !run->trainer->epoch.begun)
        return BP_OK;
    BPI_TRY(check_hash("training", run->training_hash, place->training_hash));
    return check_hash("validation", run->validation_hash, place->validation_hash);
}

bp_status bpi_resume_check(const training_run *run)
{
    const bp_trainer *trainer = run->trainer;
    const size_t window = run->window == NULL ? 0 : run->window->capacity;
    if (!trainer->is_loaded || trainer->place.cases == 0)
        return BP_OK;
    const size_t cases = run->window == NULL ? run->training.cases : run->window->cases;
    BPI_TRY(check_count("training", cases, trainer->place.cases));
    BPI_TRY(check_count("validation", run->validation.cases, trainer->place.validation_cases));
    if (trainer->epoch.begun && trainer->epoch.window != window)
        return bpi_fail(
            BP_ERROR_SIZE,
            "bp_trainer_run: the window has %zu cases, but %zu when the checkpoint was made; 0: all", window,
            trainer->epoch.window);
    return check_values(run);
}

bool bpi_resume(training_run *run)
{
    bp_trainer *trainer = run->trainer;
    const run_place *place = &trainer->place;
    const bool goes_on = trainer->is_loaded && place->goes_on;
    trainer->is_loaded = false;
    if (!goes_on)
        return false;
    run->start -= place->seconds;
    run->epochs = place->epochs;
    run->updates = place->updates;
    run->resumed_at = place->updates;
    run->evaluations = place->evaluations;
    run->has_counted_point = trainer->rule->iterate != NULL && place->evaluations > 0;
    run->has_snapshot = place->has_snapshot;
    run->ends_epoch = place->ends_epoch;
    run->is_unstable = place->is_unstable;
    run->epoch_metrics = place->metrics;
    trainer->epochs_before -= place->epochs;
    trainer->updates_before -= place->updates;
    return true;
}
