/* All programs that are compared, in the order in which they are shown. Each says which workloads it does. */
#ifndef BENCH_PEERS_H
#define BENCH_PEERS_H

#include "program.h"

extern const program *const peers[];
extern const int peer_count;

/* To be called first in main, with its arguments: see openblas_core.h. Says on stderr which are left out. */
void prepare_peers(char **arguments);

#endif
