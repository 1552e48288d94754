/*
 * Uses every struct that begins with its size, and prints what comes of it. With LATER it is compiled with a
 * header in which each has one more member, new_member. The library that it is linked with is named by its
 * last argument: "now", which does not know that member, or "later", which does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backprop.h"

static int library_is_later;

static void check(int good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "%s: %s\n", what, bp_error_message());
    exit(1);
}

#define CHECK(condition) check(condition, #condition)
#define OK(call)         check((call) == BP_OK, #call)

/* name: a pointer to a struct that held anything before it was initialized, and what must stay behind it. */
#define INIT(type, name)                                                                                     \
    struct {                                                                                                 \
        type value;                                                                                          \
        unsigned char behind[16];                                                                            \
    } name##_room;                                                                                           \
    memset(&name##_room, 0x55, sizeof name##_room);                                                          \
    type *const name = &name##_room.value;                                                                   \
    type##_init(name, sizeof *name);                                                                         \
    CHECK(name->size == sizeof *name)

static void check_behind(const unsigned char *behind)
{
    for (size_t i = 0; i < 16; i++)
        check(behind[i] == 0x55, "nothing is written behind a struct");
}

#define CHECK_NOTHING_BEHIND(name)                                                                           \
    CHECK(name->size == sizeof *name);                                                                       \
    check_behind(name##_room.behind)

#ifdef LATER
/* A library that does not know a member of a result leaves it alone; it refuses an option that it would
 * ignore. */
#define CHECK_RESULT(name)                                                                                   \
    CHECK(name->new_member == 0);                                                                            \
    CHECK_NOTHING_BEHIND(name)
#define CHECK_OPTION(name, call, known)                                                                      \
    do {                                                                                                     \
        name->new_member = 1;                                                                                \
        CHECK((call) == (library_is_later ? (known) : BP_ERROR_VERSION));                                    \
        name->new_member = 0;                                                                                \
    } while (0)
#else
#define CHECK_RESULT(name)              CHECK_NOTHING_BEHIND(name)
#define CHECK_OPTION(name, call, known) (void)0
#endif

/* A convolution and a connection over time, unrolled. */
static bp_network *make_recurrent(void)
{
    bp_network *net = NULL, *unrolled = NULL;
    bp_layer *input = NULL, *maps = NULL, *output = NULL;
    INIT(bp_network_options, options);
    CHECK_OPTION(options, bp_network_create(&net, options), BP_OK);
    bp_network_destroy(net);
    OK(bp_network_create(&net, options));
    OK(bp_network_add_input(&input, net, "input", 4));
    OK(bp_network_add_layer(&maps, net, "maps", 6, bp_activation_tanh()));
    OK(bp_network_add_layer(&output, net, "output", 3, bp_activation_softmax()));

    INIT(bp_activation_info, about);
    const bp_activation elu = bp_activation_elu(2);
    OK(bp_activation_describe(&elu, about));
    CHECK(about->parameters == 1 && about->low == -2 && about->has_kinks == 1);
    CHECK_RESULT(about);

    INIT(bp_convolution, kernels);
    CHECK(kernels->stride_x == 1 && kernels->shared_bias == 1);
    kernels->height = kernels->kernel_height = 1;
    kernels->width = 4;
    kernels->kernel_width = kernels->kernels = 2;
    INIT(bp_connect_options, by_kernels);
    by_kernels->convolution = kernels;
    CHECK_OPTION(kernels, bp_network_connect_with(NULL, net, maps, input, by_kernels), BP_ERROR_STRUCTURE);
    CHECK_OPTION(by_kernels, bp_network_connect_with(NULL, net, maps, input, by_kernels), BP_ERROR_STRUCTURE);
    OK(bp_network_connect_with(NULL, net, input, maps, by_kernels));
    INIT(bp_convolution, found);
    OK(bp_connection_get_convolution(bp_network_connection(net, 0), found));
    CHECK(found->kernel_width == 2 && found->width == 4);
    CHECK_RESULT(found);
    OK(bp_network_connect(NULL, net, maps, output));
    INIT(bp_connect_options, next_step);
    next_step->delayed = 1;
    OK(bp_network_connect_with(NULL, net, maps, maps, next_step));
    OK(bp_network_finalize(net));
    OK(bp_network_initialize(net, 5));

    INIT(bp_unroll_options, unroll);
    unroll->steps = 2;
    unroll->output_steps = (const unsigned char[]){0, 1};
    CHECK_OPTION(unroll, bp_network_unroll(&unrolled, net, unroll), BP_OK);
    bp_network_destroy(unrolled);
    OK(bp_network_unroll(&unrolled, net, unroll));
    bp_network_destroy(net);
    return unrolled;
}

static bp_dataset *load(const char *path)
{
    bp_dataset *flowers = NULL;
    INIT(bp_csv_options, options);
    CHECK(options->delimiter == ',' && options->class_on == 1);
    options->header = BP_CSV_HEADER_YES;
    CHECK_OPTION(options, bp_dataset_load_csv(&flowers, path, options), BP_OK);
    bp_dataset_destroy(flowers);
    OK(bp_dataset_load_csv(&flowers, path, options));
    OK(bp_dataset_split(flowers, 0.8, 0.2, 1));
    return flowers;
}

static int progress_count;

static int on_epoch(void *context, bp_trainer *trainer, const bp_progress *progress)
{
    (void)context, (void)trainer;
    CHECK(progress->size >= offsetof(bp_progress, seconds) + sizeof progress->seconds);
    progress_count += progress->epoch > 0;
    return 0;
}

static void train(bp_network *net, const bp_data *training)
{
    bp_trainer *trainer = NULL;
    INIT(bp_trainer_options, options);
    CHECK(options->threads == 1 && options->shuffle == 1);
    const bp_stop_rule rule = bp_stop_epochs(20);
    options->stop_rules = &rule;
    options->stop_rule_count = 1;
    options->batch_size = 7;
    options->loss = bp_loss_cross_entropy();
    options->optimizer = bp_optimizer_momentum(0.01, 0.5);
    options->on_epoch = on_epoch;
    CHECK_OPTION(options, bp_trainer_create(&trainer, net, options), BP_OK);
    bp_trainer_destroy(trainer);
    OK(bp_trainer_create(&trainer, net, options));
    INIT(bp_result, result);
    OK(bp_trainer_run(trainer, training, NULL, result));
    CHECK(result->epochs == 20 && progress_count == 20);
    CHECK_RESULT(result);
    printf("E %a after %lu updates\n", result->error, (unsigned long)result->updates);
    bp_trainer_destroy(trainer);
}

/* A stream over data in memory, read by functions of the program. */
typedef struct rows {
    const bp_data *data;
    size_t next;
} rows;

static bp_status read_rows(void *context, size_t count, bp_real *inputs, bp_real *targets,
                           bp_real *case_weights, size_t *cases)
{
    rows *from = context;
    const bp_data *data = from->data;
    (void)case_weights;
    *cases = data->cases - from->next < count ? data->cases - from->next : count;
    memcpy(inputs, data->inputs + from->next * data->input_width,
           *cases * data->input_width * sizeof *inputs);
    memcpy(targets, data->targets + from->next * data->target_width,
           *cases * data->target_width * sizeof *targets);
    from->next += *cases;
    return BP_OK;
}

static bp_status rewind_rows(void *context)
{
    ((rows *)context)->next = 0;
    return BP_OK;
}

static bp_status descend(void *context, const bp_step *step)
{
    CHECK(step->size >= sizeof(size_t) && context == NULL);
    for (size_t i = 0; i < step->count; i++)
        step->weights[i] -= (bp_real)step->learning_rate * step->gradient[i];
    return BP_OK;
}

/* The struct is read where it lies, in the call that makes the trainer and in every update. */
static void train_by_a_rule(bp_network *net, const bp_data *training)
{
    INIT(bp_rule, rule);
    INIT(bp_trainer_options, options);
    const bp_stop_rule stop = bp_stop_epochs(3);
    bp_trainer *trainer = NULL;
    rule->name = "descend";
    rule->update = descend;
    options->optimizer = bp_optimizer_custom(rule, 0.01);
    options->stop_rules = &stop;
    options->stop_rule_count = 1;
    CHECK_OPTION(rule, bp_trainer_create(&trainer, net, options), BP_OK);
    bp_trainer_destroy(trainer);
    OK(bp_trainer_create(&trainer, net, options));
    INIT(bp_result, result);
    OK(bp_trainer_run(trainer, training, NULL, result));
    CHECK_RESULT(result);
    printf("by a rule: E %a\n", result->error);
    bp_trainer_destroy(trainer);
}

static void train_on_stream(bp_network *net, const bp_data *training)
{
    rows from = {training, 0};
    bp_trainer *trainer = NULL;
    bp_stream *stream = NULL;
    INIT(bp_stream_source, source);
    source->input_width = training->input_width;
    source->target_width = training->target_width;
    source->read = read_rows;
    source->rewind = rewind_rows;
    source->context = &from;
    CHECK_OPTION(source, bp_stream_create(&stream, source, NULL), BP_OK);
    bp_stream_destroy(stream);
    OK(bp_stream_create(&stream, source, NULL));
    INIT(bp_trainer_options, options);
    const bp_stop_rule rule = bp_stop_epochs(3);
    options->stop_rules = &rule;
    options->stop_rule_count = 1;
    options->stream_window = 50;
    OK(bp_trainer_create(&trainer, net, options));
    INIT(bp_result, result);
    OK(bp_trainer_run_stream(trainer, stream, NULL, result));
    CHECK(result->epochs == 3);
    CHECK_RESULT(result);
    printf("stream: E %a\n", result->error);
    bp_trainer_destroy(trainer);
    bp_stream_destroy(stream);
}

/* An array of sized structs: the library must find each entry by the program's size. */
static void train_starts(bp_network *net, const bp_data *training)
{
    INIT(bp_trainer_options, options);
    const bp_stop_rule rule = bp_stop_epochs(5);
    options->stop_rules = &rule;
    options->stop_rule_count = 1;
    options->on_epoch = on_epoch;
    INIT(bp_starts_options, starts);
    CHECK(starts->count == 10 && starts->threads == 1 && starts->seed == 1);
    starts->count = 3;
    bp_start_result results[3];
    bp_start_result_init(results, sizeof results[0], 3);
    INIT(bp_starts_summary, summary);
    CHECK_OPTION(starts, bp_train_starts(net, options, training, NULL, starts, NULL, NULL, NULL), BP_OK);
    OK(bp_train_starts(net, options, training, NULL, starts, NULL, results, summary));
    CHECK_RESULT(summary);
    for (size_t i = 0; i < 3; i++) {
        CHECK(results[i].size == sizeof results[i] && results[i].epochs == 5);
        printf("start %lu: E %a\n", (unsigned long)i, results[i].error);
    }
    printf("best %lu\n", (unsigned long)summary->best);
}

/* Splits, folds, windows: options that hold others, and another array of results. */
static void cross_validate(const bp_network *net, bp_dataset *flowers)
{
    INIT(bp_split_options, split);
    INIT(bp_split_result, parts);
    CHECK(split->training == 0.7 && split->seed == 1);
    split->method = BP_SPLIT_STRATIFIED;
    CHECK_OPTION(split, bp_dataset_split_with(flowers, split, NULL), BP_OK);
    OK(bp_dataset_split_with(flowers, split, parts));
    CHECK_RESULT(parts);
    CHECK(parts->training == 105 && parts->classes == 3 && parts->missing_class == BP_NO_INDEX);

    INIT(bp_window_options, shape);
    CHECK(shape->horizon == 1 && shape->step == 1);
    shape->width = 2;
    bp_dataset *windows = NULL;
    CHECK_OPTION(shape, bp_dataset_windows(&windows, flowers, shape, NULL), BP_OK);
    bp_dataset_destroy(windows);
    OK(bp_dataset_windows(&windows, flowers, shape, NULL));

    INIT(bp_trainer_options, options);
    const bp_stop_rule rule = bp_stop_epochs(3);
    options->stop_rules = &rule;
    options->stop_rule_count = 1;
    INIT(bp_fold_options, folds);
    CHECK(folds->folds == 5 && folds->repetitions == 1 && folds->seed == 1);
    folds->folds = 3;
    CHECK_OPTION(folds, bp_dataset_fold(flowers, folds, 0, NULL), BP_OK);
    INIT(bp_cross_options, cross);
    CHECK(cross->threads == 1 && cross->seed == 1);
    cross->folds = folds;
    bp_fold_result each[3];
    bp_fold_result_init(each, sizeof each[0], 3);
    INIT(bp_cross_summary, summary);
    CHECK_OPTION(cross, bp_cross_validate(net, options, windows, cross, NULL, NULL, NULL), BP_OK);
    OK(bp_cross_validate(net, options, windows, cross, each, NULL, summary));
    CHECK_RESULT(summary);
    for (size_t i = 0; i < 3; i++) {
        CHECK(each[i].size == sizeof each[i] && each[i].epochs == 3);
        printf("fold %lu: E %a, accuracy %a\n", (unsigned long)i, each[i].test_error, each[i].accuracy);
    }
    printf("accuracy %a, deviation %a\n", summary->accuracy.mean, summary->accuracy.deviation);
    bp_dataset_destroy(windows);
}

static void look(const bp_network *net, const bp_data *test)
{
    bp_workspace *workspace = NULL;
    OK(bp_workspace_create(&workspace, net, test->cases));
    INIT(bp_evaluation, evaluation);
    OK(bp_network_evaluate(net, workspace, test, bp_loss_cross_entropy(), NULL, evaluation));
    CHECK_RESULT(evaluation);
    printf("E %a, %lu right of %lu\n", evaluation->error, (unsigned long)evaluation->correct,
           (unsigned long)evaluation->cases);

    bp_data few = *test;
    few.cases = 3;
    INIT(bp_gradient_check, found);
    OK(bp_network_check_gradient(net, workspace, &few, bp_loss_cross_entropy(), 0, found));
    CHECK(found->passed);
    CHECK_RESULT(found);
    printf("deviation %a of %lu weights\n", found->max_deviation, (unsigned long)found->checked);

    bp_uncertainty *uncertainty = NULL;
    INIT(bp_uncertainty_options, decay);
    INIT(bp_uncertainty_summary, fit);
    decay->weight_decay = 1;
    OK(bp_uncertainty_create(&uncertainty, net, workspace, test, decay));
    OK(bp_uncertainty_get_summary(uncertainty, fit));
    CHECK_RESULT(fit);
    printf("variance %a, %a degrees of freedom\n", fit->variance, fit->degrees_of_freedom);
    bp_uncertainty_destroy(uncertainty);
    bp_workspace_destroy(workspace);
}

/* Arrays of results whose elements the library must find by the program's size, and the texts made of them.
 */
static void look_at_predictions(const bp_network *net, const bp_data *test)
{
    static bp_real outputs[150 * 3];
    bp_workspace *workspace = NULL;
    OK(bp_workspace_create(&workspace, net, test->cases));
    OK(bp_network_predict(net, workspace, test, outputs));
    INIT(bp_classification_options, options);
    CHECK(options->top_k == 2 && options->threshold == BP_THRESHOLD_AUTO);
    CHECK_OPTION(options, bp_classification_metrics(outputs, test, options, NULL, NULL, NULL), BP_OK);
    bp_class_result classes[3];
    bp_class_result_init(classes, sizeof classes[0], 3);
    INIT(bp_classification_result, result);
    OK(bp_classification_metrics(outputs, test, options, NULL, classes, result));
    CHECK_RESULT(result);
    bp_regression_result columns[3];
    bp_regression_result_init(columns, sizeof columns[0], 3);
    OK(bp_regression_metrics(outputs, test, columns, NULL));
    for (size_t i = 0; i < 3; i++) {
        CHECK(classes[i].size == sizeof classes[i] && columns[i].size == sizeof columns[i]);
        printf("F1 %a, AUC %a, RMSE %a\n", classes[i].f1, classes[i].auc, columns[i].rmse);
    }
    char text[2000];
    OK(bp_classification_text(result, classes, NULL, text, sizeof text, NULL));
    fputs(text, stdout);
    OK(bp_regression_text(columns, 3, NULL, NULL, text, sizeof text, NULL));
    fputs(text, stdout);

    INIT(bp_importance_options, permute);
    CHECK(permute->repetitions == 5 && permute->seed == 1);
    bp_importance each[8];
    bp_importance_init(each, sizeof each[0], 8);
    CHECK_OPTION(permute,
                 bp_permutation_importance(net, workspace, test, bp_loss_default(), permute, NULL, each),
                 BP_OK);
    OK(bp_permutation_importance(net, workspace, test, bp_loss_default(), permute, NULL, each));
    for (size_t i = 0; i < 8; i++) {
        CHECK(each[i].size == sizeof each[i] && each[i].columns == 1);
        printf("input %lu: %a\n", (unsigned long)i, each[i].increase);
    }
    bp_workspace_destroy(workspace);
}

static bp_data part_of(const bp_dataset *flowers, bp_subset subset)
{
    INIT(bp_data, part);
    OK(bp_dataset_subset(flowers, subset, part));
    CHECK(part->steps == 1);
    CHECK_RESULT(part);
    return *part;
}

/* The same flower at both steps. */
static bp_data twice(const bp_data *flowers, bp_real *inputs)
{
    for (size_t c = 0; c < flowers->cases; c++)
        for (size_t i = 0; i < 8; i++)
            inputs[c * 8 + i] = flowers->inputs[c * 4 + i % 4] / 8;
    return bp_data_view(flowers->cases, inputs, 8, flowers->targets, 3);
}

int main(int argc, char **argv)
{
    CHECK(argc == 3);
    library_is_later = strcmp(argv[2], "later") == 0;
    bp_network *net = make_recurrent();
    bp_dataset *flowers = load(argv[1]);
    static bp_real inputs[150 * 8], others[150 * 8];
    bp_data training = part_of(flowers, BP_SUBSET_TRAINING), test = part_of(flowers, BP_SUBSET_VALIDATION);
    training = twice(&training, inputs);
    test = twice(&test, others);
    OK(bp_network_fit_scaling(net, &training, bp_scaling_standard(), bp_scaling_none()));
    train_starts(net, &training);
    OK(bp_network_initialize(net, 5));
    progress_count = 0;
    train(net, &training);
    train_on_stream(net, &training);
    train_by_a_rule(net, &training);
    look(net, &test);
    look_at_predictions(net, &test);
    cross_validate(net, flowers);
    INIT(bp_data, data);
    *data = test;
    CHECK_OPTION(data, bp_network_fit_scaling(net, data, bp_scaling_none(), bp_scaling_none()), BP_OK);
    bp_dataset_destroy(flowers);
    bp_network_destroy(net);
    return 0;
}
