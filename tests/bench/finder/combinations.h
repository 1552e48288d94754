/* What the learning-rate search is judged by: fixed before any result was known. */
#ifndef FINDER_COMBINATIONS_H
#define FINDER_COMBINATIONS_H

#include <stddef.h>

enum { COMBINATIONS = 60 };

typedef struct combination {
    const char *set; /* a name of data_sets */
    unsigned net;    /* an index of net_names */
    double momentum;
    size_t batch_size; /* 0: all cases */
} combination;

extern const combination combinations[COMBINATIONS];

#endif
