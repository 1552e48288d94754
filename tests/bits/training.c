#include "bits/training.h"

#include "bits/digest.h"
#include "bits/must.h"

/* --------------------------------------------------------------- drawing */

static size_t draw_batch(draw_stream *stream, size_t cases)
{
    switch (draw_below(stream, 5)) {
    case 0:
        return 0;
    case 1:
        return cases > 1 ? cases - 1 : 1; /* a last batch of one case */
    case 2:
        return 32;
    default:
        return draw_between(stream, 2, 9);
    }
}

static bp_schedule draw_schedule(draw_stream *stream, double value)
{
    switch (draw_below(stream, 6)) {
    case 0:
        return bp_schedule_exponential(value, 0.7, value / 4);
    case 1:
        return bp_schedule_switch(value, 1, value / 2);
    case 2:
        return bp_schedule_constant(value / 2);
    default:
        return bp_schedule_none();
    }
}

/* Limits first: some fall in the middle of an epoch. */
static bp_stop_rule draw_rule(draw_stream *stream, size_t validation)
{
    switch (draw_below(stream, 7)) {
    case 0:
        return bp_stop_updates(draw_between(stream, 1, 40));
    case 1:
        return bp_stop_seconds(1e6);
    case 2:
        return bp_stop_gradient_below(1e-3);
    case 3:
        return bp_stop_mean_error_below(0.02);
    case 4:
        return bp_stop_within_tolerance(0.3);
    case 5:
        return bp_stop_diminishing_returns(2, 0.01);
    default:
        return validation > 0 ? bp_stop_early(2, 0.01) : bp_stop_error_below(1e-2);
    }
}

static void draw_rules(training_plan *plan, const network_group *group, draw_stream *stream)
{
    size_t count = 0;
    plan->rules[count++] = bp_stop_epochs(draw_between(stream, 1, group->epochs));
    while (count < TRAINING_MOST_RULES && draw_one_in(stream, 3))
        plan->rules[count++] = draw_rule(stream, plan->validation);
    plan->options.stop_rule_count = count;
}

training_plan training_plan_draw(const network_group *group, int is_online, const random_cases *cases,
                                 draw_stream *stream)
{
    training_plan plan = {.runs = draw_one_in(stream, 3) ? 2 : 1};
    bp_trainer_options *options = &plan.options;
    size_t count = cases->data.cases;
    double rate = draw_real(stream, 0.001, 0.1), momentum = draw_one_in(stream, 3) ? 0 : 0.9;
    bp_trainer_options_1986(options, sizeof *options);
    options->batch_size = is_online ? 1 : draw_batch(stream, count);
    options->reduction = draw_one_in(stream, 2) ? BP_REDUCE_MEAN : BP_REDUCE_SUM;
    if (options->reduction == BP_REDUCE_SUM && !is_online)
        rate /= 8;
    options->optimizer =
        momentum == 0 ? bp_optimizer_gradient_descent(rate) : bp_optimizer_momentum(rate, momentum);
    options->learning_rate_schedule = draw_schedule(stream, rate);
    options->momentum_schedule = draw_schedule(stream, momentum);
    options->weight_decay = draw_one_in(stream, 3) ? 0.002 : 0;
    options->average_shared = draw_one_in(stream, 3);
    options->shuffle = draw_one_in(stream, 2);
    options->seed = draw_below(stream, 100);
    options->keep_history = draw_one_in(stream, 2);
    plan.validation = count > 4 && draw_one_in(stream, 4) ? count / 4 : 0;
    plan.has_callback = draw_one_in(stream, 4);
    plan.has_hook = draw_one_in(stream, 6);
    plan.restores_best = draw_one_in(stream, 2);
    plan.is_reset = draw_one_in(stream, 3);
    draw_rules(&plan, group, stream);
    return plan;
}

/* --------------------------------------------------------------- training */

/* What callbacks work with. */
typedef struct listener {
    uint64_t digest;
    const bp_network *net;
} listener;

static int on_epoch(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    listener *to = context;
    size_t weights;
    const bp_real *values = bp_network_weights(to->net, &weights);
    to->digest = digest_reals(to->digest, values, weights);
    to->digest = digest_integer(to->digest, progress->epoch);
    to->digest = digest_integer(to->digest, progress->updates);
    to->digest = digest_double(to->digest, progress->error);
    to->digest = digest_double(to->digest, progress->mean_error);
    to->digest = digest_double(to->digest, progress->gradient_norm);
    to->digest = digest_double(to->digest, progress->learning_rate);
    to->digest = digest_double(to->digest, progress->momentum);
    to->digest = digest_integer(to->digest, progress->best_epoch);
    if (progress->best_epoch > 0) {
        to->digest = digest_double(to->digest, progress->validation_error);
        to->digest = digest_double(to->digest, progress->validation_accuracy);
    }
    if (progress->epoch == 2)
        MUST(bp_trainer_set_learning_rate(trainer, progress->learning_rate / 2));
    if (progress->epoch == 3)
        MUST(bp_trainer_set_momentum_schedule(trainer, bp_schedule_exponential(0.8, 0.5, 0)));
    return progress->epoch == 5;
}

static bp_status on_gradient(void *context, const bp_gradient_batch *batch, bp_gradient_reply *reply)
{
    listener *to = context;
    (void)reply;
    if (batch->reason != BP_STOP_NONE)
        return BP_OK;
    to->digest = digest_reals(to->digest, batch->gradient, batch->count);
    for (size_t i = 0; i < batch->count; i++)
        batch->gradient[i] /= 2;
    return BP_OK;
}

static uint64_t add_result(uint64_t digest, const bp_result *result)
{
    digest = digest_integer(digest, (uint64_t)result->reason);
    digest = digest_integer(digest, result->rule);
    digest = digest_integer(digest, result->epochs);
    digest = digest_integer(digest, result->updates);
    digest = digest_integer(digest, result->best_epoch);
    digest = digest_double(digest, result->error);
    return digest_double(digest, result->mean_error);
}

/* Training may diverge; that is a result like others. */
static uint64_t add_run(uint64_t digest, bp_trainer *trainer, const bp_data *training,
                        const bp_data *validation)
{
    bp_result result;
    bp_result_init(&result, sizeof result);
    bp_status status = bp_trainer_run(trainer, training, validation, &result);
    if (status != BP_DIVERGED)
        MUST(status);
    digest = add_result(digest_integer(digest, (uint64_t)status), &result);
    size_t epochs;
    const double *history = bp_trainer_history(trainer, &epochs);
    for (size_t i = 0; i < epochs; i++)
        digest = digest_double(digest, history[i]);
    return digest;
}

static uint64_t add_weights(uint64_t digest, const bp_network *net)
{
    size_t count;
    const bp_real *weights = bp_network_weights(net, &count);
    return digest_reals(digest, weights, count);
}

static uint64_t add_runs(uint64_t digest, bp_network *net, bp_trainer *trainer, const random_cases *cases,
                         const training_plan *plan)
{
    size_t count = cases->data.cases - plan->validation;
    bp_data training = random_cases_part(cases, 0, count);
    bp_data validation = random_cases_part(cases, count, plan->validation);
    const bp_data *validated = plan->validation > 0 ? &validation : NULL;
    for (size_t run = 0; run < plan->runs; run++) {
        if (run > 0 && plan->is_reset)
            MUST(bp_trainer_reset(trainer));
        digest = add_run(digest, trainer, &training, validated);
        digest = add_weights(digest, net);
    }
    if (plan->validation > 0 && plan->restores_best) {
        bp_status status = bp_trainer_restore_best(trainer); /* there is none if no epoch was finished */
        digest = add_weights(digest_integer(digest, (uint64_t)status), net);
    }
    return digest;
}

uint64_t training_add(uint64_t digest, const random_net *made, const random_cases *cases,
                      const training_plan *plan, size_t threads)
{
    bp_network *net = NULL;
    bp_trainer *trainer = NULL;
    MUST(bp_network_copy(&net, made->net));
    listener to = {DIGEST_START, net};
    bp_trainer_options options = plan->options;
    options.loss = made->loss;
    options.stop_rules = plan->rules;
    options.threads = threads;
    options.on_epoch = plan->has_callback ? on_epoch : NULL;
    options.on_epoch_context = &to;
    options.on_gradient = plan->has_hook ? on_gradient : NULL;
    options.on_gradient_context = &to;
    MUST(bp_trainer_create(&trainer, net, &options));
    digest = add_runs(digest, net, trainer, cases, plan);
    digest = digest_integer(digest, to.digest);
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
    return digest;
}
