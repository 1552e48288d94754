/* Answers a question with nothing but a model file, which knows the columns that it was trained on:
 *
 *     train flats.csv --model flats.bp
 *     answer flats.bp district=Harbour rooms=3 area=70 floor=2 balcony=yes built=1995
 *
 * Columns may be given by their numbers, as 3=70, and all values without columns, in the order of the table,
 * of all of its columns or of the inputs alone. Without values it describes the model.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <backprop.h>

static void check(bp_status status)
{
    if (status == BP_OK)
        return;
    fprintf(stderr, "answer: %s: %s\n", bp_status_string(status), bp_error_message());
    exit(EXIT_FAILURE);
}

static void describe(const bp_schema *schema)
{
    size_t needed;
    check(bp_schema_text(schema, NULL, 0, &needed));
    char *text = malloc(needed);
    check(text != NULL ? bp_schema_text(schema, text, needed, NULL) : BP_ERROR_MEMORY);
    fputs(text, stdout);
    free(text);
}

static void refuse(const char *argument, const char *why)
{
    fprintf(stderr, "answer: '%s' %s\n", argument, why);
    exit(EXIT_FAILURE);
}

/* A column by its name, or by its number from 1. */
static size_t find_column(const bp_schema *schema, const char *name)
{
    for (size_t column = 0; column < bp_schema_column_count(schema); column++) {
        bp_column_info info;
        bp_column_info_init(&info, sizeof info);
        check(bp_schema_column(schema, column, &info));
        if (info.name != NULL && strcmp(name, info.name) == 0)
            return column;
    }
    char *end;
    const size_t number = strtoul(name, &end, 10);
    if (*name == '\0' || *end != '\0' || number < 1 || number > bp_schema_column_count(schema))
        refuse(name, "is no column of the model");
    return number - 1;
}

/* Values that belong to columns; the cells of other columns stay missing, which the schema may fill in. */
static void place_values(const bp_schema *schema, char **arguments, size_t count, const char **cells)
{
    for (size_t i = 0; i < count; i++) {
        char *equals = strchr(arguments[i], '=');
        if (equals == NULL)
            refuse(arguments[i], "is not of the form column=value");
        *equals = '\0';
        cells[find_column(schema, arguments[i])] = equals + 1;
    }
}

static void print_answers(const bp_schema *schema, const bp_real *outputs)
{
    for (size_t i = 0; i < bp_schema_target_count(schema); i++) {
        bp_answer answer;
        bp_answer_init(&answer, sizeof answer);
        check(bp_schema_answer(schema, outputs, i, &answer));
        printf("%s: ", answer.target != NULL ? answer.target : "answer");
        if (answer.class_name != NULL)
            printf("%s (%.0f %%)\n", answer.class_name, 100 * answer.value);
        else
            printf("%.6g\n", answer.value);
    }
}

int main(int count, char **arguments)
{
    if (count < 2) {
        fputs("usage: answer model.bp [column=value... | value...]\n", stderr);
        return EXIT_FAILURE;
    }
    bp_network *net = NULL;
    bp_workspace *workspace = NULL;
    check(bp_network_load(&net, arguments[1], NULL));
    const bp_schema *schema = bp_network_schema(net);
    if (schema == NULL) {
        fprintf(stderr, "answer: %s was not trained on a table\n", arguments[1]);
        return EXIT_FAILURE;
    }
    if (count == 2) {
        describe(schema);
    } else {
        const int has_columns = strchr(arguments[2], '=') != NULL;
        const size_t given = (size_t)count - 2, columns = bp_schema_column_count(schema);
        const char **cells = calloc(columns + given, sizeof *cells);
        bp_real *inputs = calloc(bp_schema_input_width(schema), sizeof *inputs);
        bp_real *outputs = calloc(bp_network_output_width(net), sizeof *outputs);
        check(cells != NULL && inputs != NULL && outputs != NULL ? BP_OK : BP_ERROR_MEMORY);
        if (has_columns)
            place_values(schema, arguments + 2, given, cells);
        else
            memcpy(cells, arguments + 2, given * sizeof *cells);
        check(bp_schema_encode(schema, NULL, cells, has_columns ? columns : given, inputs));
        check(bp_workspace_create(&workspace, net, 1));
        bp_data row = bp_data_view(1, inputs, bp_schema_input_width(schema), NULL, 0);
        check(bp_network_predict(net, workspace, &row, outputs));
        print_answers(schema, outputs);
        free(cells);
        free(inputs);
        free(outputs);
    }
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
    return EXIT_SUCCESS;
}
