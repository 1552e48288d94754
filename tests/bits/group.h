/* The groups of random networks: what the networks of each may consist of. */
#ifndef TESTS_BITS_GROUP_H
#define TESTS_BITS_GROUP_H

#include <stddef.h>

enum { GROUP_SIZES = 5, GROUP_MOST_LAYERS = 20 };

/* A frequency of n: in one of n places; 0: nowhere. */
typedef struct network_group {
    const char *name;
    size_t count;                  /* networks, unless the user asks for another number */
    size_t inputs;                 /* input layers, at most */
    size_t min_layers, max_layers; /* further layers */
    size_t units;                  /* of a layer, at most, ... */
    size_t wide;                   /* ... but of one in eight as many as this */
    size_t skips; /* frequency of connections that skip layers; 0: each layer follows the last */
    size_t masked, convolution; /* frequencies of such connections */
    size_t shared;              /* of shared weights and biases */
    size_t delayed;             /* of connections to the next time step; 0: the network is not recurrent */
    size_t outputs;             /* of outputs that lead on */
    size_t losses, functions;   /* of losses other than squared error, of softmax and custom activations */
    size_t cases;               /* at most */
    size_t epochs;              /* of a training run, at most */
    /* Or these sizes from inputs to outputs in turn, up to a 0; and that is all. */
    const size_t (*sizes)[GROUP_SIZES];
    size_t size_count;
} network_group;

extern const network_group groups[];
extern const size_t group_count;

#endif
