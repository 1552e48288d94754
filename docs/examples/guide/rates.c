/*
 * The tables and pictures of docs/guide/learning-rate.md: rates [directory for the pictures]
 */
#include <math.h>
#include <stdio.h>

#include "chart.h"
#include "guide.h"

enum { EPOCHS = 30, SEEDS = 5 };

static chart picture;

static bp_trainer_options options_with(double rate, double momentum)
{
    static bp_stop_rule rule;
    rule = bp_stop_epochs(EPOCHS);
    bp_trainer_options options;
    bp_trainer_options_init(&options, sizeof options);
    options.optimizer = bp_optimizer_momentum(rate, momentum);
    options.weight_decay = 0;
    options.stop_rules = &rule;
    options.stop_rule_count = 1;
    options.keep_best = 0;
    options.keep_history = 1;
    return options;
}

/* One training; the errors of its epochs become a line if there is one. */
static bp_result run(const digits *data, const bp_trainer_options *options, unsigned long seed, double *right,
                     const char **warnings, chart_line *line)
{
    bp_network *net = digits_network(seed);
    bp_trainer *trainer = NULL;
    bp_result result;
    bp_result_init(&result, sizeof result);
    check(bp_trainer_create(&trainer, net, options));
    bp_status status = bp_trainer_run(trainer, &data->training, NULL, &result);
    if (status != BP_DIVERGED)
        check(status);
    size_t count;
    const double *errors = bp_trainer_history(trainer, &count);
    for (size_t i = 0; line != NULL && i < count; i++)
        chart_point(line, (double)(i + 1), errors[i] / (double)data->training.cases);
    *right = accuracy(net, &data->test);
    if (warnings != NULL)
        *warnings = warnings_of(trainer);
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
    return result;
}

static void compare_rates(const digits *data, const char *directory)
{
    static const double rates[] = {0.0001, 0.001, 0.01, 0.1, 1, 10};
    picture = (chart){.title = "The same network with different learning rates",
                      .x_name = "epoch",
                      .y_name = "mean training error",
                      .y_is_log = 1};
    printf("| rate | mean training error | test cases right | warning |\n|---|---|---|---|\n");
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        static char names[6][16];
        snprintf(names[i], sizeof names[i], "%g", rates[i]);
        bp_trainer_options options = options_with(rates[i], 0.9);
        double right;
        const char *warnings;
        bp_result result = run(data, &options, 1, &right, &warnings, chart_add(&picture, names[i]));
        printf("| %g | %.3g | %.1f %% | %s |\n", rates[i], result.mean_error, 100 * right, warnings);
    }
    chart_save(&picture, directory, "rates.svg");
}

static bp_rate_search search(const digits *data, const bp_trainer_options *options)
{
    bp_network *net = digits_network(1);
    check(bp_network_fit_scaling(net, &data->training, bp_scaling_automatic(), bp_scaling_none()));
    bp_trainer *trainer = NULL;
    bp_rate_search found;
    bp_rate_search_init(&found, sizeof found);
    check(bp_trainer_create(&trainer, net, options));
    check(bp_trainer_find_learning_rate(trainer, &data->training, &found));
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
    return found;
}

static void draw_search(const digits *data, const char *directory)
{
    bp_trainer_options options = options_with(BP_RATE_AUTO, 0.9);
    bp_rate_search found = search(data, &options);
    picture = (chart){.title = "The search",
                      .x_name = "learning rate",
                      .y_name = "mean error after some updates",
                      .x_is_log = 1,
                      .mark = found.learning_rate,
                      .mark_name = "recommended"};
    chart_line *line = chart_add(&picture, "");
    printf("\n| rate tried | mean error |\n|---|---|\n");
    for (size_t i = 0; i < found.point_count; i++) {
        chart_point(line, found.points[i].learning_rate, found.points[i].error);
        printf("| %.3g | %.3g |\n", found.points[i].learning_rate, found.points[i].error);
    }
    printf("\nrecommended: %.3g; before any update: %.3g; updates: %llu; unstable at: %g\n",
           found.learning_rate, found.start_error, (unsigned long long)found.updates, found.limit);
    chart_save(&picture, directory, "rate-search.svg");
}

/* ------------------------------------------------------------------ schedules */

typedef struct named_schedule {
    const char *name, *code;
    bp_schedule schedule;
} named_schedule;

enum { SCHEDULES = 9 };

static void list_schedules(double rate, named_schedule *list)
{
    const named_schedule all[SCHEDULES] = {
        {"none", "bp_schedule_none()", bp_schedule_none()},
        {"step", "bp_schedule_step(r, 0.3, 10)", bp_schedule_step(rate, 0.3, 10)},
        {"exponential", "bp_schedule_exponential(r, 0.9, 0)", bp_schedule_exponential(rate, 0.9, 0)},
        {"inverse", "bp_schedule_inverse(r, 0.2)", bp_schedule_inverse(rate, 0.2)},
        {"cosine", "bp_schedule_cosine(r, 0, 30)", bp_schedule_cosine(rate, 0, EPOCHS)},
        {"one cycle", "bp_schedule_one_cycle(r, 30)", bp_schedule_one_cycle(rate, EPOCHS)},
        {"warm-up, cosine", "bp_schedule_with_warm_up(bp_schedule_cosine(r, 0, 25), 5)",
         bp_schedule_with_warm_up(bp_schedule_cosine(rate, 0, EPOCHS - 5), 5)},
        {"plateau", "bp_schedule_reduce_on_plateau(r, 0.3, 2, 0)",
         bp_schedule_reduce_on_plateau(rate, 0.3, 2, 0)},
        {"bold driver", "bp_schedule_bold_driver(r, 1.05, 0.5)", bp_schedule_bold_driver(rate, 1.05, 0.5)},
    };
    for (size_t i = 0; i < SCHEDULES; i++)
        list[i] = all[i];
}

/* Mean error and share of the test cases, on average over some seeds, as two cells of a table. */
static void print_cells(const digits *data, double rate, size_t index)
{
    named_schedule list[SCHEDULES];
    list_schedules(rate, list);
    double error = 0, right = 0;
    for (unsigned long seed = 1; seed <= SEEDS; seed++) {
        bp_trainer_options options = options_with(rate, 0.9);
        options.learning_rate_schedule = list[index].schedule;
        double share;
        error += run(data, &options, seed, &share, NULL, NULL).mean_error / SEEDS;
        right += 100 * share / SEEDS;
    }
    printf(" %.2g | %.1f %% |", error, right);
}

static void compare_schedules(const digits *data)
{
    named_schedule list[SCHEDULES];
    list_schedules(1, list);
    printf("\n| schedule | r = 0.08: error | right | r = 0.5: error | right |\n|---|---|---|---|---|\n");
    for (size_t i = 0; i < SCHEDULES; i++) {
        printf("| `%s` |", list[i].code);
        print_cells(data, 0.08, i);
        print_cells(data, 0.5, i);
        printf("\n");
    }
}

static int draw_rate(void *line, bp_trainer *trainer, const bp_progress *progress)
{
    (void)trainer;
    chart_point(line, (double)(progress->epoch - 1), progress->learning_rate);
    return 0;
}

static void draw_schedules(const digits *data, const char *directory)
{
    named_schedule list[SCHEDULES];
    list_schedules(1, list);
    picture = (chart){.title = "Schedules that depend on time alone",
                      .x_name = "epochs finished",
                      .y_name = "learning rate / start"};
    for (size_t i = 1; i < 7; i++) {
        bp_trainer_options options = options_with(1, 0);
        options.learning_rate_schedule = list[i].schedule;
        options.recoveries = 0;
        options.on_epoch = draw_rate;
        options.on_epoch_context = chart_add(&picture, list[i].name);
        double right;
        bp_data few = data->training;
        few.cases = 32; /* only the rates matter */
        digits little = *data;
        little.training = few;
        run(&little, &options, 1, &right, NULL, NULL);
    }
    chart_save(&picture, directory, "schedules.svg");
}

/* ---------------------------------------------------- momentum, batches, recovery */

/* The first column keeps the rate, the second what it is divided by 1 - momentum. */
static void compare_momentum(const digits *data)
{
    static const double momenta[] = {0, 0.5, 0.9, 0.95};
    printf("\n| momentum m | error with rate 0.08 | error with rate 0.8 (1 - m) | rate found |\n"
           "|---|---|---|---|\n");
    for (size_t i = 0; i < 4; i++) {
        double m = momenta[i], right;
        bp_trainer_options same = options_with(0.08, m), fitting = options_with(0.8 * (1 - m), m),
                           automatic = options_with(BP_RATE_AUTO, m);
        printf("| %g | %.2g |", m, run(data, &same, 1, &right, NULL, NULL).mean_error);
        printf(" %.2g |", run(data, &fitting, 1, &right, NULL, NULL).mean_error);
        printf(" %.2g |\n", search(data, &automatic).learning_rate);
    }
}

static void compare_batches(const digits *data)
{
    static const size_t sizes[] = {1, 8, 32, 128, 0};
    printf("\n| batch | updates of an epoch | rate found, mean | rate found, sum | mean training error | "
           "test cases right |\n|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < 5; i++) {
        bp_trainer_options options = options_with(BP_RATE_AUTO, 0.9), sum;
        options.batch_size = sizes[i];
        sum = options;
        sum.reduction = BP_REDUCE_SUM;
        double right;
        bp_result result = run(data, &options, 1, &right, NULL, NULL);
        printf("| %zu | %llu | %.3g | %.3g | %.3g | %.1f %% |\n",
               sizes[i] == 0 ? data->training.cases : sizes[i], (unsigned long long)result.updates / EPOCHS,
               search(data, &options).learning_rate, search(data, &sum).learning_rate, result.mean_error,
               100 * right);
    }
}

static void recover(const digits *data)
{
    printf("\nrate 3, without and with recoveries:\n");
    for (int recoveries = 0; recoveries <= 5; recoveries += 5) {
        bp_network *net = digits_network(1);
        bp_trainer *trainer = NULL;
        bp_trainer_options options = options_with(3, 0.9);
        options.recoveries = recoveries;
        bp_result result;
        bp_result_init(&result, sizeof result);
        check(bp_trainer_create(&trainer, net, &options));
        bp_status status = bp_trainer_run(trainer, &data->training, NULL, &result);
        printf("%s, mean error %.3g, %.1f %% of the test cases right\n", bp_status_string(status),
               result.mean_error, 100 * accuracy(net, &data->test));
        print_findings(trainer, BP_FINDING_RECOVERED);
        bp_trainer_destroy(trainer);
        bp_network_destroy(net);
    }
}

int main(int count, char **values)
{
    const char *directory = count > 1 ? values[1] : ".";
    digits data;
    load_digits(&data);
    compare_rates(&data, directory);
    draw_search(&data, directory);
    draw_schedules(&data, directory);
    compare_schedules(&data);
    compare_momentum(&data);
    compare_batches(&data);
    recover(&data);
    bp_dataset_destroy(data.dataset);
    return 0;
}
