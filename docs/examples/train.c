/* Learns one column of a CSV file from all others, and answers for new rows. The library makes all choices.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <backprop.h>

static const char usage[] =
    "not understood\n"
    "usage: train data.csv [options]                       learns, tests, saves model and learning curve\n"
    "       train --predict model.bp rows.csv [options]    prints an answer for each row\n"
    "  --target NAME|N    the column to learn, by its name, or by its number from 1 (negative: from the "
    "end);\n"
    "                     default -1, the last\n"
    "  --kind class|number  what it holds (default: as it looks)\n"
    "  --ignore NAME      a column to leave out; may be repeated\n"
    "  --hidden N[,N...]  units of each hidden layer (default 32)\n"
    "  --seed N           of split and initial weights (default 1)\n"
    "  --model FILE, --curve FILE  where to save them (default model.bp, curve.svg)\n"
    "  --header yes|no    does the file begin with a line of names? (default: as it looks)\n"
    "  --delimiter C      what separates the columns, \\t for a tab (default a comma)\n"
    "  --decimal .|,      how numbers are written (default a point)\n"
    "Missing cells are filled in. New rows need the columns of the inputs, by name and in any order.\n";

enum { MAX_HIDDEN = 8, MAX_FOUND = 64, MIN_CASES = 7 };

typedef struct arguments {
    const char *predict, *data, *model, *curve;
    bp_csv_options csv;
    size_t hidden[MAX_HIDDEN], hidden_layers, seed;
} arguments;

static bp_schema *rules;
static bp_dataset *dataset;
static bp_network *net;
static bp_workspace *workspace;

static char text[1 << 16]; /* to be printed; what is too long is cut off */

static void refuse(const char *what, const char *why)
{
    fprintf(stderr, "train: %s: %s\n", what, why);
    exit(EXIT_FAILURE);
}

static void check(bp_status status)
{
    if (status != BP_OK)
        refuse(bp_status_string(status), bp_error_message());
}

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
    bp_finding findings[MAX_FOUND];
    size_t count;
    bp_finding_init(&findings[0], sizeof findings[0]);
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
    bp_finding findings[MAX_FOUND];
    size_t count;
    bp_finding_init(&findings[0], sizeof findings[0]);
    check(bp_trainer_findings(trainer, findings, MAX_FOUND, &count));
    bp_findings_text(findings, count < MAX_FOUND ? count : MAX_FOUND, text, sizeof text, NULL);
    fputs(text, stdout);
    check(bp_trainer_save_curve(trainer, curve));
    bp_trainer_destroy(trainer);
    bp_reporter_destroy(reporter);
}

static void learn(arguments *args)
{
    check(bp_schema_set_missing(rules, bp_column_all(), BP_MISSING_MEDIAN, 0));
    check(bp_schema_set_unknown(rules, bp_column_all(), BP_UNKNOWN_ZERO));
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
    fputs(text, stdout);
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
    free(outputs);
}

/* Is the value one of two words? Then *second says whether it is the second. */
static int is_word(const char *value, const char *first, const char *second, int *is_second)
{
    *is_second = strcmp(value, second) == 0;
    return *is_second || strcmp(value, first) == 0;
}

/* False if the option is unknown, or the value not one of its values. */
static int set_option(arguments *args, const char *option, const char *value)
{
    bp_csv_options *csv = &args->csv;
    char *end = "";
    int is_second;
    if (strcmp(option, "--target") == 0) {
        int column = (int)strtol(value, &end, 10);
        csv->target_name = *end != '\0' ? value : NULL;
        csv->target_column = column > 0 ? column - 1 : column;
        return *value != '\0' && (*end != '\0' || column != 0);
    }
    if (*value == '\0' || *value == '-') /* strtoul takes both */
        return 0;
    if (strcmp(option, "--predict") == 0)
        args->predict = value;
    else if (strcmp(option, "--model") == 0)
        args->model = value;
    else if (strcmp(option, "--curve") == 0)
        args->curve = value;
    else if (strcmp(option, "--ignore") == 0)
        check(bp_schema_set_role(rules, bp_column_named(value), BP_ROLE_IGNORED));
    else if (strcmp(option, "--kind") == 0 && is_word(value, "class", "number", &is_second))
        csv->target = is_second ? BP_TARGET_NUMERIC : BP_TARGET_CLASS;
    else if (strcmp(option, "--header") == 0 && is_word(value, "no", "yes", &is_second))
        csv->header = is_second ? BP_CSV_HEADER_YES : BP_CSV_HEADER_NO;
    else if (strcmp(option, "--decimal") == 0 && is_word(value, ".", ",", &is_second))
        csv->decimal_point = *value;
    else if (strcmp(option, "--delimiter") == 0 && (value[1] == '\0' || strcmp(value, "\\t") == 0))
        csv->delimiter = value[1] == '\0' ? *value : '\t';
    else if (strcmp(option, "--seed") == 0)
        args->seed = strtoul(value, &end, 10);
    else if (strcmp(option, "--hidden") == 0) {
        args->hidden[0] = strtoul(value, &end, 10);
        for (args->hidden_layers = 1; *end == ',' && args->hidden_layers < MAX_HIDDEN; args->hidden_layers++)
            args->hidden[args->hidden_layers] = strtoul(end + 1, &end, 10);
    } else
        return 0;
    return *end == '\0';
}

int main(int count, char **values)
{
    arguments args = {NULL, NULL, "model.bp", "curve.svg", .hidden = {32}, .hidden_layers = 1, .seed = 1};
    if (count == 2 && strcmp(values[1], "--help") == 0)
        return fputs(strchr(usage, '\n') + 1, stdout) < 0;
    check(bp_schema_create(&rules, NULL));
    bp_csv_options_init(&args.csv, sizeof args.csv);
    args.csv.schema = rules;
    args.csv.target = BP_TARGET_AUTO;
    for (int i = 1; i < count; i++)
        if (values[i][0] != '-' && args.data == NULL)
            args.data = values[i];
        else if (i + 1 == count || !set_option(&args, values[i], values[i + 1]))
            refuse(values[i], usage);
        else
            i++;
    if (args.data == NULL)
        refuse("the command line", usage);
    (args.predict != NULL ? answer : learn)(&args);
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
    bp_dataset_destroy(dataset);
    bp_schema_destroy(rules);
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
