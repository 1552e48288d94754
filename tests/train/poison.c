#include "train/poison.h"

#include <stdlib.h>
#include <string.h>

enum { NEW = 0x41, RELEASED = 0xff };

struct poison_block {
    poison_block *next;
    size_t size;
    max_align_t bytes[];
};

static void *allocate(void *context, size_t size)
{
    poison *memory = context;
    if (memory->calls++ >= memory->fail_at)
        return NULL;
    poison_block *block = malloc(sizeof *block + size);
    if (block == NULL)
        return NULL;
    *block = (poison_block){.next = memory->blocks, .size = size};
    memory->blocks = block;
    return memset(block->bytes, NEW, size);
}

static void release(void *context, void *bytes)
{
    const poison *memory = context;
    for (poison_block *block = memory->blocks; block != NULL; block = block->next)
        if ((void *)block->bytes == bytes)
            memset(bytes, RELEASED, block->size);
}

bp_allocator poison_allocator(poison *memory)
{
    *memory = (poison){.fail_at = SIZE_MAX};
    return (bp_allocator){allocate, release, memory};
}

void poison_end(poison *memory)
{
    while (memory->blocks != NULL) {
        poison_block *next = memory->blocks->next;
        free(memory->blocks);
        memory->blocks = next;
    }
}
