#include "engine/normal_matrix.h"

#include <string.h>

#include "base/memory.h"
#include "base/numeric.h"
#include "engine/forward.h"
#include "engine/jacobian.h"
#include "engine/load.h"
#include "engine/parallel.h"

/* A block fits into a core's cache, if a case does. */
enum { BLOCK_VALUES = 1 << 15, MIN_CASES = 3, MAX_CASES = 256 };

/* ------------------------------------------------------------------------- memory */

static size_t case_values(const bp_network *net)
{
    return net->output_width * net->weight_count;
}

/* As few as bpi_block_rows allows, or more. */
static size_t block_cases(const bp_network *net)
{
    const size_t fitting = BLOCK_VALUES / bpi_max(bpi_min(case_values(net), BLOCK_VALUES), 1);
    return bpi_min(bpi_min(bpi_max(fitting, MIN_CASES), MAX_CASES), net->block_cases);
}

static bool is_double(void)
{
    return sizeof(bp_real) == sizeof(double);
}

static bool find_parts(const bp_network *net, size_t *jacobian, size_t *rows, size_t *residuals)
{
    size_t values, count;
    const size_t cases = block_cases(net);
    *rows = 0;
    return bpi_multiply(net->output_width, net->weight_count, &values) &&
           bpi_multiply(cases, values, &count) && bpi_part_bytes(count, sizeof(bp_real), jacobian) &&
           (is_double() || bpi_part_bytes(count, sizeof(double), rows)) &&
           bpi_multiply(cases, net->output_width, &values) &&
           bpi_part_bytes(values, sizeof(double), residuals);
}

bool bpi_normal_block_bytes(const bp_network *net, size_t *bytes)
{
    size_t jacobian, rows, residuals;
    return find_parts(net, &jacobian, &rows, &residuals) && bpi_add(jacobian, rows, bytes) &&
           bpi_add(*bytes, residuals, bytes);
}

normal_block bpi_normal_block_view(const bp_network *net, void *memory)
{
    size_t jacobian, rows, residuals;
    find_parts(net, &jacobian, &rows, &residuals);
    unsigned char *bytes = memory;
    return (normal_block){.cases = block_cases(net),
                          .jacobian = memory,
                          .rows = (void *)(is_double() ? bytes : bytes + jacobian),
                          .residuals = (void *)(bytes + jacobian + rows)};
}

/* --------------------------------------------------------------------------- sums */

/* A block whose rows are added. */
typedef struct addition {
    const normal_block *block;
    size_t rows, weights; /* of the block's matrix */
    double *matrix, *gradient;
} addition;

/* to += a0 r0 + a1 r1 + a2 r2 + a3 r3, in this order. */
static void add_four(double *to, const double *factors, const double *const *rows, size_t first, size_t end)
{
    enum { LANES = 4 };
    const double a0 = factors[0], a1 = factors[1], a2 = factors[2], a3 = factors[3];
    const double *r0 = rows[0], *r1 = rows[1], *r2 = rows[2], *r3 = rows[3];
    size_t j = first;
    for (; j + LANES <= end; j += LANES) {
        double sum[LANES];
        for (size_t lane = 0; lane < LANES; lane++)
            sum[lane] = to[j + lane] + a0 * r0[j + lane];
        for (size_t lane = 0; lane < LANES; lane++)
            sum[lane] += a1 * r1[j + lane];
        for (size_t lane = 0; lane < LANES; lane++)
            sum[lane] += a2 * r2[j + lane];
        for (size_t lane = 0; lane < LANES; lane++)
            to[j + lane] = sum[lane] + a3 * r3[j + lane];
    }
    for (; j < end; j++)
        to[j] = to[j] + a0 * r0[j] + a1 * r1[j] + a2 * r2[j] + a3 * r3[j];
}

static void add_one(double *to, double factor, const double *row, size_t first, size_t end)
{
    for (size_t j = first; j < end; j++)
        to[j] += factor * row[j];
}

/* Row i of the matrix, from the diagonal on, and element i of the gradient. */
static void add_to_row(const addition *sum, size_t i)
{
    enum { TOGETHER = 4 };
    const size_t weights = sum->weights;
    const double *rows = sum->block->rows, *residuals = sum->block->residuals;
    double *to = sum->matrix + i * weights;
    size_t row = 0;
    for (; row + TOGETHER <= sum->rows; row += TOGETHER) {
        const double *four[TOGETHER];
        double factors[TOGETHER];
        for (size_t k = 0; k < TOGETHER; k++) {
            four[k] = rows + (row + k) * weights;
            factors[k] = four[k][i];
        }
        add_four(to, factors, four, i, weights);
    }
    for (; row < sum->rows; row++)
        add_one(to, rows[row * weights + i], rows + row * weights, i, weights);
    for (row = 0; row < sum->rows; row++)
        sum->gradient[i] += rows[row * weights + i] * residuals[row];
}

/* The rows of the matrix become shorter: a chunk has as many short ones as long ones. */
static bp_status add_rows(void *context, size_t first, size_t count, size_t chunk)
{
    const addition *sum = context;
    (void)chunk;
    for (size_t i = first; i < first + count; i++) {
        add_to_row(sum, i);
        if (sum->weights - 1 - i > i)
            add_to_row(sum, sum->weights - 1 - i);
    }
    return BP_OK;
}

/* The current block of the workspace. */
static void add_block(bp_workspace *workspace, size_t cases, addition *sum)
{
    const normal_block *block = sum->block;
    const bp_network *net = workspace->network;
    const jacobian_block jacobian = {
        .workspace = workspace, .rows = cases, .outputs = net->output_width, .by_weights = block->jacobian};
    bpi_jacobian(&jacobian);
    bpi_residuals(workspace, cases, -1, block->jacobian, block->residuals);
    sum->rows = cases * net->output_width;
    for (size_t i = 0; !is_double() && i < sum->rows * sum->weights; i++)
        block->rows[i] = (double)block->jacobian[i];
    bpi_parallel_for(workspace,
                     &(parallel_work){.count = (sum->weights + 1) / 2,
                                      .grain = 1,
                                      .cost = (double)sum->rows * (double)sum->weights * (double)sum->weights,
                                      .work = add_rows,
                                      .context = sum});
}

void bpi_normal_matrix(bp_workspace *workspace, const batch *cases, const normal_block *block, double *matrix,
                       double *gradient)
{
    const size_t weights = workspace->network->weight_count;
    addition sum = {.block = block, .weights = weights, .matrix = matrix, .gradient = gradient};
    memset(gradient, 0, weights * sizeof *gradient);
    for (size_t i = 0; i < weights; i++)
        memset(matrix + i * weights + i, 0, (weights - i) * sizeof *matrix);
    for (size_t start = 0, rows; start < cases->count; start += rows) {
        rows = bpi_block_rows(cases->count - start, block->cases);
        bpi_load_block(workspace, cases, start, rows);
        bpi_forward(workspace, rows, false);
        add_block(workspace, rows, &sum);
    }
}
