/*
 * Reads handwritten digits: loads 1797 images of 8 x 8 pixels, trains a 64-32-10 network on 65 % of them,
 * stops when it no longer gets better on another 14 %, and shows how it does on the 21 % it has never seen.
 *
 *     digits [--data FILE] [--model FILE] [--seed N]    the whole story for one seed
 *     digits [--data FILE] --seeds N                    only the accuracy, for seeds 1 to N
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <backprop.h>

#ifndef DIGITS_CSV
#define DIGITS_CSV "docs/examples/data/digits.csv"
#endif

enum { PIXELS = 64, HIDDEN = 32, DIGITS = 10, SIDE = 8, INK = 16, DRAWN = 4, CELL = 19 };

typedef struct arguments {
    const char *data_path, *model_path;
    unsigned long seed, seeds;
} arguments;

typedef struct parts {
    bp_data training, validation, test;
} parts;

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

/* Ends the program with the library's message if a call failed. */
static void check(bp_status status)
{
    if (status == BP_OK)
        return;
    fprintf(stderr, "digits: %s: %s\n", bp_status_string(status), bp_error_message());
    exit(EXIT_FAILURE);
}

static void *allocate(size_t count, size_t size)
{
    void *block = calloc(count, size);
    if (block == NULL) {
        fprintf(stderr, "digits: out of memory\n");
        exit(EXIT_FAILURE);
    }
    return block;
}

/* ------------------------------------------------------------------ training */

/* One line that is written over on a terminal, a line every tenth epoch elsewhere. */
static int show_progress(void *quiet, bp_trainer *trainer, const bp_progress *p)
{
    (void)trainer;
    if (*(const int *)quiet || interrupted)
        return interrupted;
    int terminal = isatty(STDOUT_FILENO);
    if (terminal || p->epoch == 1 || p->epoch % 10 == 0) {
        printf("%sepoch %3zu  error %.4f  validation %.4f (best %.4f, epoch %zu)  %.1f %% right%s",
               terminal ? "\r" : "", p->epoch, p->mean_error, p->validation_error, p->best_validation_error,
               p->best_epoch, 100 * p->validation_accuracy, terminal ? "\033[K" : "\n");
        fflush(stdout);
    }
    return 0;
}

static bp_result train(bp_network *net, const parts *data, unsigned long seed, int quiet)
{
    bp_trainer_options options;
    bp_trainer_options_init(&options, sizeof options); /* batches, loss, rate, decay, end: chosen */
    options.seed = seed;
    options.on_epoch = show_progress;
    options.on_epoch_context = &quiet;

    bp_trainer *trainer = NULL;
    bp_result result;
    bp_result_init(&result, sizeof result);
    check(bp_trainer_create(&trainer, net, &options));
    check(bp_trainer_run(trainer, &data->training, &data->validation, &result));
    bp_trainer_destroy(trainer);
    return result;
}

static bp_network *make_network(const parts *data, unsigned long seed)
{
    const size_t units[] = {PIXELS, HIDDEN, DIGITS};
    bp_network *net = NULL;
    check(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_softmax()));
    /* All pixels alike; without this the trainer would scale each by itself. */
    check(bp_network_fit_scaling(net, &data->training, bp_scaling_pooled(bp_scaling_standard()),
                                 bp_scaling_none()));
    check(bp_network_initialize(net, seed));
    return net;
}

/* -------------------------------------------------------------------- results */

static bp_evaluation evaluate(const bp_network *net, const bp_data *test, size_t *confusion)
{
    bp_workspace *workspace = NULL;
    bp_evaluation result;
    bp_evaluation_init(&result, sizeof result);
    check(bp_workspace_create(&workspace, net, test->cases));
    check(bp_network_evaluate(net, workspace, test, bp_loss_cross_entropy(), confusion, &result));
    bp_workspace_destroy(workspace);
    return result;
}

static bp_real *predict(const bp_network *net, const bp_data *test)
{
    bp_workspace *workspace = NULL;
    bp_real *outputs = allocate(test->cases * DIGITS, sizeof *outputs);
    check(bp_workspace_create(&workspace, net, test->cases));
    check(bp_network_predict(net, workspace, test, outputs));
    bp_workspace_destroy(workspace);
    return outputs;
}

static size_t argmax(const bp_real *row)
{
    size_t best = 0;
    for (size_t k = 1; k < DIGITS; k++)
        if (row[k] > row[best])
            best = k;
    return best;
}

static void print_confusion(const size_t *confusion)
{
    printf("\nConfusion matrix: a row is the true digit, a column what the network reads.\n      ");
    for (int k = 0; k < DIGITS; k++)
        printf("%5d", k);
    for (int i = 0; i < DIGITS; i++) {
        printf("\n%5d ", i);
        for (int k = 0; k < DIGITS; k++) {
            size_t count = confusion[i * DIGITS + k];
            if (count == 0)
                printf("    .");
            else
                printf("%5zu", count);
        }
    }
    printf("\n");
}

/* Chooses cases to draw: first some that are misread, then right ones; returns how many. */
static size_t choose_cases(const bp_data *test, const bp_real *outputs, size_t *chosen)
{
    size_t count = 0;
    for (int misread = 1; misread >= 0; misread--)
        for (size_t c = 0, limit = misread ? DRAWN / 2 : DRAWN; c < test->cases && count < limit; c++) {
            int wrong = argmax(test->targets + c * DIGITS) != argmax(outputs + c * DIGITS);
            if (wrong == misread)
                chosen[count++] = c;
        }
    return count;
}

static void draw_digits(const bp_data *test, const bp_real *outputs)
{
    static const char ink[] = " .:-=+*#%@";
    size_t chosen[DRAWN];
    size_t count = choose_cases(test, outputs, chosen);
    printf("\nSome digits it had never seen:\n\n");
    for (int y = 0; y < SIDE; y++) {
        for (size_t n = 0; n < count; n++) {
            const bp_real *pixels = test->inputs + chosen[n] * PIXELS + y * SIDE;
            for (int x = 0; x < SIDE; x++) {
                char c = ink[(int)(pixels[x] * (bp_real)9 / (bp_real)INK)];
                printf("%c%c", c, c);
            }
            printf("%*s", CELL - 2 * SIDE, "");
        }
        printf("\n");
    }
    for (size_t n = 0; n < count; n++) {
        const bp_real *row = outputs + chosen[n] * DIGITS;
        char says[64];
        snprintf(says, sizeof says, "%zu (%.0f %%)%s", argmax(row), 100 * (double)row[argmax(row)],
                 argmax(row) == argmax(test->targets + chosen[n] * DIGITS) ? "" : " wrong");
        printf("%-*s", CELL, says);
    }
    printf("\n");
}

static void save_and_load_again(const bp_network *net, const char *path, const bp_data *test,
                                const bp_real *outputs)
{
    bp_network *loaded = NULL;
    check(bp_network_save(net, path));
    check(bp_network_load(&loaded, path, NULL));
    bp_real *again = predict(loaded, test);
    int same = memcmp(outputs, again, test->cases * DIGITS * sizeof *outputs) == 0;
    printf("\nThe model is saved in %s; loaded again it predicts %s for all %zu test cases.\n", path,
           same ? "exactly the same" : "SOMETHING ELSE", test->cases);
    free(again);
    bp_network_destroy(loaded);
    if (!same)
        exit(EXIT_FAILURE);
}

/* --------------------------------------------------------------- the two jobs */

static void refuse(const char *path, const char *reason)
{
    fprintf(stderr, "digits: %s: %s\n", path, reason);
    exit(EXIT_FAILURE);
}

/* The file, if it holds what it should: 64 pixels of 0 to 16, and a digit. */
static bp_dataset *load(const char *path)
{
    bp_csv_options options;
    bp_csv_options_init(&options, sizeof options);
    options.header = BP_CSV_HEADER_NO;
    bp_dataset *dataset = NULL;
    check(bp_dataset_load_csv(&dataset, path, &options));
    if (bp_dataset_input_width(dataset) != PIXELS || bp_dataset_class_count(dataset) != DIGITS)
        refuse(path, "a line must have 64 pixels and one of ten digits");
    bp_data all;
    bp_data_init(&all, sizeof all);
    check(bp_dataset_subset(dataset, BP_SUBSET_ALL, &all));
    for (size_t i = 0; i < all.cases * PIXELS; i++)
        if (all.inputs[i] < 0 || all.inputs[i] > INK)
            refuse(path, "a pixel is not in 0 to 16");
    return dataset;
}

static void split(bp_dataset *dataset, unsigned long seed, parts *data)
{
    bp_data_init(&data->training, sizeof data->training);
    bp_data_init(&data->validation, sizeof data->validation);
    bp_data_init(&data->test, sizeof data->test);
    check(bp_dataset_split(dataset, 0.65, 0.14, seed));
    check(bp_dataset_subset(dataset, BP_SUBSET_TRAINING, &data->training));
    check(bp_dataset_subset(dataset, BP_SUBSET_VALIDATION, &data->validation));
    check(bp_dataset_subset(dataset, BP_SUBSET_TEST, &data->test));
}

static int tell_the_story(bp_dataset *dataset, const arguments *args)
{
    parts data;
    split(dataset, args->seed, &data);
    printf("%zu digits: %zu to train on, %zu to decide when to stop, %zu to test\n",
           bp_dataset_cases(dataset), data.training.cases, data.validation.cases, data.test.cases);
    bp_network *net = make_network(&data, args->seed);
    bp_result result = train(net, &data, args->seed, 0);
    if (interrupted) {
        printf("\ninterrupted; no model was written\n");
        bp_network_destroy(net);
        return 130;
    }
    printf("\nstopped after %zu epochs (%.2f s): %s;\nthe weights are those of epoch %zu\n", result.epochs,
           result.seconds, bp_stop_reason_string(result.reason), result.best_epoch);

    size_t confusion[DIGITS * DIGITS];
    bp_evaluation test = evaluate(net, &data.test, confusion);
    printf("\n%zu of %zu test digits read correctly: %.1f %%\n", test.correct, test.cases,
           100 * test.accuracy);
    print_confusion(confusion);
    bp_real *outputs = predict(net, &data.test);
    draw_digits(&data.test, outputs);
    save_and_load_again(net, args->model_path, &data.test, outputs);
    free(outputs);
    bp_network_destroy(net);
    return EXIT_SUCCESS;
}

static int compare_seeds(bp_dataset *dataset, unsigned long seeds)
{
    double sum = 0, least = 1;
    for (unsigned long seed = 1; seed <= seeds && !interrupted; seed++) {
        parts data;
        split(dataset, seed, &data);
        bp_network *net = make_network(&data, seed);
        bp_result result = train(net, &data, seed, 1);
        double accuracy = evaluate(net, &data.test, NULL).accuracy;
        bp_network_destroy(net);
        if (interrupted)
            return 130;
        printf("seed %2lu: %.2f %% of the test digits right, weights of epoch %zu\n", seed, 100 * accuracy,
               result.best_epoch);
        sum += accuracy;
        least = accuracy < least ? accuracy : least;
    }
    printf("mean %.2f %%, least %.2f %%\n", 100 * sum / (double)seeds, 100 * least);
    return EXIT_SUCCESS;
}

static unsigned long parse_number(const char *option, const char *text)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || value < 1 || value > 1000000) {
        fprintf(stderr, "digits: %s takes a whole number from 1 to 1000000, not '%s'\n", option, text);
        exit(2);
    }
    return value;
}

static arguments parse_arguments(int count, char **values)
{
    arguments args = {DIGITS_CSV, "digits.bp", 1, 0};
    for (int i = 1; i < count; i += 2) {
        const char *option = values[i], *value = i + 1 < count ? values[i + 1] : NULL;
        if (value != NULL && strcmp(option, "--data") == 0)
            args.data_path = value;
        else if (value != NULL && strcmp(option, "--model") == 0)
            args.model_path = value;
        else if (value != NULL && strcmp(option, "--seed") == 0)
            args.seed = parse_number(option, value);
        else if (value != NULL && strcmp(option, "--seeds") == 0)
            args.seeds = parse_number(option, value);
        else {
            int help = strcmp(option, "--help") == 0;
            fprintf(help ? stdout : stderr,
                    "usage: digits [--data FILE] [--model FILE] [--seed N] [--seeds N]\n"
                    "  --data FILE   the digits as CSV (default %s)\n"
                    "  --model FILE  where to save the network (default digits.bp)\n"
                    "  --seed N      seed of split, initial weights and order (default 1)\n"
                    "  --seeds N     only compare the accuracy of seeds 1 to N\n",
                    DIGITS_CSV);
            exit(help ? EXIT_SUCCESS : 2);
        }
    }
    return args;
}

int main(int count, char **values)
{
    arguments args = parse_arguments(count, values);
    struct sigaction action = {.sa_handler = on_interrupt};
    sigaction(SIGINT, &action, NULL);

    bp_dataset *dataset = load(args.data_path);
    int status = args.seeds > 0 ? compare_seeds(dataset, args.seeds) : tell_the_story(dataset, &args);
    bp_dataset_destroy(dataset);
    if (fflush(stdout) != 0) {
        perror("digits: standard output");
        status = EXIT_FAILURE;
    }
    return status;
}
