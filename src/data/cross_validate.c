/* Cross-validation: a training for each fold, measured on the cases that it did not see. */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/numeric.h"
#include "base/random.h"
#include "base/sized_struct.h"
#include "base/status.h"
#include "base/threads.h"
#include "data/cross_summary.h"
#include "data/dataset_copy.h"
#include "data/fold.h"
#include "data/fold_metrics.h"
#include "engine/workspace.h"
#include "network/require.h"
#include "train/rate_search.h"
#include "train/run.h"
#include "train/trainings.h"

static const bp_cross_options default_options = {.size = sizeof default_options, .threads = 1, .seed = 1};

void bp_cross_options_init(bp_cross_options *options, size_t size)
{
    bpi_init_struct(SIZED_CROSS_OPTIONS, options, size, &default_options);
}

/* Trains a fold at a time, on one thread. */
typedef struct fold_worker {
    bp_dataset *dataset; /* a copy, divided as the fold says */
    size_t fold;
    bp_network *net;
    bp_trainer *trainer;
    training_run run;
    bp_data test;
    bp_real *outputs; /* of the test cases */
    double test_error;
} fold_worker;

/*
 * One call. Folds are trained in rounds of one per thread: the calling thread prepares the folds of a round,
 * all threads train them, and the calling thread measures them, so that it alone allocates.
 */
typedef struct cross_set {
    const bp_network *net;
    const bp_dataset *dataset;
    const bp_allocator *allocator; /* the network's */
    bp_cross_options options;
    bp_fold_options folds;
    trainings trainings;
    case_classes classes;

    fold_worker *workers;
    size_t worker_count;
    thread_team *team; /* NULL: one worker */

    seed_sequence seeds;
    bp_fold_result *results; /* one per fold */
    bp_real *predictions;    /* NULL: not wanted */
} cross_set;

/* ------------------------------------------------------------------------ arguments */

static bp_status read_options(cross_set *set, const bp_cross_options *cross)
{
    size_t count;
    set->options = default_options;
    if (cross != NULL)
        BPI_TRY(bpi_read_struct("bp_cross_validate", SIZED_CROSS_OPTIONS, cross, &set->options));
    BPI_TRY(bpi_check_threads("bp_cross_validate", "cross->threads", set->options.threads));
    BPI_TRY(bpi_fold_options("bp_cross_validate", set->dataset, set->options.folds, &set->folds, &count));
    if (set->dataset->targets == NULL)
        return bpi_fail(BP_ERROR_ARGUMENT, "bp_cross_validate: the dataset has no targets");
    set->trainings = (trainings){.function = "bp_cross_validate",
                                 .name = "fold",
                                 .threads = "cross->threads",
                                 .count = count,
                                 .thread_count = set->options.threads};
    return BP_OK;
}

static bp_status check_results(const cross_set *set, const bp_fold_result *each,
                               const bp_cross_summary *summary)
{
    if (each != NULL)
        BPI_TRY(bpi_check_result_structs("bp_cross_validate", SIZED_FOLD_RESULT, "each", each,
                                         set->trainings.count));
    return summary == NULL ? BP_OK
                           : bpi_check_result_struct("bp_cross_validate", SIZED_CROSS_SUMMARY, summary);
}

/* ------------------------------------------------------------------------ preparing */

/* The values of the predictions of all repetitions; 0 if they are more than a size can count. */
static size_t count_predictions(const cross_set *set)
{
    size_t count;
    if (!bpi_multiply(set->dataset->cases, set->folds.repetitions, &count) ||
        !bpi_multiply(count, set->net->output_width, &count))
        return 0;
    return count;
}

static bp_status allocate_predictions(cross_set *set)
{
    const size_t count = count_predictions(set);
    set->predictions = count == 0 ? NULL : bpi_allocate(set->allocator, count, sizeof *set->predictions);
    if (set->predictions == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "bp_cross_validate: no memory for the predictions of %zu cases",
                        set->dataset->cases);
    for (size_t i = 0; i < count; i++)
        set->predictions[i] = (bp_real)NAN;
    return BP_OK;
}

static bp_status prepare(cross_set *set, const bp_trainer_options *options, bool wants_predictions)
{
    const size_t count = set->trainings.count;
    BPI_TRY(bpi_trainings_begin(&set->trainings, options));
    bpi_seeds_begin(&set->seeds, set->options.seed);
    set->classes = bpi_case_classes(set->dataset);
    set->worker_count = bpi_min(set->options.threads, count);
    set->workers = bpi_allocate_zeroed(set->allocator, set->worker_count, sizeof *set->workers);
    set->results = bpi_allocate_zeroed(set->allocator, count, sizeof *set->results);
    if (set->workers == NULL || set->results == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "bp_cross_validate: no memory for %zu folds", count);
    if (wants_predictions)
        BPI_TRY(allocate_predictions(set));
    for (size_t i = 0; i < set->worker_count; i++)
        BPI_TRY(
            bpi_dataset_copy(&set->workers[i].dataset, "bp_cross_validate", set->dataset, set->allocator));
    if (set->worker_count > 1)
        BPI_TRY(bpi_team_create(&set->team, "bp_cross_validate", set->allocator, set->worker_count));
    return BP_OK;
}

static bp_status get_part(const bp_dataset *dataset, bp_subset part, bp_data *data)
{
    bp_data_init(data, sizeof *data);
    return bp_dataset_subset(dataset, part, data);
}

/* The choices of an ordinary first run with these cases and this seed. */
static bp_status begin_training(cross_set *set, fold_worker *worker, uint64_t seed)
{
    bp_data training, validation;
    const bool has_validation = bpi_dataset_range(worker->dataset, BP_SUBSET_VALIDATION).count > 0;
    BPI_TRY(get_part(worker->dataset, BP_SUBSET_TRAINING, &training));
    BPI_TRY(get_part(worker->dataset, BP_SUBSET_TEST, &worker->test));
    if (has_validation)
        BPI_TRY(get_part(worker->dataset, BP_SUBSET_VALIDATION, &validation));
    BPI_TRY(bpi_training_create(&set->trainings, set->net, seed, &worker->net, &worker->trainer));
    BPI_TRY(
        bpi_workspace_reserve("bp_cross_validate", worker->trainer->workspace, worker->test.cases, false));
    BPI_TRY(bpi_run_begin(&worker->run, worker->trainer, &training, has_validation ? &validation : NULL));
    return bpi_choose_rate(&worker->run);
}

static bp_status prepare_fold(cross_set *set, fold_worker *worker, size_t fold)
{
    bp_split_result split;
    bp_fold_result *result = &set->results[fold];
    worker->fold = fold;
    *result = (bp_fold_result){.size = sizeof *result, .seed = bpi_seeds_next(&set->seeds)};
    BPI_TRY(bpi_dataset_fold("bp_cross_validate", worker->dataset, &set->folds, fold, &split));
    result->training = split.training;
    result->validation = split.validation;
    result->test = split.test;
    result->missing_training = split.missing_training;
    result->missing_test = split.missing_test;
    BPI_TRY(begin_training(set, worker, result->seed));
    worker->outputs = bpi_allocate(set->allocator, split.test, set->net->output_width * sizeof(bp_real));
    if (worker->outputs == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "no memory for the outputs of %zu cases", split.test);
    return BP_OK;
}

static void end_fold(cross_set *set, fold_worker *worker)
{
    bp_trainer_destroy(worker->trainer);
    bp_network_destroy(worker->net);
    bpi_release(set->allocator, worker->outputs);
    worker->trainer = NULL;
    worker->net = NULL;
    worker->outputs = NULL;
}

/* ------------------------------------------------------------------------- training */

/* The outputs for the test cases, and their mean E. Allocates nothing. */
static bp_status look_at_test_cases(fold_worker *worker)
{
    bp_trainer *trainer = worker->trainer;
    bp_evaluation evaluation = {.size = sizeof evaluation};
    trainer->workspace->classes = NULL; /* weights of classes are of the training, which is over */
    BPI_TRY(bp_network_predict(worker->net, trainer->workspace, &worker->test, worker->outputs));
    BPI_TRY(bp_network_evaluate(worker->net, trainer->workspace, &worker->test, trainer->options.loss, NULL,
                                &evaluation));
    worker->test_error = evaluation.mean_error;
    return BP_OK;
}

static void keep_result(bp_fold_result *result, const fold_worker *worker, bp_status status,
                        const bp_result *found)
{
    result->status = status;
    result->reason = found->reason;
    result->epochs = found->epochs;
    result->best_epoch = found->best_epoch;
    result->updates = found->updates;
    result->learning_rate = worker->trainer->found_rate;
    result->training_error = found->mean_error;
    result->validation_error = found->validation_error;
    result->test_error = worker->test_error;
    result->seconds = found->seconds;
}

/* The chunk of a thread. */
static bp_status train_fold(void *context, size_t chunk)
{
    cross_set *set = context;
    fold_worker *worker = &set->workers[chunk];
    bp_result found = {.size = sizeof found};
    bp_status status = bpi_training_run(&set->trainings, &worker->run, worker->fold, &found);
    if (status != BP_OK && status != BP_DIVERGED)
        return BP_OK;
    bp_status looked = look_at_test_cases(worker);
    if (looked != BP_OK)
        bpi_training_failed(&set->trainings, worker->fold, looked);
    keep_result(&set->results[worker->fold], worker, status, &found);
    return BP_OK;
}

/* ------------------------------------------------------------------------- results */

/* The outputs go where the cases were loaded. */
static void keep_predictions(const cross_set *set, const fold_worker *worker)
{
    const size_t width = set->net->output_width;
    const case_range test = bpi_dataset_range(worker->dataset, BP_SUBSET_TEST);
    const size_t *origin = worker->dataset->origin + test.first;
    bp_real *rows = set->predictions + worker->fold / set->folds.folds * set->dataset->cases * width;
    for (size_t i = 0; i < test.count; i++)
        memcpy(rows + origin[i] * width, worker->outputs + i * width, width * sizeof *rows);
}

static void measure_fold(cross_set *set, const fold_worker *worker)
{
    bp_status status = bpi_fold_metrics(set->allocator, &set->classes, &worker->test, worker->outputs,
                                        &set->results[worker->fold]);
    if (status != BP_OK)
        bpi_training_failed(&set->trainings, worker->fold, status);
    else if (set->predictions != NULL)
        keep_predictions(set, worker);
}

/* Folds from `first` on. If one cannot be prepared, those before it are trained all the same: the first that
 * fails does not depend on the number of threads. */
static void train_round(cross_set *set, size_t first)
{
    const size_t left = set->trainings.count - first;
    size_t count = 0;
    bp_status status = BP_OK;
    while (count < bpi_min(left, set->worker_count) && status == BP_OK) {
        status = prepare_fold(set, &set->workers[count], first + count);
        if (status == BP_OK)
            count++;
        else
            bpi_training_failed(&set->trainings, first + count, status);
    }
    if (count > 0)
        bpi_team_run(set->team, count, train_fold, set);
    for (size_t i = 0; i < count && !bpi_trainings_have_failed(&set->trainings); i++)
        measure_fold(set, &set->workers[i]);
    for (size_t i = 0; i < set->worker_count; i++)
        end_fold(set, &set->workers[i]);
}

static bp_status train_all(cross_set *set)
{
    const size_t count = set->trainings.count;
    size_t diverged = 0;
    for (size_t first = 0; first < count && !bpi_trainings_have_failed(&set->trainings);
         first += bpi_min(count - first, set->worker_count))
        train_round(set, first);
    BPI_TRY(bpi_trainings_status(&set->trainings));
    for (size_t i = 0; i < count; i++)
        diverged += set->results[i].status == BP_DIVERGED;
    return diverged < count ? BP_OK
                            : bpi_fail(BP_DIVERGED, "bp_cross_validate: all %zu folds diverged", count);
}

static void clear(cross_set *set)
{
    bpi_team_destroy(set->team);
    for (size_t i = 0; set->workers != NULL && i < set->worker_count; i++) {
        end_fold(set, &set->workers[i]);
        bp_dataset_destroy(set->workers[i].dataset);
    }
    bpi_release(set->allocator, set->workers);
    bpi_release(set->allocator, set->results);
    bpi_release(set->allocator, set->predictions);
    bpi_trainings_end(&set->trainings);
}

bp_status bp_cross_validate(const bp_network *net, const bp_trainer_options *options,
                            const bp_dataset *dataset, const bp_cross_options *cross, bp_fold_result *each,
                            bp_real *predictions, bp_cross_summary *summary)
{
    BPI_REQUIRE(net);
    BPI_REQUIRE(dataset);
    BPI_TRY(bpi_require_finalized(__func__, net));
    const double start = bpi_clock_seconds();
    cross_set set = {.net = net, .dataset = dataset, .allocator = &net->allocator};
    BPI_TRY(read_options(&set, cross));
    BPI_TRY(check_results(&set, each, summary));

    bp_status status = prepare(&set, options, predictions != NULL);
    if (status == BP_OK)
        status = train_all(&set);
    if (status == BP_OK || status == BP_DIVERGED) {
        const size_t count = set.trainings.count;
        const bp_cross_summary found = bpi_cross_summary(set.results, count, bpi_clock_seconds() - start);
        if (each != NULL)
            bpi_write_structs(SIZED_FOLD_RESULT, each, set.results, count);
        if (summary != NULL)
            bpi_write_struct(SIZED_CROSS_SUMMARY, summary, &found);
    }
    if (status == BP_OK && predictions != NULL)
        memcpy(predictions, set.predictions, count_predictions(&set) * sizeof *predictions);
    clear(&set);
    return status;
}
