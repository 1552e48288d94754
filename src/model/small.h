/*
 * The short path for small networks: whether a network takes it is decided here, once, when it is finalized;
 * the arithmetic is kernel/small.h. What a network has that small kernels do not know keeps it on the general
 * path: custom activations, connections that are not dense, shared weights, time.
 */
#ifndef BPI_MODEL_SMALL_H
#define BPI_MODEL_SMALL_H

#include "model/network.h"
#include "model/per_case.h"

/* Is a network of checked structure, which has so many weights, small? */
bool bpi_is_small(const bp_network *net, size_t weights);

/* Memory for the description of a small network, to be filled when slices and columns are placed. NULL if
 * there is none. It is one block, released by bpi_release. */
small_net *bpi_small_allocate(const bp_network *net);
void bpi_small_fill(bp_network *net);

/* Do many cases, and their error and gradient by a loss, go this way? A single case does not, and only
 * squared error does. */
bool bpi_small_takes(const bp_network *net, size_t cases);
bool bpi_small_takes_loss(const bp_network *net, size_t cases, const bp_loss *loss);
bool bpi_small_takes_gradient(const bp_network *net, size_t cases, const bp_loss *loss);

/* The workspace's current block of `rows` cases: outputs of all layers; also E, added, and the greatest
 * deviation, raised. */
void bpi_small_forward(bp_workspace *workspace, size_t rows);
void bpi_small_error(bp_workspace *workspace, size_t rows, const bp_loss *loss, double *error,
                     double *deviation);

/* The current block of a single case: outputs of all layers, with total inputs of output layers if keep_x;
 * and when the outputs have their delta, that of all layers below and, unless it is NULL, the gradient. No
 * output of the network leads on (small_net.ends_in_outputs). */
void bpi_small_forward_case(bp_workspace *workspace, bool keep_x);
void bpi_small_backward_case(bp_workspace *workspace, bp_real *gradient);

/* Do cases that change the weights one after another go the shortest way of all? All those of a run, after
 * which the weights are away; bringing them back; and E and the gradient of a batch of one, by the same
 * operations. */
bool bpi_small_learns_cases(const bp_network *net, const bp_loss *loss);
void bpi_small_learn_cases(bp_workspace *workspace, case_run *run);
void bpi_small_settle(const bp_workspace *workspace, case_run *run);
void bpi_small_case_gradient(bp_workspace *workspace, const batch *cases, const bp_loss *loss,
                             bp_real *gradient, batch_error *result);

/* bp_network_predict for a single plain case; false, and nothing done, if it is not one or anything is wrong
 * with the call. The pointers are not NULL. */
bool bpi_small_predict_case(const bp_network *net, bp_workspace *workspace, const bp_data *data,
                            bp_real *outputs);

/* Points small_states of a workspace, which is there, at its memory. */
void bpi_small_point(bp_workspace *workspace);

/*
 * E, the greatest deviation and, where they are not NULL, the gradient and the input gradient of a batch that
 * goes this way. keep: the outputs of all layers are left in the workspace, if the batch is one block.
 */
void bpi_small_gradient(bp_workspace *workspace, const batch *cases, const bp_loss *loss, bool keep,
                        bp_real *gradient, bp_real *input_gradient, batch_error *result);

#endif
