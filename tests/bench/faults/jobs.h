/* Independent pieces of work, in several processes. */
#ifndef FAULTS_JOBS_H
#define FAULTS_JOBS_H

#include <stddef.h>

typedef void job(const void *context, size_t index, void *result);

/* Calls the function for each index below count; returns the results, each of so many bytes, for jobs_free().
 * With one process, nothing is forked. */
void *jobs_run(size_t count, size_t size, unsigned processes, job *function, const void *context);
void jobs_free(void *results, size_t count, size_t size);

#endif
