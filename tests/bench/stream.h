/* Memory bandwidth of one core: reading, and reading and writing. */
#ifndef BENCH_STREAM_H
#define BENCH_STREAM_H

#include <stddef.h>

/* values is aligned to 64 bytes; a remainder of count after whole groups of 128 is skipped. */
void stream_read(const float *values, size_t count);
void stream_update(float *values, size_t count); /* adds a little to each */

#endif
