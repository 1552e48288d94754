#include "train/checkpoint_example.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "train/stream_example.h"

/* ----------------------------------------------------------------------- scenarios */

/* Rules live as long as the program. */
static void set_rules(bp_trainer_options *options, const bp_stop_rule *rules, size_t count)
{
    options->stop_rules = rules;
    options->stop_rule_count = count;
}

static void end_after(bp_trainer_options *options, size_t epochs)
{
    static bp_stop_rule rules[64];
    assert_true(epochs < 64);
    rules[epochs] = bp_stop_epochs(epochs);
    set_rules(options, &rules[epochs], 1);
}

static void use_momentum(bp_trainer_options *options, double rate)
{
    options->optimizer = bp_optimizer_momentum(rate, 0.9);
    options->weight_decay = 0.0001;
    options->scale_data = 0;
}

static void set_batch(bp_trainer_options *options, size_t batch, size_t epochs)
{
    use_momentum(options, 0.05);
    options->batch_size = batch;
    end_after(options, epochs);
}

static void batch_of_1(bp_trainer_options *options)
{
    set_batch(options, 1, 3);
}

static void batch_of_1_in_order(bp_trainer_options *options)
{
    set_batch(options, 1, 3);
    options->shuffle = 0;
}

static void batch_of_2(bp_trainer_options *options)
{
    set_batch(options, 2, 4);
}

static void batch_of_7(bp_trainer_options *options)
{
    set_batch(options, 7, 6);
}

static void whole_batch(bp_trainer_options *options)
{
    set_batch(options, 0, 20);
    options->reduction = BP_REDUCE_SUM;
    options->optimizer = bp_optimizer_momentum(0.002, 0.9);
}

static void limit_of_updates(bp_trainer_options *options)
{
    static bp_stop_rule rule;
    rule = bp_stop_updates(29);
    set_batch(options, 5, 1);
    set_rules(options, &rule, 1);
}

static void two_threads(bp_trainer_options *options)
{
    set_batch(options, 20, 8);
    options->threads = 2;
}

static void three_threads(bp_trainer_options *options)
{
    set_batch(options, 7, 6);
    options->threads = 3;
}

static void eight_threads(bp_trainer_options *options)
{
    set_batch(options, 1, 2);
    options->threads = 8;
}

static void early_stopping(bp_trainer_options *options)
{
    static bp_stop_rule rules[2];
    set_batch(options, 6, 1);
    options->optimizer = bp_optimizer_momentum(0.2, 0.9);
    rules[0] = bp_stop_early(4, 0.001);
    rules[1] = bp_stop_epochs(40);
    set_rules(options, rules, 2);
}

static void early_stopping_without_best(bp_trainer_options *options)
{
    early_stopping(options);
    options->keep_best = 0;
}

static void rising_validation_error(bp_trainer_options *options)
{
    static bp_stop_rule rules[5];
    set_batch(options, 6, 1);
    rules[0] = bp_stop_generalization_loss(60);
    rules[1] = bp_stop_progress_quotient(4, 40);
    rules[2] = bp_stop_validation_up(4, 3);
    rules[3] = bp_stop_early_averaged(9, 0.001, 3);
    rules[4] = bp_stop_epochs(25);
    set_rules(options, rules, 5);
    options->no_bias_decay = 1;
}

static void diminishing_returns(bp_trainer_options *options)
{
    static bp_stop_rule rules[3];
    set_batch(options, 6, 1);
    rules[0] = bp_stop_diminishing_returns(5, 0.3);
    rules[1] = bp_stop_mean_error_below(1e-9);
    rules[2] = bp_stop_gradient_below(1e-9);
    set_rules(options, rules, 3);
}

static void error_below(bp_trainer_options *options)
{
    static bp_stop_rule rules[2];
    set_batch(options, 5, 1);
    rules[0] = bp_stop_mean_error_below(0.03);
    rules[1] = bp_stop_epochs(40);
    set_rules(options, rules, 2);
}

static void with_schedule(bp_trainer_options *options, bp_schedule schedule, size_t epochs)
{
    set_batch(options, 6, epochs);
    options->learning_rate_schedule = schedule;
}

static void exponential(bp_trainer_options *options)
{
    with_schedule(options, bp_schedule_exponential(0.1, 0.8, 0.01), 6);
    options->momentum_schedule = bp_schedule_switch(0.5, 3, 0.9);
}

static void cosine_by_update(bp_trainer_options *options)
{
    with_schedule(options, bp_schedule_by_update(bp_schedule_cosine(0.1, 0.001, 3)), 7);
    options->batch_size = 1;
    end_after(options, 2);
}

static void one_cycle(bp_trainer_options *options)
{
    with_schedule(options, bp_schedule_by_update(bp_schedule_one_cycle(0.1, 6)), 7);
}

static void warm_up_and_step(bp_trainer_options *options)
{
    with_schedule(options, bp_schedule_with_warm_up(bp_schedule_step(0.1, 0.5, 2), 3), 8);
}

static void plateau(bp_trainer_options *options)
{
    with_schedule(options, bp_schedule_reduce_on_plateau(0.2, 0.5, 2, 0.001), 20);
}

static void bold_driver(bp_trainer_options *options)
{
    with_schedule(options, bp_schedule_bold_driver(0.3, 1.5, 0.5), 20);
    options->batch_size = 0;
}

static void untouched(bp_trainer_options *options)
{
    (void)options;
}

static void untouched_but_short(bp_trainer_options *options)
{
    end_after(options, 10);
}

static void too_large_a_rate(bp_trainer_options *options)
{
    set_batch(options, 6, 30);
    options->optimizer = bp_optimizer_momentum(8, 0.9);
    options->recoveries = 3;
}

/* ----------------------------------------------------------------------- optimizers */

static void with_optimizer(bp_trainer_options *options, bp_optimizer optimizer, size_t batch)
{
    set_batch(options, batch, batch == 0 ? 15 : 3);
    options->optimizer = optimizer;
}

static void nesterov(bp_trainer_options *options)
{
    with_optimizer(options, bp_optimizer_nesterov(0.05, 0.9), 5);
}

static void adagrad(bp_trainer_options *options)
{
    with_optimizer(options, bp_optimizer_adagrad(0.05), 5);
}

static void rmsprop(bp_trainer_options *options)
{
    with_optimizer(options, bp_optimizer_rmsprop(0.01, 0.9), 2);
}

static void adam(bp_trainer_options *options)
{
    with_optimizer(options, bp_optimizer_adam(0.01, 0.9, 0.999, 1e-8), 1);
}

static void adamw(bp_trainer_options *options)
{
    with_optimizer(options, bp_optimizer_adamw(0.01, 0.9, 0.999, 1e-8, 0.01), 7);
    options->weight_decay = 0;
    options->threads = 2;
}

static void irprop_plus(bp_trainer_options *options)
{
    with_optimizer(options, bp_optimizer_irprop_plus(0.01), 0);
    options->weight_decay = 0;
}

static void irprop_minus(bp_trainer_options *options)
{
    with_optimizer(options, bp_optimizer_irprop_minus(0.01), 0);
    options->weight_decay = 0;
}

static void quickprop(bp_trainer_options *options)
{
    with_optimizer(options, bp_optimizer_quickprop(0.01, 1.75), 0);
    options->weight_decay = 0;
}

static void scg(bp_trainer_options *options)
{
    with_optimizer(options, bp_optimizer_scg(), 0);
    options->weight_decay = 0.001;
}

static void lbfgs(bp_trainer_options *options)
{
    with_optimizer(options, bp_optimizer_lbfgs(3), 0);
    options->weight_decay = 0;
    options->threads = 2;
}

static void levenberg_marquardt(bp_trainer_options *options)
{
    with_optimizer(options, bp_optimizer_levenberg_marquardt(), 0);
    options->weight_decay = 0.001;
}

/* Gradient descent with a mean of the gradients, and a count of the updates that slows it down. */
static bp_status step_slowly(void *context, const bp_step *step)
{
    (void)context;
    step->scalars[0] += 1;
    for (size_t i = 0; i < step->count; i++) {
        bp_real *mean = &step->vectors[i];
        *mean += (step->gradient[i] - *mean) / 4;
        step->weights[i] -= (bp_real)(step->learning_rate / (1 + step->scalars[0] / 100)) * *mean;
    }
    return BP_OK;
}

static void of_the_caller(bp_trainer_options *options)
{
    static bp_rule rule;
    bp_rule_init(&rule, sizeof rule);
    rule.name = "slowly";
    rule.vectors = 1;
    rule.scalars = 1;
    rule.update = step_slowly;
    with_optimizer(options, bp_optimizer_custom(&rule, 0.1), 5);
    options->weight_decay = 0;
}

static void sees_gradients(bp_trainer_options *options);
static void sees_epochs(bp_trainer_options *options);

const scenario scenarios[] = {
    {"batch of 1", SCENARIO_CASES, false, 0, batch_of_1},
    {"batch of 1, in order", SCENARIO_CASES, true, 0, batch_of_1_in_order},
    {"batch of 2", SCENARIO_CASES, true, 0, batch_of_2},
    {"batch of 7", SCENARIO_CASES, false, 0, batch_of_7},
    {"whole batch", SCENARIO_CASES, true, 0, whole_batch},
    {"limit of updates", SCENARIO_CASES, false, 0, limit_of_updates},
    {"2 threads", SCENARIO_CASES, false, 0, two_threads},
    {"3 threads", SCENARIO_CASES, true, 0, three_threads},
    {"8 threads", SCENARIO_CASES, false, 0, eight_threads},
    {"early stopping", SCENARIO_CASES, true, 0, early_stopping},
    {"early stopping without keep_best", SCENARIO_CASES, true, 0, early_stopping_without_best},
    {"rising validation error", SCENARIO_CASES, true, 0, rising_validation_error},
    {"diminishing returns", SCENARIO_CASES, false, 0, diminishing_returns},
    {"error below", SCENARIO_CASES, false, 0, error_below},
    {"exponential", SCENARIO_CASES, false, 0, exponential},
    {"cosine by update", SCENARIO_CASES, false, 0, cosine_by_update},
    {"one cycle", SCENARIO_CASES, false, 0, one_cycle},
    {"warm-up and steps", SCENARIO_CASES, false, 0, warm_up_and_step},
    {"plateau", SCENARIO_CASES, true, 0, plateau},
    {"plateau of the training error", SCENARIO_CASES, false, 0, plateau},
    {"bold driver", SCENARIO_CASES, false, 0, bold_driver},
    {"untouched options", 60, false, 0, untouched},
    {"untouched options, validation", 60, true, 0, untouched},
    {"untouched options, 10 epochs", 60, true, 0, untouched_but_short},
    {"too large a rate", SCENARIO_CASES, false, 0, too_large_a_rate},
    {"too large a rate, validation", SCENARIO_CASES, true, 0, too_large_a_rate},
    {"Nesterov", SCENARIO_CASES, false, 0, nesterov},
    {"Adagrad", SCENARIO_CASES, false, 0, adagrad},
    {"RMSprop", SCENARIO_CASES, true, 0, rmsprop},
    {"Adam", SCENARIO_CASES, false, 0, adam},
    {"AdamW", SCENARIO_CASES, true, 0, adamw},
    {"iRprop+", SCENARIO_CASES, true, 0, irprop_plus},
    {"iRprop-", SCENARIO_CASES, false, 0, irprop_minus},
    {"Quickprop", SCENARIO_CASES, false, 0, quickprop},
    {"SCG", SCENARIO_CASES, false, 0, scg},
    {"L-BFGS", SCENARIO_CASES, true, 0, lbfgs},
    {"Levenberg-Marquardt", SCENARIO_CASES, true, 0, levenberg_marquardt},
    {"rule of the caller's", SCENARIO_CASES, false, 0, of_the_caller},
    {"gradient hook", SCENARIO_CASES, false, 0, sees_gradients},
    {"epoch callback", SCENARIO_CASES, true, 0, sees_epochs},
    {"windows of a stream", SCENARIO_CASES, false, 10, batch_of_2},
    {"windows, online", SCENARIO_CASES, true, 12, batch_of_1},
    {"windows, untouched", 60, true, 32, untouched_but_short},
    {"a stream in memory", SCENARIO_CASES, false, 100, batch_of_7},
    {NULL, 0, false, 0, NULL},
};

/* Halves every derivative. */
static bp_status halve(void *context, const bp_gradient_batch *batch, bp_gradient_reply *reply)
{
    (void)context;
    (void)reply;
    for (size_t i = 0; i < batch->count; i++)
        batch->gradient[i] *= (bp_real)0.5;
    return BP_OK;
}

static void sees_gradients(bp_trainer_options *options)
{
    set_batch(options, 6, 5);
    options->on_gradient = halve;
}

/* Sets the rate by what it is told. */
static int set_rate(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)context;
    const double cosine = isnan(progress->update_cosine) ? 0 : progress->update_cosine;
    assert_ok(bp_trainer_set_learning_rate(trainer, 0.05 * (1 + 0.5 * cosine)));
    return 0;
}

static void sees_epochs(bp_trainer_options *options)
{
    set_batch(options, 6, 8);
    options->on_epoch = set_rate;
}

bp_trainer_options scenario_options(const scenario *s)
{
    bp_trainer_options options;
    bp_trainer_options_init(&options, sizeof options);
    s->set(&options);
    options.keep_history = 1;
    options.stream_window = s->stream_window;
    return options;
}

bp_network *scenario_network(const scenario *s)
{
    (void)s;
    return wave_network(4);
}

bp_status scenario_run(const scenario *s, bp_trainer *trainer, bp_result *result)
{
    const bp_data training = wave_of(s->cases), validation = wave_validation();
    const bp_data *others = s->has_validation ? &validation : NULL;
    if (s->stream_window == 0)
        return bp_trainer_run(trainer, &training, others, result);
    test_source sources[2] = {0};
    bp_stream *streams[2] = {NULL, NULL};
    assert_ok(test_stream_create(&streams[0], &sources[0], &training, NULL));
    if (others != NULL)
        assert_ok(test_stream_create(&streams[1], &sources[1], others, NULL));
    bp_status status = bp_trainer_run_stream(trainer, streams[0], streams[1], result);
    bp_stream_destroy(streams[0]);
    bp_stream_destroy(streams[1]);
    return status;
}
