/* Schemas: rules of the caller's, or columns that were learned from a table. */
#ifndef BPI_DATA_SCHEMA_H
#define BPI_DATA_SCHEMA_H

#include <stdbool.h>

#include "backprop.h"

typedef enum rule_kind {
    RULE_ROLE,
    RULE_KIND,
    RULE_ENCODING,
    RULE_MISSING,
    RULE_UNKNOWN,
    RULE_CATEGORIES
} rule_kind;

/* One call of bp_schema_set_*. */
typedef struct schema_rule {
    rule_kind kind;
    bp_column column; /* its name is owned */
    int value;
    bool indicator;
    char **categories; /* of RULE_CATEGORIES */
    size_t category_count;
} schema_rule;

typedef struct schema_column {
    char *name; /* NULL: none */
    bp_column_role role;
    bp_column_kind kind;
    bp_encoding encoding;
    bp_missing missing;
    bp_unknown unknown;
    bool has_indicator;
    bool is_given;     /* the caller gave the categories */
    bool is_kind_set;  /* by a rule */
    bool is_chosen;    /* there is a rule for this column alone, or its role was set */
    bool are_numbers;  /* the categories are compared as numbers */
    char **categories; /* category_count of them, in order */
    size_t category_count;
    size_t *order;        /* the numbers of categories in ascending order; NULL: they are in it */
    size_t first, width;  /* its inputs or targets */
    size_t missing_cells; /* in the table that it was learned from */
    double fill;          /* NaN: nothing */
} schema_column;

struct bp_schema {
    bp_allocator allocator;
    bool is_learned;
    schema_rule *rules; /* if it is not */
    size_t rule_count, rule_capacity;
    schema_column *columns; /* if it is */
    size_t column_count;
    size_t input_width, target_width, target_count;
    double class_on, class_off;
    char **markers; /* of missing cells, marker_count of them; NULL: the default ones */
    size_t marker_count;
};

/* A schema with `columns` columns, all zero but for fill, which is NaN. MEMORY, with the name of the function
 * or file. */
bp_status bpi_schema_new(bp_schema **out, const char *where, const bp_allocator *allocator, size_t columns);

/* Like bp_schema_copy, with an allocator, and for messages the name of the function. */
bp_status bpi_schema_copy(bp_schema **out, const char *where, const bp_schema *schema,
                          const bp_allocator *allocator);

/* Gives a schema without markers a copy of some; NULL: the default ones. MEMORY. */
bp_status bpi_schema_set_markers(bp_schema *schema, const char *where, const char *const *markers,
                                 size_t count);

/* ARGUMENT or STATE unless it was learned. */
bp_status bpi_schema_require_learned(const char *function, const bp_schema *schema);

/* Numbers the inputs and targets of all columns, whose roles, kinds and categories are known.
 * OVERFLOW. */
bp_status bpi_schema_lay_out(const char *where, bp_schema *schema);

/* The only target, if it is a class; else NULL. */
const schema_column *bpi_schema_class_target(const bp_schema *schema);

/* Copies `count` strings, some of which may be NULL, into an array of their own; MEMORY. */
bp_status bpi_copy_strings(char ***out, const char *where, const bp_allocator *allocator,
                           const char *const *strings, size_t count);
void bpi_release_strings(const bp_allocator *allocator, char **strings, size_t count);

/* Leaves a column without categories. */
void bpi_release_categories(schema_column *column, const bp_allocator *allocator);

/* Is a missing cell of the column a target that is not there? */
static inline bool bpi_keeps_missing(const schema_column *column)
{
    return column->role == BP_ROLE_TARGET && column->missing == BP_MISSING_KEEP;
}

/* Does the column have this name? */
bool bpi_is_named(const schema_column *column, const char *name);

/* "3" or "3 (age)": a column as messages name it, from 1. */
typedef struct column_label {
    char text[64];
} column_label;
column_label bpi_column_label(const schema_column *columns, size_t index);
column_label bpi_nameless_column_label(size_t index);

#endif
