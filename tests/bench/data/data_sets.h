/* Tables of well-known data, read from a folder that the user gives. */
#ifndef DATA_DATA_SETS_H
#define DATA_DATA_SETS_H

#include "table.h"

/* What the whole grid of the target `defaults` costs decides how much of it is run. */
typedef enum grid_size {
    GRID_WHOLE,
    GRID_MINI_BATCHES, /* one repetition, without whole batches and without momentum 0.5 */
    GRID_ONE_FOLD      /* the same, on fold 0 alone */
} grid_size;

typedef struct data_set {
    const char *name;
    table (*read)(const char *folder, const struct data_set *set);
    const char *file;
    csv_layout layout; /* of tables */
    size_t cases;      /* the first so many; 0: all */
    grid_size grid;
} data_set;

extern const data_set data_sets[];
extern const size_t data_set_count;

#endif
