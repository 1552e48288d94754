/* Two processes train one network, each with a share of the cases: the recipe of bp_gradient_hook, with pipes
 * in place of MPI. Whatever ends the run of one ends that of the other at the same update. */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "train/poison.h"
#include "train/train_example.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* ---------------------------------------------------------------------- the exchange */

/* One end of two pipes. */
typedef struct link {
    int in, out;
    bool is_first; /* of the two: its values come first in sums */
} link_end;

static bool write_all(int file, const void *bytes, size_t count)
{
    for (const char *next = bytes; count > 0;) {
        ssize_t written = write(file, next, count);
        if (written < 0 && errno != EINTR)
            return false;
        next += written < 0 ? 0 : written;
        count -= written < 0 ? 0 : (size_t)written;
    }
    return true;
}

static bool read_all(int file, void *bytes, size_t count)
{
    for (char *next = bytes; count > 0;) {
        ssize_t got = read(file, next, count);
        if (got == 0 || (got < 0 && errno != EINTR))
            return false;
        next += got < 0 ? 0 : got;
        count -= got < 0 ? 0 : (size_t)got;
    }
    return true;
}

/* Sends bytes to the other process, which sends as many; far less than a pipe holds. */
static bool swap(const link_end *link, const void *mine, void *other, size_t count)
{
    return write_all(link->out, mine, count) && read_all(link->in, other, count);
}

static bool sum_doubles(const link_end *link, double *values, size_t count)
{
    double other[8];
    if (!swap(link, values, other, count * sizeof *values))
        return false;
    for (size_t i = 0; i < count; i++)
        values[i] += other[i];
    return true;
}

static bool sum_gradient(const link_end *link, bp_real *gradient, size_t count)
{
    bp_real other[EXAMPLE_WEIGHTS];
    if (!swap(link, gradient, other, count * sizeof *gradient))
        return false;
    for (size_t i = 0; i < count; i++)
        gradient[i] = link->is_first ? gradient[i] + other[i] : other[i] + gradient[i];
    return true;
}

/* --------------------------------------------------------------------- one process */

/* How the run of one process ends; the other one's only rule is far away. */
typedef enum end_kind {
    END_RULE,      /* a rule of its own */
    END_CALLBACK,  /* its callback says so after the second epoch */
    END_HOOK,      /* its hook wants it at the seventh call */
    END_DIVERGES,  /* its error becomes infinite, since its inputs are large */
    END_FAILS,     /* a function of the caller's fails */
    END_NO_MEMORY, /* for the history of the fifth epoch */
    END_REFUSED    /* its data are refused */
} end_kind;

typedef struct scenario {
    end_kind kind;
    bp_stop_rule rule;
    size_t batch_size;
    bp_stop_reason reason; /* of the one that ends */
    bp_status status;
} scenario;

typedef struct process {
    link_end link;
    const scenario *ends; /* NULL: waits for the other to end */
    size_t calls, cases;
    poison memory;
} process;

/* What a process came to. */
typedef struct outcome {
    bp_status status;
    bp_result result;
    bp_real weights[EXAMPLE_WEIGHTS];
} outcome;

static bp_status exchange(void *context, const bp_gradient_batch *batch, bp_gradient_reply *reply)
{
    process *self = context;
    bool wants_end = self->ends != NULL && self->ends->kind == END_HOOK && ++self->calls == 7;
    double sums[3] = {batch->reason != BP_STOP_NONE || wants_end, (double)batch->cases_left,
                      (double)batch->cases};
    if (!sum_doubles(&self->link, sums, 3))
        return BP_ERROR_CALLBACK;
    reply->stop = sums[0] > 0;
    reply->more_batches = sums[1] > 0;
    if (reply->stop)
        return BP_OK;
    if (!sum_gradient(&self->link, batch->gradient, batch->count))
        return BP_ERROR_CALLBACK;
    for (size_t i = 0; i < batch->count; i++)
        batch->gradient[i] /= (bp_real)sums[2];
    return BP_OK;
}

static int after_epoch(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    process *self = context;
    (void)trainer;
    if (self->ends->kind == END_NO_MEMORY && progress->epoch == 4)
        self->memory.fail_at = 0;
    return self->ends->kind == END_CALLBACK && progress->epoch == 2;
}

/* Squared error whose derivative is NaN from the 30th case on. */
static double failing_loss(void *context, const bp_real *y, const bp_real *d, bp_real *derivative,
                           size_t units)
{
    process *self = context;
    double sum = 0;
    for (size_t j = 0; j < units; j++)
        sum += ((double)y[j] - (double)d[j]) * ((double)y[j] - (double)d[j]) / 2;
    for (size_t j = 0; derivative != NULL && j < units; j++)
        derivative[j] = self->cases < 30 ? y[j] - d[j] : (bp_real)NAN;
    self->cases += derivative != NULL;
    return sum;
}

/* The example's 13 cases: 9 of them, or the other 4. */
static bp_data share_of(bool large)
{
    bp_data data = example_training();
    data.cases = large ? 9 : 4;
    data.inputs += large ? 0 : 9 * EXAMPLE_INPUTS;
    data.targets += large ? 0 : 9 * EXAMPLE_OUTPUTS;
    return data;
}

static bp_network *make_network(process *self, bool is_linear)
{
    bp_allocator allocator = poison_allocator(&self->memory);
    bp_network *net = NULL;
    if (!is_linear) {
        assert_ok(example_network_create(&net, &allocator, 1));
        return net;
    }
    net = numbered_network();
    assert_ok(bp_network_set_weights(net, &(bp_real){1}, 1));
    return net;
}

/* One weight w and inputs of 1 and 100: the mean derivative is 5000.5 w. At this rate w becomes -2 w with
 * each update, and the larger output is infinite some updates before the smaller one is. */
static const double diverging_rate = 3 / 5000.5;

static void set_options(process *self, const scenario *plan, bp_trainer_options *options)
{
    options->batch_size = plan->batch_size;
    options->optimizer = plan->kind == END_DIVERGES ? bp_optimizer_gradient_descent(diverging_rate)
                                                    : bp_optimizer_momentum(0.5, 0.9);
    options->on_gradient = exchange;
    options->on_gradient_context = self;
    options->seed = self->link.is_first ? 1 : 2;
    if (self->ends == NULL)
        return;
    options->on_epoch = after_epoch;
    options->on_epoch_context = self;
    options->keep_history = plan->kind == END_NO_MEMORY;
    if (plan->kind == END_FAILS)
        options->loss = bp_loss_custom(failing_loss, self);
}

/* Trains with its share, the larger or the smaller one, and afterwards takes the weights of the one that put
 * others back. */
static outcome train_share(process *self, const scenario *plan, bool large)
{
    static const bp_real input = 1, large_input = 100, target = 0;
    bool is_linear = plan->kind == END_DIVERGES;
    bp_network *net = make_network(self, is_linear);
    bp_stop_rule far = bp_stop_epochs(10000);
    bp_trainer_options options =
        options_with(self->ends != NULL && plan->kind == END_RULE ? &plan->rule : &far, 1);
    set_options(self, plan, &options);
    bp_trainer *trainer = make_trainer(net, &options);
    bp_data data = share_of(large), validation = example_validation();
    if (is_linear)
        data = bp_data_view(1, self->ends != NULL ? &large_input : &input, 1, &target, 1);
    if (self->ends != NULL && plan->kind == END_REFUSED)
        data.input_width++;
    outcome made = {.result = empty_result()};
    made.status = bp_trainer_run(trainer, &data, is_linear ? NULL : &validation, &made.result);

    double put_back = made.status == BP_DIVERGED || made.result.reason == BP_STOP_EARLY;
    size_t count;
    const bp_real *weights = bp_network_weights(net, &count);
    memcpy(made.weights, weights, count * sizeof *weights);
    bp_real others[EXAMPLE_WEIGHTS];
    double other_put_back = 0;
    assert_true(swap(&self->link, &put_back, &other_put_back, sizeof put_back));
    assert_true(swap(&self->link, made.weights, others, sizeof others));
    if (other_put_back != 0 && put_back == 0)
        memcpy(made.weights, others, sizeof others);
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
    poison_end(&self->memory);
    return made;
}

/* ------------------------------------------------------------------- two processes */

typedef struct outcomes {
    outcome ends, other;
} outcomes;

/* The one that ends has the larger share, or the smaller. */
static outcomes train_both(const scenario *plan, bool large)
{
    int to_child[2], to_parent[2];
    outcomes both;
    assert_int_equal(pipe(to_child), 0);
    assert_int_equal(pipe(to_parent), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        alarm(30);
        close(to_child[1]);
        close(to_parent[0]);
        process other = {.link = {to_child[0], to_parent[1], false}};
        outcome made = train_share(&other, plan, !large);
        _exit(write_all(to_parent[1], &made, sizeof made) ? 0 : 1);
    }
    close(to_child[0]);
    close(to_parent[1]);
    process self = {.link = {to_parent[0], to_child[1], true}, .ends = plan};
    both.ends = train_share(&self, plan, large);
    assert_true(read_all(to_parent[0], &both.other, sizeof both.other));
    close(to_parent[0]);
    close(to_child[1]);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    return both;
}

static void assert_end_together(const scenario *plan)
{
    for (int large = 0; large < 2; large++) {
        outcomes both = train_both(plan, large);
        assert_int_equal(both.ends.status, plan->status);
        assert_int_equal(both.other.status, BP_OK);
        assert_string_equal(bp_stop_reason_string(both.other.result.reason),
                            bp_stop_reason_string(BP_STOP_HOOK));
        size_t weights = plan->kind == END_DIVERGES ? 1 : EXAMPLE_WEIGHTS;
        assert_memory_equal(both.ends.weights, both.other.weights, weights * sizeof(bp_real));
        if (plan->kind == END_REFUSED)
            continue;
        assert_string_equal(bp_stop_reason_string(both.ends.result.reason),
                            bp_stop_reason_string(plan->reason));
        assert_int_equal(both.ends.result.updates, both.other.result.updates);
        assert_true(both.ends.result.updates > 0);
    }
}

/* Batches of 2: five on one side, two and three empty ones on the other; or all cases at once. */
static void test_each_rule_ends_both(void **state)
{
    (void)state;
    const bp_stop_rule rules[] = {
        bp_stop_error_below(1),
        bp_stop_mean_error_below(0.1),
        bp_stop_within_tolerance(0.8),
        bp_stop_early(2, 0.01),
        bp_stop_epochs(3),
        bp_stop_diminishing_returns(1, 0.01),
        bp_stop_updates(1),
        bp_stop_updates(4),
        bp_stop_updates(15),
        bp_stop_updates(17),
        bp_stop_seconds(0.001),
        bp_stop_gradient_below(0.5),
    };
    for (size_t i = 0; i < COUNT(rules); i++) {
        scenario plan = {END_RULE, rules[i], 2, (bp_stop_reason)rules[i].kind, BP_OK};
        assert_end_together(&plan);
        plan.batch_size = 0;
        assert_end_together(&plan);
    }
}

static void test_every_other_end_ends_both(void **state)
{
    (void)state;
    const scenario plans[] = {
        {.kind = END_CALLBACK, .reason = BP_STOP_CALLBACK},
        {.kind = END_HOOK, .reason = BP_STOP_HOOK},
        {.kind = END_DIVERGES, .reason = BP_STOP_DIVERGED, .status = BP_DIVERGED},
        {.kind = END_FAILS, .reason = BP_STOP_FAILED, .status = BP_ERROR_NOT_FINITE},
        {.kind = END_NO_MEMORY, .reason = BP_STOP_FAILED, .status = BP_ERROR_MEMORY},
        {.kind = END_REFUSED, .status = BP_ERROR_SIZE},
    };
    for (size_t i = 0; i < COUNT(plans); i++) {
        scenario plan = plans[i];
        assert_end_together(&plan);
        plan.batch_size = 2;
        assert_end_together(&plan);
    }
}

/* The mean over two shares is that over all cases. */
static void test_two_shares_train_as_one(void **state)
{
    (void)state;
    scenario plan = {END_RULE, bp_stop_epochs(50), 0, BP_STOP_EPOCHS, BP_OK};
    outcomes both = train_both(&plan, true);
    bp_trainer_options options = options_with(&plan.rule, 1);
    options.optimizer = bp_optimizer_momentum(0.5, 0.9);
    options.reduction = BP_REDUCE_MEAN;
    pair whole = make_pair(example_network(1), &options);
    bp_data data = example_training();
    train_until(whole.trainer, &data, NULL, BP_STOP_EPOCHS);
    const bp_real *weights = bp_network_weights(whole.net, NULL);
    double scale = test_max_abs(weights, EXAMPLE_WEIGHTS);
    for (size_t i = 0; i < EXAMPLE_WEIGHTS; i++)
        assert_true(fabs((double)both.ends.weights[i] - (double)weights[i]) <=
                    TOLERANCE(1e-4, 1e-12) * scale);
    end_pair(&whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_rule_ends_both),
        cmocka_unit_test(test_every_other_end_ends_both),
        cmocka_unit_test(test_two_shares_train_as_one),
    };
    signal(SIGPIPE, SIG_IGN);
    alarm(60); /* a hang ends the program */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
