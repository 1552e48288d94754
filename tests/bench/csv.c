/*
 * Reads a CSV file of numbers, the last column of which is the target, several times.
 *
 *     bench_csv file [times]
 *
 * Prints the least CPU time of the calls in seconds, and the peak of the memory in kB.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <backprop.h>

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

int main(int count, char **arguments)
{
    if (count < 2) {
        fputs("usage: bench_csv file [times]\n", stderr);
        return EXIT_FAILURE;
    }
    const long times = count > 2 ? strtol(arguments[2], NULL, 10) : 5;
    double least = 1e9;
    bp_csv_options options;
    bp_csv_options_init(&options, sizeof options);
    options.target = BP_TARGET_NUMERIC;
    for (long i = 0; i < times; i++) {
        bp_dataset *dataset = NULL;
        const double start = cpu_seconds();
        if (bp_dataset_load_csv(&dataset, arguments[1], &options) != BP_OK) {
            fprintf(stderr, "bench_csv: %s\n", bp_error_message());
            return EXIT_FAILURE;
        }
        const double seconds = cpu_seconds() - start;
        least = seconds < least ? seconds : least;
        bp_dataset_destroy(dataset);
    }
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("%.4f %ld\n", least, usage.ru_maxrss);
    return EXIT_SUCCESS;
}
