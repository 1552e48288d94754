#include "peers.h"

#include <stdio.h>

#include "openblas_core.h"

const program *const peers[] = {
    &program_backprop,
#ifdef BENCH_OPENBLAS
    &program_openblas,
#endif
#ifdef BENCH_LIBXSMM
    &program_libxsmm,
#endif
#ifdef BENCH_FANN
    &program_fann,
#endif
    &program_numpy,    &program_torch,     &program_by_hand,
    &program_lookup,   &program_fma_limit, &program_memory_limit,
};

const int peer_count = sizeof peers / sizeof peers[0];

void prepare_peers(char **arguments)
{
    choose_openblas_core(arguments);
#ifdef BENCH_LIBXSMM
    fprintf(stderr, "LIBXSMM: kernels %s\n", libxsmm_target());
#else
    fprintf(stderr, "LIBXSMM: left out, it was not found when this program was built\n");
#endif
#ifndef BENCH_FANN
    fprintf(stderr, "FANN: left out, it was not found when this program was built\n");
#endif
    if (!has_python())
        fprintf(stderr, "NumPy, PyTorch: left out, BENCH_PYTHON names no Python\n");
}
