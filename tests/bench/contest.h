/*
 * The workloads, each done by several programs in turn. A program's main hands its arguments on:
 *
 *     [--quick] [beginning of a workload's name]...
 *
 * Prints lines "workload,program,unit,value,ratio": ratio is how many times as long as the first program this
 * one takes. Ends with an error if a program's E does not fall, or if one that should compute the same as the
 * first computes something else.
 */
#ifndef BENCH_CONTEST_H
#define BENCH_CONTEST_H

#include "program.h"

/* At most 16 programs; the first takes part in every workload. */
void run_contest(const program *const *programs, int program_count, int count, char **arguments);

#endif
