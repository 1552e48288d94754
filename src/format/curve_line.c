#include "format/curve_line.h"

#include <math.h>

#include "base/numeric.h"

/* The indices of a group that are drawn: two, or one twice. */
typedef struct group {
    size_t one, other;
} group;

static group find_group(const double *values, size_t first, size_t end)
{
    size_t low = end, high = end, gap = end;
    for (size_t i = first; i < end; i++) {
        if (!isfinite(values[i])) {
            gap = i;
            continue;
        }
        low = low == end || values[i] < values[low] ? i : low;
        high = high == end || values[i] > values[high] ? i : high;
    }
    if (low == end)
        return (group){gap, gap};
    return (group){low, gap == end ? high : gap};
}

static size_t add(size_t *points, size_t count, size_t point)
{
    if (count == 0 || point > points[count - 1])
        points[count++] = point;
    return count;
}

size_t bpi_thin_curve(const double *values, size_t count, size_t points[MAX_POINTS])
{
    const size_t groups = (MAX_POINTS - 2) / 2;
    size_t chosen = 0;
    if (count <= MAX_POINTS) {
        for (size_t i = 0; i < count; i++)
            points[i] = i;
        return count;
    }
    chosen = add(points, chosen, 0);
    for (size_t i = 0; i < groups; i++) {
        size_t first = (size_t)((double)count * (double)i / (double)groups);
        size_t end = i + 1 == groups ? count : (size_t)((double)count * (double)(i + 1) / (double)groups);
        group drawn = find_group(values, first, end);
        chosen = add(points, chosen, bpi_min(drawn.one, drawn.other));
        chosen = add(points, chosen, bpi_max(drawn.one, drawn.other));
    }
    return add(points, chosen, count - 1);
}
