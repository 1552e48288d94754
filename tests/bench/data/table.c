#include "table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void give_up(const char *what, const char *name)
{
    fprintf(stderr, "%s: %s\n", what, name);
    exit(EXIT_FAILURE);
}

void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count > 0 ? count : 1, size);
    if (memory == NULL)
        give_up("out of memory", "data");
    return memory;
}

table table_create(size_t cases, size_t inputs, size_t outputs, bool has_classes)
{
    return (table){.cases = cases,
                   .inputs = inputs,
                   .outputs = outputs,
                   .has_classes = has_classes,
                   .x = allocate(cases * inputs, sizeof(bp_real)),
                   .y = allocate(cases * outputs, sizeof(bp_real))};
}

void table_destroy(table *data)
{
    free(data->x);
    free(data->y);
    *data = (table){0};
}

void table_shorten(table *data, size_t cases)
{
    if (cases < data->cases)
        data->cases = cases;
}

void table_append(table *data, const table *from, size_t row)
{
    memmove(data->x + data->cases * data->inputs, from->x + row * from->inputs,
            from->inputs * sizeof *from->x);
    memmove(data->y + data->cases * data->outputs, from->y + row * from->outputs,
            from->outputs * sizeof *from->y);
    data->cases++;
}

/* ------------------------------------------------------------------------ files */

typedef struct source {
    FILE *file;
    bool is_pipe;
} source;

static source open_source(const char *folder, const char *name)
{
    char path[4096], command[4200];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (file != NULL)
        return (source){file, false};
    snprintf(path, sizeof path, "%s/%s.gz", folder, name);
    file = fopen(path, "rb");
    if (file == NULL || strchr(path, '\'') != NULL)
        give_up("cannot be opened, packed or not", name);
    fclose(file);
    snprintf(command, sizeof command, "gzip -dc '%s'", path);
    file = popen(command, "r");
    if (file == NULL)
        give_up("gzip cannot be started", name);
    return (source){file, true};
}

static void close_source(source from)
{
    if (from.is_pipe)
        pclose(from.file);
    else
        fclose(from.file);
}

/* The whole text, with a 0 behind it. */
static char *read_all(source from, size_t *length)
{
    size_t capacity = 1 << 16;
    char *text = allocate(capacity, 1);
    *length = 0;
    for (size_t got; (got = fread(text + *length, 1, capacity - *length - 1, from.file)) > 0;) {
        *length += got;
        if (*length + 1 < capacity)
            continue;
        char *larger = realloc(text, capacity *= 2);
        if (larger == NULL)
            give_up("out of memory", "a file");
        text = larger;
    }
    text[*length] = '\0';
    return text;
}

unsigned char *bytes_read(const char *folder, const char *file, size_t skip, size_t count)
{
    source from = open_source(folder, file);
    size_t length;
    char *bytes = read_all(from, &length);
    close_source(from);
    if (length < skip + count)
        give_up("too short", file);
    memmove(bytes, bytes + skip, count);
    return (unsigned char *)bytes;
}

/* ------------------------------------------------------------------------ cells */

/* The cells of a file: rows of equal width, pointers into the text. */
typedef struct cells {
    char *text;
    char **cell;
    size_t rows, columns;
} cells;

/* Ends the cell that begins at *at, takes its quotes off, and moves *at to the next one. Returns whether the
 * line goes on. */
static bool next_cell(char **at, char delimiter, char **cell)
{
    char *from = *at, *to = from;
    bool quoted = false;
    *cell = to;
    for (; *from != '\0' && (quoted || (*from != delimiter && *from != '\n')); from++) {
        if (*from == '"' && quoted && from[1] == '"')
            *to++ = *from++;
        else if (*from == '"')
            quoted = !quoted;
        else if (quoted || *from != '\r')
            *to++ = *from;
    }
    bool goes_on = *from == delimiter;
    *at = *from == '\0' ? from : from + 1;
    *to = '\0';
    return goes_on;
}

static void add_cell(cells *read, size_t *count, char *cell)
{
    if ((*count & (*count - 1)) == 0) { /* 0 or a power of two: full */
        char **larger = realloc(read->cell, (*count > 0 ? 2 * *count : 1) * sizeof *larger);
        if (larger == NULL)
            give_up("out of memory", "cells");
        read->cell = larger;
    }
    read->cell[(*count)++] = cell;
}

static cells read_cells(const char *folder, const char *file, char delimiter, bool has_header)
{
    cells read = {0};
    size_t length, count = 0;
    source from = open_source(folder, file);
    read.text = read_all(from, &length);
    close_source(from);
    char *at = read.text, *cell;
    if (has_header)
        while (next_cell(&at, delimiter, &cell))
            continue;
    while (*at != '\0') {
        size_t before = count;
        bool goes_on;
        do {
            goes_on = next_cell(&at, delimiter, &cell);
            add_cell(&read, &count, cell);
        } while (goes_on);
        if (count == before + 1 && *cell == '\0' && read.columns != 1)
            count = before; /* an empty line */
        else if (read.columns == 0)
            read.columns = count - before;
        else if (count != before + read.columns)
            give_up("lines of different lengths", file);
    }
    read.rows = read.columns > 0 ? count / read.columns : 0;
    return read;
}

static void release_cells(cells *read)
{
    free(read->text);
    free(read->cell);
}

static char *cell_at(const cells *read, size_t row, size_t column)
{
    return read->cell[row * read->columns + column];
}

static bool is_missing(const char *cell)
{
    return *cell == '\0' || strcmp(cell, "NA") == 0 || strcmp(cell, "?") == 0;
}

static bool is_number(const char *cell, double *number)
{
    char *end;
    *number = strtod(cell, &end);
    return end != cell && *end == '\0';
}

static size_t column_index(const cells *read, int column)
{
    return column < 0 ? read->columns - (size_t)-column : (size_t)column;
}

static void drop_rows_without(cells *read, size_t column)
{
    size_t kept = 0;
    for (size_t row = 0; row < read->rows; row++)
        if (!is_missing(cell_at(read, row, column)))
            memmove(&read->cell[kept++ * read->columns], &read->cell[row * read->columns],
                    read->columns * sizeof *read->cell);
    read->rows = kept;
}

/* ---------------------------------------------------------------------- columns */

/* How a column is encoded: as it is, or as a column per word. */
typedef struct encoding {
    char **words; /* in order; NULL: numbers */
    size_t width; /* columns that it becomes; 0: left out */
    double mean;  /* of its numbers */
} encoding;

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool holds_numbers(const cells *read, size_t column, double *mean)
{
    double sum = 0, number;
    size_t count = 0;
    for (size_t row = 0; row < read->rows; row++) {
        const char *cell = cell_at(read, row, column);
        if (is_missing(cell))
            continue;
        if (!is_number(cell, &number))
            return false;
        sum += number;
        count++;
    }
    *mean = count > 0 ? sum / (double)count : 0;
    return true;
}

static void list_words(const cells *read, size_t column, encoding *found)
{
    found->words = allocate(read->rows, sizeof *found->words);
    for (size_t row = 0; row < read->rows; row++)
        found->words[row] = cell_at(read, row, column);
    qsort(found->words, read->rows, sizeof *found->words, by_text);
    for (size_t row = 0; row < read->rows; row++)
        if (row == 0 || strcmp(found->words[row], found->words[found->width - 1]) != 0)
            found->words[found->width++] = found->words[row];
}

static encoding encode_inputs(const cells *read, size_t column)
{
    encoding found = {.width = 1};
    if (holds_numbers(read, column, &found.mean))
        return found;
    found.width = 0;
    list_words(read, column, &found);
    if (2 * found.width > read->rows) {
        free(found.words);
        return (encoding){0};
    }
    return found;
}

static void write_column(const cells *read, size_t column, const encoding *how, bp_real *to, size_t stride)
{
    for (size_t row = 0; row < read->rows; row++) {
        const char *cell = cell_at(read, row, column);
        double number = how->mean;
        for (size_t i = 0; how->words != NULL && i < how->width; i++)
            to[row * stride + i] = strcmp(cell, how->words[i]) == 0;
        if (how->words != NULL || how->width == 0)
            continue;
        if (!is_missing(cell))
            is_number(cell, &number);
        to[row * stride] = (bp_real)number;
    }
}

/* Words that are all 1, 2, ... are classes too; so the words of a target are listed whatever they are. */
static encoding encode_target(const cells *read, size_t column, bool has_classes, const char *file)
{
    encoding found = {.width = 1};
    if (has_classes) {
        found.width = 0;
        list_words(read, column, &found);
    } else if (!holds_numbers(read, column, &found.mean)) {
        give_up("the target is not a number", file);
    }
    return found;
}

table table_read(const char *folder, const char *file, const csv_layout *layout)
{
    cells read = read_cells(folder, file, layout->delimiter, layout->has_header);
    if (read.rows == 0)
        give_up("no cases", file);
    const size_t target = column_index(&read, layout->target);
    drop_rows_without(&read, target);
    encoding *how = allocate(read.columns, sizeof *how);
    size_t inputs = 0;
    for (size_t i = 0; i < read.columns; i++) {
        how[i] = i == target ? encode_target(&read, i, layout->has_classes, file) : encode_inputs(&read, i);
        inputs += i == target ? 0 : how[i].width;
    }
    table data = table_create(read.rows, inputs, how[target].width, layout->has_classes);
    size_t to = 0;
    for (size_t i = 0; i < read.columns; i++) {
        if (i == target)
            write_column(&read, i, &how[i], data.y, data.outputs);
        else
            write_column(&read, i, &how[i], data.x + to, inputs);
        to += i == target ? 0 : how[i].width;
        free(how[i].words);
    }
    free(how);
    release_cells(&read);
    return data;
}

size_t column_read(const char *folder, const char *file, bool has_header, int column, double **values)
{
    cells read = read_cells(folder, file, ',', has_header);
    const size_t rows = read.rows, index = column_index(&read, column);
    *values = allocate(rows, sizeof **values);
    for (size_t row = 0; row < rows; row++)
        if (!is_number(cell_at(&read, row, index), &(*values)[row]))
            give_up("not a number in the series", file);
    release_cells(&read);
    return rows;
}
