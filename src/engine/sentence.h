/* A sentence that a finding is written as. */
#ifndef BPI_ENGINE_SENTENCE_H
#define BPI_ENGINE_SENTENCE_H

#include <stdbool.h>
#include <stdio.h>

#include "backprop.h"
#include "base/arithmetic.h"

enum { SENTENCE_CAPACITY = 512 };

/* The sentence being written; too long a text is cut off. */
typedef struct sentence {
    char text[SENTENCE_CAPACITY];
} sentence;

#define WRITE(sentence, ...) snprintf((sentence)->text, sizeof(sentence)->text, __VA_ARGS__)

/* Writes one kind of finding. */
typedef void (*finding_writer)(const bp_finding *finding, sentence *out);

/* The name of the finding's layer. */
static inline const char *layer_name(const bp_finding *finding)
{
    return finding->layer == NULL ? "?" : bp_layer_name(finding->layer);
}

/* Writes the finding if the table, indexed by kind, has a writer for it; false if it has none. */
static inline bool bpi_write_by(const finding_writer *writers, size_t count, const bp_finding *finding,
                                sentence *out)
{
    size_t kind = (size_t)finding->kind; /* huge if it is negative */
    if (kind >= count || writers[kind] == NULL)
        return false;
    writers[kind](finding, out);
    return true;
}

#endif
