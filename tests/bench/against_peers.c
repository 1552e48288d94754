/*
 * Compares this library with its peers and with the limits of the core; contest.h describes the output.
 *
 * NumPy and PyTorch take part if the environment variable BENCH_PYTHON names a Python that has them.
 */
#include <stdlib.h>

#include "contest.h"

static const program *const programs[] = {
    &program_backprop, &program_by_hand,
#ifdef BENCH_OPENBLAS
    &program_openblas,
#endif
#ifdef BENCH_FANN
    &program_fann,
#endif
    &program_numpy,    &program_torch,   &program_fma_limit, &program_memory_limit,
};

int main(int count, char **arguments)
{
    run_contest(programs, sizeof programs / sizeof programs[0], count, arguments);
    return EXIT_SUCCESS;
}
