/*
 * Reads handwritten digits: loads 1797 images of 8 x 8 pixels, trains a 64-32-10 network on 65 % of them,
 * stops when it no longer gets better on another 14 %, and shows how it does on the 21 % it has never seen.
 * `digits 2` does it with another split and other initial weights: those of seed 2 instead of 1.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <backprop.h>

#ifndef DIGITS_CSV
#define DIGITS_CSV "docs/examples/data/digits.csv"
#endif
#define MODEL "digits.bp"

enum { PIXELS = 64, HIDDEN = 32, DIGITS = 10, SIDE = 8, INK = 16, DRAWN = 4, CELL = 19, FINDINGS = 32 };

static char text[8192]; /* to be printed */

/* Ends the program with the library's message if a call failed. */
static void check(bp_status status)
{
    if (status == BP_OK)
        return;
    fprintf(stderr, "digits: %s: %s\n", bp_status_string(status), bp_error_message());
    exit(EXIT_FAILURE);
}

static bp_data subset(const bp_dataset *dataset, bp_subset part)
{
    bp_data data; /* a view; the dataset owns the numbers */
    bp_data_init(&data, sizeof data);
    check(bp_dataset_subset(dataset, part, &data));
    return data;
}

/* ------------------------------------------------------------------ training */

static bp_network *make_network(const bp_dataset *dataset, unsigned long seed)
{
    const size_t units[] = {PIXELS, HIDDEN, DIGITS};
    const bp_data training = subset(dataset, BP_SUBSET_TRAINING);
    bp_network *net = NULL;
    check(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_softmax()));
    /* All pixels alike; without this the trainer would scale each by itself. */
    check(
        bp_network_fit_scaling(net, &training, bp_scaling_pooled(bp_scaling_standard()), bp_scaling_none()));
    check(bp_network_initialize(net, seed)); /* random initial weights */
    return net;
}

/* What the library chose, and what it would warn of. */
static void print_findings(const bp_trainer *trainer)
{
    bp_finding findings[FINDINGS];
    size_t count;
    bp_finding_init(&findings[0], sizeof findings[0]);
    check(bp_trainer_findings(trainer, findings, FINDINGS, &count));
    bp_findings_text(findings, count < FINDINGS ? count : FINDINGS, text, sizeof text, NULL);
    fputs(text, stdout);
}

/* Batches, loss, learning rate, weight decay and the end of the training are chosen by the library. */
static void train(bp_network *net, bp_dataset *dataset, unsigned long seed)
{
    bp_reporter *reporter = NULL;
    check(bp_reporter_create(&reporter, stdout));
    bp_trainer_options options;
    bp_trainer_options_init(&options, sizeof options);
    options.seed = seed;
    options.on_epoch = bp_reporter_on_epoch; /* prints progress */
    options.on_epoch_context = reporter;

    bp_trainer *trainer = NULL;
    bp_result result;
    bp_result_init(&result, sizeof result);
    check(bp_trainer_create(&trainer, net, &options));
    check(bp_trainer_run_dataset(trainer, dataset, &result));
    printf("\nstopped after %zu epochs (%.2f s): %s;\nthe weights are those of epoch %zu\n\n", result.epochs,
           result.seconds, bp_stop_reason_string(result.reason), result.best_epoch);
    print_findings(trainer);
    bp_trainer_destroy(trainer);
    bp_reporter_destroy(reporter);
}

/* ------------------------------------------------------------------- results */

/* A row of ten probabilities for each case. */
static bp_real *predict(const bp_network *net, const bp_data *data)
{
    bp_workspace *workspace = NULL;
    bp_real *outputs = calloc(data->cases * DIGITS, sizeof *outputs);
    check(outputs != NULL ? BP_OK : BP_ERROR_MEMORY);
    check(bp_workspace_create(&workspace, net, data->cases));
    check(bp_network_predict(net, workspace, data, outputs));
    bp_workspace_destroy(workspace);
    return outputs;
}

static size_t digit_of(const bp_real *row)
{
    size_t best = 0;
    for (size_t k = 1; k < DIGITS; k++)
        if (row[k] > row[best])
            best = k;
    return best;
}

static int is_misread(const bp_data *test, const bp_real *outputs, size_t c)
{
    return digit_of(outputs + c * DIGITS) != digit_of(test->targets + c * DIGITS);
}

/* Two digits that it misread, if there are so many, and others that it read right. */
static void draw_digits(const bp_data *test, const bp_real *outputs)
{
    size_t drawn[DRAWN], count = 0;
    for (int misread = 1; misread >= 0; misread--)
        for (size_t c = 0; c < test->cases && count < (misread ? DRAWN / 2 : DRAWN); c++)
            if (is_misread(test, outputs, c) == misread)
                drawn[count++] = c;

    printf("\nSome digits it had never seen:\n\n");
    for (int y = 0; y < SIDE; y++) {
        for (size_t n = 0; n < count; n++) {
            const bp_real *pixels = test->inputs + drawn[n] * PIXELS + y * SIDE;
            for (int x = 0; x < SIDE; x++) {
                const char ink = " .:-=+*#%@"[(int)(pixels[x] * (bp_real)9 / (bp_real)INK)];
                printf("%c%c", ink, ink);
            }
            printf("%*s", CELL - 2 * SIDE, "");
        }
        printf("\n");
    }
    for (size_t n = 0; n < count; n++) {
        const bp_real *row = outputs + drawn[n] * DIGITS;
        const size_t digit = digit_of(row);
        snprintf(text, sizeof text, "%zu (%.0f %%)%s", digit, 100 * (double)row[digit],
                 is_misread(test, outputs, drawn[n]) ? " wrong" : "");
        printf("%-*s", CELL, text);
    }
    printf("\n");
}

/* The model file knows everything that is needed to read digits. */
static void save_and_load_again(const bp_network *net, const bp_data *test, const bp_real *outputs)
{
    bp_network *loaded = NULL;
    check(bp_network_save(net, MODEL));
    check(bp_network_load(&loaded, MODEL, NULL));
    bp_real *again = predict(loaded, test);
    const int is_same = memcmp(outputs, again, test->cases * DIGITS * sizeof *outputs) == 0;
    printf("\nThe model is saved in %s; loaded again it predicts %s for all %zu test cases.\n", MODEL,
           is_same ? "exactly the same" : "SOMETHING ELSE", test->cases);
    free(again);
    bp_network_destroy(loaded);
    if (!is_same)
        exit(EXIT_FAILURE);
}

int main(int argc, char **argv)
{
    const unsigned long seed = argc > 1 ? strtoul(argv[1], NULL, 10) : 1;
    bp_dataset *dataset = NULL;
    check(bp_dataset_load_csv(&dataset, DIGITS_CSV, NULL)); /* the last column is the digit */
    check(bp_dataset_split(dataset, 0.65, 0.14, seed));     /* training, validation; the rest is the test */
    const bp_data test = subset(dataset, BP_SUBSET_TEST);
    printf("%zu digits: %zu to train on, %zu to decide when to stop, %zu to test\n",
           bp_dataset_cases(dataset), subset(dataset, BP_SUBSET_TRAINING).cases,
           subset(dataset, BP_SUBSET_VALIDATION).cases, test.cases);
    bp_network *net = make_network(dataset, seed);
    train(net, dataset, seed);

    bp_real *outputs = predict(net, &test);
    check(bp_schema_report(bp_dataset_schema(dataset), outputs, &test, text, sizeof text, NULL));
    printf("\n%s", text);
    save_and_load_again(net, &test, outputs);
    draw_digits(&test, outputs);
    free(outputs);
    bp_network_destroy(net);
    bp_dataset_destroy(dataset);
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
