#include "train/iteration.h"

#include <math.h>

#include "base/status.h"
#include "train/metrics.h"
#include "train/objective.h"
#include "train/trainer.h"
#include "train/update.h"

/* Iterations that change F by its rounding alone. So many may go through a narrow valley to values that are
 * lower than any before: F shows it late, slopes at once. */
enum { MAX_SINCE_LOWEST = 100 };

static bool knows_point(const training_run *run)
{
    return run->has_point && run->point_weights_changed == run->trainer->network->weights_changed;
}

static bp_status provide_point(training_run *run)
{
    bp_trainer *trainer = run->trainer;
    if (knows_point(run))
        return BP_OK;
    run->has_point = false;
    BPI_TRY(bpi_objective_evaluate(run, &run->point));
    run->evaluations -= run->has_counted_point;
    trainer->evaluations -= run->has_counted_point;
    run->has_counted_point = false;
    if (!isfinite(run->point.value))
        return bpi_run_diverged(run, isfinite(run->point.error.error) ? "a derivative" : "the error");
    run->has_point = true;
    run->point_weights_changed = trainer->network->weights_changed;
    if (trainer->state.updates > 0 && trainer->state.scalars[SCALAR_VALUE] != run->point.value)
        bpi_trainer_clear_state(trainer);
    return BP_OK;
}

/* The figures of an epoch are those of the weights that it began with. */
static void note_epoch(const training_run *run, epoch_state *epoch)
{
    const bp_trainer *trainer = run->trainer;
    const bp_network *net = trainer->network;
    epoch->error = run->point.error.error;
    epoch->max_abs_error = run->point.error.max_abs_error;
    if (run->wants_norm)
        epoch->gradient_norm = sqrt(net->kernel->sum_of_squares(trainer->gradient, net->weight_count));
}

static void note_value(training_run *run)
{
    double *scalars = run->trainer->state.scalars;
    const bool is_lower = run->trainer->state.updates == 0 || run->point.value < scalars[SCALAR_LOWEST];
    scalars[SCALAR_VALUE] = run->point.value;
    scalars[SCALAR_SINCE_LOWEST] = is_lower ? 0 : scalars[SCALAR_SINCE_LOWEST] + 1;
    if (is_lower)
        scalars[SCALAR_LOWEST] = run->point.value;
    bpi_count_updates(run, 1);
}

bp_status bpi_iterate(training_run *run)
{
    bp_trainer *trainer = run->trainer;
    epoch_state *epoch = &trainer->epoch;
    BPI_TRY(provide_point(run));
    bpi_take_snapshot(run);
    epoch_state noted = *epoch;
    note_epoch(run, &noted);
    BPI_TRY(trainer->rule->iterate(run));
    if (run->outcome == ITERATION_GIVEN_UP)
        return BP_OK;
    *epoch = noted;
    epoch->done = epoch->cases;
    if (run->outcome == ITERATION_MOVED)
        note_value(run);
    return BP_OK;
}

bool bpi_iteration_is_last(const training_run *run)
{
    const bp_trainer *trainer = run->trainer;
    if (trainer->rule->iterate == NULL || !knows_point(run))
        return false;
    return run->outcome == ITERATION_NONE || trainer->state.scalars[SCALAR_SINCE_LOWEST] >= MAX_SINCE_LOWEST;
}
