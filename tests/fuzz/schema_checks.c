#include "fuzz/schema_checks.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static void require(bool condition)
{
    if (!condition)
        abort();
}

/* The figures of one case, as numbers and classes. */
static void check_report(const bp_schema *schema, const bp_real *zeros)
{
    const size_t width = bp_schema_target_width(schema);
    size_t needed = 0;
    if (width == 0 || width > 1 << 10)
        return;
    bp_real *targets = calloc(width, sizeof *targets);
    require(targets != NULL);
    for (size_t i = 0; i < bp_schema_column_count(schema); i++) {
        bp_column_info info;
        bp_column_info_init(&info, sizeof info);
        require(bp_schema_column(schema, i, &info) == BP_OK);
        if (info.role == BP_ROLE_TARGET)
            targets[info.first] = 1;
    }
    bp_data data = bp_data_view(1, zeros, 1, targets, width);
    require(bp_schema_report(schema, zeros, &data, NULL, 0, &needed) == BP_OK);
    char *text = malloc(needed);
    require(text != NULL);
    require(bp_schema_report(schema, zeros, &data, text, needed, NULL) == BP_OK &&
            strlen(text) == needed - 1);
    free(text);
    free(targets);
}

void check_schema(const bp_schema *schema)
{
    size_t needed = 0, count = bp_schema_column_count(schema);
    size_t width = bp_schema_input_width(schema) + bp_schema_target_width(schema);
    require(bp_schema_text(schema, NULL, 0, &needed) == BP_OK);
    char *text = malloc(needed);
    const char **cells = calloc(count + 1, sizeof *cells);
    bp_real *values = calloc(width + 1, sizeof *values);
    require(text != NULL && cells != NULL && values != NULL);
    require(bp_schema_text(schema, text, needed, NULL) == BP_OK && strlen(text) == needed - 1);
    bp_status status = bp_schema_encode(schema, NULL, cells, count, values);
    require(status == BP_OK || status == BP_ERROR_FORMAT);
    memset(values, 0, width * sizeof *values);
    for (size_t i = 0; i < bp_schema_target_count(schema); i++) {
        bp_answer answer;
        bp_answer_init(&answer, sizeof answer);
        require(bp_schema_answer(schema, values, i, &answer) == BP_OK);
    }
    check_report(schema, values);
    free(text);
    free(cells);
    free(values);
}
