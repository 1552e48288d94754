/* What is known of a text table while it is learned. */
#ifndef BPI_DATA_TABLE_LEARNER_TYPES_H
#define BPI_DATA_TABLE_LEARNER_TYPES_H

#include "data/csv_message.h"
#include "data/schema.h"
#include "data/word_set.h"

/* What came in a column. */
typedef struct column_learner {
    bool is_used;  /* not ignored from the start */
    bool collects; /* texts of numbers, too */
    bool is_text;  /* so many words that there is no end of them; the set is no longer added to */
    size_t numbers, words, missing; /* cells */
    size_t other_numbers;           /* of the words up to the first that is no number in another notation */
    bool leaves_out;                /* a row in which its cell is missing is left out */
    bool is_left_out;   /* found to be text or empty while another column's missing cells left out rows */
    bool counts;        /* its cells may be the numbers of the rows */
    double first_count; /* of the record after the first one */
    size_t first_word_line;
    char first_word[sizeof(csv_excerpt)];
    word_set texts;
} column_learner;

typedef struct table_learner {
    const bp_csv_options *options; /* checked */
    const csv_reader *reader;
    bool has_number_markers; /* a number may stand for a missing cell */
    bp_schema *schema;       /* of all columns, with names as if the first record were a header */
    column_learner *columns; /* column_count of them */
    size_t column_count;
    size_t rows;           /* read, but for the first record while it may be a header */
    size_t records;        /* learned; the others were left out for a missing cell */
    bool may_leave_out;    /* some column leaves out rows */
    bool has_left_out;     /* columns that do were looked for */
    bool has_counted;      /* cells are no longer compared with the numbers of their rows */
    size_t count_count;    /* columns whose cells may be the numbers of the rows */
    size_t number_records; /* of these, not yet counted for each column: all numbers */
    size_t joined_records; /* with numbers between which there is another delimiter ... */
    char joined_by;        /* ... which is this in the last one */
    size_t first_line;     /* of the first record */
    bool has_header;
} table_learner;

#endif
