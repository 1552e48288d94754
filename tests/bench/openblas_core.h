/* OpenBLAS with the kernels that are meant for this processor. */
#ifndef BENCH_OPENBLAS_CORE_H
#define BENCH_OPENBLAS_CORE_H

/*
 * OpenBLAS selects its kernels when it is loaded, and takes slow ones on a processor that it does not know.
 * This program then starts again with OPENBLAS_CORETYPE set by what the processor can do; whoever has set
 * that variable decides. So it does where OpenBLAS would make threads. To be called first in main, with its
 * arguments. Says on stderr which kernels there are.
 */
void choose_openblas_core(char **arguments);

/* The name that OpenBLAS gives its kernels, or "none" if this program was built without it. */
const char *openblas_core(void);

#endif
