#include "bits/draw.h"

/* SplitMix64: Steele, Lea & Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014. */
static uint64_t next(draw_stream *stream)
{
    uint64_t z = (stream->state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

draw_stream draw_begin(uint64_t a, uint64_t b)
{
    draw_stream first = {a}, stream = {0};
    stream.state = next(&first) ^ b;
    stream.state = next(&stream);
    return stream;
}

size_t draw_below(draw_stream *stream, size_t bound)
{
    return (size_t)((next(stream) >> 32) * bound >> 32);
}

size_t draw_between(draw_stream *stream, size_t low, size_t high)
{
    return low + draw_below(stream, high - low + 1);
}

int draw_one_in(draw_stream *stream, size_t n)
{
    return n > 0 && draw_below(stream, n) == 0;
}

double draw_real(draw_stream *stream, double low, double high)
{
    return low + (high - low) * ((double)(next(stream) >> 11) * 0x1p-53);
}
