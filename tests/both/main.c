/* Both libraries in one process: each trains in its own precision. */
#include <stdio.h>

#include "both/learn.h"

static int check(const char *name, learned got, size_t real_size)
{
    printf("%s: learned %d, bytes of a real %zu, error %.17g\n", name, got.well, got.real_size, got.error);
    return got.well && got.real_size == real_size;
}

int main(void)
{
    learned in_float = learn_in_float();
    learned in_double = learn_in_double();
    int good = check("float", in_float, sizeof(float)) & check("double", in_double, sizeof(double));
    return good && in_float.error != in_double.error ? 0 : 1;
}
