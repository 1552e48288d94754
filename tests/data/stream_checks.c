#include "data/stream_checks.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void write_bytes(const char *name, const void *bytes, size_t size)
{
    test_write_file(test_path(test_directory, name), bytes, size);
}

void change_unseen(const char *name, long at, int byte)
{
    struct stat before;
    const char *path = test_path(test_directory, name);
    assert_int_equal(stat(path, &before), 0);
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    assert_int_equal(fputc(byte, file), byte);
    fclose(file);
    const struct timespec times[] = {before.st_atim, before.st_mtim};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

/* ---------------------------------------------------------------------------- cases */

/* A pass, `part` cases at a time; data may be NULL. */
static bp_status read_pass(bp_stream *stream, const bp_data *data, size_t part)
{
    const size_t width = bp_stream_input_width(stream), targets = bp_stream_target_width(stream);
    bp_real *inputs = calloc(part * width, sizeof *inputs);
    bp_real *wanted = calloc(part * targets + 1, sizeof *wanted);
    bp_status status = bp_stream_rewind(stream);
    size_t done = 0;
    for (size_t some = part; status == BP_OK && some == part; done += status == BP_OK ? some : 0) {
        status = bp_stream_read(stream, part, inputs, wanted, NULL, &some);
        if (status != BP_OK || data == NULL)
            continue;
        assert_true(done + some <= data->cases);
        assert_memory_equal(inputs, data->inputs + done * width, some * width * sizeof *inputs);
        if (targets > 0)
            assert_memory_equal(wanted, data->targets + done * targets, some * targets * sizeof *inputs);
    }
    if (status == BP_OK && data != NULL)
        assert_int_equal(done, data->cases);
    free(inputs);
    free(wanted);
    return status;
}

bp_status read_all(bp_stream *stream)
{
    return read_pass(stream, NULL, 3);
}

void assert_same_cases(bp_stream *stream, const bp_dataset *dataset)
{
    const bp_data data = test_all_cases(dataset);
    const size_t parts[] = {1, 2, 3, 1000};
    assert_int_equal(bp_stream_cases(stream), data.cases);
    assert_int_equal(bp_stream_input_width(stream), data.input_width);
    assert_int_equal(bp_stream_target_width(stream), data.targets == NULL ? 0 : data.target_width);
    assert_null(bp_stream_schema(stream));
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        assert_ok(read_pass(stream, &data, parts[i]));
}

/* ------------------------------------------------------------------------- training */

static bp_network *make_network(const bp_stream *stream)
{
    const size_t units[] = {bp_stream_input_width(stream), 5, bp_stream_target_width(stream)};
    bp_network *net = NULL;
    assert_ok(bp_network_create_layered(&net, units, 3, bp_activation_tanh(), bp_activation_linear()));
    assert_ok(bp_network_initialize(net, 1));
    return net;
}

static bp_network *train(bp_stream *stream, const bp_data *data, int shuffle, size_t threads)
{
    bp_network *net = make_network(stream);
    bp_trainer *trainer = NULL;
    bp_trainer_options options;
    const bp_stop_rule rule = bp_stop_epochs(4);
    bp_trainer_options_init(&options, sizeof options);
    options.stop_rules = &rule;
    options.stop_rule_count = 1;
    options.shuffle = shuffle;
    options.threads = threads;
    options.stream_window = bp_stream_cases(stream);
    assert_ok(bp_trainer_create(&trainer, net, &options));
    if (data == NULL)
        assert_ok(bp_trainer_run_stream(trainer, stream, NULL, NULL));
    else
        assert_ok(bp_trainer_run(trainer, data, NULL, NULL));
    bp_trainer_destroy(trainer);
    return net;
}

static bp_status compare_outputs(void *context, size_t first, const bp_data *data, const bp_real *outputs)
{
    const bp_data *wanted = context; /* its inputs are the outputs of all cases */
    assert_true(first + data->cases <= wanted->cases);
    assert_memory_equal(outputs, wanted->inputs + first * wanted->input_width,
                        data->cases * wanted->input_width * sizeof *outputs);
    return BP_OK;
}

static void assert_same_results(const bp_network *net, bp_stream *stream, const bp_data *data)
{
    const size_t width = bp_network_output_width(net);
    bp_workspace *workspace = NULL;
    bp_evaluation of_data, of_stream;
    bp_evaluation_init(&of_data, sizeof of_data);
    bp_evaluation_init(&of_stream, sizeof of_stream);
    bp_real *outputs = calloc(data->cases * width, sizeof *outputs);
    assert_ok(bp_workspace_create(&workspace, net, 100));
    assert_ok(bp_network_evaluate(net, workspace, data, bp_loss_squared_error(), NULL, &of_data));
    assert_ok(bp_network_evaluate_stream(net, workspace, stream, bp_loss_squared_error(), NULL, &of_stream));
    assert_memory_equal(&of_data, &of_stream, sizeof of_data);
    assert_ok(bp_network_predict(net, workspace, data, outputs));
    bp_data wanted = bp_data_view(data->cases, outputs, width, NULL, 0);
    assert_ok(bp_network_predict_stream(net, workspace, stream, compare_outputs, &wanted));
    bp_workspace_destroy(workspace);
    free(outputs);
}

void assert_same_training(bp_stream *stream, const bp_dataset *dataset)
{
    const bp_data data = test_all_cases(dataset);
    for (int shuffle = 0; shuffle < 2; shuffle++)
        for (size_t threads = 1; threads < 3; threads++) {
            bp_network *of_data = train(stream, &data, shuffle, threads);
            bp_network *of_stream = train(stream, NULL, shuffle, threads);
            size_t count;
            const bp_real *weights = bp_network_weights(of_data, &count);
            assert_memory_equal(weights, bp_network_weights(of_stream, NULL), count * sizeof *weights);
            assert_same_results(of_data, stream, &data);
            bp_network_destroy(of_data);
            bp_network_destroy(of_stream);
        }
}

/* -------------------------------------------------------------------------- changes */

/* A run whose files change, and the weights when they did. */
typedef struct changing_run {
    const bp_network *net;
    void (*change)(void);
    bp_real *weights;
    size_t count, epochs;
} changing_run;

static int change_after_two_epochs(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    changing_run *run = context;
    (void)trainer;
    (void)progress;
    if (++run->epochs != 2)
        return 0;
    const bp_real *weights = bp_network_weights(run->net, &run->count);
    run->weights = calloc(run->count, sizeof *run->weights);
    memcpy(run->weights, weights, run->count * sizeof *weights);
    run->change();
    return 0;
}

static void assert_change_is_noticed(bp_stream *stream, const planted_change *planted)
{
    bp_network *net = make_network(stream);
    bp_trainer *trainer = NULL;
    bp_trainer_options options;
    changing_run run = {.net = net, .change = planted->change};
    const bp_stop_rule rule = bp_stop_epochs(4);
    bp_trainer_options_init(&options, sizeof options);
    options.stop_rules = &rule;
    options.stop_rule_count = 1;
    options.batch_size = 2;
    options.optimizer = bp_optimizer_momentum(0.01, 0.9);
    options.stream_window = 4;
    options.on_epoch = change_after_two_epochs;
    options.on_epoch_context = &run;
    assert_ok(bp_trainer_create(&trainer, net, &options));
    assert_fails(bp_trainer_run_stream(trainer, stream, NULL, NULL), planted->status, planted->message);
    assert_int_equal(run.epochs, 2);
    assert_memory_equal(run.weights, bp_network_weights(net, NULL), run.count * sizeof *run.weights);
    free(run.weights);
    bp_trainer_destroy(trainer);
    bp_network_destroy(net);
}

void assert_changes_are_noticed(bp_stream *(*open)(void), const planted_change *changes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bp_stream *stream = open();
        assert_change_is_noticed(stream, &changes[i]);
        bp_stream_destroy(stream);
    }
}
