#include "paper.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void paper_check(bp_status status)
{
    if (status == BP_OK)
        return;
    fprintf(stderr, "%s\n", bp_error_message());
    exit(EXIT_FAILURE);
}

double paper_max_abs(const bp_real *values, size_t count)
{
    double max = 0;
    for (size_t i = 0; i < count; i++) {
        double size = fabs((double)values[i]);
        if (size > max)
            max = size;
    }
    return max;
}

void *paper_allocate(size_t count, size_t size)
{
    void *memory = calloc(count == 0 ? 1 : count, size);
    if (memory == NULL) {
        fprintf(stderr, "out of memory\n");
        exit(EXIT_FAILURE);
    }
    return memory;
}

/* ------------------------------------------------------------------- samples */

void paper_sample_add(paper_sample *sample, double value)
{
    if (sample->count == sample->capacity) {
        size_t capacity = sample->capacity == 0 ? 64 : 2 * sample->capacity;
        double *values = paper_allocate(capacity, sizeof *values);
        if (sample->count > 0)
            memcpy(values, sample->values, sample->count * sizeof *values);
        free(sample->values);
        sample->values = values;
        sample->capacity = capacity;
    }
    sample->values[sample->count++] = value;
}

void paper_sample_free(paper_sample *sample)
{
    free(sample->values);
    *sample = (paper_sample){0};
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double paper_quantile(const paper_sample *sample, double share)
{
    if (sample->count == 0)
        return (double)NAN;
    double *sorted = paper_allocate(sample->count, sizeof *sorted);
    memcpy(sorted, sample->values, sample->count * sizeof *sorted);
    qsort(sorted, sample->count, sizeof *sorted, ascending);
    double place = share * (double)(sample->count - 1);
    size_t below = (size_t)place;
    size_t above = below + 1 < sample->count ? below + 1 : below;
    double value = sorted[below] + (place - (double)below) * (sorted[above] - sorted[below]);
    free(sorted);
    return value;
}

size_t paper_count_at_most(const paper_sample *sample, double limit)
{
    size_t count = 0;
    for (size_t i = 0; i < sample->count; i++)
        count += sample->values[i] <= limit;
    return count;
}

size_t paper_count_ones(const paper_sample *sample)
{
    return sample->count - paper_count_at_most(sample, 0.5);
}

/* ------------------------------------------------------------------ training */

/* The names of bp_network_create_layered. */
static const char *layer_name(char *buffer, size_t size, size_t index, size_t layers)
{
    if (index == 0)
        return "input";
    if (index == layers - 1)
        return "output";
    snprintf(buffer, size, "hidden%zu", index);
    return buffer;
}

bp_network *paper_network(const size_t *units, size_t layers, int direct, double range)
{
    bp_network *net = NULL;
    bp_layer *layer;
    char name[32];
    paper_check(bp_network_create(&net, NULL));
    paper_check(bp_network_add_input(NULL, net, "input", units[0]));
    for (size_t i = 1; i < layers; i++) {
        paper_check(bp_network_add_layer(&layer, net, layer_name(name, sizeof name, i, layers), units[i],
                                         bp_activation_logistic()));
        for (size_t below = direct ? 0 : i - 1; below < i; below++)
            paper_check(bp_network_connect(NULL, net, bp_network_layer(net, below), layer));
    }
    paper_check(bp_network_finalize(net));
    paper_check(bp_network_set_weight_init(net, bp_weight_init_uniform(-range, range)));
    return net;
}

bp_result paper_train(bp_network *net, const bp_data *data, const bp_trainer_options *options,
                      paper_sample *history)
{
    bp_trainer_options mine = *options;
    bp_trainer *trainer = NULL;
    bp_result result;
    mine.keep_history = history != NULL;
    bp_result_init(&result, sizeof result);
    paper_check(bp_trainer_create(&trainer, net, &mine));
    paper_check(bp_trainer_run(trainer, data, NULL, &result));
    if (history != NULL) {
        size_t count = 0;
        const double *errors = bp_trainer_history(trainer, &count);
        for (size_t i = 0; i < count; i++)
            paper_sample_add(history, errors[i]);
    }
    bp_trainer_destroy(trainer);
    return result;
}

bp_real *paper_outputs(const bp_network *net, const bp_data *data, const char *layer)
{
    bp_workspace *workspace = NULL;
    size_t count = data->cases * bp_network_output_width(net);
    bp_real *outputs = paper_allocate(count, sizeof *outputs);
    paper_check(bp_workspace_create(&workspace, net, data->cases));
    paper_check(bp_network_predict(net, workspace, data, outputs));
    if (layer != NULL) {
        const bp_layer *wanted = bp_network_find_layer(net, layer);
        free(outputs);
        count = data->cases * bp_layer_units(wanted);
        outputs = paper_allocate(count, sizeof *outputs);
        paper_check(bp_workspace_layer_outputs(workspace, wanted, outputs, count));
    }
    bp_workspace_destroy(workspace);
    return outputs;
}

/* ---------------------------------------------------------------- many seeds */

static void add_outcome(paper_summary *summary, const paper_outcome *outcome)
{
    summary->runs++;
    if (outcome->solved) {
        summary->solved++;
        paper_sample_add(&summary->sweeps, outcome->sweeps);
    } else {
        paper_sample_add(&summary->unsolved_error, outcome->error);
    }
    paper_sample_add(&summary->error, outcome->error);
    for (size_t i = 0; i < PAPER_METRICS; i++)
        if (!isnan(outcome->metric[i]))
            paper_sample_add(&summary->metric[i], outcome->metric[i]);
}

/* Makes this run the one that is shown if it is wanted; frees what is not shown. */
static void show_or_free(int wanted, bp_network **shown, paper_sample *history, bp_network *net,
                         paper_sample *errors)
{
    if (!wanted) {
        bp_network_destroy(net);
        paper_sample_free(errors);
        return;
    }
    bp_network_destroy(*shown);
    *shown = net;
    paper_sample_free(history);
    *history = *errors;
}

paper_summary paper_run_seeds(paper_run run, const void *setting, const paper_options *options,
                              bp_network **shown, paper_sample *history)
{
    paper_summary summary = {0};
    int shows_solved = 0;
    bp_network *best = NULL;
    paper_sample curve = {0};
    for (size_t i = 0; i < options->seeds; i++) {
        paper_outcome outcome = {0};
        paper_sample errors = {0};
        bp_network *net = NULL;
        for (size_t k = 0; k < PAPER_METRICS; k++)
            outcome.metric[k] = (double)NAN;
        run(setting, options->seed + i, &outcome, history == NULL ? NULL : &errors, &net);
        add_outcome(&summary, &outcome);
        show_or_free(i == 0 || (outcome.solved && !shows_solved), &best, &curve, net, &errors);
        shows_solved = shows_solved || outcome.solved;
    }
    if (shown != NULL)
        *shown = best;
    else
        bp_network_destroy(best);
    if (history != NULL)
        *history = curve;
    else
        paper_sample_free(&curve);
    return summary;
}

void paper_summary_free(paper_summary *summary)
{
    paper_sample_free(&summary->sweeps);
    paper_sample_free(&summary->error);
    paper_sample_free(&summary->unsolved_error);
    for (size_t i = 0; i < PAPER_METRICS; i++)
        paper_sample_free(&summary->metric[i]);
}
