/*
 * Training on more cases than fit into memory: the peak memory after each epoch, and the speed.
 *
 *     bench_large [GB [EPOCHS]]            cases that are made on the fly; 2 GB and 2 epochs if not given
 *     bench_large --csv FILE [EPOCHS]      the cases of a CSV file, whose last column is the target
 *     bench_large --write FILE [GB]        writes such a file
 *
 * Prints lines "epoch,seconds,cases per second,mean error,memory in MB,peak memory in MB". The program fails
 * if the peak is more than 200 MB above what it was before training, when the network was there already.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"

#include "backprop.h"

enum { INPUTS = 100, HIDDEN = 32, MAX_MB = 200 };

static void require(bp_status status, const char *what)
{
    if (status == BP_OK)
        return;
    fprintf(stderr, "large: %s: %s\n", what, bp_error_message());
    exit(EXIT_FAILURE);
}

/* A line of /proc/self/status in MB: VmRSS, the memory now, or VmHWM, its maximum so far. */
static double memory(const char *name)
{
    char line[256];
    double kib = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, name, strlen(name)) == 0)
            kib = strtod(line + strlen(name) + 1, NULL);
    if (file != NULL)
        fclose(file);
    return kib * 1024 / 1e6;
}

/* -------------------------------------------------------------------------- cases made on the fly */

typedef struct maker {
    uint64_t cases, next;
} maker;

/* Columns of very different size, as in raw tables, and a target that four of them determine, but for some
 * noise. */
static void make_case(uint64_t number, bp_real inputs[INPUTS], bp_real *target)
{
    uint64_t state = (number + 1) * 0x9e3779b97f4a7c15u;
    for (size_t i = 0; i < INPUTS; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        inputs[i] = (bp_real)((int32_t)(state >> 32)) * (bp_real)(i + 1);
    }
    const double a = (double)inputs[0] / 2147483648.0, b = (double)inputs[1] / 2 / 2147483648.0;
    const double c = (double)inputs[2] / 3 / 2147483648.0,
                 noise = (double)(int32_t)(state >> 20) / 2147483648.0;
    *target = (bp_real)(100 * (a * b + 0.5 * c + 0.05 * noise));
}

static bp_status make_cases(void *context, size_t count, bp_real *inputs, bp_real *targets,
                            bp_real *case_weights, size_t *cases)
{
    maker *made = context;
    (void)case_weights;
    *cases = made->cases - made->next < count ? (size_t)(made->cases - made->next) : count;
    for (size_t i = 0; i < *cases; i++)
        make_case(made->next++, inputs + i * INPUTS, &targets[i]);
    return BP_OK;
}

static bp_status begin_again(void *context)
{
    ((maker *)context)->next = 0;
    return BP_OK;
}

static uint64_t cases_of(double gigabytes)
{
    return (uint64_t)(gigabytes * 1e9 / ((INPUTS + 1) * sizeof(bp_real)));
}

/* --------------------------------------------------------------------------------------- training */

static double started;

static int print_epoch(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    const double *cases = context;
    (void)trainer;
    printf("%zu,%.1f,%.3g,%.4g,%.1f,%.1f\n", progress->epoch, now(CLOCK_MONOTONIC) - started,
           (double)progress->epoch * *cases / progress->seconds, progress->mean_error, memory("VmRSS"),
           memory("VmHWM"));
    fflush(stdout);
    return 0;
}

static double train(bp_stream *stream, size_t epochs, double cases)
{
    const size_t units[] = {bp_stream_input_width(stream), HIDDEN, bp_stream_target_width(stream)};
    const bp_stop_rule rule = bp_stop_epochs(epochs);
    bp_trainer_options options;
    bp_network *net = NULL;
    bp_trainer *trainer = NULL;
    bp_result result;
    bp_result_init(&result, sizeof result);
    bp_trainer_options_init(&options, sizeof options);
    options.stop_rules = &rule;
    options.stop_rule_count = 1;
    options.on_epoch = print_epoch;
    options.on_epoch_context = &cases;
    require(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_linear()),
            "network");
    require(bp_network_initialize(net, 1), "weights");
    require(bp_trainer_create(&trainer, net, &options), "trainer");
    const double before = memory("VmHWM");
    started = now(CLOCK_MONOTONIC);
    printf("epoch,seconds,cases per second,mean error,memory,peak memory\n");
    require(bp_trainer_run_stream(trainer, stream, NULL, &result), "training");
    const double peak = memory("VmHWM") - before;
    printf("whole run: %.1f s, mean error %.4g, learning rate %.3g, peak memory %.1f MB, %.1f MB of it by "
           "training\n",
           now(CLOCK_MONOTONIC) - started, result.mean_error, bp_trainer_learning_rate(trainer),
           before + peak, peak);
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
    return peak;
}

static double train_on_made(double gigabytes, size_t epochs)
{
    maker made = {.cases = cases_of(gigabytes)};
    bp_stream_source source;
    bp_stream *stream = NULL;
    bp_stream_source_init(&source, sizeof source);
    source.input_width = INPUTS;
    source.target_width = 1;
    source.read = make_cases;
    source.rewind = begin_again;
    source.context = &made;
    require(bp_stream_create(&stream, &source, NULL), "stream");
    printf("%" PRIu64 " cases of %d inputs, %.3g GB in all\n", made.cases, INPUTS, gigabytes);
    const double peak = train(stream, epochs, (double)made.cases);
    bp_stream_destroy(stream);
    return peak;
}

/* ------------------------------------------------------------------------------------------ files */

static double train_on_file(const char *path, size_t epochs)
{
    bp_csv_options options;
    bp_stream *stream = NULL;
    bp_csv_options_init(&options, sizeof options);
    options.target = BP_TARGET_NUMERIC;
    started = now(CLOCK_MONOTONIC);
    require(bp_stream_open_csv(&stream, path, &options), "file");
    printf("schema learned in %.1f s\n", now(CLOCK_MONOTONIC) - started);
    const double peak = train(stream, epochs, 0);
    bp_stream_destroy(stream);
    return peak;
}

static int write_file(const char *path, double gigabytes)
{
    FILE *file = fopen(path, "w");
    bp_real inputs[INPUTS], target;
    double bytes = 0;
    for (uint64_t i = 0; file != NULL && bytes < gigabytes * 1e9; i++) {
        make_case(i, inputs, &target);
        for (size_t k = 0; k < INPUTS; k++)
            bytes += fprintf(file, "%.6g,", (double)inputs[k]);
        bytes += fprintf(file, "%.6g\n", (double)target);
    }
    if (file == NULL || fclose(file) != 0) {
        perror(path);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}

static double number(int count, char **arguments, int index, double otherwise)
{
    return index < count ? strtod(arguments[index], NULL) : otherwise;
}

int main(int count, char **arguments)
{
    double peak;
    if (count > 2 && strcmp(arguments[1], "--write") == 0)
        return write_file(arguments[2], number(count, arguments, 3, 2));
    if (count > 2 && strcmp(arguments[1], "--csv") == 0)
        peak = train_on_file(arguments[2], (size_t)number(count, arguments, 3, 2));
    else
        peak = train_on_made(number(count, arguments, 1, 2), (size_t)number(count, arguments, 2, 2));
    if (peak > MAX_MB)
        printf("FAILED: more than %d MB\n", MAX_MB);
    return peak > MAX_MB ? EXIT_FAILURE : EXIT_SUCCESS;
}
