/*
 * The workloads, each done by several programs in turn. A program's main hands its arguments on:
 *
 *     [--quick | --short] [beginning of a workload's name]...
 *
 * Prints lines "workload,program,unit,value,ratio": ratio is the time of this program divided by that of the
 * first. Fails if a program's E does not decrease, or if one that should compute the same as the
 * first does not.
 */
#ifndef BENCH_CONTEST_H
#define BENCH_CONTEST_H

#include "measure.h"
#include "program.h"

/* At most 16 programs; the first takes part in every workload. */
void run_workload(const workload *work, const program *const *programs, int program_count,
                  const turn_plan *plan);
void run_contest(const program *const *programs, int program_count, int count, char **arguments);

#endif
