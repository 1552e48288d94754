/* Answers a question with nothing but a model file, which knows the columns that it was trained on:
 *
 *     train flats.csv --model flats.bp
 *     answer flats.bp district=Harbour rooms=3 area=70 floor=2 balcony=yes built=1995
 *
 * Without values it describes the model.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <backprop.h>

enum { MAX_VALUES = 256 };

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

/* Columns that are not named are missing, which the schema may fill in. */
static size_t split_arguments(const bp_schema *schema, char **arguments, int count, const char **names,
                              const char **cells)
{
    size_t found = 0;
    for (int i = 0; i < count && found < MAX_VALUES; i++, found++) {
        char *equals = strchr(arguments[i], '=');
        if (equals == NULL) {
            fprintf(stderr, "answer: '%s' is not of the form column=value\n", arguments[i]);
            exit(EXIT_FAILURE);
        }
        *equals = '\0';
        names[found] = arguments[i];
        cells[found] = equals + 1;
    }
    const size_t given = found;
    for (size_t column = 0; column < bp_schema_column_count(schema) && found < MAX_VALUES; column++) {
        bp_column_info info;
        bp_column_info_init(&info, sizeof info);
        check(bp_schema_column(schema, column, &info));
        size_t i = 0;
        while (i < given && info.name != NULL && strcmp(names[i], info.name) != 0)
            i++;
        if (i == given && info.name != NULL) {
            names[found] = info.name;
            cells[found++] = NULL;
        }
    }
    return found;
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
        fputs("usage: answer model.bp [column=value]...\n", stderr);
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
        const char *names[MAX_VALUES], *cells[MAX_VALUES];
        size_t values = split_arguments(schema, arguments + 2, count - 2, names, cells);
        bp_real *inputs = calloc(bp_schema_input_width(schema), sizeof *inputs);
        bp_real *outputs = calloc(bp_network_output_width(net), sizeof *outputs);
        check(inputs != NULL && outputs != NULL ? BP_OK : BP_ERROR_MEMORY);
        check(bp_schema_encode(schema, names, cells, values, inputs));
        check(bp_workspace_create(&workspace, net, 1));
        bp_data row = bp_data_view(1, inputs, bp_schema_input_width(schema), NULL, 0);
        check(bp_network_predict(net, workspace, &row, outputs));
        print_answers(schema, outputs);
        free(inputs);
        free(outputs);
    }
    bp_workspace_destroy(workspace);
    bp_network_destroy(net);
    return EXIT_SUCCESS;
}
