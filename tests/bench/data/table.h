/* Data as the trials use them: raw input columns, and targets that are classes (one-hot) or one number. */
#ifndef DATA_TABLE_H
#define DATA_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <backprop.h>

typedef struct table {
    size_t cases, inputs, outputs;
    bool has_classes;
    bp_real *x, *y; /* row-major */
} table;

/* Memory for so many cases, zeroed. Ends the program if there is none. */
table table_create(size_t cases, size_t inputs, size_t outputs, bool has_classes);
void table_destroy(table *data);

/* The first so many cases only. */
void table_shorten(table *data, size_t cases);

/* Adds a copy of a case of another table of the same columns; there is memory for it. */
void table_append(table *data, const table *from, size_t row);

/* What a comma-separated file holds, and how it is read. */
typedef struct csv_layout {
    bool has_header; /* a first line that is not a case */
    char delimiter;
    int target; /* column; negative: from the end */
    bool has_classes;
} csv_layout;

/*
 * Reads a file, or the same with .gz behind its name through gzip. Columns of numbers stay as they are, a
 * missing cell (empty, NA or ?) has the column's mean. A column of words becomes a column for each word, with
 * one of their own for missing cells; one with as many different words as half the cases (names) is left out.
 * Cases without a target are left out.
 */
table table_read(const char *folder, const char *file, const csv_layout *layout);

/* The values of one column of numbers; returns their number. */
size_t column_read(const char *folder, const char *file, bool has_header, int column, double **values);

/* The bytes of a file behind its first `skip` ones, at most `count`. */
unsigned char *bytes_read(const char *folder, const char *file, size_t skip, size_t count);

void *allocate(size_t count, size_t size); /* zeroed; ends the program if there is no memory */
_Noreturn void give_up(const char *what, const char *name);

#endif
