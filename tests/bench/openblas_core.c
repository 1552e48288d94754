#include "openblas_core.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#ifdef BENCH_OPENBLAS

#include <cblas.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define CORE_TYPE   "OPENBLAS_CORETYPE"
#define CHOSEN_HERE "BENCH_CORE_CHOSEN" /* set if CORE_TYPE is ours and not the user's */

/* Kernels with vectors of 512 and of 256 bits, and what they need. */
typedef enum ability { OTHER, AVX2, AVX512, AVX512_BF16 } ability;

typedef struct core {
    const char *name;
    ability needs;
    int bits;
} core;

/* The best first. A build of OpenBLAS may lack some; one that it lacks is passed over. */
static const core cores[] = {
    {"SapphireRapids", AVX512_BF16, 512},
    {"Cooperlake", AVX512_BF16, 512},
    {"SkylakeX", AVX512, 512},
    {"Haswell", AVX2, 256},
    {"Zen", AVX2, 256},
};
enum { CORES = sizeof cores / sizeof cores[0] };

static ability find_ability(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512bf16"))
        return AVX512_BF16;
    if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl"))
        return AVX512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return AVX2;
#endif
    return OTHER;
}

/* The first core that the processor is able to run, or CORES. */
static size_t best_core(ability has)
{
    size_t i = 0;
    while (i < CORES && (has == OTHER || cores[i].needs > has))
        i++;
    return i;
}

static size_t find_core(const char *name)
{
    size_t i = 0;
    while (i < CORES && strcasecmp(name, cores[i].name) != 0)
        i++;
    return i;
}

/* Does OpenBLAS use vectors as wide as the processor has them? Where there is no choice, it does. */
static bool is_right(size_t best)
{
    const size_t used = find_core(openblas_get_corename());
    return best == CORES || (used < CORES && cores[used].bits >= cores[best].bits);
}

/* Sets the variable for the next start; returns whether it had another value. */
static bool has_set(const char *name, const char *value)
{
    const char *before = getenv(name);
    const bool differs = before == NULL || strcmp(before, value) != 0;
    return differs && setenv(name, value, 1) == 0;
}

/* Threads that OpenBLAS makes when it is loaded wait busily at first, which the CPU clock counts. */
static bool has_set_threads(void)
{
    return has_set("OPENBLAS_NUM_THREADS", "1");
}

/* The next core to be tried, unless the one there is right, or the user's. */
static bool has_set_core(size_t best)
{
    const char *asked = getenv(CORE_TYPE), *chosen = getenv(CHOSEN_HERE);
    const size_t next = chosen == NULL ? best : find_core(chosen) + 1;
    if (is_right(best) || (asked != NULL && chosen == NULL) || next >= CORES)
        return false;
    return has_set(CHOSEN_HERE, cores[next].name) && has_set(CORE_TYPE, cores[next].name);
}

void choose_openblas_core(char **arguments)
{
    const size_t best = best_core(find_ability());
    const bool threads_are_set = has_set_threads(), core_is_set = has_set_core(best);
    if (threads_are_set || core_is_set)
        execv("/proc/self/exe", arguments);
    openblas_set_num_threads(1);
    const char *asked = getenv(CORE_TYPE), *chosen = getenv(CHOSEN_HERE);
    fprintf(stderr, "OpenBLAS: kernels %s%s%s\n", openblas_get_corename(),
            asked == NULL    ? ", its own choice"
            : chosen == NULL ? ", by " CORE_TYPE
                             : ", chosen by what the processor can do",
            is_right(best) ? "" : "; there are better ones for this processor");
}

const char *openblas_core(void)
{
    return openblas_get_corename();
}

#else

void choose_openblas_core(char **arguments)
{
    (void)arguments;
    fprintf(stderr, "OpenBLAS: left out, it was not found when this program was built\n");
}

const char *openblas_core(void)
{
    return "none";
}

#endif
