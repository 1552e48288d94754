/* What the two copies of learn.c hand to main.c, in types that do not depend on the precision. */
#ifndef TESTS_BOTH_LEARN_H
#define TESTS_BOTH_LEARN_H

#include <stddef.h>

typedef struct learned {
    int well;
    size_t real_size;
    double error;
} learned;

learned learn_in_float(void);
learned learn_in_double(void);

#endif
