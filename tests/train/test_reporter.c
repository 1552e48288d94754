/* What a reporter prints to a pipe and to a terminal. */
#define _XOPEN_SOURCE 700 /* posix_openpt */
#include "train/train_example.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "train/types.h"

enum { TEXT = 1 << 16 };

/* A stream and the end from which its bytes are read. */
typedef struct channel {
    FILE *stream;
    int reader;
} channel;

static channel open_pipe(void)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    return (channel){fdopen(ends[1], "w"), ends[0]};
}

/* A terminal of so many columns; 0: it does not know. */
static channel open_terminal(unsigned short columns)
{
    int reader = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(reader >= 0);
    assert_int_equal(grantpt(reader), 0);
    assert_int_equal(unlockpt(reader), 0);
    int writer = open(ptsname(reader), O_RDWR | O_NOCTTY);
    assert_true(writer >= 0);
    struct winsize size = {.ws_col = columns, .ws_row = 25};
    assert_int_equal(ioctl(writer, TIOCSWINSZ, &size), 0);
    return (channel){fdopen(writer, "w"), reader};
}

/* What has been printed so far; one static buffer. */
static const char *read_all(const channel *c)
{
    static char text[TEXT];
    size_t count = 0;
    assert_int_equal(fcntl(c->reader, F_SETFL, O_NONBLOCK), 0);
    for (ssize_t got; (got = read(c->reader, text + count, TEXT - 1 - count)) > 0; count += (size_t)got)
        ;
    text[count] = 0;
    return text;
}

static void close_channel(channel *c)
{
    fclose(c->stream);
    if (c->reader >= 0)
        close(c->reader);
}

static bp_trainer_options reported(const bp_stop_rule *rules, size_t count, bp_reporter *reporter)
{
    bp_trainer_options options = options_with(rules, count);
    options.on_epoch = bp_reporter_on_epoch;
    options.on_epoch_context = reporter;
    return options;
}

static const char *line_start(const char *text, size_t number)
{
    for (; number > 0; number--)
        text = strchr(text, '\n') + 1;
    return text;
}

/* Asserts that the lines are those of these epochs. */
static void assert_epochs(const char *text, const char *limit, const size_t *epochs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char wanted[60];
        snprintf(wanted, sizeof wanted, "epoch %zu%s  error ", epochs[i], limit);
        assert_memory_equal(line_start(text, i), wanted, strlen(wanted));
    }
    assert_string_equal(line_start(text, count), "");
}

/* Growing gaps, and the last line as soon as the run has ended. The next run begins anew. */
static void test_lines_in_a_pipe(void **state)
{
    (void)state;
    channel c = open_pipe();
    bp_reporter *reporter = NULL;
    assert_ok(bp_reporter_create(&reporter, c.stream));
    bp_stop_rule rule = bp_stop_epochs(77);
    bp_trainer_options options = reported(&rule, 1, reporter);
    options.loss = bp_loss_cross_entropy(); /* of answers of yes and no there is an accuracy */
    bp_data data = example_training(), validation = example_validation();
    pair both = make_pair(example_network(1), &options);
    train_until(both.trainer, &data, &validation, BP_STOP_EPOCHS);
    const char *text = read_all(&c);
    const size_t first[] = {1, 2, 5, 10, 20, 50, 77};
    assert_epochs(text, "/77", first, 7);
    assert_null(strchr(text, '\r'));
    const char *const parts[] = {"  validation ", " %  best ", "  0:0", " left  rate 0.1  ", " cases/s\n"};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        assert_non_null(strstr(text, parts[i]));
    assert_non_null(strstr(line_start(text, 6), "  0:00 left  "));

    train_until(both.trainer, &data, &validation, BP_STOP_EPOCHS);
    const size_t second[] = {78, 79, 82, 87, 97, 127, 154};
    assert_epochs(read_all(&c), "/154", second, 7);
    bp_reporter_destroy(reporter);
    assert_string_equal(read_all(&c), "");
    end_pair(&both);
    close_channel(&c);
}

/* Of numbers there is no accuracy. */
static void test_numbers_have_no_accuracy(void **state)
{
    (void)state;
    channel c = open_pipe();
    bp_reporter *reporter = NULL;
    assert_ok(bp_reporter_create(&reporter, c.stream));
    bp_stop_rule rule = bp_stop_epochs(1);
    bp_trainer_options options = reported(&rule, 1, reporter);
    options.loss = bp_loss_squared_error();
    bp_data data = example_training(), validation = example_validation();
    pair both = make_pair(example_network(1), &options);
    train_until(both.trainer, &data, &validation, BP_STOP_EPOCHS);
    const char *text = read_all(&c);
    assert_non_null(strstr(text, "  validation "));
    assert_null(strchr(text, '%'));
    bp_reporter_destroy(reporter);
    end_pair(&both);
    close_channel(&c);
}

/* No validation, no limit of epochs. */
static void test_what_there_is_not(void **state)
{
    (void)state;
    channel c = open_pipe();
    bp_reporter *reporter = NULL;
    assert_ok(bp_reporter_create(&reporter, c.stream));
    bp_stop_rule rule = bp_stop_error_below(0.01);
    bp_trainer_options options = reported(&rule, 1, reporter);
    options.optimizer = bp_optimizer_momentum(1e-9, 0);
    bp_data data = example_training();
    pair both = make_pair(example_network(1), &options);
    bp_trainer_request_stop(both.trainer);
    train_until(both.trainer, &data, NULL, BP_STOP_REQUESTED);
    const char *text = read_all(&c);
    assert_epochs(text, "", (const size_t[]){1}, 1);
    assert_null(strstr(text, "validation"));
    assert_null(strstr(text, "left"));
    assert_non_null(strstr(text, "  rate 1e-09  "));
    bp_reporter_destroy(reporter);
    end_pair(&both);
    close_channel(&c);
}

/* ----------------------------------------------------------------------- terminals */

/* Epochs of some milliseconds, handed on to the reporter. */
typedef struct slow {
    bp_reporter *reporter;
    const channel *channel;
    size_t renewed;
    bool ended_within; /* was there an end of line before the end of the run? */
} slow;

enum { SLOW_EPOCHS = 80 };

static int report_slowly(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    slow *s = context;
    nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    assert_int_equal(bp_reporter_on_epoch(s->reporter, trainer, progress), 0);
    if (progress->epoch == SLOW_EPOCHS) /* whether it is printed now or with the end of the run */
        return 0;
    for (const char *at = read_all(s->channel); *at != 0; at++) {
        s->renewed += *at == '\r';
        s->ended_within |= *at == '\n';
    }
    return 0;
}

/* One line, renewed at most every tenth of a second, and ended with the run. */
static void test_a_line_on_a_terminal(void **state)
{
    (void)state;
    channel c = open_terminal(120);
    bp_reporter *reporter = NULL;
    assert_ok(bp_reporter_create(&reporter, c.stream));
    slow s = {.reporter = reporter, .channel = &c};
    bp_stop_rule rule = bp_stop_epochs(SLOW_EPOCHS);
    bp_trainer_options options = reported(&rule, 1, NULL);
    options.on_epoch = report_slowly;
    options.on_epoch_context = &s;
    bp_data data = example_training(), validation = example_validation();
    pair both = make_pair(example_network(1), &options);
    bp_result result = train_until(both.trainer, &data, &validation, BP_STOP_EPOCHS);
    assert_true(!s.ended_within);
    assert_in_range(s.renewed, 3, (size_t)(result.seconds / 0.1) + 1);
    const char *text = read_all(&c);
    assert_memory_equal(text, "\repoch 80/80  error ", 20);
    assert_non_null(strstr(text, "  0:00 left  "));
    assert_string_equal(strchr(text, '\n'), "\n");
    bp_reporter_destroy(reporter);
    assert_string_equal(read_all(&c), "");
    end_pair(&both);
    close_channel(&c);
}

/* Every line fits, with a column to spare. */
static void assert_width(unsigned short columns, size_t least, size_t most)
{
    channel c = open_terminal(columns);
    bp_reporter *reporter = NULL;
    assert_ok(bp_reporter_create(&reporter, c.stream));
    const bp_stop_rule rules[] = {bp_stop_epochs(100000), bp_stop_updates(3)};
    bp_trainer_options options = reported(rules, 2, reporter);
    bp_data data = example_training(), validation = example_validation();
    pair both = make_pair(example_network(1), &options);
    train_until(both.trainer, &data, &validation, BP_STOP_UPDATES);
    const char *text = read_all(&c);
    size_t longest = 0, columns_used = 0;
    for (; *text != 0; text++) {
        columns_used = *text == '\r' || *text == '\n' ? 0 : columns_used + 1;
        longest = columns_used > longest ? columns_used : longest;
    }
    assert_in_range(longest, least, most);
    bp_reporter_destroy(reporter);
    end_pair(&both);
    close_channel(&c);
}

static void test_the_width_of_a_terminal(void **state)
{
    (void)state;
    assert_width(40, 27, 39); /* at least epoch and error */
    assert_width(0, 60, 79);
    assert_width(2, 1, 1);
}

/* ------------------------------------------------------------------- ends and errors */

/* A run that fails ends its line, too; and a reporter may outlive its trainer. */
static void test_a_run_that_diverges(void **state)
{
    (void)state;
    channel c = open_terminal(80);
    bp_reporter *reporter = NULL;
    assert_ok(bp_reporter_create(&reporter, c.stream));
    bp_stop_rule rule = bp_stop_epochs(1000);
    bp_trainer_options options = reported(&rule, 1, reporter);
    options.optimizer = bp_optimizer_gradient_descent(1e6);
    const size_t units[] = {EXAMPLE_INPUTS, EXAMPLE_OUTPUTS};
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 2, bp_activation_linear(), bp_activation_linear()));
    assert_ok(bp_network_initialize(net, 1));
    bp_data data = example_training();
    pair both = make_pair(net, &options);
    assert_fails(bp_trainer_run(both.trainer, &data, NULL, NULL), BP_DIVERGED, "");
    end_pair(&both);
    const char *text = read_all(&c);
    assert_string_equal(strchr(text, '\n'), "\n");
    bp_reporter_destroy(reporter);
    assert_string_equal(read_all(&c), "");
    close_channel(&c);
}

/* A reader that has gone raises no signal, and changes nothing. */
static void test_a_closed_pipe(void **state)
{
    (void)state;
    channel c = open_pipe();
    close(c.reader);
    c.reader = -1;
    bp_reporter *reporter = NULL;
    assert_ok(bp_reporter_create(&reporter, c.stream));
    bp_stop_rule rule = bp_stop_epochs(20);
    bp_trainer_options options = reported(&rule, 1, reporter);
    bp_data data = example_training();
    pair both = make_pair(example_network(1), &options);
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    bp_reporter_destroy(reporter);
    end_pair(&both);
    close_channel(&c);
}

/* Two reporters of one trainer, and one that goes from trainer to trainer. */
static bp_reporter *two[2];

static int report_to_both(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)context;
    bp_reporter_on_epoch(two[0], trainer, progress);
    return bp_reporter_on_epoch(two[1], trainer, progress);
}

static void test_several(void **state)
{
    (void)state;
    channel c[2] = {open_pipe(), open_pipe()};
    for (int i = 0; i < 2; i++)
        assert_ok(bp_reporter_create(&two[i], c[i].stream));
    bp_stop_rule rule = bp_stop_epochs(3);
    bp_trainer_options options = reported(&rule, 1, NULL);
    options.on_epoch = report_to_both;
    bp_data data = example_training();
    for (int k = 0; k < 2; k++) {
        pair both = make_pair(example_network(1), &options);
        train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
        for (int i = 0; i < 2; i++)
            assert_epochs(read_all(&c[i]), "/3", (const size_t[]){1, 2, 3}, 3);
        end_pair(&both);
    }
    for (int i = 0; i < 2; i++) {
        bp_reporter_destroy(two[i]);
        close_channel(&c[i]);
    }
}

/* What is printed late is of the trainer that it was reported by, as it was then: another thread may train
 * with that one while the next is reported. */
static void test_a_pending_line_of_another_trainer(void **state)
{
    (void)state;
    channel c = open_pipe();
    bp_reporter *reporter = NULL;
    assert_ok(bp_reporter_create(&reporter, c.stream));
    bp_stop_rule rule = bp_stop_epochs(7);
    bp_trainer_options options = options_with(&rule, 1);
    pair one = make_pair(example_network(1), &options);
    rule = bp_stop_epochs(9);
    pair other = make_pair(example_network(1), &options);
    bp_progress progress = {.size = sizeof progress, .mean_error = 0.5, .validation_error = NAN};
    one.trainer->epoch.cases = 100;
    for (progress.epoch = 1; progress.epoch <= 3; progress.epoch++) {
        progress.seconds = (double)progress.epoch;
        bp_reporter_on_epoch(reporter, one.trainer, &progress);
    }
    one.trainer->epochs_before = 40;
    one.trainer->epoch.cases = 1;
    read_all(&c);
    progress.epoch = 1;
    bp_reporter_on_epoch(reporter, other.trainer, &progress);
    const char *text = read_all(&c);
    assert_memory_equal(text, "epoch 3/7  error 0.5  0:04 left  ", 33);
    assert_non_null(strstr(text, "  100 cases/s\nepoch 1/9  error 0.5  "));
    bp_reporter_destroy(reporter);
    end_pair(&one);
    end_pair(&other);
    close_channel(&c);
}

/* Three threads report to one: every line is whole. */
static void test_several_starts(void **state)
{
    (void)state;
    channel c = open_pipe();
    bp_reporter *reporter = NULL;
    assert_ok(bp_reporter_create(&reporter, c.stream));
    bp_stop_rule rule = bp_stop_epochs(4);
    bp_trainer_options options = reported(&rule, 1, reporter);
    bp_data data = example_training();
    bp_network *net = example_network(1);
    bp_starts_options starts;
    bp_starts_options_init(&starts, sizeof starts);
    starts.count = 9;
    starts.threads = 3;
    assert_ok(bp_train_starts(net, &options, &data, NULL, &starts, NULL, NULL, NULL));
    size_t lines = 0;
    for (const char *line = read_all(&c); *line != 0; line = strchr(line, '\n') + 1, lines++) {
        assert_memory_equal(line, "epoch ", 6);
        assert_memory_equal(line + 7, "/4  error ", 10);
    }
    assert_in_range(lines, 9 * 3, 9 * 4);
    bp_reporter_destroy(reporter);
    bp_network_destroy(net);
    close_channel(&c);
}

static void test_wrong_calls(void **state)
{
    (void)state;
    bp_reporter *reporter = NULL;
    assert_fails(bp_reporter_create(NULL, stderr), BP_ERROR_ARGUMENT, "out is NULL");
    assert_fails(bp_reporter_create(&reporter, NULL), BP_ERROR_ARGUMENT, "stream is NULL");
    assert_int_equal(bp_reporter_on_epoch(NULL, NULL, NULL), 0);
    bp_reporter_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_in_a_pipe),
        cmocka_unit_test(test_numbers_have_no_accuracy),
        cmocka_unit_test(test_what_there_is_not),
        cmocka_unit_test(test_a_line_on_a_terminal),
        cmocka_unit_test(test_the_width_of_a_terminal),
        cmocka_unit_test(test_a_run_that_diverges),
        cmocka_unit_test(test_a_closed_pipe),
        cmocka_unit_test(test_several),
        cmocka_unit_test(test_a_pending_line_of_another_trainer),
        cmocka_unit_test(test_several_starts),
        cmocka_unit_test(test_wrong_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
