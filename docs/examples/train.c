/* Learns one column of a CSV file from all others, and predicts it; every choice is left to the library. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <backprop.h>

static const char usage[] =
    "not understood\n"
    "usage: train data.csv [options]                       learns, tests, saves model and learning curve\n"
    "       train --predict model.bp rows.csv [options]    prints a line for each row\n"
    "  --target N         the column to learn, from 1; negative: from the end (default -1, the last)\n"
    "  --numeric          it holds numbers to be predicted, not classes\n"
    "  --hidden N[,N...]  units of each hidden layer (default 32)\n"
    "  --seed N           of split and initial weights (default 1)\n"
    "  --model FILE, --curve FILE  where to save them (default model.bp, curve.svg)\n"
    "  --header yes|no    does the file begin with a line of names? (default: as it looks)\n"
    "  --delimiter C      what separates the columns, \\t for a tab (default a comma)\n"
    "Rows to be predicted have the columns of the training file: write 0 where the target is unknown.\n";

enum { MAX_HIDDEN = 8, MIN_CASES = 7 };

typedef struct arguments {
    const char *predict, *data, *model, *curve;
    bp_csv_options csv;
    size_t hidden[MAX_HIDDEN], hidden_layers;
    unsigned long seed;
} arguments;

/* What is to be given back, wherever the program ends. */
static bp_dataset *dataset;
static bp_network *net;
static bp_workspace *workspace;
static bp_reporter *reporter;
static bp_trainer *trainer;
static void *results;

static void clean_up(void)
{
    free(results);
    bp_trainer_destroy(trainer);
    bp_reporter_destroy(reporter);
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
    bp_dataset_destroy(dataset);
}

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
    int classes = args->csv.target == BP_TARGET_CLASS;
    check(bp_network_create_layered(&net, units, last + 1, bp_activation_tanh(),
                                    classes ? bp_activation_softmax() : bp_activation_linear()));
    check(bp_network_initialize(net, args->seed));
    check(bp_workspace_create(&workspace, net, 256));
}

static void print_finding(const bp_finding *finding)
{
    static const char *const severities[] = {"note", "warning", "error"};
    char text[512];
    bp_finding_text(finding, text, sizeof text, NULL);
    printf("  %s: %s\n", severities[finding->severity], text);
}

static void diagnose(const bp_data *training, const bp_data *validation)
{
    bp_finding findings[32];
    size_t count;
    bp_finding_init(&findings[0], sizeof findings[0]);
    check(bp_diagnose(net, workspace, training, validation, bp_loss_default(), findings, 32, &count));
    printf("data and network:%s\n", count == 0 ? " nothing is wrong" : "");
    for (size_t i = 0; i < count && i < 32; i++)
        print_finding(&findings[i]);
}

static void train(const bp_data *training, const bp_data *validation)
{
    bp_trainer_options options;
    bp_trainer_options_init(&options, sizeof options); /* and nothing else that changes the training */
    check(bp_reporter_create(&reporter, stderr));
    options.on_epoch = bp_reporter_on_epoch;
    options.on_epoch_context = reporter;
    options.keep_history = 1; /* for the learning curve */
    bp_result result;
    bp_result_init(&result, sizeof result);
    check(bp_trainer_create(&trainer, net, &options));
    bp_status status = bp_trainer_run(trainer, training, validation, &result);
    if (status != BP_DIVERGED) /* which is a finding; the best weights are back */
        check(status);
    printf("training: %zu epochs, %.2f s, weights of epoch %zu; it ended by: %s\n", result.epochs,
           result.seconds, result.best_epoch, bp_stop_reason_string(result.reason));
    for (size_t i = 0; i < bp_trainer_finding_count(trainer); i++) {
        bp_finding finding;
        bp_finding_init(&finding, sizeof finding);
        check(bp_trainer_finding(trainer, i, &finding));
        print_finding(&finding);
    }
}

static void test_classes(const bp_data *test)
{
    size_t classes = test->target_width, *confusion = results = calloc(classes * classes, sizeof *confusion);
    check(results != NULL ? BP_OK : BP_ERROR_MEMORY);
    bp_evaluation result;
    bp_evaluation_init(&result, sizeof result);
    check(bp_network_evaluate(net, workspace, test, bp_loss_default(), confusion, &result));
    printf("test: %zu of %zu cases right, %.1f %%\n", result.correct, result.cases, 100 * result.accuracy);
    for (size_t i = 0; i < classes; i++) {
        printf("  class %2zu, %s, taken for 0, 1, ...:", i, bp_dataset_class_name(dataset, i));
        for (size_t k = 0; k < classes; k++)
            printf("%4zu", confusion[i * classes + k]);
        printf("\n");
    }
}

static void test_numbers(const bp_data *test)
{
    bp_real *outputs = results = calloc(test->cases, sizeof *outputs);
    check(results != NULL ? BP_OK : BP_ERROR_MEMORY);
    check(bp_network_predict(net, workspace, test, outputs));
    double n = (double)test->cases, sum = 0, squares = 0, error = 0;
    for (size_t i = 0; i < test->cases; i++) {
        double difference = (double)test->targets[i] - (double)test->targets[0];
        double miss = (double)test->targets[i] - (double)outputs[i];
        sum += difference;
        squares += difference * difference;
        error += miss * miss;
    }
    char r2[32] = "-"; /* as of a single case, or of equal ones */
    if (squares > 0)
        snprintf(r2, sizeof r2, "%.3f", 1 - error / (squares - sum * sum / n));
    printf("test: RMSE %.4g, R2 %s\n", sqrt(error / n), r2);
}

static void learn(arguments *args)
{
    check(bp_dataset_load_csv(&dataset, args->data, &args->csv));
    size_t cases = bp_dataset_cases(dataset);
    char few[80];
    snprintf(few, sizeof few, "%zu cases are too few for training, validation and test", cases);
    if (cases < MIN_CASES)
        refuse(args->data, few);
    const char *const files[] = {args->model, args->curve};
    for (size_t i = 0; i < 2; i++) { /* before time is spent on what cannot be saved */
        FILE *file = fopen(files[i], "ab");
        if (file == NULL || fclose(file) != 0)
            refuse(files[i], strerror(errno));
    }
    check(bp_dataset_split(dataset, 0.7, 0.15, args->seed));
    bp_data training = subset(BP_SUBSET_TRAINING), validation = subset(BP_SUBSET_VALIDATION),
            test = subset(BP_SUBSET_TEST);
    printf("%zu cases of %zu input%s: %zu for training, %zu for validation, %zu for the test\n", cases,
           training.input_width, training.input_width == 1 ? "" : "s", training.cases, validation.cases,
           test.cases);
    create_network(args);
    diagnose(&training, &validation);
    train(&training, &validation);
    (args->csv.target == BP_TARGET_CLASS ? test_classes : test_numbers)(&test);
    check(bp_trainer_save_curve(trainer, args->curve));
    check(bp_network_save(net, args->model));
    printf("the model is in %s, the learning curve in %s\n", args->model, args->curve);
}

/* A network with several outputs was trained on classes. The target column need not hold true ones. */
static void predict(arguments *args)
{
    check(bp_network_load(&net, args->predict, NULL));
    size_t width = bp_network_output_width(net);
    args->csv.target = BP_TARGET_NUMERIC;
    bp_status status = bp_dataset_load_csv(&dataset, args->data, &args->csv);
    args->csv.target = BP_TARGET_CLASS;
    if (status == BP_ERROR_FORMAT && width > 1)
        status = bp_dataset_load_csv(&dataset, args->data, &args->csv);
    check(status);
    bp_data rows = subset(BP_SUBSET_ALL);
    bp_real *outputs = results = calloc(rows.cases * width, sizeof *outputs);
    check(results != NULL ? BP_OK : BP_ERROR_MEMORY);
    check(bp_workspace_create(&workspace, net, 256));
    check(bp_network_predict(net, workspace, &rows, outputs));
    for (const bp_real *row = outputs; row < outputs + rows.cases * width; row += width) {
        size_t best = 0;
        for (size_t k = 1; k < width; k++)
            best = row[k] > row[best] ? k : best;
        if (width > 1)
            printf("%zu ", best);
        printf("%.6g\n", (double)row[best]);
    }
}

/* False if the option is unknown, or the value no number where it must be one. */
static int set_option(arguments *args, const char *option, const char *value)
{
    char *end = "";
    if (*value == '\0' || (*value == '-' && strcmp(option, "--target") != 0)) /* strtoul takes both */
        return 0;
    if (strcmp(option, "--predict") == 0)
        args->predict = value;
    else if (strcmp(option, "--model") == 0)
        args->model = value;
    else if (strcmp(option, "--curve") == 0)
        args->curve = value;
    else if (strcmp(option, "--header") == 0) {
        args->csv.header = strcmp(value, "no") == 0 ? BP_CSV_HEADER_NO : BP_CSV_HEADER_YES;
        return strcmp(value, "no") == 0 || strcmp(value, "yes") == 0;
    } else if (strcmp(option, "--delimiter") == 0) {
        args->csv.delimiter = strcmp(value, "\\t") == 0 ? '\t' : value[0];
        return args->csv.delimiter == '\t' || strlen(value) == 1;
    } else if (strcmp(option, "--seed") == 0)
        args->seed = strtoul(value, &end, 10);
    else if (strcmp(option, "--target") == 0) {
        int column = (int)strtol(value, &end, 10);
        args->csv.target_column = column > 0 ? column - 1 : column;
        return column != 0 && *end == '\0';
    } else if (strcmp(option, "--hidden") == 0) {
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
    bp_csv_options_init(&args.csv, sizeof args.csv);
    if (count == 2 && strcmp(values[1], "--help") == 0)
        return fputs(strchr(usage, '\n') + 1, stdout) < 0;
    for (int i = 1; i < count; i++)
        if (strcmp(values[i], "--numeric") == 0)
            args.csv.target = BP_TARGET_NUMERIC;
        else if (values[i][0] != '-' && args.data == NULL)
            args.data = values[i];
        else if (i + 1 == count || !set_option(&args, values[i], values[i + 1]))
            refuse(values[i], usage);
        else
            i++;
    if (args.data == NULL || atexit(clean_up) != 0)
        refuse("the command line", usage);
    (args.predict != NULL ? predict : learn)(&args);
    if (fflush(stdout) != 0)
        refuse("standard output", "not written");
    return EXIT_SUCCESS;
}
