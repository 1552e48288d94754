/*
 * The tables and the picture of docs/guide/stopping.md: stopping [directory for the picture]
 *
 * The data are 40 points of a sine with noise and 40 others to validate: few enough to be learned by heart.
 */
#include <math.h>
#include <stdio.h>

#include "guide.h"

enum { CASES = 40, LIMIT = 20000 };

static bp_real inputs[2 * CASES], targets[2 * CASES];
static bp_data training, validation;

/* Noise in -0.5..0.5 by a formula, so that every run has the same. */
static void make_data(void)
{
    for (int i = 0; i < 2 * CASES; i++) {
        double x = fmod(i * 0.6180339887, 1), noise = fmod(fabs(sin(i * 12.9898) * 43758.5453), 1) - 0.5;
        inputs[i] = (bp_real)x;
        targets[i] = (bp_real)(sin(6.283185307 * x) + noise);
    }
    training = bp_data_view(CASES, inputs, 1, targets, 1);
    validation = bp_data_view(CASES, inputs + CASES, 1, targets + CASES, 1);
}

static bp_network *make_network(void)
{
    const size_t units[] = {1, 30, 1};
    bp_network *net = NULL;
    check(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_linear()));
    check(bp_network_initialize(net, 1));
    return net;
}

static bp_trainer_options make_options(const bp_stop_rule *rules, size_t count)
{
    bp_trainer_options options;
    bp_trainer_options_init(&options, sizeof options);
    options.stop_rules = rules;
    options.stop_rule_count = count;
    options.keep_history = 1;
    return options;
}

static bp_result run(bp_trainer *trainer, const bp_data *judged)
{
    bp_result result;
    bp_result_init(&result, sizeof result);
    bp_status status = bp_trainer_run(trainer, &training, judged, &result);
    if (status != BP_DIVERGED)
        check(status);
    return result;
}

static void print_row(const char *rule, const bp_result *result)
{
    printf("| %s | %s | %zu | %llu | %.3f | ", rule, bp_stop_reason_string(result->reason), result->epochs,
           (unsigned long long)result->updates, result->mean_error);
    if (result->best_epoch > 0)
        printf("%.3f | %zu |\n", result->validation_error, result->best_epoch);
    else
        printf("| |\n");
}

static void try_rules(const char *name, const bp_stop_rule *rules, size_t count, const bp_data *judged)
{
    bp_network *net = make_network();
    bp_trainer *trainer = NULL;
    bp_trainer_options options = make_options(rules, count);
    check(bp_trainer_create(&trainer, net, &options));
    bp_result result = run(trainer, judged);
    print_row(name, &result);
    if (count == 0)
        print_findings(trainer, BP_FINDING_STOPPING);
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
}

static void compare_rules(void)
{
    const struct {
        const char *name;
        bp_stop_rule rule;
    } rows[] = {
        {"`bp_stop_early(50, 0)`", bp_stop_early(50, 0)},
        {"`bp_stop_early(50, 0.01)`", bp_stop_early(50, 0.01)},
        {"`bp_stop_early_averaged(50, 0, 10)`", bp_stop_early_averaged(50, 0, 10)},
        {"`bp_stop_generalization_loss(5)`", bp_stop_generalization_loss(5)},
        {"`bp_stop_progress_quotient(5, 0.5)`", bp_stop_progress_quotient(5, 0.5)},
        {"`bp_stop_validation_up(5, 4)`", bp_stop_validation_up(5, 4)},
        {"`bp_stop_diminishing_returns(50, 0.01)`", bp_stop_diminishing_returns(50, 0.01)},
        {"`bp_stop_mean_error_below(0.05)`", bp_stop_mean_error_below(0.05)},
        {"`bp_stop_error_below(2)`", bp_stop_error_below(2)},
        {"`bp_stop_within_tolerance(0.5)`", bp_stop_within_tolerance(0.5)},
        {"`bp_stop_gradient_below(0.05)`", bp_stop_gradient_below(0.05)},
        {"`bp_stop_epochs(100)`", bp_stop_epochs(100)},
        {"`bp_stop_updates(101)`", bp_stop_updates(101)},
    };
    printf("| rule | ended by | epochs | updates | mean error | of validation | best epoch |\n"
           "|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const bp_stop_rule rules[] = {rows[i].rule, bp_stop_epochs(LIMIT)};
        try_rules(rows[i].name, rules, 2, &validation);
    }
    try_rules("none, with validation cases", NULL, 0, &validation);
    try_rules("none, without", NULL, 0, NULL);
}

/* Learned by heart: what is handed back, and how a second run goes on. */
static void overfit(const char *directory)
{
    const bp_stop_rule rule = bp_stop_epochs(3000);
    printf("\n| run | ended by | epochs | updates | mean error | of validation | best epoch |\n"
           "|---|---|---|---|---|---|---|\n");
    for (int keep_best = 0; keep_best <= 1; keep_best++) {
        bp_network *net = make_network();
        bp_trainer *trainer = NULL;
        bp_trainer_options options = make_options(&rule, 1);
        options.keep_best = keep_best;
        options.optimizer = bp_optimizer_momentum(0.03, 0.9);
        options.weight_decay = 0;
        check(bp_trainer_create(&trainer, net, &options));
        for (int number = 1; number <= 2; number++) {
            bp_result result = run(trainer, &validation);
            char name[64];
            snprintf(name, sizeof name, "keep_best %d, run %d", keep_best, number);
            print_row(name, &result);
            char path[4096];
            snprintf(path, sizeof path, "%s/overfitting.svg", directory);
            if (keep_best && number == 1) {
                print_findings(trainer, BP_FINDING_OVERFITTING);
                check(bp_trainer_save_curve(trainer, path));
            }
        }
        bp_trainer_destroy(trainer);
        bp_network_destroy(net);
    }
}

static int request(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)context;
    if (progress->epoch == 10)
        bp_trainer_request_stop(trainer); /* as a signal handler or another thread would */
    return 0;
}

static void request_stop(void)
{
    bp_network *net = make_network();
    bp_trainer *trainer = NULL;
    bp_trainer_options options = make_options(NULL, 0);
    options.on_epoch = request;
    check(bp_trainer_create(&trainer, net, &options));
    bp_result result = run(trainer, &validation);
    printf("\nrequest in epoch 10: %s, after %zu epochs\n", bp_stop_reason_string(result.reason),
           result.epochs);
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
}

static void diverge(void)
{
    bp_network *net = make_network();
    bp_trainer *trainer = NULL;
    bp_trainer_options options = make_options(NULL, 0);
    options.optimizer = bp_optimizer_momentum(10, 0.9);
    check(bp_trainer_create(&trainer, net, &options));
    bp_result result = run(trainer, &validation);
    printf("\nrate 10: %s, after %zu epochs, validation error %.3f\n", bp_stop_reason_string(result.reason),
           result.epochs, result.validation_error);
    print_findings(trainer, BP_FINDING_NONE);
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
}

int main(int count, char **values)
{
    make_data();
    compare_rules();
    overfit(count > 1 ? values[1] : ".");
    request_stop();
    diverge();
    return 0;
}
