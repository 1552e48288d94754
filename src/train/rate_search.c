#include "train/rate_search.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/sized_struct.h"
#include "base/status.h"
#include "engine/load.h"
#include "train/epoch.h"
#include "train/finding.h"
#include "train/metrics.h"
#include "train/rates.h"
#include "train/update.h"

void bp_rate_search_init(bp_rate_search *search, size_t size)
{
    bpi_init_struct(SIZED_RATE_SEARCH, search, size, NULL);
}

/* -------------------------------------------------------- what a search puts back */

typedef struct saved_trainer {
    bp_trainer trainer; /* its members; the vectors that change are copied */
    bp_real *weights, *snapshot, *state;
    size_t *order;
} saved_trainer;

static size_t state_count(const bp_trainer *trainer)
{
    return trainer->network->weight_count * trainer->rule->state_vectors;
}

static void release(saved_trainer *saved)
{
    const bp_allocator *allocator = &saved->trainer.allocator;
    bpi_release(allocator, saved->weights);
    bpi_release(allocator, saved->snapshot);
    bpi_release(allocator, saved->state);
    bpi_release(allocator, saved->order);
}

static bp_status save(saved_trainer *saved, const bp_trainer *trainer)
{
    const bp_network *net = trainer->network;
    const bp_allocator *allocator = &trainer->allocator;
    *saved = (saved_trainer){.trainer = *trainer};
    saved->weights = bpi_allocate(allocator, net->weight_count, sizeof(bp_real));
    saved->snapshot = bpi_allocate(allocator, net->weight_count, sizeof(bp_real));
    saved->state = bpi_allocate(allocator, state_count(trainer), sizeof(bp_real));
    saved->order = bpi_allocate(allocator, trainer->order_cases, sizeof *saved->order);
    if (saved->weights == NULL || saved->snapshot == NULL || saved->state == NULL || saved->order == NULL) {
        release(saved);
        return bpi_fail(BP_ERROR_MEMORY, "bp_trainer_run: out of memory for the search of a learning rate");
    }
    memcpy(saved->weights, net->weights, net->weight_count * sizeof(bp_real));
    memcpy(saved->snapshot, trainer->weights_snapshot, net->weight_count * sizeof(bp_real));
    memcpy(saved->state, trainer->state, state_count(trainer) * sizeof(bp_real));
    if (trainer->order_cases > 0)
        memcpy(saved->order, trainer->order, trainer->order_cases * sizeof *saved->order);
    return BP_OK;
}

static void put_back(const saved_trainer *saved, bp_trainer *trainer)
{
    const bp_network *net = trainer->network;
    memcpy(net->weights, saved->weights, net->weight_count * sizeof(bp_real));
    memcpy(trainer->weights_snapshot, saved->snapshot, net->weight_count * sizeof(bp_real));
    memcpy(trainer->state, saved->state, state_count(trainer) * sizeof(bp_real));
    if (saved->trainer.order_cases > 0)
        memcpy(trainer->order, saved->order, saved->trainer.order_cases * sizeof *saved->order);
    trainer->order_cases = saved->trainer.order_cases;
    trainer->stream = saved->trainer.stream;
    trainer->epochs = saved->trainer.epochs;
    trainer->updates = saved->trainer.updates;
    trainer->epoch = saved->trainer.epoch;
    trainer->learning_rate = saved->trainer.learning_rate;
    bpi_forget_next_case(trainer->workspace);
}

/* --------------------------------------------------------------------- range test */

/* The search runs over rates that grow by a constant factor from MIN_RATE. */
static const double min_rate = 1e-5, max_rate = 30;

/* A rate is unstable when the error exceeds the minimum so far by this factor. */
static const double instability = 4;

/* The mean of the last errors, with weights that halve every few points. */
typedef struct smoothed {
    double sum, weight;
} smoothed;

static double smooth(smoothed *s, double error)
{
    const double memory = 0.7;
    s->sum = memory * s->sum + error;
    s->weight = memory * s->weight + 1;
    return s->sum / s->weight;
}

/* Trains with the trainer's rate until the run has made `updates` updates. *error: mean E of the batches. */
static bp_status train_until(training_run *run, uint64_t updates, double *error)
{
    bp_trainer *trainer = run->trainer;
    double sum = 0, cases = 0;
    run->max_updates = updates;
    while (run->updates < updates && run->reason == BP_STOP_NONE) {
        if (bpi_epoch_is_complete(run)) {
            trainer->epoch.begun = false;
            trainer->epochs++;
        }
        bpi_epoch_begin(run);
        const epoch_state before = trainer->epoch;
        BPI_TRY(bpi_update(run));
        BPI_TRY(bpi_require_in_progress(run));
        if (trainer->options.on_gradient != NULL) {
            sum += run->hook_error;
            cases += 1;
        } else {
            sum += trainer->epoch.error - before.error;
            cases += (double)(trainer->epoch.done - before.done);
        }
    }
    *error = sum / cases;
    return BP_OK;
}

/* 2 epochs, or MIN_UPDATES if that is more. */
static uint64_t count_updates(const training_run *run)
{
    enum { MIN_UPDATES = 100 };
    uint64_t per_epoch = (run->training.cases + run->batch_cases - 1) / run->batch_cases;
    bool is_fixed = run->trainer->options.on_gradient != NULL;
    return is_fixed || 2 * per_epoch < MIN_UPDATES ? MIN_UPDATES : 2 * per_epoch;
}

static bp_status test_range(training_run *run, bp_rate_search *found)
{
    const uint64_t all = count_updates(run);
    const size_t points = all / 2 < BP_RATE_POINTS ? (size_t)(all / 2) : BP_RATE_POINTS;
    const double growth = pow(max_rate / min_rate, 1 / (double)(points - 1));
    double rate = min_rate, minimum = INFINITY;
    smoothed errors = {0};
    found->limit = INFINITY;
    for (size_t i = 0; i < points && found->limit == INFINITY; i++, rate *= growth) {
        double error;
        run->trainer->learning_rate = rate;
        bp_status status = train_until(run, all * (i + 1) / points, &error);
        if (status != BP_OK && status != BP_DIVERGED)
            return status;
        if (run->reason != BP_STOP_NONE)
            break;
        error = status == BP_OK ? smooth(&errors, error) : NAN;
        found->start_error = i == 0 ? error : found->start_error;
        found->points[found->point_count++] = (bp_rate_point){rate, error};
        if (!(error <= instability * minimum))
            found->limit = rate;
        minimum = fmin(minimum, error);
    }
    found->updates = run->updates;
    return BP_OK;
}

/* ----------------------------------------------------------------- recommendation */

/* The rate with the minimum error is at the edge of stability; the recommended one is SAFETY times smaller.
 */
static bp_status recommend(bp_rate_search *found)
{
    const double safety = 10;
    size_t best = 0;
    for (size_t i = 1; i < found->point_count; i++)
        if (found->points[i].error < found->points[best].error)
            best = i;
    found->learning_rate = found->points[best].learning_rate / safety;
    if (found->points[best].error < found->start_error)
        return BP_OK;
    return bpi_fail(BP_ERROR_UNSUPPORTED,
                    "bp_trainer_find_learning_rate: no learning rate from %s to %s lowers the error of %s",
                    bpi_format_real(min_rate).text,
                    bpi_format_real(found->points[found->point_count - 1].learning_rate).text,
                    bpi_format_real(found->start_error).text);
}

bp_status bpi_search_rate(const training_run *run, bp_rate_search *found)
{
    bp_trainer *trainer = run->trainer;
    saved_trainer saved;
    BPI_TRY(save(&saved, trainer));
    training_run search = {.trainer = trainer,
                           .training = run->training,
                           .number = run->number,
                           .is_search = true,
                           .has_limits = true,
                           .batch_cases = run->batch_cases,
                           .is_shuffled = run->is_shuffled,
                           .rule = run->rule,
                           .start = run->start};
    bp_status status = test_range(&search, found);
    bpi_run_flush_weights(&search);
    put_back(&saved, trainer);
    release(&saved);
    return status == BP_OK ? recommend(found) : status;
}

static void note_rate(bp_trainer *trainer, const bp_rate_search *found)
{
    bp_finding note = bpi_finding(BP_FINDING_LEARNING_RATE, BP_SEVERITY_NOTE);
    note.values[0] = found->learning_rate;
    note.values[1] = found->limit;
    note.values[2] = found->points[found->point_count - 1].learning_rate;
    note.values[3] = (double)found->updates;
    bpi_add_finding(trainer, &note);
}

bp_status bpi_choose_rate(const training_run *run)
{
    bp_trainer *trainer = run->trainer;
    if (!bpi_waits_for_rate(trainer))
        return BP_OK;
    bp_rate_search found = {.size = sizeof found};
    bp_status status = bpi_search_rate(run, &found);
    if (status != BP_OK && status != BP_ERROR_UNSUPPORTED)
        return status;
    trainer->found_rate = found.learning_rate;
    bpi_update_rates(trainer);
    note_rate(trainer, &found);
    return BP_OK;
}
