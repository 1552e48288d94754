/* Several trainings of a network, each from initial weights of its own, of which the best is kept. */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/numeric.h"
#include "base/sized_struct.h"
#include "base/status.h"
#include "network/change_weights.h"
#include "network/copy.h"
#include "network/require.h"
#include "network/scaling.h"
#include "network/trainable.h"
#include "train/finding.h"
#include "train/rate_search.h"
#include "train/run.h"
#include "train/trainer.h"
#include "train/trainings.h"

static const bp_starts_options default_options = {
    .size = sizeof default_options, .count = 10, .threads = 1, .seed = 1};

void bp_starts_options_init(bp_starts_options *options, size_t size)
{
    bpi_init_struct(SIZED_STARTS_OPTIONS, options, size, &default_options);
}

void bp_start_result_init(bp_start_result *results, size_t size, size_t count)
{
    bpi_init_structs(SIZED_START_RESULT, results, size, count);
}

void bp_starts_summary_init(bp_starts_summary *summary, size_t size)
{
    bpi_init_struct(SIZED_STARTS_SUMMARY, summary, size, NULL);
}

/* Trains one start after the other, on one thread. */
typedef struct start_worker {
    bp_network *net;
    bp_trainer *trainer;
    bp_trainer prepared; /* as it is before each start, see bpi_trainer_restart */
    training_run run;    /* that has begun, to be copied for each start */
} start_worker;

/* One call. */
typedef struct start_set {
    const bp_network *net; /* the caller's */
    const bp_allocator *allocator;
    bp_starts_options options;
    trainings trainings;
    bool has_validation;

    start_worker *workers;
    size_t worker_count;
    thread_team *team; /* NULL: one worker */

    bp_start_result *results; /* one per start */
    bp_network **networks;    /* one per start; NULL: not wanted */
    bp_real *best_weights;

    /* Under the lock of the trainings. */
    size_t next; /* start that is not begun yet */
    size_t best; /* start so far; options.count: none */
} start_set;

/* ------------------------------------------------------------------------ arguments */

/* bpi_trainings_end follows, if it succeeds. */
static bp_status read_options(start_set *set, const bp_starts_options *starts)
{
    set->options = default_options;
    if (starts != NULL)
        BPI_TRY(bpi_read_struct("bp_train_starts", SIZED_STARTS_OPTIONS, starts, &set->options));
    if (set->options.count == 0)
        return bpi_fail(BP_ERROR_ARGUMENT, "bp_train_starts: starts->count is 0, it must be >= 1");
    BPI_TRY(bpi_check_threads("bp_train_starts", "starts->threads", set->options.threads));
    set->best = set->options.count;
    set->trainings = (trainings){.function = "bp_train_starts",
                                 .name = "start",
                                 .threads = "starts->threads",
                                 .count = set->options.count,
                                 .thread_count = set->options.threads};
    return BP_OK;
}

/* ------------------------------------------------------------------------- training */

/* What the starts are compared by. */
static double score(const start_set *set, size_t start)
{
    const bp_start_result *result = &set->results[start];
    return set->has_validation ? result->validation_error : result->error;
}

/* The order of the starts, whatever the order in which they end: by score, NaN last, then by number. */
static bool is_better(const start_set *set, size_t a, size_t b)
{
    double of_a = score(set, a), of_b = score(set, b);
    if (of_a == of_b || (isnan(of_a) && isnan(of_b)))
        return a < b;
    return of_a < of_b || isnan(of_b);
}

/* False if there is no start left, or one has failed. They are begun in order, so that the first that fails
 * is always the same. */
static bool take_start(start_set *set, size_t *start)
{
    const bool has_failed = bpi_trainings_have_failed(&set->trainings);
    pthread_mutex_lock(&set->trainings.lock);
    bool taken = set->next < set->options.count && !has_failed;
    *start = set->next;
    set->next += taken;
    pthread_mutex_unlock(&set->trainings.lock);
    return taken;
}

static void keep_result(start_set *set, size_t start, bp_status status, const bp_result *found)
{
    bp_start_result *result = &set->results[start];
    result->status = status;
    result->reason = found->reason;
    result->epochs = found->epochs;
    result->updates = found->updates;
    result->error = found->error;
    result->mean_error = found->mean_error;
    result->validation_error = found->validation_error;
    result->best_epoch = found->best_epoch;
    result->seconds = found->seconds;
    result->evaluations = found->evaluations;
}

static void keep_weights(start_set *set, size_t start, const bp_network *net)
{
    const size_t bytes = net->weight_count * sizeof *net->weights;
    if (set->networks != NULL)
        memcpy(bpi_change_weights(set->networks[start]), net->weights, bytes);
    if (set->results[start].status != BP_OK)
        return;
    pthread_mutex_lock(&set->trainings.lock);
    if (set->best == set->options.count || is_better(set, start, set->best)) {
        set->best = start;
        memcpy(set->best_weights, net->weights, bytes);
    }
    pthread_mutex_unlock(&set->trainings.lock);
}

static void train_start(start_set *set, start_worker *worker, size_t start)
{
    const uint64_t seed = set->results[start].seed;
    bp_status status = bpi_training_initialize(&set->trainings, worker->net, seed);
    if (status != BP_OK) {
        bpi_training_failed(&set->trainings, start, status);
        return;
    }
    bpi_keep_frozen(worker->net, set->net);
    bpi_trainer_restart(worker->trainer, &worker->prepared, seed);
    training_run run = worker->run;
    bp_result result = {.size = sizeof result};
    status = bpi_training_run(&set->trainings, &run, start, &result);
    if (status != BP_OK && status != BP_DIVERGED)
        return;
    keep_result(set, start, status, &result);
    keep_weights(set, start, worker->net);
}

/* The chunk of a thread. */
static bp_status train_starts(void *context, size_t chunk)
{
    start_set *set = context;
    size_t start;
    while (take_start(set, &start))
        train_start(set, &set->workers[chunk], start);
    return BP_OK;
}

/* ------------------------------------------------------------------------- making */

/* The worker whose first run makes the choices, as in an ordinary training with the first seed. */
static bp_status prepare_first(start_set *set, const bp_network *net, const bp_data *training,
                               const bp_data *validation)
{
    start_worker *worker = &set->workers[0];
    BPI_TRY(bpi_training_create(&set->trainings, net, set->options.seed, &worker->net, &worker->trainer));
    BPI_TRY(bpi_run_begin(&worker->run, worker->trainer, training, validation));
    BPI_TRY(bpi_choose_rate(&worker->run));
    worker->prepared = *worker->trainer;
    return BP_OK;
}

static void copy_rate(bp_trainer *trainer, const bp_trainer *from)
{
    trainer->found_rate = from->found_rate;
    for (size_t i = 0; i < from->finding_count; i++)
        if (from->findings[i].kind == BP_FINDING_LEARNING_RATE)
            bpi_add_finding(trainer, &from->findings[i]);
}

/* Another worker, whose network is scaled already. */
static bp_status prepare_other(start_set *set, start_worker *worker, const bp_data *training,
                               const bp_data *validation)
{
    const start_worker *first = &set->workers[0];
    BPI_TRY(
        bpi_training_create(&set->trainings, first->net, set->options.seed, &worker->net, &worker->trainer));
    worker->trainer->options.scale_data = 0;
    BPI_TRY(bpi_run_begin(&worker->run, worker->trainer, training, validation));
    copy_rate(worker->trainer, &first->prepared);
    worker->prepared = *worker->trainer;
    return BP_OK;
}

static bp_status create_networks(start_set *set)
{
    set->networks = bpi_allocate_zeroed(set->allocator, set->options.count, sizeof *set->networks);
    if (set->networks == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "bp_train_starts: out of memory for %zu networks",
                        set->options.count);
    for (size_t i = 0; i < set->options.count; i++) {
        BPI_TRY(bpi_copy(&set->networks[i], "bp_train_starts", set->workers[0].net));
        set->networks[i]->weights_drawn = false;
    }
    return BP_OK;
}

static void draw_seeds(start_set *set)
{
    seed_sequence seeds;
    bpi_seeds_begin(&seeds, set->options.seed);
    for (size_t i = 0; i < set->options.count; i++)
        set->results[i] = (bp_start_result){.size = sizeof(bp_start_result), .seed = bpi_seeds_next(&seeds)};
}

static bp_status allocate(start_set *set, const bp_network *net)
{
    set->worker_count = bpi_min(set->options.threads, set->options.count);
    set->workers = bpi_allocate_zeroed(set->allocator, set->worker_count, sizeof *set->workers);
    set->results = bpi_allocate_zeroed(set->allocator, set->options.count, sizeof *set->results);
    set->best_weights = bpi_allocate(set->allocator, net->weight_count, sizeof(bp_real));
    if (set->workers == NULL || set->results == NULL || set->best_weights == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "bp_train_starts: out of memory for %zu starts", set->options.count);
    return BP_OK;
}

/* From the caller's options to workers that can train. */
static bp_status prepare(start_set *set, const bp_network *net, const bp_trainer_options *options,
                         const bp_data *training, const bp_data *validation, bool wants_networks)
{
    BPI_TRY(bpi_trainings_begin(&set->trainings, options));
    set->has_validation = validation != NULL;
    BPI_TRY(allocate(set, net));
    draw_seeds(set);
    BPI_TRY(prepare_first(set, net, training, validation));
    for (size_t i = 1; i < set->worker_count; i++)
        BPI_TRY(prepare_other(set, &set->workers[i], training, validation));
    if (wants_networks)
        BPI_TRY(create_networks(set));
    if (set->worker_count > 1)
        BPI_TRY(bpi_team_create(&set->team, "bp_train_starts", set->allocator, set->worker_count));
    return BP_OK;
}

static void clear(start_set *set)
{
    bpi_team_destroy(set->team);
    for (size_t i = 0; set->workers != NULL && i < set->worker_count; i++) {
        bp_trainer_destroy(set->workers[i].trainer);
        bp_network_destroy(set->workers[i].net);
    }
    for (size_t i = 0; set->networks != NULL && i < set->options.count; i++)
        bp_network_destroy(set->networks[i]);
    bpi_release(set->allocator, set->networks);
    bpi_release(set->allocator, set->workers);
    bpi_release(set->allocator, set->results);
    bpi_release(set->allocator, set->best_weights);
    bpi_trainings_end(&set->trainings);
}

/* ------------------------------------------------------------------------- results */

static bp_starts_summary summarize(const start_set *set, double seconds)
{
    const size_t count = set->options.count;
    bp_starts_summary summary = {.size = sizeof summary,
                                 .best = set->best,
                                 .learning_rate = set->workers[0].prepared.found_rate,
                                 .seconds = seconds};
    for (size_t i = 0; i < count; i++)
        summary.diverged += set->results[i].status == BP_DIVERGED;
    if (set->best == count)
        return summary;
    const double best = score(set, set->best), limit = best + 0.01 * fabs(best);
    for (size_t i = 0; i < count; i++)
        summary.near_best += i == set->best || (set->results[i].status == BP_OK && score(set, i) <= limit);
    return summary;
}

static void report_results(const start_set *set, double seconds, bp_start_result *results,
                           bp_starts_summary *summary)
{
    const bp_starts_summary found = summarize(set, seconds);
    if (summary != NULL)
        bpi_write_struct(SIZED_STARTS_SUMMARY, summary, &found);
    if (results != NULL)
        bpi_write_structs(SIZED_START_RESULT, results, set->results, set->options.count);
}

/* The best weights, and the scaling that all have. */
static void hand_over_best(start_set *set, bp_network *net)
{
    bp_network *first = set->workers[0].net;
    bpi_scaling_clear(&net->allocator, &net->input_scaling);
    bpi_scaling_clear(&net->allocator, &net->target_scaling);
    net->input_scaling = first->input_scaling;
    net->target_scaling = first->target_scaling;
    net->scaling_origin = first->scaling_origin;
    first->input_scaling = first->target_scaling = (column_scaling){NULL, NULL};
    memcpy(bpi_change_weights(net), set->best_weights, net->weight_count * sizeof *net->weights);
    net->weights_set = true;
    net->weights_drawn = false;
    net->weights_changed++;
}

static void hand_over(start_set *set, bp_network *net, bp_network **networks)
{
    hand_over_best(set, net);
    if (networks == NULL)
        return;
    memcpy(networks, set->networks, set->options.count * sizeof *networks);
    memset(set->networks, 0, set->options.count * sizeof *networks);
}

/* BP_DIVERGED if all did. */
static bp_status judge(const start_set *set)
{
    BPI_TRY(bpi_trainings_status(&set->trainings));
    if (set->best == set->options.count)
        return bpi_fail(BP_DIVERGED, "bp_train_starts: all %zu starts diverged", set->options.count);
    return BP_OK;
}

bp_status bp_train_starts(bp_network *net, const bp_trainer_options *options, const bp_data *training,
                          const bp_data *validation, const bp_starts_options *starts, bp_network **networks,
                          bp_start_result *results, bp_starts_summary *summary)
{
    BPI_REQUIRE(net);
    BPI_REQUIRE(training);
    BPI_TRY(bpi_require_finalized(__func__, net));
    const double start = bpi_clock_seconds();
    start_set set = {.net = net, .allocator = &net->allocator};
    BPI_TRY(read_options(&set, starts));
    if (results != NULL)
        BPI_TRY(
            bpi_check_result_structs(__func__, SIZED_START_RESULT, "results", results, set.options.count));
    if (summary != NULL)
        BPI_TRY(bpi_check_result_struct(__func__, SIZED_STARTS_SUMMARY, summary));

    bp_status status = prepare(&set, net, options, training, validation, networks != NULL);
    if (status == BP_OK) {
        bpi_team_run(set.team, set.worker_count, train_starts, &set);
        status = judge(&set);
        if (status == BP_OK || status == BP_DIVERGED)
            report_results(&set, bpi_clock_seconds() - start, results, summary);
    }
    if (status == BP_OK)
        hand_over(&set, net, networks);
    clear(&set);
    return status;
}
