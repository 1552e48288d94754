/* The learning curve as a picture: well-formed, with what it must show. */
#include <ctype.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "train/train_example.h"

/* ------------------------------------------------------------- a small reader of XML */

/* Skips a name, or fails. */
static const char *name_end(const char *at)
{
    assert_true(isalpha((unsigned char)*at));
    while (isalnum((unsigned char)*at) || *at == '-' || *at == ':')
        at++;
    return at;
}

static const char *skip_attributes(const char *at)
{
    while (*at == ' ') {
        at = name_end(at + 1);
        assert_true(at[0] == '=' && at[1] == '"');
        for (at += 2; *at != '"'; at++)
            assert_true(*at != '<' && *at != 0);
        at++;
    }
    return at;
}

/* Text up to the next tag: every & begins an entity. */
static const char *skip_text(const char *at)
{
    for (; *at != '<'; at++) {
        assert_true((*at >= ' ' && *at <= '~') || *at == '\n');
        assert_true(*at != '>' || at[-1] != ']');
        if (*at == '&')
            assert_true(at[1] == '#' || strncmp(at, "&amp;", 5) == 0 || strncmp(at, "&lt;", 4) == 0 ||
                        strncmp(at, "&gt;", 4) == 0);
    }
    return at;
}

/* Is it one element, properly nested, after a declaration? */
static void assert_well_formed(const char *text)
{
    struct {
        const char *name;
        size_t length;
    } open[16];
    size_t depth = 0, elements = 0;
    const char *at = strchr(text, '\n') + 1;
    assert_memory_equal(text, "<?xml ", 6);
    do {
        const char *name = at + (at[1] == '/' ? 2 : 1), *end = name_end(name);
        if (at[1] == '/') {
            assert_true(depth > 0);
            depth--;
            assert_int_equal(open[depth].length, end - name);
            assert_memory_equal(open[depth].name, name, open[depth].length);
            at = end;
        } else {
            at = skip_attributes(end);
            elements++;
            assert_true(depth < 16);
            open[depth].name = name;
            open[depth].length = (size_t)(end - name);
            depth += *at != '/';
            at += *at == '/';
        }
        assert_int_equal(*at, '>');
        at++;
        at = depth > 0 ? skip_text(at) : at;
    } while (depth > 0);
    assert_string_equal(at, "\n");
    assert_true(elements > 10);
    assert_null(strstr(text, "nan"));
    assert_null(strstr(text, "inf\""));
}

static size_t occurrences(const char *text, const char *part)
{
    size_t count = 0;
    for (; (text = strstr(text, part)) != NULL; text++)
        count++;
    return count;
}

/* ------------------------------------------------------------------------- pictures */

/* The picture of a trainer, which is well-formed; one static buffer. */
static const char *save(const bp_trainer *trainer)
{
    static char text[1 << 20];
    const char *path = test_path(test_directory, "curve.svg");
    assert_ok(bp_trainer_save_curve(trainer, path));
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);
    assert_well_formed(text);
    return text;
}

static bp_trainer_options keeping(const bp_stop_rule *rule)
{
    bp_trainer_options options = options_with(rule, 1);
    options.keep_history = 1;
    return options;
}

static void test_what_is_drawn(void **state)
{
    (void)state;
    bp_stop_rule rule = bp_stop_epochs(200);
    bp_trainer_options options = keeping(&rule);
    options.learning_rate_schedule = bp_schedule_exponential(0.5, 0.99, 0);
    options.batch_size = BP_BATCH_AUTO; /* a finding */
    bp_data data = example_training(), validation = example_validation();
    pair both = make_pair(example_network(1), &options);
    bp_result result = train_until(both.trainer, &data, &validation, BP_STOP_EPOCHS);
    const char *text = save(both.trainer);
    assert_int_equal(occurrences(text, "<path class=\"curve training\" d=\"M0,0"), 1);
    assert_int_equal(occurrences(text, "<path class=\"curve validation\" d=\"M0,0"), 1);
    assert_int_equal(occurrences(text, "<path class=\"curve rate\" d=\"M0,0"), 1);
    assert_non_null(strstr(text, "@media (prefers-color-scheme:dark)"));
    assert_non_null(strstr(text, ">Learning curve</text>"));
    assert_non_null(strstr(text, "200 epochs, last mean error "));
    assert_non_null(strstr(text, ">mean error</text>"));
    assert_non_null(strstr(text, ">learning rate</text>"));
    assert_non_null(strstr(text, ">epoch</text>"));
    assert_non_null(strstr(text, ">0.1</text>"));
    char best[40];
    snprintf(best, sizeof best, "best: epoch %zu, ", result.best_epoch);
    assert_non_null(strstr(text, best));
    assert_int_equal(occurrences(text, "<line class=\"best\""), 2);
    assert_non_null(strstr(text, "epoch 0: batch size chosen<tspan"));
    assert_int_equal(occurrences(text, "<circle class=\"note\""), 2); /* on the axis and in the list */
    end_pair(&both);
}

/* One epoch, no validation: dots. */
static void test_one_epoch(void **state)
{
    (void)state;
    bp_stop_rule rule = bp_stop_epochs(1);
    bp_trainer_options options = keeping(&rule);
    bp_data data = example_training();
    pair both = make_pair(example_network(1), &options);
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    const char *text = save(both.trainer);
    assert_non_null(strstr(text, "1 epoch, mean error "));
    assert_int_equal(occurrences(text, "<circle class=\"curve training\""), 1);
    assert_null(strstr(text, ">validation</text>"));
    assert_null(strstr(text, "class=\"best\""));
    end_pair(&both);
}

/* E = 0 lies on the lower edge. */
static void test_no_error(void **state)
{
    (void)state;
    bp_stop_rule rule = bp_stop_epochs(50);
    bp_trainer_options options = keeping(&rule);
    static const bp_real zeros[NUMBERED_CASES] = {0};
    bp_data data = numbered_data();
    data.targets = zeros;
    pair both = make_pair(numbered_network(), &options);
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    const char *text = save(both.trainer);
    assert_non_null(strstr(text, ">0</text>"));
    assert_non_null(strstr(text, "50 epochs, last mean error 0<"));
    end_pair(&both);
}

static size_t points_of(const char *text, const char *class_name)
{
    const char *path = strstr(text, class_name);
    assert_non_null(path);
    size_t points = 0;
    for (path = strstr(path, " d=\"") + 4; *path != '"'; path++)
        points += *path == 'L';
    return points;
}

/* Thousands of epochs, in runs with and without validation cases, whose line is interrupted. */
static void test_many_epochs(void **state)
{
    (void)state;
    bp_stop_rule rule = bp_stop_epochs(3000);
    bp_trainer_options options = keeping(&rule);
    bp_data data = example_training(), validation = example_validation();
    pair both = make_pair(example_network(1), &options);
    train_until(both.trainer, &data, &validation, BP_STOP_EPOCHS);
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    train_until(both.trainer, &data, &validation, BP_STOP_EPOCHS);
    const char *text = save(both.trainer);
    assert_in_range(points_of(text, "\"curve training\" d=\"M0,0"), 400, 1000);
    assert_in_range(points_of(text, "\"curve validation\" d=\"M0,0"), 250, 800);
    const char *line = strstr(strstr(text, "\"curve validation\" d=\"M0,0"), "M0,0M");
    assert_non_null(strchr(line + 5, 'M')); /* a second part */
    assert_true(strchr(line + 5, 'M') < strchr(line, '"'));
    assert_true(strlen(text) < 100000);
    end_pair(&both);
}

/* A layer's name in the text of a finding is escaped. */
static void test_names(void **state)
{
    (void)state;
    bp_stop_rule rule = bp_stop_epochs(2);
    bp_trainer_options options = keeping(&rule);
    options.loss = bp_loss_default();
    bp_network *net = NULL;
    bp_layer *input = NULL, *output = NULL;
    assert_ok(bp_network_create(&net, NULL));
    assert_ok(bp_network_add_input(&input, net, "in", 2));
    assert_ok(bp_network_add_layer(&output, net, "<a&b>\n\xff", 1, bp_activation_logistic()));
    assert_ok(bp_network_connect(NULL, net, input, output));
    assert_ok(bp_network_finalize(net));
    assert_ok(bp_network_initialize(net, 1));
    bp_data data = xor_data();
    pair both = make_pair(net, &options);
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_non_null(strstr(save(both.trainer), "layer '&lt;a&amp;b&gt;?"
                                               "?' are 0 or 1"));
    end_pair(&both);
}

/* ------------------------------------------------------------------------- refusals */

static int save_within(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)context;
    char epochs[40];
    snprintf(epochs, sizeof epochs, "%zu epoch", progress->epoch);
    assert_non_null(strstr(save(trainer), epochs));
    return 0;
}

static void test_in_a_callback(void **state)
{
    (void)state;
    bp_stop_rule rule = bp_stop_epochs(3);
    bp_trainer_options options = keeping(&rule);
    options.on_epoch = save_within;
    bp_data data = example_training();
    pair both = make_pair(example_network(1), &options);
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    end_pair(&both);
}

static void test_refusals(void **state)
{
    (void)state;
    bp_stop_rule rule = bp_stop_epochs(3);
    bp_trainer_options options = keeping(&rule);
    bp_data data = example_training();
    const char *path = test_path(test_directory, "curve.svg");
    pair both = make_pair(example_network(1), &options);
    assert_fails(bp_trainer_save_curve(NULL, path), BP_ERROR_ARGUMENT, "trainer is NULL");
    assert_fails(bp_trainer_save_curve(both.trainer, NULL), BP_ERROR_ARGUMENT, "path is NULL");
    assert_fails(bp_trainer_save_curve(both.trainer, path), BP_ERROR_STATE, "no epoch has finished");
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_fails(bp_trainer_save_curve(both.trainer, test_path(test_directory, "none/curve.svg")),
                 BP_ERROR_FILE, "none/curve.svg");
    assert_fails(bp_trainer_save_curve(both.trainer, "/dev/full"), BP_ERROR_FILE, "not a regular file");
    end_pair(&both);
    options.keep_history = 0;
    both = make_pair(example_network(1), &options);
    train_until(both.trainer, &data, NULL, BP_STOP_EPOCHS);
    assert_fails(bp_trainer_save_curve(both.trainer, path), BP_ERROR_STATE, "without options.keep_history");
    end_pair(&both);
}

static bp_status attempt(void *context, const bp_allocator *allocator)
{
    (void)context;
    bp_stop_rule rule = bp_stop_epochs(2);
    const bp_trainer_options options = keeping(&rule);
    pair made;
    bp_status status = create_and_train(&made, allocator, &options);
    if (status == BP_OK)
        status = bp_trainer_save_curve(made.trainer, test_path(test_directory, "curve.svg"));
    end_pair(&made);
    return status;
}

static void test_memory_that_runs_out(void **state)
{
    (void)state;
    test_each_allocation_fails(attempt, NULL);
}

#define WITH_DIRECTORY(test)                                                                                 \
    cmocka_unit_test_setup_teardown(test, test_directory_setup, test_directory_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DIRECTORY(test_what_is_drawn), WITH_DIRECTORY(test_one_epoch),
        WITH_DIRECTORY(test_no_error),      WITH_DIRECTORY(test_many_epochs),
        WITH_DIRECTORY(test_names),         WITH_DIRECTORY(test_in_a_callback),
        WITH_DIRECTORY(test_refusals),      WITH_DIRECTORY(test_memory_that_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
