/* Learns a column of a CSV file from all others, and answers for new rows. The library makes all choices. */
#include <errno.h>

#include "train_options.h"

enum { MAX_FOUND = 64, MIN_CASES = 7 };

static bp_dataset *dataset;
static bp_network *net;
static bp_workspace *workspace;

static bp_finding findings[MAX_FOUND];
static char text[1 << 16]; /* to be printed; what is too long is cut off */

static bp_real *predict(const bp_data *data)
{
    bp_real *outputs = calloc(data->cases * bp_network_output_width(net), sizeof *outputs);
    check(outputs != NULL ? BP_OK : BP_ERROR_MEMORY);
    check(bp_network_predict(net, workspace, data, outputs));
    return outputs;
}

static bp_data subset(bp_subset part)
{
    bp_data data;
    bp_data_init(&data, sizeof data);
    check(bp_dataset_subset(dataset, part, &data));
    return data;
}

static void create_network(const arguments *args)
{
    size_t units[MAX_HIDDEN + 2] = {bp_dataset_input_width(dataset)}, last = args->hidden_layers + 1;
    memcpy(units + 1, args->hidden, sizeof args->hidden);
    units[last] = bp_dataset_target_width(dataset);
    check(bp_network_create_layered(&net, units, last + 1, bp_activation_tanh(),
                                    bp_dataset_class_count(dataset) > 0 ? bp_activation_softmax()
                                                                        : bp_activation_linear()));
    check(bp_network_initialize(net, args->seed));
}

static void diagnose(const bp_data *training, const bp_data *validation)
{
    check(bp_workspace_create(&workspace, net, 256));
    size_t count;
    check(bp_diagnose(net, workspace, training, validation, bp_loss_default(), findings, MAX_FOUND, &count));
    bp_findings_text(findings, count < MAX_FOUND ? count : MAX_FOUND, text, sizeof text, NULL);
    printf("\nData and network\n%s", count == 0 ? "nothing is wrong\n" : text);
}

static void train(const char *curve)
{
    bp_reporter *reporter = NULL;
    bp_trainer *trainer = NULL;
    bp_trainer_options options;
    bp_trainer_options_init(&options, sizeof options); /* and nothing else that changes the training */
    check(bp_reporter_create(&reporter, stderr));
    options.on_epoch = bp_reporter_on_epoch;
    options.on_epoch_context = reporter;
    options.keep_history = 1; /* for the learning curve */
    bp_result result;
    bp_result_init(&result, sizeof result);
    check(bp_trainer_create(&trainer, net, &options));
    bp_status status = bp_trainer_run_dataset(trainer, dataset, &result);
    if (status != BP_DIVERGED) /* which is a finding; the best weights are back */
        check(status);
    printf("\nTraining: %zu epochs in %.2f s, weights of epoch %zu; end: %s\n", result.epochs, result.seconds,
           result.best_epoch, bp_stop_reason_string(result.reason));
    size_t count;
    check(bp_trainer_findings(trainer, findings, MAX_FOUND, &count));
    bp_findings_text(findings, count < MAX_FOUND ? count : MAX_FOUND, text, sizeof text, NULL);
    fputs(text, stdout);
    check(bp_trainer_save_curve(trainer, curve));
    bp_trainer_destroy(trainer);
    bp_reporter_destroy(reporter);
}

static void learn(arguments *args)
{
    check(bp_dataset_load_csv(&dataset, args->data, &args->csv));
    if (bp_dataset_cases(dataset) < MIN_CASES)
        refuse(args->data, "too few cases for training, validation and test");
    const char *const files[] = {args->model, args->curve};
    for (size_t i = 0; i < 2; i++) { /* before time is spent on what cannot be saved */
        FILE *file = fopen(files[i], "ab");
        if (file == NULL || fclose(file) != 0)
            refuse(files[i], strerror(errno));
    }
    check(bp_dataset_split(dataset, 0.7, 0.15, args->seed));
    bp_schema_text(bp_dataset_schema(dataset), text, sizeof text, NULL);
    print_in_own_words(text, stdout);
    bp_data training = subset(BP_SUBSET_TRAINING), validation = subset(BP_SUBSET_VALIDATION);
    bp_data test = subset(BP_SUBSET_TEST);
    printf("\n%zu cases: %zu for training, %zu for validation, %zu for the test; %zu rows left out\n",
           bp_dataset_cases(dataset), training.cases, validation.cases, test.cases,
           bp_dataset_skipped_rows(dataset));
    create_network(args);
    diagnose(&training, &validation);
    train(args->curve);
    bp_real *outputs = predict(&test);
    bp_status status = bp_schema_report(bp_dataset_schema(dataset), outputs, &test, text, sizeof text, NULL);
    check(status == BP_ERROR_SIZE ? BP_OK : status);
    printf("\nTest\n%s", text);
    free(outputs);
    check(bp_network_save(net, args->model));
    printf("\nThe model is in %s, the learning curve in %s.\n", args->model, args->curve);
}

/* The model file knows the columns, and what outputs mean. */
static void answer(arguments *args)
{
    check(bp_network_load(&net, args->predict, NULL));
    args->csv.target = BP_TARGET_NONE; /* every row is answered, whether its target is there or not */
    args->csv.schema = bp_network_schema(net);
    if (args->csv.schema == NULL)
        refuse(args->predict, "the model was not trained on a table");
    check(bp_dataset_load_csv(&dataset, args->data, &args->csv));
    check(bp_workspace_create(&workspace, net, 256));
    bp_data rows = subset(BP_SUBSET_ALL);
    bp_real *outputs = predict(&rows);
    bp_answer found;
    bp_answer_init(&found, sizeof found);
    for (size_t i = 0; i < rows.cases; i++) {
        check(bp_schema_answer(args->csv.schema, outputs + i * bp_network_output_width(net), 0, &found));
        if (found.class_name != NULL)
            printf("%s %.3f\n", found.class_name, found.value);
        else
            printf("%.6g\n", found.value);
    }
    if (bp_dataset_skipped_rows(dataset) > 0)
        fprintf(stderr, "train: %zu rows have no answer: a cell is missing\n",
                bp_dataset_skipped_rows(dataset));
    free(outputs);
}

int main(int count, char **values)
{
    arguments args;
    bp_finding_init(&findings[0], sizeof findings[0]);
    if (count == 2 && strcmp(values[1], "--help") == 0)
        return fputs(strchr(usage, '\n') + 1, stdout) < 0;
    read_arguments(&args, count, values);
    (args.predict != NULL ? answer : learn)(&args);
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
    bp_dataset_destroy(dataset);
    bp_schema_destroy(args.rules);
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
