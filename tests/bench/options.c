/*
 * What an option of the trainer adds to training: epochs with one option and without any, in turns, in one
 * process, for networks and batches of different sizes. Without any, that is momentum by the mean gradient of
 * batches in the order of the data. It prints, for each option and network, the median of the ratios of two
 * turns that follow one another.
 *
 *     bench_options [--quick] [option]...
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backprop.h"
#include "measure.h"

enum { MAX_CASES = 1024, MAX_INPUTS = 784, MAX_CLASSES = 10, MAX_LAYERS = 4, TURNS = 21, QUICK_TURNS = 3 };

/* Hidden ReLU units, softmax, and cross-entropy with about a third of the targets 1. A turn is so
 * many epochs, among which what a run does once hardly counts. */
typedef struct network_shape {
    const char *name;
    size_t units[MAX_LAYERS], layers, batch, cases, epochs;
} network_shape;

static const network_shape shapes[] = {
    {"784-128-10, 64", {784, 128, 10}, 3, 64, 640, 8}, {"64-32-10, 32", {64, 32, 10}, 3, 32, 1024, 24},
    {"13-40-3, 16", {13, 40, 3}, 3, 16, 1024, 24},     {"4-16-3, 32", {4, 16, 3}, 3, 32, 1024, 60},
    {"64-32-10, 4", {64, 32, 10}, 3, 4, 1024, 12},     {"4-16-3, 1", {4, 16, 3}, 3, 1, 1024, 24},
};
enum { SHAPES = sizeof shapes / sizeof shapes[0] };

typedef struct setting {
    bp_trainer_options options;
    bool validates;
} setting;

static int ignore_epoch(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)context, (void)trainer, (void)progress;
    return 0;
}

static void set_nothing(setting *s)
{
    (void)s;
}

static void set_sum(setting *s)
{
    s->options.reduction = BP_REDUCE_SUM;
    s->options.optimizer.learning_rate /= (double)s->options.batch_size;
}

static void set_shuffle(setting *s)
{
    s->options.shuffle = 1;
}

static void set_decay(setting *s)
{
    s->options.weight_decay = 1e-4;
}

static void set_bias_decay(setting *s)
{
    set_decay(s);
    s->options.no_bias_decay = 1;
}

static void set_scaling(setting *s)
{
    s->options.scale_data = 1;
}

static void set_schedule(setting *s)
{
    const double rate = s->options.optimizer.learning_rate;
    s->options.learning_rate_schedule = bp_schedule_by_update(bp_schedule_exponential(rate, 0.999999, 0));
}

static void set_validation(setting *s)
{
    s->validates = true;
    s->options.keep_best = 1;
}

static void set_callback(setting *s)
{
    s->options.on_epoch = ignore_epoch;
}

static void set_l1(setting *s)
{
    s->options.l1 = 1e-5;
}

static void set_l2(setting *s)
{
    s->options.l2 = 1e-4;
}

static void set_wide_norm(setting *s)
{
    s->options.max_norm = 100;
}

static void set_narrow_norm(setting *s)
{
    s->options.max_norm = 0.1;
}

static void set_clip_value(setting *s)
{
    s->options.clip_value = 0.1;
}

static void set_clip_norm(setting *s)
{
    s->options.clip_norm = 0.01;
}

static void set_nesterov(setting *s)
{
    s->options.optimizer = bp_optimizer_nesterov(s->options.optimizer.learning_rate, 0.9);
}

static void set_rmsprop(setting *s)
{
    s->options.optimizer = bp_optimizer_rmsprop(0.001, 0.9);
}

static void set_adam(setting *s)
{
    s->options.optimizer = bp_optimizer_adam(0.001, 0.9, 0.999, 1e-8);
}

static void set_adam_l2(setting *s)
{
    set_adam(s);
    set_l2(s);
}

typedef struct option {
    const char *name;
    void (*set)(setting *s);
} option;

static const option options[] = {
    {"none", set_nothing},
    {"sum", set_sum},
    {"shuffle", set_shuffle},
    {"scale_data", set_scaling},
    {"schedule by update", set_schedule},
    {"weight_decay", set_decay},
    {"no_bias_decay with it", set_bias_decay},
    {"validation, a quarter", set_validation},
    {"on_epoch", set_callback},
    {"l1", set_l1},
    {"l2", set_l2},
    {"max_norm, no unit above", set_wide_norm},
    {"max_norm, all above", set_narrow_norm},
    {"clip_value", set_clip_value},
    {"clip_norm, above", set_clip_norm},
    {"Nesterov", set_nesterov},
    {"RMSprop", set_rmsprop},
    {"Adam", set_adam},
    {"Adam, l2", set_adam_l2},
};
enum { OPTIONS = sizeof options / sizeof options[0] };

static bp_real inputs[MAX_CASES * MAX_INPUTS], targets[MAX_CASES * MAX_CLASSES];

static void require_ok(bp_status status)
{
    if (status == BP_OK)
        return;
    fprintf(stderr, "bench: %s\n", bp_error_message());
    exit(EXIT_FAILURE);
}

typedef struct training {
    const network_shape *shape;
    bp_network *net;
    bp_trainer *trainer;
    bool validates;
} training;

static training begin_training(const network_shape *shape, const option *wanted)
{
    const bp_stop_rule rule = bp_stop_epochs(shape->epochs);
    training t = {.shape = shape};
    setting s = {.validates = false};
    bp_trainer_options_init(&s.options, sizeof s.options);
    s.options.optimizer = bp_optimizer_momentum(0.01, 0.9);
    s.options.weight_decay = 0;
    s.options.batch_size = shape->batch;
    s.options.shuffle = 0;
    s.options.scale_data = 0;
    s.options.recoveries = 0;
    s.options.stop_rules = &rule;
    s.options.stop_rule_count = 1;
    wanted->set(&s);
    t.validates = s.validates;
    require_ok(bp_network_create_layered(&t.net, shape->units, shape->layers, bp_activation_relu(),
                                         bp_activation_softmax()));
    require_ok(bp_network_initialize(t.net, 1));
    require_ok(bp_trainer_create(&t.trainer, t.net, &s.options));
    return t;
}

static void end_training(training *t)
{
    bp_trainer_destroy(t->trainer);
    bp_network_destroy(t->net);
}

static bp_data view(const network_shape *shape, size_t cases)
{
    return bp_data_view(cases, inputs, shape->units[0], targets, shape->units[shape->layers - 1]);
}

static double time_turn(training *t)
{
    const bp_data data = view(t->shape, t->shape->cases), validation = view(t->shape, t->shape->cases / 4);
    const double start = now(CLOCK_PROCESS_CPUTIME_ID);
    require_ok(bp_trainer_run(t->trainer, &data, t->validates ? &validation : NULL, NULL));
    return now(CLOCK_PROCESS_CPUTIME_ID) - start;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median_ratio(const network_shape *shape, const option *wanted, size_t turns)
{
    double ratios[TURNS];
    training without = begin_training(shape, &options[0]), with = begin_training(shape, wanted);
    time_turn(&without);
    time_turn(&with);
    for (size_t i = 0; i < turns; i++) {
        const double first = time_turn(i % 2 ? &with : &without),
                     second = time_turn(i % 2 ? &without : &with);
        ratios[i] = i % 2 ? first / second : second / first;
    }
    qsort(ratios, turns, sizeof *ratios, compare);
    end_training(&without);
    end_training(&with);
    return ratios[turns / 2];
}

/* Does the option begin with one of the words? Without any, all are wanted. */
static bool is_wanted(const char *name, int count, char **words)
{
    for (int i = 0; i < count; i++)
        if (strncmp(words[i], name, strlen(words[i])) == 0)
            return true;
    return count == 0;
}

static void require_known(int count, char **words)
{
    for (int i = 0; i < count; i++) {
        size_t j = 0;
        while (j < OPTIONS && !is_wanted(options[j].name, 1, &words[i]))
            j++;
        if (j == OPTIONS) {
            fprintf(stderr, "bench: no option %s\n", words[i]);
            exit(EXIT_FAILURE);
        }
    }
}

int main(int count, char **words)
{
    const bool quick = count > 1 && strcmp(words[1], "--quick") == 0;
    const int first = quick ? 2 : 1;
    require_known(count - first, words + first);
    srand(1);
    for (size_t i = 0; i < MAX_CASES * MAX_INPUTS; i++)
        inputs[i] = (bp_real)((double)rand() / RAND_MAX);
    for (size_t i = 0; i < MAX_CASES * MAX_CLASSES; i++)
        targets[i] = (bp_real)(rand() % 3 == 0);
    printf("| %-23s |", "option; network, batch");
    for (size_t j = 0; j < SHAPES; j++)
        printf(" %s |", shapes[j].name);
    printf("\n| %-23s |", "---");
    for (size_t j = 0; j < SHAPES; j++)
        printf(" --- |");
    puts("");
    for (size_t i = 0; i < OPTIONS; i++) {
        if (!is_wanted(options[i].name, count - first, words + first))
            continue;
        printf("| %-23s |", options[i].name);
        for (size_t j = 0; j < SHAPES; j++)
            printf(" %.2f |", median_ratio(&shapes[j], &options[i], quick ? QUICK_TURNS : TURNS));
        puts("");
        fflush(stdout);
    }
    return EXIT_SUCCESS;
}
