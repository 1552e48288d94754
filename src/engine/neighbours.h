/* Nearest neighbours among some cases, whose rows lie side by side in memory. */
#ifndef BPI_ENGINE_NEIGHBOURS_H
#define BPI_ENGINE_NEIGHBOURS_H

#include "backprop.h"
#include "base/arithmetic.h"

/* Cases: `count` rows of inputs, scaled so that their differences can be compared, and then targets. */
typedef struct case_rows {
    size_t count, inputs, targets;
    bp_real *rows;
} case_rows;

static inline size_t bpi_row_width(const case_rows *cases)
{
    return cases->inputs + cases->targets;
}

static inline bp_real *bpi_inputs_of(const case_rows *cases, size_t i)
{
    return cases->rows + i * bpi_row_width(cases);
}

static inline bp_real *bpi_targets_of(const case_rows *cases, size_t i)
{
    return bpi_inputs_of(cases, i) + cases->inputs;
}

/* The square of the distance of two rows; at least `limit` if it is not less. */
double bpi_square_distance(const bp_real *a, const bp_real *b, size_t count, double limit);

/* The cases nearest to case `query` by their inputs, itself left out, the nearest first: `wanted` of them, at
 * most BPI_MAX_NEIGHBOURS and fewer than there are cases. Of several at one distance, those that come first.
 */
enum { BPI_MAX_NEIGHBOURS = 16 };
void bpi_find_neighbours(const case_rows *cases, size_t query, size_t wanted, size_t *found);

#endif
