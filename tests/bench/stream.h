/* Memory as fast as it can be read, and read and written, by one core. */
#ifndef BENCH_STREAM_H
#define BENCH_STREAM_H

#include <stddef.h>

/* values stands on a boundary of 64 bytes; what is left of count after whole groups of 128 is passed over. */
void stream_read(const float *values, size_t count);
void stream_update(float *values, size_t count); /* adds a little to each */

#endif
