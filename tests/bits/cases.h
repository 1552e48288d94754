/* Random cases for a random network. */
#ifndef TESTS_BITS_CASES_H
#define TESTS_BITS_CASES_H

#include "bits/network.h"

typedef struct random_cases {
    bp_data data; /* a view of what follows */
    bp_real *inputs, *targets, *case_weights;
} random_cases;

/* 1 to `most` cases, sometimes weighted, or with gaps between them. */
random_cases random_cases_create(const random_net *made, size_t most, draw_stream *stream);
void random_cases_destroy(random_cases *cases);

/* Cases first .. first + count - 1. */
bp_data random_cases_part(const random_cases *cases, size_t first, size_t count);

/* Sometimes gives the network a scaling, fitted to the cases or drawn. */
void random_cases_scale(const random_net *made, const random_cases *cases, draw_stream *stream);

#endif
