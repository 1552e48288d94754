/* An allocator that shows the use of memory that was never written or is already released: new blocks are
 * filled with one byte, released ones with another, and nothing is given back before the end. */
#ifndef TESTS_TRAIN_POISON_H
#define TESTS_TRAIN_POISON_H

#include <stdbool.h>

#include "support/support.h"

typedef struct poison_block poison_block;
typedef struct poison {
    poison_block *blocks;
    size_t calls;   /* allocations asked for so far */
    size_t fail_at; /* all from this one on fail; SIZE_MAX: none */
} poison;

bp_allocator poison_allocator(poison *memory);
/* Gives all blocks back. */
void poison_end(poison *memory);

#endif
