/*
 * The sums of least squares over all cases: J^T J, J^T r and r^T r, J being the derivatives of all outputs by
 * the weights and r the residuals (jacobian.h), each row times the root of its case's weight. They are summed
 * in double, case by case, a block of cases at a time.
 */
#ifndef BPI_ENGINE_NORMAL_MATRIX_H
#define BPI_ENGINE_NORMAL_MATRIX_H

#include "engine/types.h"

/* Memory for a block. */
typedef struct normal_block {
    size_t cases;      /* that it has room for */
    bp_real *jacobian; /* [cases][outputs][weights] */
    double *rows;      /* the same in double; of the double library the same memory */
    double *residuals; /* [cases][outputs] */
} normal_block;

/* Bytes of a block for a network, which is to be aligned to BPI_ALIGNMENT; false on overflow. */
bool bpi_normal_block_bytes(const bp_network *net, size_t *bytes);
normal_block bpi_normal_block_view(const bp_network *net, void *memory);

/*
 * The sums over checked cases, at the network's weights; the workspace has deltas and room for the cases of a
 * block of the network's. matrix: weight_count rows of as many numbers, of which those from the diagonal to
 * the right are set; gradient: J^T r, weight_count numbers. The bits do not depend on the number of threads.
 */
void bpi_normal_matrix(bp_workspace *workspace, const batch *cases, const normal_block *block, double *matrix,
                       double *gradient);

#endif
