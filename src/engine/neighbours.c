#include "engine/neighbours.h"

#include <math.h>

/* Columns between two looks at the limit. */
enum { STRETCH = 8 };

double bpi_square_distance(const bp_real *a, const bp_real *b, size_t count, double limit)
{
    double sum = 0;
    for (size_t i = 0; i < count && sum < limit;) {
        const size_t end = i + STRETCH < count ? i + STRETCH : count;
        for (; i < end; i++) {
            double difference = (double)a[i] - (double)b[i];
            sum += difference * difference;
        }
    }
    return sum;
}

void bpi_find_neighbours(const case_rows *cases, size_t query, size_t wanted, size_t *found)
{
    double distances[BPI_MAX_NEIGHBOURS];
    const bp_real *row = bpi_inputs_of(cases, query);
    for (size_t i = 0; i < wanted; i++) {
        found[i] = i < query ? i : i + 1;
        distances[i] = INFINITY;
    }
    for (size_t i = 0; i < cases->count; i++) {
        if (i == query)
            continue;
        const double limit = distances[wanted - 1];
        const double distance = bpi_square_distance(row, bpi_inputs_of(cases, i), cases->inputs, limit);
        if (!(distance < limit))
            continue;
        size_t place = wanted - 1;
        for (; place > 0 && distance < distances[place - 1]; place--) {
            distances[place] = distances[place - 1];
            found[place] = found[place - 1];
        }
        distances[place] = distance;
        found[place] = i;
    }
}
