#include "support/arrays.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

void *new_array(size_t count, size_t size)
{
    void *block = calloc(count > 0 ? count : 1, size);
    assert_non_null(block);
    return block;
}

bp_real *new_reals(size_t count)
{
    return new_array(count, sizeof(bp_real));
}

double *new_doubles(size_t count)
{
    return new_array(count, sizeof(double));
}

bp_real *random_reals(uint64_t *stream, size_t count, double low, double high)
{
    bp_real *values = new_reals(count);
    for (size_t i = 0; i < count; i++)
        values[i] = (bp_real)test_uniform(stream, low, high);
    return values;
}

double max_abs(const double *values, size_t count)
{
    double max = 0;
    for (size_t i = 0; i < count; i++)
        max = fmax(max, fabs(values[i]));
    return max;
}

void test_assert_all_within(const bp_real *got, const double *wanted, size_t count, double allowed,
                            const char *file, int line, const char *format, ...)
{
    for (size_t i = 0; i < count; i++) {
        if (fabs((double)got[i] - wanted[i]) <= allowed)
            continue;
        char what[256];
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(what, sizeof what, format, arguments);
        va_end(arguments);
        print_error("%s %zu is %.9g, wanted %.9g within %g\n", what, i, (double)got[i], wanted[i], allowed);
        _fail(file, line);
    }
}
