#include "speed.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "backprop.h"
#include "base/memory.h"
#include "engine/check_data.h"
#include "engine/cholesky.h"
#include "engine/normal_matrix.h"
#include "engine/workspace.h"

enum { INPUTS = 10, CASES = 1000, SIZES = 5 };

static bp_real inputs[CASES * INPUTS], targets[CASES];

static double seconds(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

/* Noise has no minimum that would be reached in a few iterations. */
static bp_data make_data(void)
{
    srand(1);
    for (size_t i = 0; i < CASES * INPUTS; i++)
        inputs[i] = (bp_real)(2 * rand() / (double)RAND_MAX - 1);
    for (size_t i = 0; i < CASES; i++)
        targets[i] = (bp_real)(2 * rand() / (double)RAND_MAX - 1);
    return bp_data_view(CASES, inputs, INPUTS, targets, 1);
}

static bp_network *make_network(size_t hidden)
{
    const size_t units[] = {INPUTS, hidden, 1};
    bp_network *net = NULL;
    if (bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_linear()) != BP_OK ||
        bp_network_initialize(net, 1) != BP_OK)
        exit(1);
    return net;
}

/* The mean of some iterations, of which each evaluates E at least once, and their evaluations. */
static double time_iteration(size_t hidden, const bp_data *data, double *evaluations)
{
    enum { ITERATIONS = 3 };
    bp_network *net = make_network(hidden);
    const bp_stop_rule rule = bp_stop_epochs(ITERATIONS);
    bp_trainer *trainer = NULL;
    bp_trainer_options options;
    bp_result result;
    bp_trainer_options_init(&options, sizeof options);
    bp_result_init(&result, sizeof result);
    options.optimizer = bp_optimizer_levenberg_marquardt();
    options.loss = bp_loss_squared_error();
    options.weight_decay = 1e-3;
    options.stop_rules = &rule;
    options.stop_rule_count = 1;
    if (bp_trainer_create(&trainer, net, &options) != BP_OK)
        exit(1);
    const double began = seconds();
    if (bp_trainer_run(trainer, data, NULL, &result) != BP_OK)
        exit(1);
    const double time = (seconds() - began) / (double)result.epochs;
    *evaluations = (double)result.evaluations / (double)result.epochs;
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
    return time;
}

/* J^T J, and then the factor of J^T J + 1. */
static void time_parts(size_t hidden, const bp_data *data, double *product, double *factor)
{
    bp_network *net = make_network(hidden);
    const size_t n = net->weight_count;
    bp_workspace *workspace = NULL;
    bp_data checked;
    size_t bytes;
    if (bp_workspace_create(&workspace, net, CASES) != BP_OK ||
        bpi_check_data("speed", "data", net, data, DATA_BOTH, &checked) != BP_OK ||
        bpi_workspace_reserve("speed", workspace, CASES, true) != BP_OK ||
        !bpi_normal_block_bytes(net, &bytes))
        exit(1);
    void *memory = aligned_alloc(BPI_ALIGNMENT, (bytes + BPI_ALIGNMENT) / BPI_ALIGNMENT * BPI_ALIGNMENT);
    double *matrix = malloc(n * n * sizeof *matrix), *vectors = malloc(2 * n * sizeof *vectors);
    if (memory == NULL || matrix == NULL || vectors == NULL)
        exit(1);
    const normal_block block = bpi_normal_block_view(net, memory);
    double began = seconds();
    bpi_normal_matrix(workspace, &(batch){.data = &checked, .count = CASES}, &block, matrix, vectors);
    *product = seconds() - began;
    began = seconds();
    if (!bpi_cholesky(matrix, n, 1, vectors + n))
        exit(1);
    *factor = seconds() - began;
    free(memory);
    free(matrix);
    free(vectors);
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
}

int print_speed(void)
{
    static const size_t hidden[SIZES] = {10, 40, 80, 166, 250};
    const bp_data data = make_data();
    printf("Levenberg-Marquardt, %d cases of %d inputs, one output, one thread. GFLOPS: of J^T J and of the "
           "factor\n",
           CASES, INPUTS);
    printf("weights    iteration  evaluations     J^T J   a factor   GFLOPS\n");
    for (size_t i = 0; i < SIZES; i++) {
        double evaluations, product, factor;
        const double weights = (double)(hidden[i] * (INPUTS + 2) + 1);
        const double time = time_iteration(hidden[i], &data, &evaluations);
        time_parts(hidden[i], &data, &product, &factor);
        printf("%7.0f  %8.2f ms  %11.1f  %5.2f ms  %6.2f ms   %.1f, %.1f\n", weights, time * 1e3, evaluations,
               product * 1e3, factor * 1e3, weights * weights * CASES / product / 1e9,
               weights * weights * weights / 3 / factor / 1e9);
        fflush(stdout);
    }
    return 0;
}
