#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"

static void *allocate_default(void *context, size_t size)
{
    (void)context;
    return malloc(size);
}

static void release_default(void *context, void *memory)
{
    (void)context;
    free(memory);
}

bp_status bpi_allocator_choose(bp_allocator *out, const char *function, const bp_allocator *given)
{
    if (given == NULL || (given->allocate == NULL && given->release == NULL)) {
        *out = (bp_allocator){allocate_default, release_default, NULL};
        return BP_OK;
    }
    if (given->allocate == NULL || given->release == NULL)
        return bpi_fail(BP_ERROR_ARGUMENT, "%s: allocator.%s is NULL, but allocator.%s is not", function,
                        given->allocate == NULL ? "allocate" : "release",
                        given->allocate == NULL ? "release" : "allocate");
    *out = *given;
    return BP_OK;
}

bool bpi_multiply(size_t a, size_t b, size_t *result)
{
    if (b != 0 && a > SIZE_MAX / b)
        return false;
    *result = a * b;
    return true;
}

bool bpi_add(size_t a, size_t b, size_t *result)
{
    if (a > SIZE_MAX - b)
        return false;
    *result = a + b;
    return true;
}

/*
 * The allocator's block is larger by the alignment and a pointer: [ ... | original | aligned block ... ].
 * The pointer to it is stored just before the aligned block that is returned.
 */
void *bpi_allocate(const bp_allocator *allocator, size_t count, size_t size)
{
    size_t bytes;
    if (!bpi_multiply(count, size, &bytes) || !bpi_add(bytes, sizeof(void *) + BPI_ALIGNMENT - 1, &bytes))
        return NULL;
    unsigned char *original = allocator->allocate(allocator->context, bytes);
    if (original == NULL)
        return NULL;
    uintptr_t first = (uintptr_t)(original + sizeof(void *));
    size_t gap = (size_t)(-first & (BPI_ALIGNMENT - 1));
    unsigned char *block = original + sizeof(void *) + gap;
    memcpy(block - sizeof(void *), &original, sizeof original);
    return block;
}

void *bpi_allocate_zeroed(const bp_allocator *allocator, size_t count, size_t size)
{
    void *block = bpi_allocate(allocator, count, size);
    if (block != NULL)
        memset(block, 0, count * size);
    return block;
}

void bpi_release(const bp_allocator *allocator, void *block)
{
    if (block == NULL)
        return;
    void *original;
    memcpy(&original, (unsigned char *)block - sizeof original, sizeof original);
    allocator->release(allocator->context, original);
}

char *bpi_copy_string(const bp_allocator *allocator, const char *text)
{
    size_t bytes = strlen(text) + 1;
    char *copy = bpi_allocate(allocator, bytes, 1);
    if (copy != NULL)
        memcpy(copy, text, bytes);
    return copy;
}

bool bpi_grow(const bp_allocator *allocator, void **array, size_t *capacity, size_t count, size_t size)
{
    enum { FIRST_CAPACITY = 4 };
    if (count < *capacity)
        return true;
    size_t grown = FIRST_CAPACITY;
    if (*capacity != 0 && !bpi_multiply(*capacity, 2, &grown))
        return false;
    void *larger = bpi_allocate(allocator, grown, size);
    if (larger == NULL)
        return false;
    if (count > 0)
        memcpy(larger, *array, count * size);
    bpi_release(allocator, *array);
    *array = larger;
    *capacity = grown;
    return true;
}

bool bpi_part_bytes(size_t count, size_t size, size_t *bytes)
{
    if (!bpi_multiply(count, size, bytes) || !bpi_add(*bytes, BPI_ALIGNMENT - 1, bytes))
        return false;
    *bytes -= *bytes % BPI_ALIGNMENT;
    return true;
}
