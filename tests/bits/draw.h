/* A random stream of integer arithmetic alone, so that every machine and compiler draws the same. */
#ifndef TESTS_BITS_DRAW_H
#define TESTS_BITS_DRAW_H

#include <stddef.h>
#include <stdint.h>

typedef struct draw_stream {
    uint64_t state;
} draw_stream;

/* The streams of different (a, b) have nothing to do with each other. */
draw_stream draw_begin(uint64_t a, uint64_t b);

/* An integer below bound, which is at least 1 and far below 2^32. */
size_t draw_below(draw_stream *stream, size_t bound);

/* An integer in low..high. */
size_t draw_between(draw_stream *stream, size_t low, size_t high);

/* 1 in one of n draws; n = 0: never. */
int draw_one_in(draw_stream *stream, size_t n);

/* A number in low..high, by operations that IEEE 754 rounds in one way only. */
double draw_real(draw_stream *stream, double low, double high);

#endif
