#include "split.h"

#include <stdlib.h>

/* Splitmix64, by Sebastiano Vigna (public domain). */
double next_uniform(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    z ^= z >> 31;
    return (double)(z >> 11) / 9007199254740992.0;
}

size_t next_index(uint64_t *state, size_t count)
{
    return (size_t)(next_uniform(state) * (double)count);
}

/* Selection sampling (Knuth, The Art of Computer Programming 2, 3.4.2, algorithm S). */
void table_sample(table *data, size_t cases, uint64_t seed)
{
    const size_t all = data->cases;
    if (cases >= all)
        return;
    data->cases = 0;
    for (size_t i = 0; data->cases < cases; i++)
        if (next_index(&seed, all - i) < cases - data->cases)
            table_append(data, data, i);
}

void assign_folds(size_t cases, unsigned count, unsigned repetition, unsigned char *folds)
{
    uint64_t state = 1986 + repetition;
    for (size_t i = 0; i < cases; i++)
        folds[i] = (unsigned char)(i % count);
    for (size_t i = cases - 1; i > 0; i--) {
        size_t j = next_index(&state, i + 1);
        unsigned char kept = folds[i];
        folds[i] = folds[j];
        folds[j] = kept;
    }
}

void split_table(const table *data, unsigned count, unsigned repetition, unsigned fold, table *training,
                 table *test)
{
    unsigned char *folds = allocate(data->cases, 1);
    assign_folds(data->cases, count, repetition, folds);
    *training = table_create(data->cases, data->inputs, data->outputs, data->has_classes);
    *test = table_create(data->cases / count + 1, data->inputs, data->outputs, data->has_classes);
    training->cases = test->cases = 0;
    for (size_t i = 0; i < data->cases; i++)
        table_append(folds[i] == fold ? test : training, data, i);
    free(folds);
}
