/* The command line of train.c, and the words in which it speaks of its options. */
#ifndef TRAIN_OPTIONS_H
#define TRAIN_OPTIONS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <backprop.h>

static const char usage[] =
    "not understood\n"
    "usage: train data.csv [options]                       learns, tests, saves model and learning curve\n"
    "       train --predict model.bp rows.csv [options]    prints an answer for each row\n"
    "  --target COLUMN    the column to learn (default -1, the last): its name, or its number from 1\n"
    "                     (negative: from the end); so with all columns\n"
    "  --kind class|number  what it holds (default: as it looks)\n"
    "  --ignore COLUMN    a column to leave out\n"
    "  --keep COLUMN      a column of row numbers that is to be used all the same\n"
    "  --category COLUMN  a column of numbers that are only names of something\n"
    "  --hidden N[,N...]  units of each hidden layer (default 32)\n"
    "  --seed N           of split and initial weights (default 1)\n"
    "  --model FILE, --curve FILE  where to save them (default model.bp, curve.svg)\n"
    "  --header yes|no|rownames  does the file begin with a line of names? (default: as it looks; rownames:\n"
    "                     with the names of all columns but the first, as R writes it)\n"
    "  --skip-lines N     lines before the table\n"
    "  --delimiter C      what separates the columns, \\t for a tab (default a comma)\n"
    "  --decimal .|,      how numbers are written (default a point)\n"
    "  --missing TEXT     what stands for a missing cell, beside an empty one and ?, NA, N/A, NaN and null\n"
    "Options of columns, and --missing, may be repeated. Missing cells are filled in. New rows need the\n"
    "columns of the inputs, by name and in any order.\n";

enum { MAX_HIDDEN = 8, MAX_MARKERS = 32 };

typedef struct arguments {
    const char *predict, *data, *model, *curve;
    bp_csv_options csv;
    bp_schema *rules;
    const char *markers[MAX_MARKERS]; /* the usual ones, and then those that are given */
    size_t hidden[MAX_HIDDEN], hidden_layers, seed;
} arguments;

/* The library names its options, of which this program has some under names of its own. */
static void print_in_own_words(const char *text, FILE *to)
{
    static const char *const words[][2] = {
        {"set options.header to BP_CSV_HEADER_YES", "--header yes"},
        {"to BP_CSV_HEADER_NO", "--header no"},
        {"BP_CSV_HEADER_ROW_NAMES", "--header rownames"},
        {"options.delimiter", "--delimiter"},
        {"options.decimal_point", "--decimal"},
        {"options.skip_lines", "--skip-lines"},
        {"options.missing_markers", "--missing"},
        {"set options.target to BP_TARGET_NUMERIC", "give --kind number"},
        {"options.target = BP_TARGET_NUMERIC", "--kind number"},
        {"the kind of the column to BP_COLUMN_CATEGORY with bp_schema_set_kind", "--kind class"},
        {"set that with bp_schema_set_kind", "give --category"},
        {"options.target_column", "--target"}};
    enum { COUNT = sizeof words / sizeof words[0] };
    while (*text != '\0') {
        size_t i = 0;
        while (i < COUNT && strncmp(text, words[i][0], strlen(words[i][0])) != 0)
            i++;
        if (i < COUNT)
            fputs(words[i][1], to);
        else
            putc(*text, to);
        text += i < COUNT ? strlen(words[i][0]) : 1;
    }
}

static void refuse(const char *what, const char *why)
{
    fprintf(stderr, "train: %s: ", what);
    print_in_own_words(why, stderr);
    fputs("\n", stderr);
    exit(EXIT_FAILURE);
}

static void check(bp_status status)
{
    if (status != BP_OK)
        refuse(bp_status_string(status), bp_error_message());
}

/* Which of some words is the value? -1: none. */
static int find_word(const char *value, const char *const *words)
{
    for (int i = 0; words[i] != NULL; i++)
        if (strcmp(value, words[i]) == 0)
            return i;
    return -1;
}

/* A column by its name or number. */
static bp_column find_column(const char *value)
{
    char *end;
    const int number = (int)strtol(value, &end, 10);
    return *end != '\0' || *value == '\0' ? bp_column_named(value)
                                          : bp_column_numbered(number > 0 ? number - 1 : number);
}

/* An option of a column; 0 if it is none. */
static int set_column_option(arguments *args, const char *option, const char *value)
{
    const bp_column column = find_column(value);
    if (strcmp(value, "0") == 0)
        return 0;
    if (strcmp(option, "--target") == 0) {
        args->csv.target_name = column.name;
        args->csv.target_column = column.number;
        return *value != '\0';
    }
    if (strcmp(option, "--ignore") == 0)
        check(bp_schema_set_role(args->rules, column, BP_ROLE_IGNORED));
    else if (strcmp(option, "--keep") == 0)
        check(bp_schema_set_role(args->rules, column, BP_ROLE_INPUT));
    else if (strcmp(option, "--category") == 0)
        check(bp_schema_set_kind(args->rules, column, BP_COLUMN_CATEGORY));
    else
        return 0;
    return 1;
}

/* An option of how the file is written. */
static int set_file_option(arguments *args, const char *option, const char *value)
{
    bp_csv_options *csv = &args->csv;
    char *end = "";
    int word;
    if (strcmp(option, "--kind") == 0 &&
        (word = find_word(value, (const char *[]){"class", "number", NULL})) >= 0)
        csv->target = word == 0 ? BP_TARGET_CLASS : BP_TARGET_NUMERIC;
    else if (strcmp(option, "--header") == 0 &&
             (word = find_word(value, (const char *[]){"no", "yes", "rownames", NULL})) >= 0)
        csv->header = (bp_csv_header)(BP_CSV_HEADER_NO + word);
    else if (strcmp(option, "--decimal") == 0 && find_word(value, (const char *[]){".", ",", NULL}) >= 0)
        csv->decimal_point = *value;
    else if (strcmp(option, "--delimiter") == 0 && (value[1] == '\0' || strcmp(value, "\\t") == 0))
        csv->delimiter = value[1] == '\0' ? *value : '\t';
    else if (strcmp(option, "--missing") == 0 && csv->missing_marker_count < MAX_MARKERS) {
        csv->missing_markers = args->markers;
        args->markers[csv->missing_marker_count++] = value;
    } else if (strcmp(option, "--skip-lines") == 0 && *value != '-')
        csv->skip_lines = strtoul(value, &end, 10);
    else
        return 0;
    return *end == '\0';
}

/* False if the option is unknown, or the value not one of its values. */
static int set_option(arguments *args, const char *option, const char *value)
{
    char *end = "";
    if (set_column_option(args, option, value) || (*value != '\0' && set_file_option(args, option, value)))
        return 1;
    if (*value == '\0' || *value == '-') /* strtoul takes both */
        return 0;
    if (strcmp(option, "--predict") == 0)
        args->predict = value;
    else if (strcmp(option, "--model") == 0)
        args->model = value;
    else if (strcmp(option, "--curve") == 0)
        args->curve = value;
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

static void set_defaults(arguments *args)
{
    static const char *const usual[] = {"?", "NA", "N/A", "#N/A", "NaN", "nan", "null", "NULL"};
    *args =
        (arguments){.model = "model.bp", .curve = "curve.svg", .hidden = {32}, .hidden_layers = 1, .seed = 1};
    check(bp_schema_create(&args->rules, NULL));
    check(bp_schema_set_missing(args->rules, bp_column_all(), BP_MISSING_MEDIAN, 0));
    check(bp_schema_set_unknown(args->rules, bp_column_all(), BP_UNKNOWN_ZERO));
    bp_csv_options_init(&args->csv, sizeof args->csv);
    args->csv.schema = args->rules;
    args->csv.target = BP_TARGET_AUTO;
    memcpy(args->markers, usual, sizeof usual);
    args->csv.missing_marker_count = sizeof usual / sizeof usual[0];
}

static void read_arguments(arguments *args, int count, char **values)
{
    set_defaults(args);
    for (int i = 1; i < count; i++)
        if (values[i][0] != '-' && args->data == NULL)
            args->data = values[i];
        else if (i + 1 == count || !set_option(args, values[i], values[i + 1]))
            refuse(values[i], usage);
        else
            i++;
    if (args->data == NULL)
        refuse("the command line", usage);
    if (args->csv.missing_markers == NULL)
        args->csv.missing_marker_count = 0;
    const bp_csv_options *csv = &args->csv;
    if (csv->target == BP_TARGET_CLASS) /* also of many numbers */
        check(bp_schema_set_kind(args->rules,
                                 csv->target_name != NULL ? bp_column_named(csv->target_name)
                                                          : bp_column_numbered(csv->target_column),
                                 BP_COLUMN_CATEGORY));
}

#endif
