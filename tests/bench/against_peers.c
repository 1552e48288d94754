/*
 * Compares this library with its peers and with the limits of the core; contest.h describes the output.
 *
 * NumPy and PyTorch take part if the environment variable BENCH_PYTHON names a Python that has them.
 */
#include <stdlib.h>

#include "contest.h"
#include "peers.h"

int main(int count, char **arguments)
{
    prepare_peers(arguments);
    run_contest(peers, peer_count, count, arguments);
    return EXIT_SUCCESS;
}
