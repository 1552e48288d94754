#include "train/target_noise.h"

#include <math.h>

#include "base/memory.h"
#include "base/numeric.h"
#include "base/status.h"
#include "engine/neighbours.h"
#include "engine/scale.h"
#include "network/scaling.h"

/* Cases whose neighbours are looked for, among so many cases. */
enum { MAX_QUERIES = 250, MAX_CANDIDATES = 1000 };

static bp_real scaled(const column_scaling *scaling, bp_real value, size_t column)
{
    if (!bpi_scaling_is_set(scaling))
        return value;
    return bpi_scale_value(value, scaling->offset[column], scaling->factor[column]);
}

/* Cases spread over all. */
static bool take_sample(const training_run *run, case_rows *sample)
{
    const bp_network *net = run->trainer->network;
    const bp_data *data = &run->training;
    sample->count = data->cases < MAX_CANDIDATES ? data->cases : MAX_CANDIDATES;
    sample->inputs = net->input_width;
    sample->targets = net->output_width;
    sample->rows =
        bpi_allocate(&run->trainer->allocator, sample->count, bpi_row_width(sample) * sizeof(bp_real));
    for (size_t i = 0; sample->rows != NULL && i < sample->count; i++) {
        size_t from = bpi_spread(i, sample->count, data->cases);
        bp_real *inputs = bpi_inputs_of(sample, i), *targets = bpi_targets_of(sample, i);
        for (size_t j = 0; j < sample->inputs; j++)
            inputs[j] = scaled(&net->input_scaling, data->inputs[from * data->input_stride + j], j);
        for (size_t j = 0; j < sample->targets; j++)
            targets[j] = scaled(&net->target_scaling, data->targets[from * data->target_stride + j], j);
    }
    return sample->rows != NULL;
}

/* Half the mean squared difference of the targets of two cases drawn at random, which is their variance. */
static double target_variance(const case_rows *sample)
{
    double variance = 0;
    for (size_t j = 0; j < sample->targets; j++) {
        double sum = 0, squares = 0, count = 0;
        for (size_t i = 0; i < sample->count; i++) {
            double d = (double)bpi_targets_of(sample, i)[j];
            if (isnan(d)) /* not there */
                continue;
            sum += d;
            squares += d * d;
            count++;
        }
        variance += count > 0 ? squares / count - sum / count * (sum / count) : 0;
    }
    return variance;
}

/* Adds the squared distances of the targets that two cases both have, and returns how many there are. */
static size_t add_distances(const case_rows *sample, size_t a, size_t b, double *sum)
{
    const bp_real *targets_a = bpi_targets_of(sample, a), *targets_b = bpi_targets_of(sample, b);
    size_t count = 0;
    for (size_t j = 0; j < sample->targets; j++) {
        const double distance = (double)targets_a[j] - (double)targets_b[j];
        if (isnan(distance))
            continue;
        *sum += distance * distance;
        count++;
    }
    return count;
}

/* As the function below, from pairs of targets of which both are there; the columns count as one. */
static double neighbour_variance_of_present(const case_rows *sample)
{
    const size_t queries = sample->count < MAX_QUERIES ? sample->count : MAX_QUERIES;
    double sum = 0;
    size_t count = 0;
    for (size_t i = 0; i < queries; i++) {
        size_t query = bpi_spread(i, queries, sample->count);
        size_t neighbour;
        bpi_find_neighbours(sample, query, 1, &neighbour);
        count += add_distances(sample, query, neighbour, &sum);
    }
    return count > 0 ? (double)sample->targets * sum / (2 * (double)count) : 0;
}

static double neighbour_variance(const case_rows *sample)
{
    const size_t queries = sample->count < MAX_QUERIES ? sample->count : MAX_QUERIES;
    double sum = 0;
    for (size_t i = 0; i < queries; i++) {
        size_t query = bpi_spread(i, queries, sample->count);
        size_t neighbour;
        bpi_find_neighbours(sample, query, 1, &neighbour);
        sum += bpi_square_distance(bpi_targets_of(sample, query), bpi_targets_of(sample, neighbour),
                                   sample->targets, INFINITY);
    }
    return sum / (2 * (double)queries);
}

bp_status bpi_find_target_spread(const training_run *run, target_spread *spread)
{
    case_rows sample;
    if (!take_sample(run, &sample))
        return bpi_fail(BP_ERROR_MEMORY, "bp_trainer_run: out of memory for a sample of the cases");
    const double variance = target_variance(&sample);
    const double of_neighbours =
        run->training.missing_targets ? neighbour_variance_of_present(&sample) : neighbour_variance(&sample);
    *spread = (target_spread){.variance = variance / (double)sample.targets,
                              .noise = variance > 0 ? fmin(of_neighbours / variance, 1) : 0};
    bpi_release(&run->trainer->allocator, sample.rows);
    return BP_OK;
}
