#include "train/class_weighting.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/real.h"
#include "engine/class_weights.h"
#include "train/option.h"

/* ------------------------------------------------------------------------- options */

static bool is_wanted(const bp_trainer_options *options)
{
    return options->balance_classes == 1 || options->class_weight_count > 0;
}

static const char *option_of(const bp_trainer_options *options)
{
    return options->balance_classes == 1 ? "balance_classes" : "class_weights";
}

static bp_status check_weights(const char *where, const bp_trainer_options *options)
{
    double largest = 0;
    for (size_t i = 0; i < options->class_weight_count; i++) {
        char name[48];
        const double weight = options->class_weights[i];
        snprintf(name, sizeof name, "class_weights[%zu]", i);
        BPI_TRY(bpi_check_number(where, name, weight, weight >= 0 && bpi_fits_real(weight),
                                 ">= 0 and fit into bp_real"));
        largest = fmax(largest, weight);
    }
    if (options->class_weight_count > 0 && largest == 0)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s.class_weights are all 0, one must be above", where);
    return BP_OK;
}

static bp_status check_classes(const char *where, const bp_trainer_options *options, const bp_network *net)
{
    BPI_TRY(bpi_class_weights_check_network(where, option_of(options), net));
    const size_t classes = bpi_class_count(net->output_width);
    if (options->class_weight_count != classes && options->balance_classes == 0)
        return bpi_fail(BP_ERROR_SIZE, "%s.class_weight_count is %zu, but the network has %zu classes%s",
                        where, options->class_weight_count, classes,
                        net->output_width == 1 ? ", 0 and 1 of its single output" : "");
    return BP_OK;
}

bp_status bpi_class_weighting_check(const char *where, const bp_trainer_options *options,
                                    const bp_network *net)
{
    if (options->balance_classes > 1)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s.balance_classes is %zu, it must be 0 or 1", where,
                        options->balance_classes);
    if (options->class_weights == NULL && options->class_weight_count > 0)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s.class_weights is NULL, but class_weight_count is %zu", where,
                        options->class_weight_count);
    if (options->class_weight_count > 0 && options->balance_classes == 1)
        return bpi_fail(BP_ERROR_ARGUMENT,
                        "%s.balance_classes is 1, but class_weights are given; one of them must be left out",
                        where);
    if (options->class_weights != NULL && options->class_weight_count == 0)
        return bpi_fail(BP_ERROR_SIZE, "%s.class_weight_count is 0, but class_weights are given", where);
    if (!is_wanted(options))
        return BP_OK;
    BPI_TRY(check_weights(where, options));
    return check_classes(where, options, net);
}

/* ------------------------------------------------------------------------- trainer */

/* Balanced weights are 1 until a run begins. */
bp_status bpi_class_weighting_create(bp_trainer *trainer)
{
    bp_trainer_options *options = &trainer->options;
    const double *given = options->class_weights;
    options->class_weights = NULL; /* the caller's */
    if (!is_wanted(options))
        return BP_OK;
    const size_t count = bpi_class_count(trainer->network->output_width);
    trainer->given_class_weights = bpi_allocate(&trainer->allocator, count, sizeof(double));
    trainer->classes.weights = bpi_allocate(&trainer->allocator, count, sizeof(bp_real));
    if (trainer->given_class_weights == NULL || trainer->classes.weights == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "bp_trainer_create: out of memory for the weights of %zu classes",
                        count);
    trainer->classes.count = count;
    for (size_t i = 0; i < count; i++) {
        trainer->given_class_weights[i] = given == NULL ? 1 : given[i];
        trainer->classes.weights[i] = (bp_real)trainer->given_class_weights[i];
    }
    if (given != NULL)
        options->class_weights = trainer->given_class_weights;
    trainer->workspace->classes = &trainer->classes;
    return BP_OK;
}

void bpi_class_weighting_destroy(bp_trainer *trainer)
{
    bpi_release(&trainer->allocator, trainer->given_class_weights);
    bpi_release(&trainer->allocator, trainer->classes.weights);
}

/* ----------------------------------------------------------------------------- run */

/* The sums of case weights that a pass over a stream found of targets of 0 and 1. */
static double sum_of_ones(const target_sums *sums)
{
    return sums->weight * sums->first + sums->sum;
}

static void read_stream_sums(const case_window *window, size_t classes, double *sums)
{
    const target_sums *columns = window->target_sums;
    const bool is_single = window->stream->source.target_width == 1;
    for (size_t i = 0; i < classes; i++)
        sums[i] = is_single ? sum_of_ones(columns) : sum_of_ones(&columns[i]);
    if (is_single)
        sums[0] = columns->weight - sums[1];
}

/* Sums of the targets by the weights of cases become those by the weights of classes, too. */
static void weigh_stream_sums(const case_window *window, const class_weights *classes, const double *sums)
{
    const size_t width = window->stream->source.target_width;
    double all = 0;
    for (size_t i = 0; i < classes->count; i++)
        all += (double)classes->weights[i] * sums[i];
    for (size_t i = 0; i < width; i++) {
        const size_t class = width == 1 ? 1 : i;
        const double ones = (double)classes->weights[class] * sums[class];
        window->target_sums[i] = (target_sums){.weight = all, .sum = ones, .squares = ones};
    }
}

bp_status bpi_class_weighting_begin(training_run *run)
{
    bp_trainer *trainer = run->trainer;
    const class_weights *classes = &trainer->classes;
    if (classes->count == 0)
        return BP_OK;
    double *sums = bpi_allocate_zeroed(&trainer->allocator, classes->count, sizeof *sums);
    if (sums == NULL)
        return bpi_fail(BP_ERROR_MEMORY, "bp_trainer_run: out of memory for the sums of %zu classes",
                        classes->count);
    if (run->window == NULL)
        bpi_add_class_sums(&run->training, sums);
    else
        read_stream_sums(run->window, classes->count, sums);
    if (trainer->options.balance_classes == 1)
        bpi_balance_classes(sums, classes);
    if (run->window != NULL)
        weigh_stream_sums(run->window, classes, sums);
    bpi_release(&trainer->allocator, sums);
    return BP_OK;
}
