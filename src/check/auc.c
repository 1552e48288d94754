#include "check/auc.h"

#include <stdlib.h>

#include "base/sum.h"

static int compare_scores(const void *a, const void *b)
{
    const scored_case *x = a, *y = b;
    if (x->score != y->score)
        return x->score < y->score ? -1 : 1;
    return (x->weight > y->weight) - (x->weight < y->weight); /* so that the sums are the same everywhere */
}

void bpi_auc_sort(scored_case *cases, size_t count)
{
    long_sum sum = {0};
    qsort(cases, count, sizeof *cases, compare_scores);
    for (size_t i = count; i-- > 0;) {
        bpi_sum_add(&sum, cases[i].weight);
        cases[i].weight = bpi_sum_value(&sum);
    }
}

/* The first case with at least this score, or a higher one; count if there is none. */
static size_t find(const scored_case *sorted, size_t count, double score, int or_equal)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (or_equal ? sorted[middle].score >= score : sorted[middle].score > score)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

double bpi_auc_above(const scored_case *sorted, size_t count, double score)
{
    size_t equal = find(sorted, count, score, 1);
    size_t higher = find(sorted, count, score, 0);
    double above = higher < count ? sorted[higher].weight : 0;
    double from_equal = equal < count ? sorted[equal].weight : 0;
    return above + 0.5 * (from_equal - above);
}
