#include "check/best_constant.h"

#include <string.h>

#include "base/memory.h"
#include "engine/loss.h"

bool bpi_best_constant_create(best_constant *best, const diagnosis *d)
{
    best->diagnosis = d;
    best->columns = bpi_allocate_zeroed(d->allocator, d->net->output_width, sizeof *best->columns);
    return best->columns != NULL;
}

void bpi_best_constant_clear(best_constant *best)
{
    bpi_release(best->diagnosis->allocator, best->columns);
}

bool bpi_best_constant_is_known(const diagnosis *d)
{
    return !bpi_loss_has_tolerance(&d->loss) && bpi_constant_error_is_known(d->net, &d->loss);
}

void bpi_best_constant_begin(best_constant *best)
{
    memset(best->columns, 0, best->diagnosis->net->output_width * sizeof *best->columns);
}

void bpi_best_constant_add(best_constant *best, size_t row)
{
    const diagnosis *d = best->diagnosis;
    const bp_real *targets = target_row(&d->training, row);
    double weight = d->training.case_weights == NULL ? 1 : (double)d->training.case_weights[row];
    for (size_t i = 0; i < d->net->output_width; i++)
        bpi_target_sums_add(&best->columns[i], bpi_scaled_target(d, i, (double)targets[i]), weight);
}

double bpi_best_constant_error(const best_constant *best)
{
    const bp_network *net = best->diagnosis->net;
    double sum = 0;
    for (size_t i = 0; i < net->output_count; i++) {
        const bp_layer *layer = net->outputs[i];
        for (size_t unit = 0; unit < layer->units; unit++)
            sum += bpi_target_sums_error(&best->columns[layer->output_column + unit], layer,
                                         &best->diagnosis->loss);
    }
    return sum;
}
